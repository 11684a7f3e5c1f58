"""What a sandbox remembers: its own part, and moto's."""
