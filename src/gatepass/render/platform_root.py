"""The root module that a workspace of Scalr or HCP Terraform runs: one variable holds every door."""

from __future__ import annotations

from typing import assert_never

from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import Partition
from gatepass.domain.workspace_setup import DOORS_VARIABLE, Platform
from gatepass.render.terraform_root import MODULE_SOURCE, root_text

# IAM has one Region in each partition, and the provider wants it named: a platform's machine has no default.
_IAM_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

_DOORS = f"""\
# Gatepass writes it. One variable, so that a door moves whole.
variable "{DOORS_VARIABLE}" {{
  description = "Of each grant: its external IDs, newest first, and until when the second one opens. None closes."
  type = map(object({{
    external_ids    = list(string)
    old_opens_until = optional(string)
  }}))
  sensitive = true
  default   = {{}}
}}
"""
_IDS = f"{{ for grant, door in var.{DOORS_VARIABLE} : grant => door.external_ids }}"
# Dates are no secret, and a plan that hides them could not be read.
_ENDS = (
    f"nonsensitive({{ for grant, door in var.{DOORS_VARIABLE} : grant => door.old_opens_until "
    "if door.old_opens_until != null })"
)

_SCALR = """\
# Scalr gives it credentials, by the provider configuration that the workspace is linked to. Those of another account
# change nothing.
provider "aws" {{
  region              = "{region}"
  allowed_account_ids = ["{account}"]
}}
"""
_HCP = """\
# The role that the workspace enters, and with which external ID; without them it acts with the credentials it has.
variable "platform_role_arn" {{
  description = "The role of the grant own_access, such as arn:aws:iam::444455556666:role/gatepass/..."
  type        = string
  default     = null
}}

variable "platform_external_id" {{
  description = "What opens that role. Gatepass writes it."
  type        = string
  sensitive   = true
  default     = null
}}

# Credentials of another account change nothing.
provider "aws" {{
  region              = "{region}"
  allowed_account_ids = ["{account}"]

  dynamic "assume_role" {{
    for_each = var.platform_role_arn == null ? [] : [var.platform_role_arn]

    content {{
      role_arn     = assume_role.value
      external_id  = var.platform_external_id
      session_name = "gatepass"
    }}
  }}
}}
"""


def platform_root(
    declaration: Declaration, file: str, platform: Platform, partition: Partition, source: str = MODULE_SOURCE
) -> str:
    """Return the text of ``main.tf``; it holds nothing secret.

    Args:
        declaration: the customer's file.
        file: the file's path, seen from the root module.
        platform: what runs it.
        partition: the partition of the account.
        source: where our module is: a path, a registry's address or a git URL.
    """
    match platform:
        case Platform.SCALR:
            way_in = _SCALR
        case Platform.HCP:
            way_in = _HCP
        case _:
            assert_never(platform)
    provider = way_in.format(region=_IAM_REGIONS[partition.name], account=declaration.account)
    return root_text(file, source, f"{provider}\n{_DOORS}", (_IDS, _ENDS))
