"""The sandbox's memory in a file, from one start to the next."""

from __future__ import annotations

import pickle
from pathlib import Path

from gatepass.domain.errors import Conflict
from gatepass.private_files import read_private, write_private
from gatepass.sandbox.memory.events import EventLog
from gatepass.sandbox.memory.world import World

# Files of another form are refused; the number changes with the classes that are kept.
_FORM = "gatepass sandbox state 1"


def save_state(world: World, path: Path) -> list[str]:
    """Write everything the sandbox remembers, and return the names of what cannot be kept."""
    with world.moto.entered():
        moto, lost = world.moto.saved()
        content = (
            _FORM,
            world.clock.history(),
            world.roots.all(),
            world.sessions.all(),
            world.events.all(),
            moto,
        )
    write_private(path, pickle.dumps(content))
    return lost


def load_state(world: World, path: Path) -> bool:
    """Replace what the sandbox remembers by what a file holds; without a file, nothing changes.

    Unpickling runs what the file says, so only a file is read that this user alone can have written.

    Raises:
        Conflict: the file is not private, or no state of this version.
    """
    try:
        pickled = read_private(path)
    except FileNotFoundError:
        return False
    try:
        form, *content = pickle.loads(pickled)  # noqa: S301 - our own file, checked above
    except (pickle.UnpicklingError, ValueError, TypeError, AttributeError, ImportError, EOFError, IndexError):
        raise _unreadable(path) from None
    if form != _FORM:
        raise _unreadable(path)
    history, roots, sessions, events, moto = content
    world.reset()
    world.clock.restore(history)
    for key in roots:
        world.roots.add(key)
    for session in sessions:
        world.sessions.add(session)
    world.events = EventLog(events)
    world.moto.restore(moto)
    return True


def _unreadable(path: Path) -> Conflict:
    return Conflict(
        f"{path} is not used",
        why="it holds no state that this version of the sandbox can read",
        next_step=f"move it away: mv {path} {path}.old",
    )
