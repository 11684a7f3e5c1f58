"""What the use-cases need from the outside, in the words of the domain."""
