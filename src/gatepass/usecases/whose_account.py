"""Tell whose account one is in, as whom, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from gatepass.domain.grant import ROLE_WORD
from gatepass.domain.identifiers import AccountId, EngineerName, RoleArn
from gatepass.domain.session import Caller, Session
from gatepass.ports.sessions import TokenService


class Side(Enum):
    """Whose account it is: the one that acts, or the one that is acted in."""

    PROVIDER = "provider"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where one is.

    Attributes:
        side: customer inside a session that was entered with sudo, else the own (provider's) side.
        source_identity: the engineer as the session carries it; AWS does not tell it, our own record does.
        role: the role that was entered, if any.
        expires_at: when the session ends, UTC; None outside a session.
    """

    account: AccountId
    arn: str
    side: Side
    source_identity: EngineerName | None = None
    role: RoleArn | None = None
    expires_at: datetime | None = None


def whose_account(tokens: TokenService, session: Session | None) -> Whereabouts:
    """Ask AWS whose credentials are in use and add what our own record of the session knows.

    Raises:
        AccessRefused: the credentials are not accepted, or have expired.
    """
    caller: Caller = tokens.caller()
    if session is None:
        # Somebody may have come here by another tool: a role named as ours are is still a customer's.
        side = Side.CUSTOMER if _is_in_role_of_ours(caller) else Side.PROVIDER
        return Whereabouts(caller.account, caller.arn, side)
    return Whereabouts(caller.account, caller.arn, Side.CUSTOMER, session.engineer, session.role, session.expires_at)


def _is_in_role_of_ours(caller: Caller) -> bool:
    return caller.is_session and ROLE_WORD in caller.arn.split("/")[1]
