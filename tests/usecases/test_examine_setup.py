"""What the doctor tells of a machine and an account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemoryClock, MemoryTrial
from gatepass.domain.errors import Conflict
from gatepass.domain.needed_rights import Person, needed_rights
from gatepass.domain.session import Caller
from gatepass.ports.machine import MachineFacts, OwnKeys
from gatepass.usecases.examine_setup import Examination, Observation, Verdict, examine_setup
from tests.people import CUSTOMER, MORNING

FACTS = MachineFacts({"Python": "3.11.9"}, {}, "eu-west-1", {}, "state/gatepass")
KEYS = OwnKeys("the environment", "AKIAMEMORYMEMORYMEM0")
ADMIN = Caller(CUSTOMER, f"arn:aws:iam::{CUSTOMER}:user/admin")
UNTRIED = frozenset(right.action for right in needed_rights(Person.CUSTOMER) if "Get" not in right.action)
TRIAL = MemoryTrial(ADMIN, MORNING, untried=UNTRIED)


def examined(
    facts: MachineFacts = FACTS,
    keys: OwnKeys | Conflict = KEYS,
    trial: MemoryTrial | None = TRIAL,
    person: Person = Person.CUSTOMER,
) -> Examination:
    return examine_setup(facts, keys, trial, MemoryClock(MORNING), person)


def told(found: Examination, subject: str) -> list[Observation]:
    return [each for each in found.observations if each.subject == subject]


def wrong(found: Examination) -> list[str]:
    return [each.text for each in found.observations if each.verdict is Verdict.WRONG]


def test_without_credentials_something_is_wrong_and_aws_is_not_asked() -> None:
    found = examined(trial=None)

    assert wrong(found) == ["none found"]
    assert not told(found, "account")


def test_credentials_that_others_may_read_are_told_with_their_remedy() -> None:
    found = examined(
        keys=Conflict("f is not used", why="it may be read by others", next_step="chmod 600 f"), trial=None
    )

    assert wrong(found) == ["f is not used: it may be read by others"]
    assert told(found, "credentials")[0].next_step == "chmod 600 f"


def test_dead_credentials_are_wrong_and_nothing_more_is_tried() -> None:
    found = examined(trial=replace(TRIAL, who=None))

    assert wrong(found) == ["the test refused the credentials: they are dead"]
    assert not told(found, "rights")


def test_a_clock_far_off_is_told_even_when_aws_refuses_the_credentials_for_it() -> None:
    found = examined(trial=replace(TRIAL, who=None, time=MORNING - timedelta(minutes=20)))

    assert "1200 s ahead of AWS's" in wrong(found)[1]


@pytest.mark.parametrize(
    ("skew", "verdict"),
    [
        (timedelta(minutes=5, seconds=1), Verdict.WRONG),
        (timedelta(minutes=-5, seconds=-1), Verdict.WRONG),
        (timedelta(minutes=5), Verdict.WELL),
        (timedelta(), Verdict.WELL),
    ],
)
def test_more_than_five_minutes_are_too_many(skew: timedelta, verdict: Verdict) -> None:
    found = examined(trial=replace(TRIAL, time=MORNING + skew))

    assert told(found, "clock")[0].verdict is verdict


@pytest.mark.parametrize(
    ("left", "verdict"),
    [
        (timedelta(), Verdict.WRONG),
        (timedelta(minutes=14), Verdict.NOTE),
        (timedelta(hours=1), Verdict.WELL),
    ],
)
def test_credentials_that_end_are_told_in_time(left: timedelta, verdict: Verdict) -> None:
    found = examined(keys=replace(KEYS, expires_at=MORNING + left))

    assert told(found, "credentials")[0].verdict is verdict


def test_a_right_that_stops_commands_is_wrong_and_names_them() -> None:
    found = examined(trial=replace(TRIAL, refused=frozenset({"iam:GetAccountAuthorizationDetails"})))

    (text,) = wrong(found)
    assert text.startswith("AWS refused iam:GetAccountAuthorizationDetails, which these need: ")
    assert "close" in text
    assert "init" not in text


def test_a_right_that_can_be_spared_is_only_noted() -> None:
    found = examined(trial=replace(TRIAL, refused=frozenset({"iam:GetAccountSummary"})))

    assert found.is_well
    assert "the account's quotas are not checked" in [each.text.partition(": ")[2] for each in told(found, "rights")]


def test_what_was_not_tried_is_said_and_not_claimed() -> None:
    found = examined()

    claimed = [each for each in told(found, "rights") if each.verdict is Verdict.WELL]
    noted = [each for each in told(found, "rights") if each.verdict is Verdict.NOTE]
    assert "iam:PutRolePolicy" not in claimed[0].text
    assert "iam:PutRolePolicy" in noted[0].text


def test_only_the_rights_of_the_person_are_looked_for() -> None:
    found = examined(person=Person.ENGINEER, trial=replace(TRIAL, untried=UNTRIED | {"sts:AssumeRole"}))

    assert all("iam:" not in each.text for each in told(found, "rights"))


def test_the_root_user_is_noted() -> None:
    found = examined(trial=replace(TRIAL, who=Caller(CUSTOMER, f"arn:aws:iam::{CUSTOMER}:root")))

    assert found.is_well
    assert "no policy limits" in told(found, "account")[0].text


def test_an_open_state_folder_is_wrong() -> None:
    found = examined(replace(FACTS, folder_trouble="may be read or entered by others"))

    assert wrong(found) == ["state/gatepass may be read or entered by others"]


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("http://proxy.example.com", Verdict.WRONG),
        ("http://127.0.0.1:5000", Verdict.NOTE),
        ("https://sts.eu-west-1.amazonaws.com", Verdict.NOTE),
    ],
)
def test_an_endpoint_other_than_awss_is_told_and_one_without_encryption_is_wrong(url: str, verdict: Verdict) -> None:
    (seen,) = told(examined(replace(FACTS, endpoints={"AWS_ENDPOINT_URL": url})), "endpoint")

    assert seen.verdict is verdict
    assert url in seen.text


def test_a_password_in_an_endpoint_is_never_shown() -> None:
    found = examined(
        replace(FACTS, endpoints={"AWS_ENDPOINT_URL": "https://me:MARKER@proxy.example.com/MARKER?MARKER"})
    )

    assert "https://proxy.example.com" in told(found, "endpoint")[0].text
    assert "MARKER" not in str(found)


def test_a_missing_part_and_a_missing_region_are_noted_with_their_remedy() -> None:
    found = examined(replace(FACTS, missing_extras={"sandbox": "an embedded AWS"}, region=None))

    assert found.is_well
    assert "pip install 'gatepass[sandbox]'" in told(found, "sandbox")[0].next_step
    assert told(found, "Region")[0].verdict is Verdict.NOTE
