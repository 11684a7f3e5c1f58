"""What people set out to do, on the in-memory twins."""
