"""Trusted, temporary, revocable access for AWS service providers, with the switch in the customer's hand."""

__version__ = "0.1.0"
