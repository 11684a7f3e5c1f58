"""The IAM decision engine: would AWS allow a request, and which statement says so."""
