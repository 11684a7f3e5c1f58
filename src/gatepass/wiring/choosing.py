"""What a person chooses from, and what was chosen lately."""

from __future__ import annotations

from collections.abc import Sequence

from gatepass.adapters.recent_customers import RecentCustomers


def entered_lately(names: Sequence[str]) -> Sequence[str]:
    """Return those of the names that this person entered lately, the last one first."""
    known = frozenset(names)
    lately = (each if each in known else each.partition("/")[0] for each in RecentCustomers().names())
    return tuple(dict.fromkeys(name for name in lately if name in known))


def remember(name: str) -> None:
    """Put ``customer/grant`` first among those entered lately."""
    RecentCustomers().add(name)
