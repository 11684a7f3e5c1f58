"""Outside systems, against the real things."""
