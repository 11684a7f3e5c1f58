"""Write the pass of a grant: role ARNs and terms in clear, second factors sealed, signed with the customer's key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gatepass.domain.documents import policy
from gatepass.domain.errors import Conflict
from gatepass.domain.foreign_trust import read_trust
from gatepass.domain.handed_pass import PASS, USABLE_FOR, HandedPass, PassedRole, pass_body
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.offered_keys import demand_recipient
from gatepass.domain.role import PROVIDER_TAG, Role
from gatepass.domain.sealed_factors import Factor, sealed_text
from gatepass.domain.signed_file import SignedFile, message_to_sign
from gatepass.domain.switch import Position, doors
from gatepass.domain.trust import ENTER_WITH_OLD, accepted_external_id, requires_source_identity, retiring_external_id
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.roles import RoleDirectory
from gatepass.ports.secrets import Sealer
from gatepass.ports.signatures import SigningKey
from gatepass.usecases.find_grant import roles_of_grant

# Nobody can guess the id of a pass that is still under way.
_ID_BITS = 130
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PassTools:
    """What writing a pass needs besides the account."""

    key: SigningKey
    sealer: Sealer
    clock: Clock
    randomness: Randomness


def write_pass(
    name: GrantName, recipient: str, roles: RoleDirectory, tools: PassTools, offer: str | None = None
) -> tuple[HandedPass, SignedFile]:
    """Return the pass and the file to send; everything in it but the offer is read from AWS.

    Args:
        name: the grant.
        recipient: the provider's age recipient, to whom the second factors are sealed.
        roles: the customer's account.
        tools: the key, the seal, the time and chance.
        offer: the id of the offer that the customer accepted, if any.

    Raises:
        InvalidInput: the recipient is none.
        NotThere: the account has no role of that grant.
        Conflict: the door is closed, or the roles of the grant let in different providers.
    """
    demand_recipient(recipient)
    return pass_of(name, recipient, _open_roles(name, roles), tools, offer)


def pass_of(
    name: GrantName,
    recipient: str,
    found: Sequence[tuple[RoleArn, Role]],
    tools: PassTools,
    offer: str | None = None,
) -> tuple[HandedPass, SignedFile]:
    """Return the pass of roles that were read already, each open and with the limit of its sessions.

    Raises:
        InvalidInput: the recipient is none.
        Conflict: the roles let in different providers.
    """
    demand_recipient(recipient)
    now = tools.clock.now().replace(microsecond=0)
    factors = {arn: factor for arn, role in found if (factor := _factor(role, now)) is not None}
    handed = HandedPass(
        id=tools.randomness.word(_ID_BITS),
        grant=name,
        customer=found[0][0].account,
        provider=_provider(name, [role for _, role in found]),
        offer=offer,
        customer_key=_customer_key(name, factors.values()),
        roles=tuple(_passed(arn, role) for arn, role in found),
        sealed=tools.sealer.seal(sealed_text(factors), recipient),
        made_at=now,
        usable_until=now + USABLE_FOR,
    )
    body, public = pass_body(handed), tools.key.public_key
    return handed, SignedFile(PASS, body, public, tools.key.sign(message_to_sign(PASS, body, public)))


def _open_roles(name: GrantName, roles: RoleDirectory) -> list[tuple[RoleArn, Role]]:
    """Return the open roles of the grant as they stand, with the limits of their sessions."""
    standing = roles_of_grant(name, roles)
    limits = {role.name: role.session_limit for role in roles.inventory().ours.values()}
    found = [
        (arn, replace(role, session_limit=limits[role.name]))
        for arn, role in standing
        if doors(role).position is Position.OPEN and role.name in limits
    ]
    if not found:
        raise Conflict(
            f"the grant {name} is not open, so there is nothing to hand over",
            why="closing takes the second factor away, and opening draws a new one",
            next_step=f"gatepass open {name}, then write the pass",
        )
    return found


def _factor(role: Role, now: datetime) -> Factor | None:
    current, old = accepted_external_id(role.trust), retiring_external_id(role.trust)
    if current is None:
        return None
    return Factor(current, old if old is not None and old.until > now else None)


def _passed(arn: RoleArn, role: Role) -> PassedRole:
    # The statement of the old ID ends earlier; the terms are those of the current one.
    kept = [statement for statement in role.trust.statements if statement.get("Sid") != ENTER_WITH_OLD]
    reading = read_trust(policy(*kept))
    return PassedRole(
        arn=arn,
        needs_second_factor=accepted_external_id(role.trust) is not None,
        principals=reading.principals,
        window=reading.window,
        session_limit=role.session_limit // _MINUTE * _MINUTE,
        requires_source_identity=requires_source_identity(role.trust),
    )


def _provider(name: GrantName, roles: Sequence[Role]) -> AccountId:
    written = {role.tags.get(PROVIDER_TAG, "nobody known") for role in roles}
    if len(written) > 1:
        raise Conflict(
            f"the roles of the grant {name} let in different providers: {', '.join(sorted(written))}",
            why="a pass is for one provider, and it would tell this one about the other",
            next_step="gatepass plan, and withdraw the role that is no longer declared",
        )
    return AccountId(written.pop())


def _customer_key(name: GrantName, factors: Iterable[Factor]) -> str | None:
    """Return the customer key that all external IDs share, or None when they are not of our form."""
    keys = {factor.external_id.customer_key for factor in factors}
    if len(keys) > 1:
        raise Conflict(
            f"the roles of the grant {name} have different customer keys",
            why="a pass is admitted under one key",
            next_step="gatepass plan, and withdraw the role that is no longer declared",
        )
    return keys.pop() if keys else None
