"""A root module of Terraform that calls the module ``service-provider-access`` with a customer's file."""

from __future__ import annotations

import json

from gatepass.domain.grant import Declaration
from gatepass.render.terraform_json import AWS_PROVIDER, TERRAFORM_VERSION

MARK = "Written by gatepass render terraform."
MODULE_SOURCE = "./modules/service-provider-access"

_BY_GRANT = """\
variable "external_ids" {
  description = "The external IDs of each grant, newest first: one, or two while it is rotated; none closes the door."
  type        = map(list(string))
  sensitive   = true
  default     = {}
}

variable "overlap_ends" {
  description = "Until when the second external ID of a grant opens, in UTC: 2026-11-27T18:00:00Z."
  type        = map(string)
  default     = {}
}
"""
_FROM_GRANTS = "var.external_ids", "var.overlap_ends"


def terraform_root(declaration: Declaration, file: str, source: str = MODULE_SOURCE) -> str:
    """Return the text of ``main.tf``; it holds nothing secret.

    Args:
        declaration: the customer's file.
        file: the file's path, seen from the root module.
        source: where the module is: a path, a registry's address or a git URL.
    """
    provider = f"""\
# Credentials of another account change nothing.
provider "aws" {{
  allowed_account_ids = ["{declaration.account}"]
}}
"""
    return root_text(file, source, f"{provider}\n{_BY_GRANT}", _FROM_GRANTS)


def root_text(file: str, source: str, inputs: str, ids_and_ends: tuple[str, str]) -> str:
    """Return a root module that calls ours.

    Args:
        file: the customer's file, seen from the root module.
        source: where our module is.
        inputs: the provider block and the variables.
        ids_and_ends: the expressions of the external IDs and of the ends of overlaps, by grant.
    """
    ids, ends = ids_and_ends
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

{inputs}
module "service_provider_access" {{
  source = {_text(source)}

  file         = "${{path.root}}/{_text(file)[1:-1]}"
  external_ids = {ids}
  overlap_ends = {ends}
}}

output "role_arns" {{
  description = "The role of each grant; safe to send."
  value       = module.service_provider_access.role_arns
}}
"""


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
