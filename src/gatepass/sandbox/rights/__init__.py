"""What a caller may do: its policies, the resources it names, the decision engine's answer."""
