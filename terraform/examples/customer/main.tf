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

variable "overlap_ends" {
  description = "Until when the second external ID of a grant opens, in UTC: 2026-11-27T18:00:00Z."
  type        = map(string)
  default     = {}
}

module "access" {
  source = "../../modules/service-provider-access"

  file         = "${path.module}/example.yml"
  external_ids = var.external_ids
  overlap_ends = var.overlap_ends
}

output "role_arns" {
  value = module.access.role_arns
}

output "closed" {
  value = module.access.closed
}
