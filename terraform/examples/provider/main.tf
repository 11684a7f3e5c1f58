terraform {
  required_version = ">= 1.5.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}

# IAM has no region; the provider wants one all the same.
provider "aws" {
  region = "us-east-1"
}

module "access" {
  source = "../../modules/customer-access"

  register = "${path.module}/example.yml"
}

output "roles" {
  value = module.access.roles
}
