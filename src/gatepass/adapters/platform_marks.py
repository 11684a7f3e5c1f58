"""How what is ours is told from what is not, and one value of a variable from another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gatepass.adapters.json_api_documents import Resource, read_tree
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.workspace_objects import Doors
from gatepass.domain.workspace_setup import MARK

_SEAL = re.compile(r"\bSeal: ([0-9a-f]{1,64})\b", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seen:
    """An object that was found, and whether it carries our tag."""

    resource: Resource
    is_ours: bool


def description(seal: str) -> str:
    """Return the description of a variable that is written whole, and never by hand."""
    return f"Written by gatepass alone. Seal: {seal}"


def seal_of(variable: Resource) -> str:
    """Return the seal in a variable's description; empty where there is none."""
    found = _SEAL.search(variable.text("description"))
    return found.group(1) if found else ""


def secrets_of(doors: Doors) -> tuple[str, ...]:
    """Return the external IDs in a variable's value, or the whole of it where they cannot be told."""
    try:
        each_door = list(read_tree(doors.value.encode()).values())
    except ValueError:
        return (doors.value,)
    lists = [door.get("external_ids") if isinstance(door, dict) else None for door in each_door]
    if not all(isinstance(ids, list) and all(isinstance(each, str) for each in ids) for ids in lists):
        return (doors.value,)
    return tuple(each for ids in lists if isinstance(ids, list) for each in ids)


def ours(seen: Seen | None, what: str) -> Resource | None:
    """Return what is ours.

    Raises:
        Conflict: it is there, and is not.
    """
    if seen is not None and not seen.is_ours:
        raise not_ours(what)
    return seen.resource if seen is not None else None


def demand_ours(what: str, *, is_ours: bool) -> None:
    """Let only what is ours pass.

    Raises:
        Conflict: it is not.
    """
    if not is_ours:
        raise not_ours(what)


def not_ours(what: str) -> Conflict:
    """Return the error for what somebody else made."""
    return Conflict(
        f"{what} is not ours",
        why=f"it has no tag {MARK}, so somebody else keeps it, and it is not changed",
        next_step=f"choose another name in the file; or, if it is yours to give, tag it {MARK} on the platform",
    )


def missing_place(what: str, place: str) -> NotThere:
    """Return the error for an object that would have nothing to lie in."""
    return NotThere(
        f"{what} has nothing to lie in", why=f"there is no {place} yet", next_step="make that first: run setup again"
    )
