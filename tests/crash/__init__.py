"""What is left when a verb is killed, or AWS fails it, at any of its calls."""
