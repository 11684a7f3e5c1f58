"""Stories typed under exactly the rights that ``gatepass doctor --policy`` prints, and under one right less."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gatepass.cli.main import run
from gatepass.domain.command_calls import CALLS, UNNEEDED
from gatepass.sandbox.embedded import EmbeddedAws
from tests.conftest import CUSTOMER, Cloud

Policy = dict[str, Any]

# CloudTrail's name of a service, where it is not the prefix of its actions.
_PREFIXES = {"email": "ses", "monitoring": "cloudwatch"}


@dataclass(frozen=True)
class Step:
    """One command of a story.

    Attributes:
        command: what is typed.
        proves: the actions without which it fails, in the order in which it makes them.
        files: what is written before.
        before: what somebody with every right does before.
        expected: the exit code.
    """

    command: str
    proves: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[Cloud], object] | None = None
    expected: int = 0

    @property
    def verb(self) -> str:
        """The command's name."""
        return self.command.split()[0]


@dataclass(frozen=True)
class Telling:
    """What came of a command."""

    command: str
    code: int
    text: str


@dataclass
class Told:
    """What came of a story.

    Attributes:
        whole: each step with every right of the policy.
        lacking: for each action, a step without it.
        made: for each verb, the actions it was seen to make.
    """

    whole: list[tuple[Step, Telling]] = field(default_factory=list)
    lacking: dict[str, Telling] = field(default_factory=dict)
    made: dict[str, set[str]] = field(default_factory=dict)


def actions_of(policy: Policy) -> list[str]:
    """Return every action that the policy names."""
    return [action for statement in policy["Statement"] for action in statement["Action"]]


def without(policy: Policy, missing: str) -> Policy:
    """Return the policy with one action less."""
    statements = [
        {**statement, "Action": [action for action in statement["Action"] if action != missing]}
        for statement in policy["Statement"]
    ]
    return {**policy, "Statement": [statement for statement in statements if statement["Action"]]}


def holder(cloud: Cloud, name: str, policy: Policy, account: str = CUSTOMER) -> tuple[str, str]:
    """Make an IAM user who has this policy and nothing else, and return a key."""
    iam = cloud.client("iam", cloud.aws.root_credentials(account))
    iam.create_user(UserName=name)
    made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(policy))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=made)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def typed(command: str, keys: tuple[str, str], token: str | None = None) -> Telling:
    """Run the command in this process as the holder of the keys, with what it prints in one text."""
    with pytest.MonkeyPatch.context() as patch, io.StringIO() as text:
        patch.setenv("AWS_ACCESS_KEY_ID", keys[0])
        patch.setenv("AWS_SECRET_ACCESS_KEY", keys[1])
        # Nobody is at the terminal.
        patch.setattr(sys, "stdin", io.StringIO())
        if token is not None:
            patch.setenv("AWS_SESSION_TOKEN", token)
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            code = run(command.split())
        return Telling(command, code, text.getvalue())


@contextlib.contextmanager
def stage(home: Path) -> Iterator[Cloud]:
    """Return an AWS that the commands of this process ask, from a folder of their own."""
    with EmbeddedAws() as aws, pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
            patch.delenv(name, raising=False)
        for name, setting in {
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "AWS_CONFIG_FILE": str(home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
            "AWS_ENDPOINT_URL": aws.endpoint,
            "AWS_REGION": "us-east-1",
        }.items():
            patch.setenv(name, setting)
        yield Cloud(aws)


def tell(
    cloud: Cloud, policy: Policy, steps: tuple[Step, ...], home: Path, *, account: str = CUSTOMER, prefix: str = "whole"
) -> Told:
    """Play the story: before each step, those who lack a right that it proves try it and leave it half done."""
    everything = holder(cloud, prefix, policy, account)
    told = Told()
    for step in steps:
        for name, text in step.files.items():
            (home / name).write_text(text, encoding="utf-8")
        if step.before is not None:
            step.before(cloud)
        for action in step.proves:
            lacking = holder(cloud, f"{prefix}-{action.replace(':', '-')}", without(policy, action), account)
            told.lacking[action] = typed(step.command, lacking)
        seen = len(cloud.aws.events())
        told.whole.append((step, typed(step.command, everything)))
        told.made.setdefault(step.verb, set()).update(_actions(cloud, seen))
    return told


def unlisted(told: Told) -> dict[str, set[str]]:
    """Return what commands were seen to ask of AWS and the list does not tell, by command."""
    beyond = {verb: made - set(CALLS.get(verb, ())) - UNNEEDED for verb, made in told.made.items()}
    return {verb: made for verb, made in beyond.items() if made}


def _actions(cloud: Cloud, since: int) -> set[str]:
    found = set()
    for event in cloud.aws.events()[since:]:
        service = str(event["eventSource"]).partition(".")[0]
        found.add(f"{_PREFIXES.get(service, service)}:{event['eventName']}")
    return found - {"sts:GetCallerIdentity"}
