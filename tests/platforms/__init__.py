"""Tests of what talks to platforms that run Terraform."""
