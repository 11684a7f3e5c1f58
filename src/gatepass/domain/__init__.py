"""Values and rules of granting access, free of clock, disk, network and randomness."""
