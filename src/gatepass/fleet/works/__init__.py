"""The kinds of work that the fleet does, one a module."""
