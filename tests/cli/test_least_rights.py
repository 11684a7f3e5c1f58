"""Everybody can work with exactly the rights that ``gatepass doctor --policy`` prints, and with none less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gatepass.cli.main import cli
from gatepass.domain.command_calls import CALLS
from gatepass.domain.needed_rights import Person, commands_of, needed_rights
from gatepass.domain.rights import NAMED_BY_FILE
from tests.cli.rights_scenes import ADMINISTRATION, APPLIED, EMERGENCY, FIRST, demand_refusal, demand_whole, printed
from tests.cli.rights_story import Step, Told, actions_of, holder, stage, tell, typed, unlisted, without
from tests.conftest import CUSTOMER


@pytest.fixture(scope="module")
def administration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    home = tmp_path_factory.mktemp("administration")
    with stage(home) as cloud:
        policy = printed("--policy customer", cloud)
        # Somebody with the same rights, for the command that takes a profile.
        keys = holder(cloud, "reader", policy)
        text = f"[reader]\naws_access_key_id={keys[0]}\naws_secret_access_key={keys[1]}\n"
        (home / "credentials").write_text(text, encoding="utf-8")
        yield tell(cloud, policy, ADMINISTRATION, home)


@pytest.fixture(scope="module")
def emergency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    home = tmp_path_factory.mktemp("emergency")
    with stage(home) as cloud:
        (home / "access.yml").write_text(FIRST, encoding="utf-8")
        assert typed(APPLIED.command, cloud.aws.root_credentials(CUSTOMER)).code == 0
        yield tell(cloud, printed("--policy customer --switch-only", cloud), EMERGENCY, home)


# What the sandbox does not let anybody use without; each is told as spared, and its absence is tested below.
SPARED = {right.action for right in needed_rights(Person.CUSTOMER) if right.spared}
# Only a file that names a topic or a sender brings these into the policy.
BY_FILE = {right.action for right in needed_rights(Person.CUSTOMER) if right.target in NAMED_BY_FILE}


@pytest.mark.parametrize(
    "action", [r.action for r in needed_rights(Person.CUSTOMER) if r.action not in SPARED | BY_FILE]
)
def test_without_one_right_the_administrator_is_stopped_and_told_which_is_missing(
    administration: Told, action: str
) -> None:
    demand_refusal(administration.lacking[action], action)


@pytest.mark.parametrize(
    "action", [r.action for r in needed_rights(Person.CUSTOMER, switch_only=True) if r.action not in BY_FILE]
)
@pytest.mark.thorough
def test_without_one_right_the_emergency_person_is_stopped_and_told_which_is_missing(
    emergency: Told, action: str
) -> None:
    demand_refusal(emergency.lacking[action], action)


def test_nothing_is_refused_to_the_administrator(administration: Told) -> None:
    demand_whole(administration)


def test_nothing_is_refused_to_the_emergency_person(emergency: Told) -> None:
    demand_whole(emergency)


def test_every_call_of_a_command_stands_in_the_list(administration: Told, emergency: Told) -> None:
    """Whoever adds a call to a command finds here that the rights lack it."""
    assert not unlisted(administration)
    assert not unlisted(emergency)


# Commands that ask nothing of AWS with one's own rights: list asks with the session's, and a rendered guardrail asks
# for the organisation only when nobody names it.
RIGHTLESS = {"demo", "sandbox", "schema", "render", "explain", "decide", "leave", "list", "why", "prompt"}
# What an anchor or an inbox in S3 takes is on that bucket alone.
RIGHTLESS |= {"audit"}
# What a shell asks about itself.
RIGHTLESS |= {"status", "region", "shell-init", "shell-env", "completion"}


def test_every_command_is_somebodys() -> None:
    """Whoever adds a command decides here who types it, or that it needs no right."""
    known = {command for person in Person for command in commands_of(person)}

    assert set(cli.list_commands(click.Context(cli))) - known == RIGHTLESS


def test_the_story_types_every_command_that_asks_aws(administration: Told) -> None:
    """All but notify, whose rights come with a file that names a topic, and what needs a platform beside AWS.

    tests/platforms/test_end_to_end_scalr.py types those.
    """
    asking = {command for command in commands_of(Person.CUSTOMER) if CALLS[command]}

    assert asking - set(administration.made) == {"notify", "scalr", "hcp"}


@pytest.mark.thorough
def test_what_is_told_as_spared_stops_nobody(tmp_path: Path) -> None:
    with stage(tmp_path) as cloud:
        policy = printed("--policy customer", cloud)
        for action in SPARED:
            policy = without(policy, action)
        steps = (
            Step("check", files={"access.yml": FIRST}),
            Step("plan", expected=3),
            Step("apply --yes --wait 0s"),
            Step("doors"),
            Step("doctor"),
        )

        told = tell(cloud, policy, steps, tmp_path)

    assert SPARED
    assert not SPARED & set(actions_of(policy))
    assert [came.code for _, came in told.whole] == [step.expected for step in steps], told.whole
    refused = {action for action in SPARED if f"AWS refused {action}" in told.whole[-1][1].text}
    # The text of a policy is asked for after the policy.
    assert refused == SPARED - {"iam:GetPolicyVersion"}
