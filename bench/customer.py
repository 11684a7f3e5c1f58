"""A large account on the customer's side: calls and seconds, against reading the same pages with bare boto3.

Run it from the project's root: ``.venv/bin/python -m bench.customer``.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3

from gatepass.adapters.customer_file import load_customer_file
from gatepass.adapters.iam_roles import IamRoles
from gatepass.adapters.system import SystemClock, SystemRandomness
from gatepass.domain.identifiers import GrantName
from gatepass.sandbox.answering import iam_rules
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.close_door import close_door
from gatepass.usecases.plan_grants import AccountPlan, plan_account

CUSTOMER = "444455556666"
GRANTS, FOREIGN = 1000, 2000
NO_WAIT = timedelta(0)


class Counted:
    """Counts the calls of one boto3 session; the retries among them too."""

    def __init__(self, session: boto3.Session) -> None:
        """Count from now on."""
        self.calls: list[str] = []
        session.events.register("before-send", lambda event_name, **_: self.calls.append(event_name.split(".")[-1]))

    def timed(self, work: Callable[[], Any]) -> tuple[float, int, Any]:
        """Return the seconds, the number of calls and the result of some work."""
        self.calls.clear()
        began = time.perf_counter()
        result = work()
        return time.perf_counter() - began, len(self.calls), result


@contextmanager
def large_account() -> Iterator[boto3.Session]:
    """Return the administrator of an account with many foreign roles; its quota of roles is raised, as AWS does."""
    iam_rules.ROLES_IN_ACCOUNT = 10_000
    with EmbeddedAws() as aws:
        os.environ["AWS_ENDPOINT_URL"] = aws.endpoint
        session = boto3.Session(*aws.root_credentials(CUSTOMER), region_name="us-east-1")
        service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": service})
        iam = session.client("iam")
        for number in range(FOREIGN):
            iam.create_role(RoleName=f"foreign-{number}", AssumeRolePolicyDocument=trust)
        yield session


class Roomy(IamRoles):
    """IAM, whose summary in the sandbox still tells the default quota of 1,000 roles."""

    def quotas(self) -> None:
        """Ask, as a plan does, and leave the answer out."""
        super().quotas()


def main() -> None:
    """Print calls and seconds; the ratio is to bare boto3 reading the same pages."""
    with large_account() as session, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.yml"
        path.write_text(_file(), encoding="utf-8")
        counted, roles = Counted(session), Roomy(session)
        declaration = load_customer_file(path).declaration

        def plan() -> AccountPlan:
            return plan_account(declaration, roles, SystemClock(), SystemRandomness())

        seconds_new, calls_new, planned = counted.timed(plan)
        _, apply_calls, _ = counted.timed(lambda: list(apply_changes(planned.changes, roles, SystemClock(), NO_WAIT)))
        baseline, baseline_calls, _ = counted.timed(lambda: _read(session))
        seconds, calls, unchanged = counted.timed(plan)
        close_seconds, close_calls, _ = counted.timed(
            lambda: close_door(GrantName("g7"), roles, SystemClock(), NO_WAIT)
        )
        small = len([call for call in counted.calls if call != "GetAccountAuthorizationDetails"])
    _row(f"boto3 reads {GRANTS} + {FOREIGN} roles (baseline)", baseline, baseline_calls, baseline)
    _row(f"plan {GRANTS} new grants", seconds_new, calls_new, baseline, "")
    _row(f"plan {GRANTS} unchanged grants", seconds, calls, baseline, f"{len(unchanged.changes)} changes")
    _row("close one of them", close_seconds, close_calls, baseline, f"{small} and a call for each 1,000 roles")
    print(f"{'apply them':<44} {apply_calls:>22} calls")  # noqa: T201 - printing is the purpose


def _file() -> str:
    grants = "".join(
        f'  g{number}:\n    provider: "{111122220000 + number}"\n    permissions: [SecurityAudit, AmazonS3FullAccess]\n'
        for number in range(GRANTS)
    )
    return f'gatepass: customer\nversion: 1\naccount: "{CUSTOMER}"\ngrants:\n{grants}'


def _read(session: boto3.Session) -> None:
    iam = session.client("iam")
    for operation, request in (
        ("get_account_authorization_details", {"Filter": ["Role"]}),
        ("list_roles", {"PathPrefix": "/gatepass/"}),
        ("list_policies", {"Scope": "All"}),
    ):
        for _ in iam.get_paginator(operation).paginate(**request, PaginationConfig={"PageSize": 1000}):
            pass


def _row(name: str, seconds: float, calls: int, baseline: float, remark: str = "") -> None:
    print(f"{name:<44} {seconds:7.2f} s {seconds / baseline:5.2f} x {calls:5} calls  {remark}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
