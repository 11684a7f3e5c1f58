"""What the sandbox answers by itself, checks as AWS does, or passes on to moto."""
