"""A platform that runs Terraform, as Scalr and HCP Terraform document theirs, on the loopback address."""
