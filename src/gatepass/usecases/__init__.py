"""One module for one thing a person sets out to do."""
