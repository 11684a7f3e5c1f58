"""Which of a provider's engineers can enter which of its customers' roles: the whole matrix at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.matrix import CallerSide, RoleSide, entries
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.decision.request import Request, context, principal

Document = dict[str, object]
Naive = Callable[[Request, Sequence[Document], Document | None], bool]

CUSTOMERS = 5_000
ENGINEERS = 50
TEAMS = 10
WANTED_SECONDS = 5.0
# Pairs that are decided one by one, to say what all would have taken.
SAMPLE = 5_000
PROVIDER = "111122223333"


def customer_account(number: int) -> str:
    """Return the account of a customer."""
    return f"{400_000_000_000 + number:012}"


def trust_document(number: int) -> Document:
    """Return the trust of one customer's role."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": f"gp1.KEY{number}.CODE"}},
            }
        ],
    }


def team_document(team: int, *, is_open: bool) -> Document:
    """Return a team's policy: its own customers' accounts under one condition, or every account."""
    mine = [customer_account(number) for number in range(team, CUSTOMERS, TEAMS)]
    condition = {} if is_open else {"StringEquals": {"aws:ResourceAccount": mine}}
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": "arn:aws:iam::*:role/gatepass/*",
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def sides(*, is_open: bool) -> tuple[list[CallerSide], list[RoleSide], list[Document]]:
    """Return the engineers, the roles, and the teams' documents."""
    documents = [team_document(team, is_open=is_open) for team in range(TEAMS)]
    compiled = [(parse_policy(each),) for each in documents]
    callers = []
    for number in range(ENGINEERS):
        arn = f"arn:aws:iam::{PROVIDER}:user/engineer-{number}"
        keys = context({"aws:PrincipalArn": arn, "aws:PrincipalAccount": PROVIDER})
        callers.append(CallerSide(principal(arn), Policies(identity=compiled[number % TEAMS]), keys))
    roles = [
        RoleSide(
            f"arn:aws:iam::{customer_account(number)}:role/gatepass/support",
            customer_account(number),
            parse_policy(trust_document(number), PolicyKind.TRUST),
            f"gp1.KEY{number}.CODE",
        )
        for number in range(CUSTOMERS)
    ]
    return callers, roles, documents


def main(naive: Naive) -> None:
    """Print the seconds of the whole matrix: teams with customers of their own, and teams that may enter everywhere."""
    sys.stdout.write(
        f"\n{'5,000 customers x 50 engineers':38}{'seconds':>12}{'wanted':>10}{'one by one':>11}{'naive':>9}\n"
    )
    for name, is_open in (("each team its own customers", False), ("every team every customer", True)):
        callers, roles, documents = sides(is_open=is_open)
        began = time.perf_counter()
        count = sum(1 for _ in entries(callers, roles))
        took = time.perf_counter() - began
        pairs = [(number % ENGINEERS, number * 7919 % CUSTOMERS) for number in range(SAMPLE)]
        requests = [_request(callers[caller], roles[role]) for caller, role in pairs]
        scale = CUSTOMERS * ENGINEERS / SAMPLE
        began = time.perf_counter()
        for request, (caller, role) in zip(requests, pairs, strict=True):
            decide(request, Policies(callers[caller].policies.identity, resource=roles[role].trust))
        one_by_one = (time.perf_counter() - began) * scale
        began = time.perf_counter()
        for request, (caller, role) in zip(requests, pairs, strict=True):
            naive(request, [documents[caller % TEAMS]], trust_document(role))
        slow = (time.perf_counter() - began) * scale
        sys.stdout.write(
            f"{name + f' ({count:,} can)':38}{took:>10.2f} s{WANTED_SECONDS:>8.0f} s{one_by_one:>9.1f} s{slow:>7.1f} s"
            f"  {slow / took:,.0f}x\n"
        )


def _request(side: CallerSide, role: RoleSide) -> Request:
    keys = side.context.with_keys({"sts:ExternalId": role.external_id or (), "aws:ResourceAccount": role.account})
    return Request(side.caller, "sts:AssumeRole", role.arn, role.account, keys)
