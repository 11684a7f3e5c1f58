"""From policies to roles for single customers and back: stopped anywhere, no team reaches more than it should."""

from __future__ import annotations

import pytest

from gatepass.adapters.memory_teams import MemoryTeams
from gatepass.domain.errors import AccessRefused
from gatepass.domain.register import Register
from gatepass.usecases.apply_teams import apply_teams
from gatepass.usecases.plan_teams import plan_teams
from tests.teams import NETOPS, STORAGE, account, customer, register
from tests.usecases.team_roles import applied, by_role, ids


def test_an_apply_that_is_refused_in_the_middle_is_finished_by_another() -> None:
    book = register(by_role(1, NETOPS, STORAGE), customer(2, NETOPS))
    for stop in range(len(plan_teams(book, account()).changes)):
        iam = account()
        iam.failures = stop
        with pytest.raises(AccessRefused):
            applied(book, iam)
        iam.failures = None

        assert ids(applied(book, iam)) == {}
        assert plan_teams(book, iam).changes == ()


def reach(book: Register, iam: MemoryTeams) -> dict[str, frozenset[str]]:
    """Return which customers' roles each engineer gets into by any way, as far as the proof can be asked for it."""
    found: dict[str, frozenset[str]] = {}
    for team in plan_teams(register(teams=book.teams.values()), iam).teams:
        found[team.name] = frozenset(str(each) for each in team.lost)
    return found


def test_moved_from_a_group_to_roles_of_its_own_and_back_the_team_never_reaches_more_than_both() -> None:
    before = register(customer(1, NETOPS), customer(2, NETOPS), by_role(3, NETOPS))
    after = register(by_role(1, NETOPS), customer(4, NETOPS), customer(5, NETOPS), by_role(6, NETOPS))
    for old, new in ((before, after), (after, before)):
        iam = account()
        applied(old, iam)
        start = reach(old, iam)["netops"]
        goal = frozenset(str(each.account) for each in new.customers.values())
        for _ in apply_teams(plan_teams(new, iam), iam):
            now = reach(new, iam).get("netops", frozenset())
            assert now <= start or now <= goal, (now, start, goal)
        assert reach(new, iam)["netops"] == goal
