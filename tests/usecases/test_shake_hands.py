"""A door that opens wrongly, or not at all, is not admitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemoryTokens
from gatepass.domain.errors import Conflict, CredentialsRefused
from gatepass.domain.identifiers import AccountId
from gatepass.domain.kept_factor import KeptFactor, parse_kept
from gatepass.domain.role import LIMITS_POLICY
from gatepass.domain.session import Entry, Session
from gatepass.usecases.admit_pass import Trust
from gatepass.usecases.close_door import close_door
from tests.people import GRANT, OTHER_PROVIDER, PROVIDER, SUPPORT
from tests.usecases.applied import the_role
from tests.usecases.handover import (
    SECRET,
    Scene,
)

# What the register says.


def test_a_role_that_opens_without_its_id_is_refused() -> None:
    scene = Scene()
    text = scene.hands_over()
    scene.opens_to_anybody()

    with pytest.raises(Conflict, match="is not safe") as caught:
        scene.examines(text)

    assert "no external ID: opened" in caught.value.why
    assert scene.keeps_nothing()


def test_a_role_in_which_the_verifier_can_act_is_refused() -> None:
    scene = Scene()
    text = scene.hands_over()
    scene.changes_role(
        inline={name: text for name, text in the_role(scene.roles).inline.items() if name != LIMITS_POLICY}
    )

    with pytest.raises(Conflict, match="is not safe"):
        scene.examines(text)


def test_a_stranger_who_gets_in_makes_it_unsafe() -> None:
    scene = Scene()
    scene.stranger = scene.somebody("helpdesk-1")

    with pytest.raises(Conflict, match="is not safe"):
        scene.examines(scene.hands_over())


def test_a_door_that_does_not_open_is_not_admitted() -> None:
    scene = Scene()
    text = scene.hands_over()
    close_door(SUPPORT, scene.roles, scene.clock, timedelta())

    with pytest.raises(Conflict, match="does not open"):
        scene.examines(text)


@pytest.mark.parametrize(
    ("name", "account"),
    [("netops-1", PROVIDER), ("gatepass-verifier", OTHER_PROVIDER)],
)
def test_only_the_verifier_of_our_own_account_makes_handshakes(name: str, account: AccountId) -> None:
    scene = Scene()
    scene.verifier = scene.somebody(name, account)

    with pytest.raises(Conflict, match="does not make handshakes"):
        scene.examines(scene.hands_over())

    assert not scene.verifier.entries


class ExpiredTokens(MemoryTokens):
    """A verifier whose credentials expire before the first probe."""

    def enter(self, entry: Entry) -> Session:
        raise CredentialsRefused(f"AWS does not accept the credentials for {entry.role}")


def test_dead_credentials_are_no_refusal_of_the_role() -> None:
    scene = Scene()
    scene.verifier = ExpiredTokens(scene.verifier.who, scene.roles)

    with pytest.raises(CredentialsRefused):
        scene.examines(scene.hands_over())


def test_a_role_without_a_second_factor_needs_a_person_who_accepts_it() -> None:
    scene = Scene(replace(GRANT, needs_second_factor=False))
    text = scene.hands_over()

    with pytest.raises(Conflict, match="opens without a second factor"):
        scene.examines(text)
    scene.admits(text, trust=Trust(no_second_factor=True))

    assert parse_kept(scene.secrets.secrets[SECRET]) == KeptFactor(scene.only_role(), None)


def test_a_person_cannot_accept_what_the_pass_does_not_say() -> None:
    scene = Scene()
    text = scene.hands_over()
    scene.opens_to_anybody()

    with pytest.raises(Conflict, match="is not safe"):
        scene.examines(text, trust=Trust(no_second_factor=True))
