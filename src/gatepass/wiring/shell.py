"""What the function of a shell asks for: which environment the shell should have, and its Region."""

from __future__ import annotations

import os

from gatepass.adapters.chosen_region import ChosenRegion, environment_region
from gatepass.adapters.exec_environment import session_around
from gatepass.adapters.static_profile import plain_region
from gatepass.domain.region_name import RegionName
from gatepass.domain.shell_environment import SHELL, STACK, TYPED, Changes, in_region, inside, outside
from gatepass.wiring.machine import clock
from gatepass.wiring.sessions import shelf


def is_followed() -> bool:
    """Say whether the function of a shell called, so that the shell's environment follows and can be believed."""
    return STACK in os.environ


def shell_name() -> str | None:
    """Return which shell's function called, if any."""
    return os.environ.get(SHELL)


def id_follows() -> bool:
    """Say whether the function of a shell hands on an external ID, which was typed, by standard input."""
    return TYPED in os.environ


def begin_where_the_shell_is() -> None:
    """Make the stack end with the session that the calling shell is in.

    A shell that was started inside a session begins in it; one whose subshell entered another is still in its own.
    Without the function of a shell, the stack is all that is known of where one is.

    Raises:
        InvalidInput: the environment holds only half a session.
    """
    if not is_followed():
        return
    stack, around = shelf(), session_around()
    kept = list(stack.sessions())
    keys = [each.credentials.access_key_id for each in kept]
    if around is None:
        wanted = []
    elif around.credentials.access_key_id in keys:
        wanted = kept[: keys.index(around.credentials.access_key_id) + 1]
    else:
        wanted = [*kept, around]
    if wanted != kept:
        stack.put(wanted)


def wanted_changes() -> Changes:
    """Return what brings the environment of the calling shell in line with its stack and the Region it chose."""
    session = next(iter(reversed(shelf().sessions())), None)
    chosen = ChosenRegion().take()
    if session is not None:
        return inside(os.environ, session, chosen or environment_region() or _region_of_profile())
    return {**outside(os.environ), **(in_region(chosen) if chosen else {})}


def forget_expired() -> None:
    """Take expired sessions off the stack, so that entering anew leaves none of them to step back into."""
    stack, now = shelf(), clock().now()
    kept = stack.sessions()
    live = [session for session in kept if not session.has_expired(now)]
    if len(live) < len(kept):
        stack.put(live)


def choose_region(region: RegionName) -> None:
    """Use the Region for every command of this terminal; the function of a shell lets its other tools follow.

    Raises:
        GatepassError: the choice cannot be kept.
    """
    ChosenRegion().choose(region)


def _region_of_profile() -> str | None:
    """Return the Region of the person's own profile, which is not looked at inside a session."""
    settings = plain_region()
    return settings.region if settings is not None else None
