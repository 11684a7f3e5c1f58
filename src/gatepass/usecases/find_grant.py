"""Find the roles of a grant in the account, by path and tag, with no file at hand."""

from __future__ import annotations

from collections.abc import Iterable

from gatepass.domain.errors import NotThere
from gatepass.domain.grant import Declaration, role_name
from gatepass.domain.identifiers import GrantName, RoleArn, role_arn
from gatepass.domain.role import GRANT_TAG, Role
from gatepass.ports import RoleDirectory


def roles_of_grant(name: GrantName, roles: RoleDirectory) -> tuple[tuple[RoleArn, Role], ...]:
    """Return every role that carries the grant's name; more than one when its provider or naming changed.

    Raises:
        NotThere: the account has none.
    """
    partition, account = roles.owner()
    ours = roles.inventory().ours.values()
    found = [role for role in ours if role.tags.get(GRANT_TAG, "").lower() == str(name).lower()]
    if not found:
        raise NotThere(
            f"account {account} has no role of the grant {name}",
            why=_what_there_is(ours),
            next_step="gatepass plan access.yml shows what is declared and what stands",
        )
    return tuple((role_arn(partition, account, role.name), role) for role in sorted(found, key=lambda role: role.name))


def declared_role(declaration: Declaration, name: GrantName, roles: RoleDirectory) -> tuple[RoleArn, Role]:
    """Return the one role that the file declares for the grant.

    Raises:
        NotThere: it has not been applied yet.
    """
    grant = declaration.grant(name)
    wanted = role_name(grant, declaration.naming)
    for arn, role in roles_of_grant(name, roles):
        if role.name == wanted:
            return arn, role
    raise NotThere(
        f"the role {wanted} of the grant {name} does not exist yet",
        why="the file names another provider or other naming tokens than what was applied",
        next_step="gatepass plan access.yml, then gatepass apply access.yml",
    )


def _what_there_is(ours: Iterable[Role]) -> str:
    names = sorted({role.tags[GRANT_TAG] for role in ours if role.is_ours})
    return "its grants are: " + ", ".join(names) if names else "no role under /gatepass/ carries the tag gatepass:grant"
