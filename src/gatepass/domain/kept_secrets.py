"""Secrets that a store keeps by name: which names and values every store takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.register import NO_TEAMS, CustomerName, TeamName

# Where the secrets can lie.
STORES = ("file", "keyring", "ssm", "secrets-manager", "vault")
# Where a customer's lie whose file names none: rotations by the fleet remember them there.
USUAL_STORE = "file"

# All secrets of ours in AWS lie under this path, so that one line of a policy covers them.
SECRETS_PATH = "gatepass/"

# The narrowest of all stores sets the limits: a standard parameter of SSM holds 4 KB, and a file's name 255 bytes.
LARGEST_SECRET = 4096
_LONGEST_NAME = 200
# SSM API Reference, GetParameters: Names.
_PARAMETERS_A_CALL = 10
# No team can have these names, which end with a hyphen; "customer" and "provider", under which other secrets lie, are
# refused as names of teams.
UNASSIGNED, WITHHELD = "none-", "withheld-"
# Team, customer and grant.
_PARTS = 3
_NAME = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+){0,7}", re.ASCII)


def second_factor_name(account: AccountId, grant: GrantName) -> str:
    """Return the name under which a customer's store keeps what opens the roles of the grant."""
    # Roles are found by their grant without regard to case, so the name is too.
    return f"customer/{account}/{str(grant).lower()}"


def provider_secret_name(team: TeamName | None, customer: CustomerName, grant: GrantName) -> str:
    """Return the name under which the provider's store keeps what opens the grant's role, for one team.

    Each team's secrets lie under a prefix of their own, so that a team can be allowed its own and no others.

    Args:
        team: who may read it; None while no team is assigned.
        customer: whose role it is.
        grant: which of its roles.
    """
    return f"{team or UNASSIGNED}/{customer}/{str(grant).lower()}"


def withheld_secret_name(customer: CustomerName, grant: GrantName) -> str:
    """Return the name of what only the verifier may read: the second factor of a role in quarantine."""
    return f"{WITHHELD}/{customer}/{str(grant).lower()}"


def place_of(name: str) -> tuple[str, str, str] | None:
    """Return the first part of a provider's name, with customer and grant, or None for a name of another kind.

    The first part is a team's name, or ``UNASSIGNED`` or ``WITHHELD``.
    """
    parts = name.split("/")
    if len(parts) != _PARTS or parts[0] in NO_TEAMS:
        return None
    return parts[0], parts[1], parts[2]


def spare_name(team: str, customer: str, grant: str) -> str:
    """Return the name that keeps what was taken from a team and lay nowhere else, while something else lies aside."""
    return f"{UNASSIGNED}/{customer}/{grant}/{team}"


def is_of_customer(name: str, customer: CustomerName) -> bool:
    """Say whether a name of the provider's store is about the customer, wherever it lies."""
    parts = name.split("/")
    return len(parts) in (_PARTS, _PARTS + 1) and parts[0] not in NO_TEAMS and parts[1] == customer.text


def names_under(prefix: str, names: Iterable[str]) -> frozenset[str]:
    """Return those of the names that lie under the prefix; every one under an empty prefix.

    Raises:
        InvalidInput: the prefix is no path as of ``demand_secret_name``.
    """
    if not prefix:
        return frozenset(names)
    demand_secret_name(prefix)
    return frozenset(name for name in names if name.startswith(f"{prefix}/"))


def tens(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the names ten by ten."""
    for first in range(0, len(names), _PARAMETERS_A_CALL):
        yield names[first : first + _PARAMETERS_A_CALL]


def is_secret_name(name: str) -> bool:
    """Say whether every store takes the name; a store may hold others, which nobody here wrote."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def demand_secret_name(name: str) -> None:
    """Let only names pass that every store takes.

    Raises:
        InvalidInput: the name is something else; it is not repeated, it could be a value in the wrong place.
    """
    if not is_secret_name(name):
        raise InvalidInput(
            "that cannot name a secret",
            why=f"a name is a path of a-z, 0-9 and hyphens, with at most {_LONGEST_NAME} characters and 8 parts",
            next_step="use for example: customer/444455556666/support",
        )


def demand_secret_value(value: str) -> None:
    """Let only values pass that every store takes.

    Raises:
        InvalidInput: empty, too long, or with something in it that a store would change or refuse.
    """
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise _unusable("it holds half of a character") from None
    if not 1 <= size <= LARGEST_SECRET:
        raise _unusable(f"a secret has 1 to {LARGEST_SECRET} bytes, and this one has {size}")
    if "\x00" in value or "{{" in value:
        # SSM API Reference, PutParameter: {{ names another parameter, and is refused.
        raise _unusable("it holds a NUL character or {{, which some stores refuse")


def _unusable(why: str) -> InvalidInput:
    return InvalidInput("the secret cannot be kept", why=why, next_step="keep something shorter and plainer")
