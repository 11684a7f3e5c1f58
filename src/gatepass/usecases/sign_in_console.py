"""Make the link that signs the holder of a session in to the AWS console."""

from __future__ import annotations

from datetime import datetime

from gatepass.domain.console import ConsoleLink, console_link, destination
from gatepass.domain.errors import CredentialsRefused
from gatepass.domain.region_name import RegionName
from gatepass.domain.session import Session
from gatepass.ports.console import Federation


def sign_in_console(
    session: Session,
    federation: Federation,
    now: datetime,
    *,
    service: str | None = None,
    region: RegionName | None = None,
) -> ConsoleLink:
    """Return the link; the console's session ends when the session does.

    AWS is told no length of its own for the console: for a chained session it must not be, and for
    any other it could outlive the session that it came from.

    Raises:
        CredentialsRefused: the session has expired, or AWS does not take it.
        InvalidInput: the service is none.
    """
    page = destination(session.role.partition, service, region)
    if session.has_expired(now):
        raise CredentialsRefused(
            f"the session in account {session.account} has expired",
            why=f"it ended at {session.expires_at:%Y-%m-%d %H:%M:%SZ}",
            next_step=f"gatepass console {session.role}",
            code="ExpiredToken",
        )
    return console_link(federation.endpoint, federation.signin_token(session), page)
