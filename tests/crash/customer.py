"""A customer's account in the sandbox: an administrator whose every call is watched, and a judge who looks on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from gatepass.adapters.iam_roles import IamRoles
from gatepass.decision.policy import Policy
from gatepass.domain.identifiers import PolicyArn
from gatepass.domain.plan import plan_role
from gatepass.domain.role import Role
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.memory.moto_state import SavedMoto
from tests.crash.access import Access, Past, access
from tests.crash.verbs import Hands
from tests.people import BOUNDARY, CUSTOMER
from tests.usecases.judge import allow

ADMINISTRATOR = f"arn:aws:iam::{CUSTOMER}:user/administrator"
OTHER_BOUNDARY = PolicyArn(f"arn:aws:iam::{CUSTOMER}:policy/OtherBoundary")
POLICIES = {
    PolicyArn(f"arn:aws:iam::{CUSTOMER}:policy/Storage"): ("s3:*",),
    PolicyArn(f"arn:aws:iam::{CUSTOMER}:policy/Audit"): ("ec2:Describe*", "s3:GetObject"),
    BOUNDARY: ("s3:*", "ec2:*"),
    OTHER_BOUNDARY: ("s3:GetObject", "sqs:*"),
}
TEXTS: dict[PolicyArn, Policy] = {arn: allow(*actions) for arn, actions in POLICIES.items()}
NAMES = {arn: arn.name for arn in POLICIES}

_READS = ("Get", "List")


class Killed(BaseException):
    """The process ends here; nothing of ours catches it."""


def is_read(call: str) -> bool:
    """Say whether the call changes nothing."""
    return call.startswith(_READS)


@dataclass
class Watch:
    """Counts the administrator's calls, looks on after each change, and kills where it is told to.

    Attributes:
        calls: the operations so far.
        kill_before: the number of the call, from 0, that is not sent any more.
        kill_after: the number of the call whose answer nobody sees any more.
        comes: called before each call.
        look: called after each call that may have changed something.
    """

    kill_before: int | None = None
    kill_after: int | None = None
    comes: Callable[[], None] = lambda: None
    look: Callable[[str], None] = lambda _: None
    calls: list[str] = field(default_factory=list)

    @property
    def writes(self) -> list[str]:
        """The calls that may have changed something."""
        return [call for call in self.calls if not is_read(call)]

    def sends(self, call: str) -> None:
        """Count a call that is about to be sent."""
        self.calls.append(call)
        self.comes()
        if len(self.calls) - 1 == self.kill_before:
            raise Killed

    def has_sent(self, call: str) -> None:
        """Look at what a call left, once its answer is there."""
        if len(self.calls) - 1 == self.kill_after:
            raise Killed
        if not is_read(call):
            self.look(f"call {len(self.calls) - 1}, {call}")


class SandboxClock:
    """The sandbox's clock as our own: waiting moves it."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._aws = aws

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self._aws.now()

    def sleep(self, duration: timedelta) -> None:
        """Move the sandbox's clock."""
        self._aws.advance(duration.total_seconds())


class Customer:
    """The account, with the roles of its administrator and those of the judge."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.clock = SandboxClock(aws)
        self.watch = Watch()
        root = self._session(aws.root_credentials(str(CUSTOMER)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
            self._judge = IamRoles(root)
            self.keys = self._make_administrator(root.client("iam"))
        self._watched = self._session(self.keys)
        self._watched.events.register("before-call", self._sends)
        self._watched.events.register("after-call", self._has_sent)
        # AWS's own 1,500 policies would cost a third of a second in each of a thousand plans.
        self._watched.events.register("provide-client-params.iam.ListPolicies", _own_policies_only)
        self.roles = self.as_after_a_start()
        self._empty = aws.resources()

    def as_after_a_start(self) -> IamRoles:
        """Return the administrator's roles anew: botocore's clients have retries for some hundred failures only."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", self.aws.endpoint)
            return IamRoles(self._watched)

    def of_somebody_else(self, hands: Hands) -> Hands:
        """Return the hands of another administrator, whom nobody watches."""
        return replace(hands, roles=self._judge)

    def standing(self) -> list[Role]:
        """Return our roles as the judge sees them."""
        return list(self._judge.inventory().ours.values())

    def access(self, before: Past) -> Access:
        """Return who can do what to the account as the judge sees it now."""
        return access(self.standing(), before, self.aws.now(), TEXTS)

    def set_up(self, roles: Iterable[Role]) -> SavedMoto:
        """Leave exactly these roles in the account, and no fault, and return it."""
        self.aws.clear_faults()
        self.aws.put_back(self._empty)
        for role in roles:
            for change in plan_role(role, None):
                self._judge.make(change)
        return self.aws.resources()

    @contextmanager
    def watched(self, watch: Watch) -> Iterator[Watch]:
        """Count and look anew while the context lasts."""
        self.watch = watch
        try:
            yield watch
        finally:
            self.watch = Watch()

    def _sends(self, event_name: str, **_: object) -> None:
        self.watch.sends(event_name.rpartition(".")[2])

    def _has_sent(self, event_name: str, **_: object) -> None:
        self.watch.has_sent(event_name.rpartition(".")[2])

    def _session(self, keys: tuple[str, str]) -> boto3.Session:
        return boto3.Session(aws_access_key_id=keys[0], aws_secret_access_key=keys[1], region_name="us-east-1")

    def _make_administrator(self, iam: Any) -> tuple[str, str]:  # noqa: ANN401 - boto3's
        iam.create_user(UserName="administrator")
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam.put_user_policy(UserName="administrator", PolicyName="all", PolicyDocument=_document(everything))
        for arn, actions in POLICIES.items():
            statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
            iam.create_policy(PolicyName=arn.name, PolicyDocument=_document(statement))
        key = iam.create_access_key(UserName="administrator")["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _own_policies_only(params: dict[str, object], **_: object) -> dict[str, object]:
    return {**params, "Scope": "Local"}
