"""The shared store follows the register: every team reads its own second factors, and no other's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

import pytest

from gatepass.adapters.memory import MemorySecrets
from gatepass.domain.errors import AccessRefused
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.kept_factor import KeptFactor, Quarantine, kept_text
from gatepass.domain.register import Register, TeamName
from gatepass.domain.sealed_factors import Factor
from gatepass.domain.store_changes import HandFactor, StorePlan, TakeFactor
from gatepass.usecases.tend_store import LeftFactor, forget_customer, plan_store_of, tend_store
from tests.teams import NETOPS, STORAGE, arn, customer, register

FACTOR = kept_text(KeptFactor(arn(1), Factor(ExternalId("gp1.KEY1.MARKERMARKERMARKER"))))
ANOTHER = kept_text(KeptFactor(arn(2), Factor(ExternalId("gp1.KEY2.MARKERMARKERMARKER"))))
NOTE = kept_text(Quarantine("it opens without its ID", datetime(2026, 11, 22, tzinfo=UTC)))
GRANT = "customer-1/support"
# What lies in the same store, and is no team's.
BESIDE = {
    "provider/111122223333/keys": "keys",
    "provider/digest-/key": "digest",
    "customer/444455556666/support": "a customer's own",
    "somebody-elses": "x",
}


class RecordedSecrets(MemorySecrets):
    """A store in which the second factor may never be lost on the way."""

    def delete(self, name: str) -> None:
        """Forget it, unless it is the last one that opens the role."""
        super().delete(name)
        kept = [value for place, value in self.secrets.items() if place.endswith(GRANT)]
        assert FACTOR in kept, f"after {name} is gone nothing opens the role"


class StoppingSecrets(MemorySecrets):
    """A store that refuses after some changes."""

    left: int = 0

    def put(self, name: str, value: str) -> None:
        """Keep it, as long as that may be."""
        self._count()
        super().put(name, value)

    def delete(self, name: str) -> None:
        """Forget it, as long as that may be."""
        self._count()
        super().delete(name)

    def _count(self) -> None:
        if self.left == 0:
            raise AccessRefused("AWS refused it", why="of a test", next_step="run it again")
        self.left -= 1


def placed(*firsts: str, text: str = FACTOR) -> dict[str, str]:
    return {f"{first}/{GRANT}": text for first in firsts}


def tended(wanted: Register, secrets: MemorySecrets) -> tuple[StorePlan, list[object]]:
    plan = plan_store_of(wanted, secrets)
    return plan, list(tend_store(plan.changes, secrets))


def test_nothing_is_done_where_everything_lies_right() -> None:
    everything = placed("netops", "storage") | BESIDE
    secrets = MemorySecrets(secrets=dict(everything))

    plan, _ = tended(register(customer(1, NETOPS, STORAGE)), secrets)

    assert plan.changes == ()
    assert secrets.secrets == everything


def test_who_is_no_more_assigned_is_taken_from_before_anybody_is_given() -> None:
    secrets = RecordedSecrets(secrets=placed("netops") | BESIDE)

    plan, _ = tended(register(customer(1, STORAGE)), secrets)

    assert [type(change) for change in plan.changes] == [HandFactor, TakeFactor, HandFactor, TakeFactor]
    assert [change.team for change in plan.changes] == ["none-", "netops", "storage", "none-"]
    assert secrets.secrets == placed("storage") | BESIDE


@pytest.mark.parametrize(
    ("firsts", "teams"),
    [
        (before, after)
        for before in ((), ("netops",), ("netops", "storage"), ("none-",), ("none-", "netops"), ("gone", "none-"))
        for count in range(3)
        for after in combinations((NETOPS, STORAGE), count)
    ],
)
def test_every_way_from_old_teams_to_new_ones_can_stop_anywhere_and_is_finished_by_another_run(
    firsts: tuple[str, ...], teams: tuple[TeamName, ...]
) -> None:
    """On the way nobody reads it who reads it neither before nor after, it is never lost, and takes come first."""
    wanted = register(customer(1, *teams))
    before, after = placed(*firsts), placed(*(map(str, teams) or ())) or placed("none-")
    after = after if firsts else {}
    steps = len(plan_store_of(wanted, MemorySecrets(secrets=dict(before))).changes)
    for left in range(steps + 1):
        secrets = StoppingSecrets(secrets=dict(before))
        secrets.left = left
        plan = plan_store_of(wanted, secrets)

        stopped = list(until_refused(plan, secrets))

        readers = {name for name in secrets.secrets if not name.startswith("none-")}
        assert readers <= set(before) or readers <= set(after), (left, stopped)
        assert bool(secrets.secrets) is bool(before)
        secrets.left = 9
        tended(wanted, secrets)
        assert secrets.secrets == after


def until_refused(plan: StorePlan, secrets: MemorySecrets) -> Iterator[object]:
    try:
        yield from tend_store(plan.changes, secrets)
    except AccessRefused:
        return


def test_a_new_team_of_a_role_in_quarantine_gets_the_note_and_never_the_factor() -> None:
    secrets = MemorySecrets(secrets=placed("withheld-") | placed("netops", text=NOTE))

    tended(register(customer(1, NETOPS, STORAGE)), secrets)
    assert secrets.secrets == placed("withheld-") | placed("netops", "storage", text=NOTE)

    tended(register(customer(1, STORAGE)), secrets)
    assert secrets.secrets == placed("withheld-") | placed("storage", text=NOTE)


def test_a_quarantine_that_was_stopped_half_way_hands_nothing_on() -> None:
    """The verifier had withheld it and not yet told the team: what the team still has is not to be spread."""
    secrets = MemorySecrets(secrets=placed("withheld-", "netops"))

    _, made = tended(register(customer(1, STORAGE)), secrets)

    assert [change.why for change in made if isinstance(change, LeftFactor)]
    assert secrets.secrets == placed("withheld-")


def test_what_is_withheld_and_lies_nowhere_else_is_left_to_the_verifier() -> None:
    secrets = MemorySecrets(secrets=placed("withheld-"))

    plan, _ = tended(register(customer(1, NETOPS)), secrets)

    assert plan.changes == ()


@pytest.mark.parametrize("text", [ANOTHER, "not as Gatepass writes it", NOTE])
def test_what_is_not_the_second_factor_of_this_role_is_given_to_no_team_and_kept(text: str) -> None:
    secrets = MemorySecrets(secrets=placed("none-", text=text))

    _, made = tended(register(customer(1, NETOPS)), secrets)

    assert all(isinstance(change, LeftFactor) for change in made)
    assert len(made) == 2
    assert secrets.secrets == placed("none-", text=text)
    assert "MARKER" not in repr(made)


def test_what_lies_aside_is_kept_while_the_team_has_something_else() -> None:
    """A rotation that was stopped: which of the two is right is for the verifier to find out."""
    secrets = MemorySecrets(secrets=placed("none-") | placed("netops", text=ANOTHER))

    _, made = tended(register(customer(1, NETOPS)), secrets)

    assert [type(change) for change in made] == [LeftFactor]
    assert set(secrets.secrets) == set(placed("none-", "netops"))


def test_what_is_taken_and_lies_nowhere_else_is_kept_beside_what_lies_aside_already() -> None:
    """What lies aside may be older, or another role's: the right one reaches the new team, and none is lost."""
    secrets = MemorySecrets(secrets=placed("none-", text=ANOTHER) | placed("netops"))

    tended(register(customer(1, STORAGE)), secrets)

    spare = {f"none-/{GRANT}/netops": FACTOR}
    assert secrets.secrets == placed("storage") | placed("none-", text=ANOTHER) | spare
    assert forget_customer(customer(1), secrets) == tuple(sorted([*placed("none-", "storage"), *spare]))


def test_a_customer_that_the_register_does_not_have_is_taken_from_its_team_and_not_lost() -> None:
    """The register that is applied may be only a part of what the store is for."""
    secrets = RecordedSecrets(secrets=placed("netops"))

    tended(register(customer(2, NETOPS)), secrets)

    assert secrets.secrets == placed("none-")


def test_a_register_without_any_role_asks_no_store() -> None:
    class Shut(MemorySecrets):
        def names(self, prefix: str) -> frozenset[str]:
            raise AssertionError(prefix)

    assert plan_store_of(register(replace(customer(1), roles={})), Shut()).changes == ()


def test_a_plan_reads_no_secret() -> None:
    class Closed(MemorySecrets):
        def get(self, name: str) -> str | None:
            raise AssertionError(name)

    assert plan_store_of(register(customer(1, STORAGE)), Closed(secrets=placed("netops"))).changes


def test_everything_of_a_customer_is_forgotten_and_nothing_of_another() -> None:
    others = {"netops/customer-10/support": FACTOR} | BESIDE
    secrets = MemorySecrets(secrets=placed("netops", "none-", "withheld-", "gone") | others)

    names = forget_customer(customer(1, NETOPS), secrets)

    assert len(names) == 4
    assert secrets.secrets == others
