"""The session that ``exec`` or a shell's function put around this command, told from the person's own credentials."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.session import Credentials, Session
from gatepass.domain.shell_environment import holds_session


def holds_session_of_ours() -> bool:
    """Say whether the AWS keys in the environment are a customer's session and not the person's own."""
    return holds_session(os.environ)


def session_around() -> Session | None:
    """Return the session of the environment, the reverse of ``Session.environment``; None outside ``exec``.

    Raises:
        InvalidInput: the environment holds only half of it.
    """
    if not holds_session_of_ours():
        return None
    found = os.environ
    try:
        expires_at = datetime.fromisoformat(found["AWS_SESSION_EXPIRATION"]).astimezone(UTC)
        keys = Credentials(
            found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], found.get("AWS_SESSION_TOKEN"), expires_at
        )
        return Session(
            RoleArn(found["GATEPASS_ROLE"]),
            EngineerName(found["GATEPASS_ENGINEER"]),
            expires_at,
            keys,
            found.get("GATEPASS_CUSTOMER", ""),
            found.get("GATEPASS_GRANT", ""),
        )
    except (KeyError, ValueError):
        # InvalidInput is a ValueError: a role or a name that is none. Neither is repeated.
        raise InvalidInput(
            "the session in the environment is not whole",
            why="something changed the variables that gatepass exec had set",
            next_step="leave this shell and begin again with gatepass exec",
        ) from None
