"""What was admitted is proved again; what opens an unsafe door is withheld."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.domain.kept_factor import KeptFactor, Quarantine, parse_kept
from gatepass.usecases.close_door import close_door
from gatepass.usecases.place_customer import Wish
from gatepass.usecases.verify_customers import Outcome
from tests.people import SUPPORT
from tests.usecases.applied import the_role
from tests.usecases.handover import (
    NAME,
    NETOPS,
    SECRET,
    WITHHELD,
    Scene,
)


def test_an_unsafe_door_is_withheld_from_its_team_until_it_is_sound() -> None:
    scene = Scene()
    scene.admits(scene.hands_over())
    before, role = dict(scene.secrets.secrets), the_role(scene.roles)
    scene.opens_to_anybody()

    found = scene.verifies()

    assert found.outcome is Outcome.QUARANTINED
    assert isinstance(parse_kept(scene.secrets.secrets[SECRET]), Quarantine)
    assert WITHHELD in scene.secrets.secrets
    assert scene.verifies().outcome is Outcome.QUARANTINED
    close_door(SUPPORT, scene.roles, scene.clock, timedelta())
    assert scene.verifies().outcome is Outcome.QUARANTINED, "that nobody gets in proves nothing"
    scene.roles.roles[role.name] = role
    assert scene.verifies().outcome is Outcome.RELEASED
    assert scene.secrets.secrets == before


def test_a_new_pass_ends_a_quarantine_too() -> None:
    scene = Scene()
    scene.admits(scene.hands_over())
    role = the_role(scene.roles)
    scene.opens_to_anybody()
    scene.verifies()
    scene.roles.roles[role.name] = role

    scene.admits(scene.hands_over(), Wish())

    assert isinstance(parse_kept(scene.secrets.secrets[SECRET]), KeptFactor)
    assert WITHHELD not in scene.secrets.secrets


def test_a_door_that_does_not_open_is_told_and_left() -> None:
    scene = Scene()
    scene.admits(scene.hands_over())
    before = dict(scene.secrets.secrets)
    close_door(SUPPORT, scene.roles, scene.clock, timedelta())

    assert scene.verifies().outcome is Outcome.SHUT
    assert scene.secrets.secrets == before


def test_a_team_that_was_written_into_the_register_gets_the_second_factor_by_verify() -> None:
    scene = Scene()
    scene.admits(scene.hands_over(), Wish(NAME))
    scene.registers(replace(scene.register.load().customers[NAME], teams={SUPPORT: (NETOPS,)}))

    assert scene.verifies().outcome is Outcome.PLACED
    assert set(scene.secrets.secrets) == {SECRET}
    assert scene.verifies().outcome is Outcome.SOUND


@pytest.mark.parametrize("kept", [None, "something else"])
def test_without_a_second_factor_nothing_can_be_verified_and_it_is_told(kept: str | None) -> None:
    scene = Scene()
    scene.admits(scene.hands_over())
    scene.secrets.secrets = {SECRET: kept} if kept is not None else {}
    scene.verifier.entries.clear()

    found = scene.verifies()

    assert found.outcome is Outcome.UNKNOWN
    assert "pass" in found.why or "not as Gatepass writes it" in found.why
    assert not scene.verifier.entries
