"""What a customer's file lets the rights of its administrator leave out."""

from __future__ import annotations

from collections.abc import Iterable

from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import AccountId, Partition
from gatepass.ports.roles import RoleDirectory
from gatepass.render.least_rights import FileLimits
from gatepass.usecases.find_grant import demand_account
from gatepass.usecases.resolve_policies import resolve_policies


def file_limits(declaration: Declaration, partition: Partition, roles: RoleDirectory | None) -> FileLimits:
    """Return the limits; exact where the account can be asked, else by the names of policies under any path.

    Raises:
        Conflict: the account at hand is not the file's.
        InvalidFile: the account does not have policies that the file names.
    """
    bounded = [grant for grant in declaration.grants if grant.boundary is not None]
    return FileLimits(
        policies=tuple(sorted(set(_policies(declaration, partition, roles)))),
        boundaries=tuple(sorted({grant.boundary for grant in bounded if grant.boundary is not None})),
        all_bounded=len(bounded) == len(declaration.grants),
        adopted=tuple(sorted({grant.adopted for grant in declaration.grants if grant.adopted is not None})),
        topic=str(declaration.notify.topic) if declaration.notify.topic is not None else None,
        sender=str(declaration.notify.mail.sender) if declaration.notify.mail is not None else None,
    )


def has_names(declaration: Declaration) -> bool:
    """Say whether the file names policies that only AWS can turn into ARNs."""
    return any(not _is_arn(text) for grant in declaration.grants for text in grant.permissions)


def _policies(declaration: Declaration, partition: Partition, roles: RoleDirectory | None) -> Iterable[str]:
    if roles is None:
        return [
            pattern
            for grant in declaration.grants
            for text in grant.permissions
            for pattern in _patterns(text, declaration.account, partition)
        ]
    _, account = roles.owner()
    demand_account(declaration, account)
    resolved = resolve_policies(declaration, roles.managed_policies())
    return [str(resolved[text]) for grant in declaration.grants for text in grant.permissions]


def _patterns(text: str, account: AccountId, partition: Partition) -> list[str]:
    """Return the ARNs that a name may mean: AWS's policy or the account's, with a path or without."""
    if _is_arn(text):
        return [text]
    paths = ("",) if "/" in text else ("", "*/")
    return [f"arn:{partition}:iam::{owner}:policy/{path}{text}" for owner in ("aws", account) for path in paths]


def _is_arn(text: str) -> bool:
    return text.startswith("arn:")
