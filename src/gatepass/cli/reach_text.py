"""How far a team reaches, and what a plan would change of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from gatepass.domain.identifiers import AccountId


class Reach(Protocol):
    """A team in a plan, whatever lets it in."""

    @property
    def name(self) -> object:
        """The team."""

    @property
    def customers(self) -> Collection[object]:
        """Whom it reaches afterwards."""

    @property
    def gained(self) -> Collection[AccountId]:
        """The accounts that it reaches anew."""

    @property
    def lost(self) -> Collection[AccountId]:
        """The accounts that it reaches no more."""


def reach_line(team: Reach, means: Sequence[str]) -> str:
    """Return one team with how many customers it reaches by which means, and how many come and go."""
    count = len(team.customers)
    moved = [f"{sign}{len(some)}" for sign, some in (("+", team.gained), ("-", team.lost)) if some]
    by = f" by {' and '.join(means)}" if means else ""
    change = f", {' '.join(moved)}" if moved else ""
    return f"{team.name}: {count} customer{'s' if count != 1 else ''}{by}{change}"


def reach_facts(team: Reach) -> dict[str, object]:
    """Return the same as facts."""
    return {
        "team": team.name,
        "customers": len(team.customers),
        "gained": sorted(str(account) for account in team.gained),
        "lost": sorted(str(account) for account in team.lost),
    }
