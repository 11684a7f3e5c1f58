"""A root module of Terraform that calls the module ``service-provider-access`` with a customer's file."""

from __future__ import annotations

import json

from gatepass.domain.grant import Declaration
from gatepass.render.terraform_json import AWS_PROVIDER, TERRAFORM_VERSION

MARK = "Written by gatepass render terraform."
MODULE_SOURCE = "./modules/service-provider-access"


def terraform_root(declaration: Declaration, file: str, source: str = MODULE_SOURCE) -> str:
    """Return the text of ``main.tf``; it holds nothing secret.

    Args:
        declaration: the customer's file.
        file: the file's path, seen from the root module.
        source: where the module is: a path, a registry's address or a git URL.
    """
    return f"""# {MARK} The grants stand in {file.replace(chr(10), " ")}.

terraform {{
  required_version = "{TERRAFORM_VERSION}"
  required_providers {{
    aws = {{
      source  = "{AWS_PROVIDER["source"]}"
      version = "{AWS_PROVIDER["version"]}"
    }}
  }}
}}

# Credentials of another account change nothing.
provider "aws" {{
  allowed_account_ids = ["{declaration.account}"]
}}

variable "external_ids" {{
  description = "The external IDs of each grant, newest first: one, or two while it is rotated; none closes the door."
  type        = map(list(string))
  sensitive   = true
  default     = {{}}
}}

variable "overlap_ends" {{
  description = "Until when the second external ID of a grant opens, in UTC: 2026-11-27T18:00:00Z."
  type        = map(string)
  default     = {{}}
}}

module "service_provider_access" {{
  source = {_text(source)}

  file         = "${{path.root}}/{_text(file)[1:-1]}"
  external_ids = var.external_ids
  overlap_ends = var.overlap_ends
}}

output "role_arns" {{
  description = "The role of each grant; safe to send."
  value       = module.service_provider_access.role_arns
}}
"""


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
