"""The decision engine: who may do what, and why."""
