"""Changes of the shared store in words; no second factor is in any of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gatepass.cli.signed_line import signed_line
from gatepass.domain.kept_secrets import UNASSIGNED
from gatepass.domain.store_changes import HandFactor, StoreChange, StorePlan, TakeFactor
from gatepass.usecases.tend_store import LeftFactor


def store_lines(plan: StorePlan) -> Iterator[str]:
    """Yield what would change in the store, by team; nothing when all lies where it belongs.

    What is set aside only until another team is given it is not told: it is a step of the way.
    """
    hands = Counter(change.team for change in plan.changes if isinstance(change, HandFactor))
    takes = Counter(change.team for change in plan.changes if isinstance(change, TakeFactor))
    aside = hands.pop(UNASSIGNED, 0) - takes.pop(UNASSIGNED, 0)
    told = [(count, f"to hand to {_team(team)}") for team, count in hands.items()]
    told += [(count, f"to take from {_team(team)}") for team, count in takes.items()]
    if aside > 0:
        told.append((aside, "to set aside, where no team reads"))
    if aside < 0:
        told.append((-aside, "to clear where no team reads"))
    if told:
        (first, words), *others = told
        yield ", ".join(
            (f"store, {plan.title}: {_count(first)} {words}", *(f"{count} {words}" for count, words in others))
        )


def store_change_line(change: StoreChange | LeftFactor) -> str:
    """Return a change in one line, led by + for more, - for less and ! for one that was left."""
    if isinstance(change, LeftFactor):
        way = f"{change.change.customer}/{change.change.grant}"
        return signed_line("!", f"left: {_words(change.change)}: {change.why}; next: gatepass verify {way}")
    return signed_line("+" if isinstance(change, HandFactor) else "-", _words(change))


def store_facts(plan: StorePlan) -> dict[str, object]:
    """Return the plan as facts."""
    return {"place": plan.title or None, "changes": [store_change_facts(change) for change in plan.changes]}


def store_change_facts(change: StoreChange | LeftFactor) -> dict[str, object]:
    """Return a change as facts."""
    if isinstance(change, LeftFactor):
        return {**store_change_facts(change.change), "left": change.why}
    return {
        "change": "hand-factor" if isinstance(change, HandFactor) else "take-factor",
        "team": change.team if change.team != UNASSIGNED else None,
        "customer": change.customer,
        "grant": change.grant,
    }


def _words(change: StoreChange) -> str:
    what = f"second factor of {change.customer}/{change.grant}"
    if isinstance(change, HandFactor):
        return f"{what} set aside" if change.team == UNASSIGNED else f"{what} to {_team(change.team)}"
    return f"{what} that lay aside" if change.team == UNASSIGNED else f"{what} from {_team(change.team)}"


def _team(name: str) -> str:
    return f"team {name}"


def _count(count: int) -> str:
    return f"{count} second factor{'s' if count != 1 else ''}"
