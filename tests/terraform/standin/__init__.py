"""A stand-in for hashicorp/aws: its real schema, and our own behaviour by boto3; for tests only."""
