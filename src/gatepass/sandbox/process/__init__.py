"""The sandbox as a process of its own: started, found again, stopped."""
