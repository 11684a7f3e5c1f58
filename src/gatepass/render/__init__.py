"""Domain values to text in the forms that people and other tools read."""
