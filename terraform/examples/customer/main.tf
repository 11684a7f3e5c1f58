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

variable "external_ids" {
  description = "The external IDs by grant; without one the door stays closed. Set TF_VAR_external_ids, or write a terraform.tfvars that stays out of version control."
  type        = map(list(string))
  default     = {}
  sensitive   = true
}

module "access" {
  source = "../../modules/service-provider-access"

  file         = "${path.module}/example.yml"
  external_ids = var.external_ids
}

output "role_arns" {
  value = module.access.role_arns
}

output "closed" {
  value = module.access.closed
}
