"""What a state or a plan of Terraform says about IAM roles: where each part of a role stands in it, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gatepass.domain.identifiers import AccountId, RoleName


class Standing(Enum):
    """Where Terraform has something."""

    HELD = "in Terraform's state"
    PLANNED = "planned by Terraform, and not in its state"
    LEAVING = "in Terraform's state, and its plan deletes it"


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a role: the role itself, an inline policy, an attachment.

    Attributes:
        address: such as ``module.access.aws_iam_role.this["support"]``.
        import_id: by which Terraform takes over what stands already.
    """

    address: str
    import_id: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class TerraformRole:
    """One role with its parts, the role itself first.

    Attributes:
        account: where it stands, or None while it is only planned.
        shared: addresses that attach a policy to this role and to others at once.
    """

    name: RoleName
    account: AccountId | None
    parts: tuple[Part, ...]
    shared: tuple[str, ...] = ()

    @property
    def held(self) -> tuple[str, ...]:
        """The addresses that are in Terraform's state, the role last: its parts point at it."""
        return tuple(part.address for part in reversed(self.parts) if part.standing is not Standing.PLANNED)

    @property
    def is_held(self) -> bool:
        """Whether the role itself is in the state."""
        return self.parts[0].standing is not Standing.PLANNED

    @property
    def is_leaving(self) -> bool:
        """Whether the plan would delete any of it."""
        return any(part.standing is Standing.LEAVING for part in self.parts)


@dataclass(frozen=True, slots=True)
class TerraformRoles:
    """Every role of a state or a plan.

    Attributes:
        roles: by name.
        unplaced: addresses of roles, policies and attachments whose role's name is not in the file.
    """

    roles: tuple[TerraformRole, ...]
    unplaced: tuple[str, ...] = ()
