"""The embedded AWS: what it refuses, what it allows, and how it says so."""
