"""Kinds of work that read: which units a filter leaves, and what each outcome becomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.fleet.memory_steps import MemorySteps
from gatepass.fleet.work import Kind, Result, Unit, UnitResult
from gatepass.fleet.works.verify import Doors, verify_kind
from gatepass.usecases.close_door import close_door
from tests.people import SUPPORT
from tests.usecases.applied import the_role
from tests.usecases.handover import Scene

SUBJECT = "acme-prod/support"


class Verification:
    """A registered customer whose doors are proved, with a clock that can be moved."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.scene.admits(self.scene.hands_over())
        self.made, self.seconds, self.quick = 0, 0.0, False

    def kind(self) -> Kind:
        return verify_kind(self._doors, lambda: self.seconds)

    def _doors(self) -> Doors:
        self.made += 1
        return Doors(self.scene.register.load(), self.scene.secrets, self.scene.provider.probers, self.quick)


def result(kind: Kind, subject: str = SUBJECT) -> UnitResult:
    return kind.work(Unit("verify", subject, "run"), MemorySteps())


def test_a_filter_leaves_what_fits_all_of_it_and_refuses_what_it_does_not_know() -> None:
    kind = Verification().kind()

    with pytest.raises(InvalidInput, match="not chosen by colour"):
        kind.units({"colour": "red"})
    for wanted in ({"team": "helpdesk"}, {"customer": "other-*"}, {"team": "netops", "grant": "audit"}):
        assert kind.units(wanted) == [], wanted
    for wanted in ({}, {"customer": "acme-*"}, {"company": "acme", "team": "netops"}, {"account": "4444*"}):
        assert kind.units(wanted) == [SUBJECT], wanted


def test_what_is_not_well_fails_with_a_cause_and_a_next_step() -> None:
    verification = Verification()
    kind, scene = verification.kind(), verification.scene
    close_door(SUPPORT, scene.roles, scene.clock, timedelta())
    shut = result(kind)
    assert (shut.result, shut.facts["outcome"]) == (Result.FAILED, "shut")
    assert shut.cause.startswith("does not open; nothing is withheld")
    assert "gatepass verify acme-prod/support" in shut.next_step

    open_scene = Verification()
    assert result(open_scene.kind()).result is Result.DONE
    external_id = open_scene.scene.external_id
    open_scene.scene.opens_to_anybody()
    unsafe = result(open_scene.kind())
    assert (unsafe.result, unsafe.facts["outcome"]) == (Result.FAILED, "quarantined")
    assert "acme-prod" not in unsafe.cause, "the same fault of two customers would not be the same cause"
    assert external_id not in f"{unsafe.cause}{unsafe.next_step}"


def test_a_customer_who_left_in_the_meantime_is_skipped() -> None:
    assert result(Verification().kind(), "gone/support").result is Result.SKIPPED
    assert result(Verification().kind(), "acme-prod/audit").result is Result.SKIPPED


def test_the_probers_are_made_once_and_anew_before_their_session_ends() -> None:
    verification = Verification()
    kind = verification.kind()
    for _ in range(3):
        result(kind)
    assert verification.made == 1

    verification.seconds += 601
    result(kind)
    assert verification.made == 2


def test_nobody_but_the_verifier_makes_handshakes() -> None:
    verification = Verification()
    scene = verification.scene
    wrong = replace(scene.provider.probers, verifier=scene.somebody("somebody-else"))
    kind = verify_kind(lambda: Doors(scene.register.load(), scene.secrets, wrong))

    with pytest.raises(Conflict, match="does not make handshakes"):
        kind.units({})


def test_a_quick_proof_tries_two_doors_and_releases_nothing_from_quarantine() -> None:
    verification = Verification()
    verification.quick = True
    scene, kind = verification.scene, verification.kind()
    assert result(kind).facts == {"outcome": "sound", "probes": "2"}

    role = the_role(scene.roles)
    scene.opens_to_anybody()
    assert result(kind).facts == {"outcome": "quarantined", "probes": "2"}
    assert result(kind).facts["probes"] != "2", "what is in quarantine is proved whole"

    scene.changes_role(trust=role.trust)
    released = result(kind)
    assert released.facts["outcome"] == "released"
    assert int(released.facts["probes"]) > 2
    assert result(kind).facts == {"outcome": "sound", "probes": "2"}
