"""The same use-cases for thousands of customers, durable: what was begun is finished, or named as failed."""
