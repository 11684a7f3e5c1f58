"""Action names that AWS does not have: whoever wrote one allowed or denied nothing."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gatepass.decision.match import action_test
from gatepass.decision.policy import Policy

_MOST_GUESSES = 2


class ActionCatalogue(Protocol):
    """Every action of AWS, by service."""

    def services(self) -> Sequence[str]:
        """Return the prefixes of the services, such as ``s3``."""

    def actions(self, service: str) -> Sequence[str]:
        """Return the names of a service's actions without the prefix; none for a service that there is not."""


@dataclass(frozen=True, slots=True)
class UnknownAction:
    """A pattern that no action fits.

    Attributes:
        narrows: whether something is left open because of it: it stands in a Deny or in NotAction.
        guesses: what may have been meant.
    """

    pattern: str
    statement: str
    narrows: bool
    guesses: tuple[str, ...]


def unknown_actions(policies: Iterable[Policy], catalogue: ActionCatalogue) -> Iterator[UnknownAction]:
    """Yield each pattern of the policies that fits no action of AWS."""
    for policy in policies:
        for statement in policy.statements:
            tree = json.loads(statement.document)
            element = "Action" if "Action" in tree else "NotAction"
            narrows = statement.effect == "Deny" or element == "NotAction"
            listed = tree[element] if isinstance(tree[element], list) else [tree[element]]
            for pattern in listed:
                guesses = guesses_for(pattern, catalogue)
                if guesses is not None:
                    yield UnknownAction(pattern, f"{statement.label} of {policy}", narrows, guesses)


def guesses_for(pattern: str, catalogue: ActionCatalogue) -> tuple[str, ...] | None:
    """Return what may have been meant by an action or a pattern of actions, or ``None`` when there is such a one."""
    service, _, name = pattern.partition(":")
    if "*" in service or "?" in service:
        return None
    services = catalogue.services()
    if service.lower() not in services:
        near = difflib.get_close_matches(service.lower(), services, n=_MOST_GUESSES)
        return tuple(f"{each}:{name}" for each in near if guesses_for(f"{each}:{name}", catalogue) is None)
    names = {each.lower(): each for each in catalogue.actions(service.lower())}
    fits = action_test([name])
    if fits is None or any(fits(each) for each in names):
        return None
    near = difflib.get_close_matches(name.lower().strip("*?"), names, n=_MOST_GUESSES)
    return tuple(f"{service.lower()}:{names[each]}" for each in near)
