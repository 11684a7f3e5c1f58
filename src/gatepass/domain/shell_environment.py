"""The environment of a shell that enters sessions and leaves them: what is set, what is kept, what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gatepass.domain.session import Session

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_EXPIRY = ("AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION")
_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
# What would lead AWS's tools past the session.
_MISLEADING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")
# What entering changes, and leaving brings back.
OWN_VARIABLES = (*_KEYS, *_EXPIRY, *_REGION, *_MISLEADING)
# By which a session of ours is known again.
LABELS = ("GATEPASS_ACCESS_KEY_ID", "GATEPASS_ROLE", "GATEPASS_ENGINEER", "GATEPASS_CUSTOMER", "GATEPASS_GRANT")
KEPT = "GATEPASS_OWN_"
# Says that the person's own values were kept, even where there were none.
_MARK = KEPT + "KEPT"
# The shell's function names its shell and its stack to the command, and says that an external ID was typed.
SHELL, STACK, TYPED = "GATEPASS_SHELL", "GATEPASS_STACK", "GATEPASS_TYPED"

# The new value of each variable; None to unset it.
Changes = Mapping[str, str | None]


def holds_session(environment: Mapping[str, str]) -> bool:
    """Say whether the AWS keys in the environment are a customer's session and not the person's own."""
    key_id = environment.get("AWS_ACCESS_KEY_ID")
    return bool(key_id) and key_id == environment.get("GATEPASS_ACCESS_KEY_ID")


def own_environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the person's own AWS variables: those of the environment, or those kept while a session of ours is in it.

    Nothing is the person's own in an environment whose session came without them, as ``exec`` makes it.
    """
    if not holds_session(environment):
        return {name: environment[name] for name in OWN_VARIABLES if name in environment}
    if _MARK not in environment:
        return MappingProxyType({})
    return {name: environment[KEPT + name] for name in OWN_VARIABLES if KEPT + name in environment}


def inside(environment: Mapping[str, str], session: Session, region: str | None) -> Changes:
    """Return what puts the session into the environment, with the person's own values kept beside it."""
    own = own_environment(environment)
    kept: dict[str, str | None] = {KEPT + name: own.get(name) for name in OWN_VARIABLES}
    # A shell that exec began holds nothing of the person's own; leaving it must not bring anything back.
    kept[_MARK] = "1"
    return {**dict.fromkeys(OWN_VARIABLES), **kept, **session.environment(region)}


def outside(environment: Mapping[str, str]) -> Changes:
    """Return what takes every session out of the environment and brings the person's own values back, exactly."""
    traces = dict.fromkeys([*(KEPT + name for name in OWN_VARIABLES), _MARK, *LABELS])
    if not holds_session(environment):
        # Whatever AWS variables there are, the person set them: they stay.
        return traces
    if _MARK not in environment:
        return {**dict.fromkeys((*_KEYS, *_EXPIRY)), **traces}
    own = own_environment(environment)
    return {**{name: own.get(name) for name in OWN_VARIABLES}, **traces}


def handed_on(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment for a command that gets a session: without the person's own keys and the shell's stack."""
    ours = {SHELL, STACK, TYPED}
    return {name: value for name, value in environment.items() if name not in ours and not name.startswith(KEPT)}


def in_region(region: str) -> Changes:
    """Return what makes AWS's tools use the Region."""
    return dict.fromkeys(_REGION, region)
