"""Find the roles of a grant in the account, by path and tag, with no file at hand."""

from __future__ import annotations

from collections.abc import Iterable

from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.grant import Declaration, role_name
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.role import GRANT_TAG, Role
from gatepass.ports.roles import RoleDirectory


def roles_of_grant(name: GrantName, roles: RoleDirectory) -> tuple[tuple[RoleArn, Role], ...]:
    """Return every role that carries the grant's name; more than one when its provider or naming changed.

    Raises:
        NotThere: the account has none.
    """
    standing = roles.standing()
    found = {
        arn: role
        for arn, role in standing.items()
        if role.is_ours and role.tags[GRANT_TAG].lower() == str(name).lower()
    }
    if not found:
        raise NotThere(
            f"account {roles.owner()[1]} has no role of the grant {name}",
            why=_what_there_is(standing.values()),
            next_step="gatepass plan access.yml shows what is declared and what stands",
        )
    return tuple(sorted(found.items()))


def declared_role(declaration: Declaration, name: GrantName, roles: RoleDirectory) -> tuple[RoleArn, Role]:
    """Return the one role that the file declares for the grant.

    Raises:
        Conflict: the credentials are for another account than the file.
        NotThere: it has not been applied yet.
    """
    grant = declaration.grant(name)
    wanted = role_name(grant, declaration.naming)
    try:
        found = roles_of_grant(name, roles)
    except NotThere:
        demand_account(declaration, roles.owner()[1])
        raise
    demand_account(declaration, found[0][0].account)
    for arn, role in found:
        if role.name == wanted:
            return arn, role
    raise NotThere(
        f"the role {wanted} of the grant {name} does not exist yet",
        why="the file names another provider or other naming tokens than what was applied",
        next_step="gatepass plan access.yml, then gatepass apply access.yml",
    )


def demand_account(declaration: Declaration, account: AccountId) -> None:
    """Let only the account pass that the file is for.

    Raises:
        Conflict: it is another one.
    """
    if declaration.account != account:
        raise Conflict(
            f"the file is for account {declaration.account}, the credentials are for {account}",
            why="grants applied to another account would let the provider in at the wrong place",
            next_step=f"use credentials of {declaration.account}, for example with AWS_PROFILE",
        )


def _what_there_is(ours: Iterable[Role]) -> str:
    names = sorted({role.tags[GRANT_TAG] for role in ours if role.is_ours})
    return "its grants are: " + ", ".join(names) if names else "no role under /gatepass/ carries the tag gatepass:grant"
