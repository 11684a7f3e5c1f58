"""What a person types or writes to move roles into Terraform and out of it, with nothing made or deleted."""

from __future__ import annotations

import json
from collections.abc import Iterable

from gatepass.domain.terraform_roles import TerraformRole
from gatepass.render.shell_quoting import quoted_for_posix


def forget_command(role: TerraformRole) -> str:
    """Return the command that takes the role with its parts out of Terraform's state; AWS is not asked."""
    return " ".join(["terraform state rm", *(quoted_for_posix(address) for address in role.held)])


def import_blocks(roles: Iterable[TerraformRole]) -> str:
    """Return HCL by which Terraform takes over the roles with their parts as they stand."""
    blocks = [
        f"import {{\n  to = {part.address}\n  id = {_literal(part.import_id)}\n}}\n"
        for role in roles
        for part in role.parts
    ]
    return "\n".join(blocks)


def _literal(text: str) -> str:
    return json.dumps(text).replace("${", "$${").replace("%{", "%%{")
