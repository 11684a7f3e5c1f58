"""Tell whose account one is in, as whom, for how long, and how one knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from gatepass.domain.errors import GatepassError
from gatepass.domain.grant import ROLE_WORD
from gatepass.domain.identifiers import AccountId, EngineerName, RoleArn
from gatepass.domain.register import Customer, Register
from gatepass.domain.session import Caller, Session
from gatepass.ports.sessions import TokenService


class Side(Enum):
    """Whose account it is: the one that acts, or the one that is acted in."""

    PROVIDER = "provider"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known on our own side of the credentials in use, before AWS is asked.

    Attributes:
        origin: where the credentials came from, in words.
        session: our own record, when they are a session that Gatepass began.
        expires_at: when they end, as far as anybody said.
    """

    origin: str
    session: Session | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where one is.

    Attributes:
        side: whose account it is.
        how: what tells the side, in words.
        alias: the account's own name for itself; None when AWS does not tell.
        customer: what the register or our record calls the customer; empty for nobody's.
        source_identity: the engineer as the session carries it; AWS does not tell it, our own record does.
        role: the role that was entered, if any.
        expires_at: when the session ends, UTC; None when nobody knows, or never.
    """

    account: AccountId
    arn: str
    side: Side
    how: str
    alias: str | None = None
    customer: str = ""
    company: str = ""
    grant: str = ""
    source_identity: EngineerName | None = None
    role: RoleArn | None = None
    expires_at: datetime | None = None


def whose_account(
    tokens: TokenService,
    standing: Standing,
    known_to: Callable[[Caller], Register | None],
    ask_alias: Callable[[], str | None],
) -> Whereabouts:
    """Ask AWS whose credentials are in use, and add what our own record and the register know.

    Args:
        tokens: STS as the credentials in use see it.
        standing: what is known of them.
        known_to: gives the provider's customers, as far as they can have to do with the caller; None for no register.
        ask_alias: asks AWS for the account's alias.

    Raises:
        AccessRefused: the credentials are not accepted, or have expired.
    """
    caller: Caller = tokens.caller()
    session = standing.session
    register = known_to(caller)
    known = _registered(caller, session, register)
    side, how = _side(caller, standing, register, known)
    customer, grant = known or (None, "")
    return Whereabouts(
        caller.account,
        caller.arn,
        side,
        how,
        _alias(ask_alias),
        str(customer.name) if customer is not None else session.customer if session is not None else "",
        customer.company if customer is not None else "",
        (session.grant if session is not None else "") or grant,
        session.engineer if session is not None else None,
        session.role if session is not None else None,
        session.expires_at if session is not None else standing.expires_at,
    )


def _side(
    caller: Caller, standing: Standing, register: Register | None, known: tuple[Customer, str] | None
) -> tuple[Side, str]:
    if standing.session is not None:
        return Side.CUSTOMER, f"it is the session of {standing.origin}"
    if known is not None:
        return Side.CUSTOMER, f"the register knows the account as {known[0].name}; credentials from {standing.origin}"
    if _role_name(caller).find(ROLE_WORD) >= 0:
        # Somebody may have come here by another tool: a role named as ours are is still a customer's.
        return Side.CUSTOMER, f"the role is named as customers name theirs; credentials from {standing.origin}"
    if register is not None and caller.account == register.account:
        return Side.PROVIDER, f"the register names it as your own; credentials from {standing.origin}"
    return Side.PROVIDER, f"nothing says that it is a customer's; credentials from {standing.origin}"


def _registered(caller: Caller, session: Session | None, register: Register | None) -> tuple[Customer, str] | None:
    """Return the customer whose account it is, and the grant whose role it is; of an unknown role no grant."""
    if register is None:
        return None
    name = session.role.name if session is not None else _role_name(caller)
    here = [each for each in register.customers.values() if each.account == caller.account]
    for customer in here:
        for grant, role in customer.roles.items():
            if role.name == name:
                return customer, str(grant)
    return (here[0], "") if here else None


def _role_name(caller: Caller) -> str:
    return caller.arn.split("/")[1] if caller.is_session else ""


def _alias(ask_alias: Callable[[], str | None]) -> str | None:
    try:
        return ask_alias()
    except GatepassError:
        # A name beside the number is a comfort; its absence stops nobody.
        return None
