"""Grants that end and engineers who leave, account by account; killed anywhere, what was begun is finished."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock

import pytest

from gatepass.adapters.memory import MemoryClock, MemoryRoles, MemorySecrets
from gatepass.adapters.memory_notices import MemoryNotices, MemoryTold
from gatepass.domain.errors import NotAnswered
from gatepass.domain.grant import Declaration, Grant, Window
from gatepass.domain.identifiers import GrantName, engineer_name
from gatepass.domain.notice import Happening
from gatepass.domain.role import REVOKED_POLICY
from gatepass.domain.rotation_record import rotation_secret_name
from gatepass.fleet.memory_steps import Killed, MemorySteps, Moment
from gatepass.fleet.work import Kind, Result, Unit, UnitResult
from gatepass.fleet.works.expire import Ends, expire_kind
from gatepass.fleet.works.offboard import Leaving, offboard_kind
from gatepass.usecases.keep_second_factor import keep_second_factor
from tests.people import CUSTOMER, GRANT, MORNING, PROVIDER, declaration
from tests.usecases.applied import applied

ENDS = MORNING + timedelta(hours=20)
ENDING = Grant(GrantName("audit"), PROVIDER, ("SecurityAudit",), window=Window(None, ENDS))
UNIT = Unit("expire", str(CUSTOMER), "run-1")


@dataclass
class Scene:
    """An account with one grant that ends and one that does not."""

    channel: MemoryNotices = field(default_factory=MemoryNotices)
    shelf: MemoryTold = field(default_factory=MemoryTold)
    kept: MemorySecrets = field(default_factory=MemorySecrets)

    def __post_init__(self) -> None:
        self.roles: MemoryRoles = applied(GRANT, ENDING)
        self.file: Declaration = declaration(GRANT, ENDING)
        for grant in (GRANT, ENDING):
            keep_second_factor(grant.name, self.roles, self.kept)
            self.kept.put(rotation_secret_name(CUSTOMER, grant.name), "both second factors of the last rotation")

    def kind(self, *, withdraws: bool) -> Kind:
        return expire_kind(
            Ends(
                lambda: {CUSTOMER: self.file}, lambda _: self.roles, lambda _: [self.channel], self.shelf, Lock(),
                self.roles.clock, timedelta(hours=24), withdraws, {"ssm": self.kept}.__getitem__, "ssm",
            )
        )  # fmt: skip

    def runs(self, *, withdraws: bool = False, steps: MemorySteps | None = None) -> UnitResult:
        return again(lambda kept: self.kind(withdraws=withdraws).work(UNIT, kept), steps or MemorySteps())

    def names(self) -> list[str]:
        return sorted(role.tags["gatepass:grant"] for role in self.roles.roles.values())


def again(work: Callable[[MemorySteps], UnitResult], steps: MemorySteps) -> UnitResult:
    """Do the work, and once more if its process is killed."""
    while True:
        steps.begin_again()
        try:
            return work(steps)
        except Killed:
            continue


def test_a_coming_end_is_told_once_and_nothing_is_withdrawn() -> None:
    scene = Scene()
    for told in ("audit", ""):
        result = scene.runs(withdraws=True)
        assert (result.result, result.facts["told"]) == (Result.DONE, told)
    assert [notice.happening for notice in scene.channel.notices] == [Happening.ENDS_SOON]
    assert scene.names() == ["audit", "support"]


def test_what_has_ended_by_awss_clock_is_reported_and_withdrawn_on_demand() -> None:
    scene = Scene()
    scene.roles.clock.instant = ENDS - timedelta(seconds=1)
    assert "found" not in scene.runs().facts
    scene.roles.clock.instant = ENDS

    assert scene.runs().facts["found"] == "ended, and still there: audit"
    assert scene.names() == ["audit", "support"]
    assert scene.runs(withdraws=True).result is Result.DONE
    assert scene.names() == ["support"]
    assert scene.channel.notices[-1].happening is Happening.WITHDRAWN
    assert scene.runs(withdraws=True).facts["ended"] == ""


def test_our_own_clock_withdraws_nothing() -> None:
    """A machine whose clock is a year ahead."""
    scene = Scene()
    kind = expire_kind(
        Ends(
            lambda: {CUSTOMER: scene.file}, lambda _: scene.roles, lambda _: [scene.channel], scene.shelf, Lock(),
            MemoryClock(ENDS + timedelta(days=365)), timedelta(hours=24), withdraws=True, store=lambda _: scene.kept,
        )
    )  # fmt: skip
    assert kind.work(UNIT, MemorySteps()).result is Result.DONE
    assert scene.names() == ["audit", "support"]


def test_a_channel_that_fails_is_named_and_holds_up_no_withdrawal() -> None:
    late = replace(ENDING, name=GrantName("late"), window=Window(None, ENDS + timedelta(hours=1)))
    scene = Scene(MemoryNotices(failure=NotAnswered("nobody there")))
    scene.roles, scene.file = applied(GRANT, ENDING, late), declaration(GRANT, ENDING, late)
    scene.roles.clock.instant = ENDS

    result = scene.runs(withdraws=True)

    assert result.result is Result.FAILED
    assert "nobody there" in result.cause
    assert scene.names() == ["late", "support"]


def test_killed_anywhere_the_withdrawal_is_finished() -> None:
    number = 0
    while True:
        for moment in Moment:
            scene, steps = Scene(), MemorySteps(die_at=(number, moment))
            scene.roles.clock.instant = ENDS
            assert scene.runs(withdraws=True, steps=steps).result is Result.DONE
            assert scene.names() == ["support"]
            assert {name.rpartition("/")[2] for name in scene.kept.secrets} == {"support"}, "no second factor is left"
            assert len(scene.kept.secrets) == 2
        if number >= len(steps.done):
            return
        number += 1


def test_credentials_of_another_account_are_named() -> None:
    scene = Scene()
    scene.file = replace(scene.file, account=PROVIDER)
    kind = expire_kind(
        Ends(
            lambda: {PROVIDER: scene.file}, lambda _: scene.roles, lambda _: [], scene.shelf, Lock(),
            scene.roles.clock, timedelta(hours=24), withdraws=True, store=lambda _: scene.kept,
        )
    )  # fmt: skip
    assert kind.work(Unit("expire", str(PROVIDER), "run"), MemorySteps()).result is Result.FAILED
    assert scene.names() == ["audit", "support"]


@pytest.mark.parametrize("moment", [None, *Moment])
def test_an_engineers_sessions_end_in_every_account_that_can_tell_them(moment: Moment | None) -> None:
    named = replace(GRANT, name=GrantName("named"), requires_source_identity=True)
    roles = applied(GRANT, named)
    subjects = [f"{CUSTOMER}/{grant.name}" for grant in (GRANT, named)]
    kind = offboard_kind(Leaving(engineer_name("maria"), lambda: subjects, lambda _: roles, roles.clock))
    steps = MemorySteps(die_at=(0, moment) if moment is not None else None)

    results = {
        subject: again(lambda kept, subject=subject: kind.work(Unit("offboard", subject, "run"), kept), taken)  # type: ignore[misc]
        for subject, taken in zip(kind.units({}), (MemorySteps(), steps), strict=True)
    }

    assert results[subjects[0]].result is Result.FAILED
    assert "gatepass revoke support" in results[subjects[0]].next_step
    assert results[subjects[1]].result is Result.DONE
    revoked = {role.tags["gatepass:grant"]: REVOKED_POLICY in role.inline for role in roles.roles.values()}
    assert revoked == {"support": False, "named": True}
