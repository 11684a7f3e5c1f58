"""Say of each role that Terraform has whose it is in AWS, and which grant it would be in the customer's file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatepass.domain.engines import TERRAFORM, is_direct
from gatepass.domain.errors import Conflict, GatepassError, NotThere
from gatepass.domain.grant import Declaration, role_name
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.role import DIRECT_ENGINE, GRANT_TAG, Role
from gatepass.domain.terraform_roles import TerraformRole, TerraformRoles
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.adopt_role import Adoption, adopt_kept_role


@dataclass(frozen=True, slots=True)
class Takeable:
    """A role that Terraform keeps and these commands can take over.

    Attributes:
        adoption: the grant to write; None when the file has it and only the role's name is missing.
        is_named: whether the file says already that it keeps this role.
    """

    found: TerraformRole
    grant: GrantName
    adoption: Adoption | None
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class OurOwn:
    """A role that these commands keep, and Terraform knows: it can be handed to Terraform."""

    found: TerraformRole
    grant: GrantName


@dataclass(frozen=True, slots=True)
class Gone:
    """A role that AWS does not have."""

    found: TerraformRole


@dataclass(frozen=True, slots=True)
class NotOurs:
    """A role of others, which stays as it is."""

    found: TerraformRole
    why: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """A role of ours that cannot be taken over as it is."""

    found: TerraformRole
    grant: GrantName
    problem: GatepassError


Finding = Takeable | OurOwn | Gone | NotOurs | Stuck


def find_terraform_roles(
    known: TerraformRoles, roles: RoleDirectory, declaration: Declaration | None, only: GrantName | None = None
) -> tuple[Finding, ...]:
    """Return what each role is; what AWS shows counts, and nothing is changed.

    Args:
        known: the roles of Terraform's state or plan.
        roles: the account.
        declaration: the customer's file, or None when there is none yet.
        only: the grant that is meant; None for all.

    Raises:
        Conflict: the file is for another account than the credentials.
        NotThere: Terraform has no role at all, or none of the grant that is meant.
    """
    account = roles.owner()[1]
    if declaration is not None and declaration.account != account:
        raise Conflict(
            f"the file is for account {declaration.account}, the credentials are for {account}",
            why="a file is about one account",
            next_step="name another file with --file, or use credentials of its account",
        )
    if not known.roles:
        raise NotThere(
            "Terraform's file has no IAM role whose name is known",
            why="a state holds what was applied; a plan also what is to be made",
            next_step="name the state of the configuration that has the roles",
        )
    inventory = roles.inventory([role.name for role in known.roles])
    standing = {name.text.lower(): role for name, role in inventory.ours.items()}
    found = [
        _finding(each, standing.get(each.name.text.lower()), account, roles, declaration)
        for each in known.roles
        if only is None or _is_meant(only, standing.get(each.name.text.lower()))
    ]
    if not found:
        grants = sorted({role.tags[GRANT_TAG] for role in _ours(known, standing)})
        raise NotThere(
            f"Terraform's file has no role of the grant {only}",
            why=f"it has roles of: {', '.join(grants)}" if grants else "it has no role of Gatepass",
            next_step="leave --grant out to see every role in it",
        )
    return tuple(found)


def _ours(known: TerraformRoles, standing: dict[str, Role]) -> Iterator[Role]:
    for each in known.roles:
        role = standing.get(each.name.text.lower())
        if role is not None and role.is_ours:
            yield role


def _is_meant(only: GrantName, role: Role | None) -> bool:
    return role is not None and role.is_ours and role.tags[GRANT_TAG].lower() == str(only).lower()


def _finding(
    found: TerraformRole,
    role: Role | None,
    account: AccountId,
    roles: RoleDirectory,
    declaration: Declaration | None,
) -> Finding:
    if found.account is not None and found.account != account:
        return NotOurs(found, f"it is in account {found.account}, and the credentials are for {account}")
    if role is None:
        return Gone(found)
    if not role.is_ours or role.engine not in (DIRECT_ENGINE, TERRAFORM):
        keeper = f"its tag gatepass:engine names {role.engine}" if role.is_ours else "it lacks the tag gatepass:grant"
        return NotOurs(found, keeper)
    grant = GrantName(role.tags[GRANT_TAG])
    if is_direct(role):
        return OurOwn(found, grant)
    try:
        return _takeable(found, grant, role, roles, declaration)
    except GatepassError as problem:
        return Stuck(found, grant, problem)


def _takeable(
    found: TerraformRole, name: GrantName, role: Role, roles: RoleDirectory, declaration: Declaration | None
) -> Takeable:
    if found.is_leaving:
        raise Conflict(
            f"Terraform's plan deletes {role.name} or a part of it",
            why="what it deletes before it is taken over is gone",
            next_step="do not apply that plan; take the role out of the state first, then out of the configuration",
        )
    declared = [] if declaration is None else declaration.grants
    same = next((grant for grant in declared if str(grant.name).lower() == str(name).lower()), None)
    if same is None or declaration is None:
        return Takeable(found, name, adopt_kept_role(role, roles))
    if role_name(same, declaration.naming) != role.name:
        raise Conflict(
            f"the file has a grant {same.name} already, for the role {role_name(same, declaration.naming)}",
            why="a grant is never overwritten",
            next_step="name another file with --file",
        )
    return Takeable(found, same.name, None, is_named=same.adopted is not None)
