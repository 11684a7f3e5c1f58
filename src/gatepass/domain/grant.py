"""What a customer declares: who may act, with which permissions, how far and until when."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network

from gatepass.domain.documents import Document
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, GrantName, PolicyArn, RoleName
from gatepass.domain.notice import Channels

# IAM API Reference, CreateRole: MaxSessionDuration.
SHORTEST_SESSION_LIMIT = timedelta(hours=1)
LONGEST_SESSION_LIMIT = timedelta(hours=12)

# What the name of every role of ours contains.
ROLE_WORD = "ServiceProvider-"

_PRINCIPAL = re.compile(r"(?:role|user)/[\w+=,.@/*?-]{1,512}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when a grant may be used; instants are UTC, an open end is None.

    Raises:
        InvalidInput: an instant without a time zone, or an end that is not after the beginning.
    """

    begin: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        for instant in (self.begin, self.end):
            if instant is not None and instant.utcoffset() is None:
                raise InvalidInput(
                    f"{instant.isoformat()} has no time zone",
                    why="AWS decides by UTC, and a time without a zone could mean any hour",
                    next_step="write UTC with a Z at the end: 2026-11-23T08:00:00Z",
                )
        if self.begin is not None and self.end is not None and self.begin >= self.end:
            raise InvalidInput(
                "the window ends before it begins",
                why="nobody could ever enter",
                next_step="make 'until' later than 'from'",
            )

    def has_ended(self, now: datetime) -> bool:
        """Say whether the window is over at that instant."""
        return self.end is not None and now >= self.end


ALWAYS = Window()


@dataclass(frozen=True, slots=True, order=True)
class PrincipalPattern:
    """Which of the provider's principals may enter, as ``role/NAME`` or ``user/NAME`` with ``*`` and ``?``."""

    text: str

    def __post_init__(self) -> None:
        if not _PRINCIPAL.fullmatch(self.text):
            raise InvalidInput(
                f"{self.text!r} does not name principals of the provider",
                why="a principal is written as role/PATH/NAME or user/PATH/NAME; * and ? are allowed",
                next_step="write for example: role/engineers/*",
            )


@dataclass(frozen=True, slots=True)
class Naming:
    """Tokens that go before a role's name, as ``HIO-DEV-EUW1``; all empty for the plain default."""

    org: str = ""
    lifecycle: str = ""
    location: str = ""

    def __post_init__(self) -> None:
        for token in self.tokens:
            if not _TOKEN.fullmatch(token):
                raise InvalidInput(
                    f"{token!r} is not a naming token",
                    why="tokens become part of the role's name: 1 to 12 letters and digits",
                    next_step="shorten it, such as: euw1",
                )

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that are set, in order."""
        return tuple(token for token in (self.org, self.lifecycle, self.location) if token)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one customer allows one provider.

    Attributes:
        permissions: managed policies by name or ARN, as written.
        custom_policy: a policy of the customer's own, beside the managed ones.
        boundary: the permissions boundary, by ARN.
        needs_second_factor: whether entering needs ``sts:ExternalId``.
        principals: which of the provider's principals; empty: any that its account allows.
        session_limit: the longest session, 1 to 12 hours.
        source_networks: where sessions may be started; empty: anywhere.
        adopted: the role that stands already and is kept for this grant, whatever its path and name.
        keeps_roles: whether its sessions may change the other roles of ours; for a platform that runs Terraform.
        customer_key: the provider's part of new external IDs, from its offer; None for one of our own drawing.
        seal_to: the provider's age recipient, to whom passes are sealed; nothing in AWS depends on it.
        offer: the id of the offer that the grant came from, for its passes; nothing in AWS depends on it.
    """

    name: GrantName
    provider: AccountId
    permissions: tuple[str, ...] = ()
    custom_policy: Document | None = None
    boundary: PolicyArn | None = None
    needs_second_factor: bool = True
    principals: tuple[PrincipalPattern, ...] = ()
    window: Window = ALWAYS
    session_limit: timedelta = SHORTEST_SESSION_LIMIT
    source_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    requires_source_identity: bool = False
    adopted: RoleName | None = None
    customer_key: str | None = None
    seal_to: str | None = None
    offer: str | None = None
    keeps_roles: bool = False

    def __post_init__(self) -> None:
        if not self.permissions and self.custom_policy is None:
            raise InvalidInput(
                f"grant {self.name} gives no permission",
                why="a role without permissions lets people in to do nothing",
                next_step="add permissions: [SecurityAudit] or a custom_policy",
            )
        if not SHORTEST_SESSION_LIMIT <= self.session_limit <= LONGEST_SESSION_LIMIT:
            raise InvalidInput(
                f"a session of {self.session_limit} is out of range",
                why="IAM lets a role's sessions last from 1 to 12 hours",
                next_step="write for example: session: 1h",
            )


@dataclass(frozen=True, slots=True)
class Declaration:
    """A customer's whole file: the account and the grants in it.

    Attributes:
        notify: who is told what happens to the grants.
        second_factor_store: where the customer keeps second factors beside AWS; None for nowhere.
    """

    account: AccountId
    grants: tuple[Grant, ...]
    naming: Naming = Naming()
    tags: Mapping[str, str] = field(default_factory=dict)
    notify: Channels = field(default_factory=Channels)
    second_factor_store: str | None = None

    def grant(self, name: GrantName) -> Grant:
        """Return the grant of that name.

        Raises:
            InvalidInput: the file has none of that name.
        """
        for grant in self.grants:
            if grant.name == name:
                return grant
        names = ", ".join(str(grant.name) for grant in self.grants)
        raise InvalidInput(
            f"the file has no grant named {name}",
            why=f"it names: {names}",
            next_step="use one of these names, or name the file that has it with --file",
        )


def role_name(grant: Grant, naming: Naming) -> RoleName:
    """Return the name of the grant's role.

    Raises:
        InvalidInput: longer than IAM's 64 characters.
    """
    if grant.adopted is not None:
        return grant.adopted
    if naming.tokens:
        prefix = "-".join(naming.tokens).upper()
        return RoleName(f"{prefix}-{ROLE_WORD}{grant.name}")
    return RoleName(f"{ROLE_WORD}{grant.provider}-{grant.name}")


def digest(grant: Grant, declaration: Declaration) -> str:
    """Return 32 hexadecimal digits that change whenever what is declared for this grant changes."""
    declared = {
        "account": str(declaration.account),
        "role": str(role_name(grant, declaration.naming)),
        "tags": dict(sorted(declaration.tags.items())),
        "provider": str(grant.provider),
        "permissions": sorted(grant.permissions),
        "custom_policy": grant.custom_policy.text if grant.custom_policy else None,
        "boundary": str(grant.boundary) if grant.boundary else None,
        "second_factor": grant.needs_second_factor,
        "principals": sorted(pattern.text for pattern in grant.principals),
        "window": [instant.isoformat() if instant else None for instant in (grant.window.begin, grant.window.end)],
        "session_seconds": int(grant.session_limit.total_seconds()),
        "source_networks": sorted(str(network) for network in grant.source_networks),
        "source_identity": grant.requires_source_identity,
    }
    if grant.adopted is not None:
        declared["adopted"] = str(grant.adopted)
    if grant.customer_key is not None:
        declared["customer_key"] = grant.customer_key
    if grant.keeps_roles:
        declared["keeps_roles"] = True
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:32]
