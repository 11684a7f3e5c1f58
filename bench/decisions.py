"""Decisions a second on one core, against a naive evaluator that walks the documents with fnmatch.

Run it from the project's root: ``.venv/bin/python -m bench.decisions``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import cycle, islice

from bench import iam_simulate, matrix
from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.decision.request import Request, context, principal

Document = dict[str, object]

SECONDS_FOR_EACH = 1.0
BATCH = 1_000
PROVIDER = "111122223333"
CUSTOMER = "444455556666"
ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-support"
ENGINEER_ROLE = f"arn:aws:iam::{PROVIDER}:role/engineers/NetOps"


@dataclass(frozen=True)
class Workload:
    """Requests on the same policies, as documents and compiled."""

    name: str
    wanted_a_second: int
    requests: tuple[Request, ...]
    policies: Policies
    documents: tuple[Document, ...]
    resource_document: Document | None
    for_iam_simulate: dict[str, object]


def allow(action: object, resource: object, **elements: object) -> Document:
    """Return a statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def document(*statements: Document) -> Document:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def assume_role() -> Workload:
    """Return an engineer's calls: a 3-statement identity policy, a root trust with two external IDs and ArnLike."""
    identity = document(
        allow(["s3:Get*", "s3:List*"], "*"),
        allow(
            ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            ["arn:aws:iam::*:role/gatepass/*", f"arn:aws:iam::{PROVIDER}:role/Hop"],
        ),
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    )
    trust_statement: Document = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"sts:ExternalId": ["gp1.7KQ2M9XW4T.old", "gp1.7KQ2M9XW4T.new"]},
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{PROVIDER}:role/engineers/*"},
        },
    }
    trust = document(trust_statement)
    caller = principal(f"arn:aws:sts::{PROVIDER}:assumed-role/NetOps/alice")
    external_ids = ("gp1.7KQ2M9XW4T.new", "gp1.7KQ2M9XW4T.old", "gp1.7KQ2M9XW4T.wrong", "")
    requests = tuple(
        Request(
            caller,
            "sts:AssumeRole",
            role,
            CUSTOMER,
            context({"aws:PrincipalArn": ENGINEER_ROLE, "sts:ExternalId": (external_id,) if external_id else ()}),
        )
        for role in (ROLE, f"arn:aws:iam::{CUSTOMER}:role/Other")
        for external_id in external_ids
    )
    policies = Policies(identity=(parse_policy(identity),), resource=parse_policy(trust, PolicyKind.TRUST))
    theirs: dict[str, object] = {"identityPolicies": iam_simulate.named(identity), "resourcePolicy": trust}
    return Workload("AssumeRole", 60_000, requests, policies, (identity,), trust, theirs)


def s3() -> Workload:
    """Return S3 requests of a role session with a boundary and a session policy."""
    identity = document(
        allow(["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::acme-data/*", "arn:aws:s3:::acme-logs/*/2026/*"]),
        allow("s3:ListBucket", "arn:aws:s3:::acme-*"),
        {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"},
    )
    boundary = document(allow(["s3:*", "ec2:Describe*"], "*"))
    session = document(
        allow(["s3:Get*", "s3:List*"], "*", Condition={"StringLike": {"aws:PrincipalTag/team": ["net*", "sec*"]}})
    )
    caller = principal(f"arn:aws:sts::{CUSTOMER}:assumed-role/ServiceProvider-support/alice")
    keys = context({"aws:PrincipalTag/team": "netops", "aws:SourceIp": "203.0.113.9"})
    requests = tuple(
        Request(caller, action, resource, CUSTOMER, keys)
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
        for resource in (
            "arn:aws:s3:::acme-data/reports/2026/11/one.csv",
            "arn:aws:s3:::acme-logs/eu-west-1/2026/11/22.gz",
            "arn:aws:s3:::other/one.csv",
        )
    )
    policies = Policies(
        identity=(parse_policy(identity),),
        boundary=(parse_policy(boundary, PolicyKind.BOUNDARY),),
        session=(parse_policy(session, PolicyKind.SESSION),),
    )
    theirs: dict[str, object] = {
        "identityPolicies": iam_simulate.named(identity),
        "permissionBoundaryPolicies": iam_simulate.named(boundary),
        "sessionPolicy": session,
    }
    documents = (identity, boundary, session)
    return Workload("S3 with boundary and session policy", 40_000, requests, policies, documents, None, theirs)


def naive_allows(request: Request, documents: Sequence[Document], resource_document: Document | None) -> bool:
    """Decide with fnmatch over the documents, as a short script would."""
    layers = list(documents)
    if resource_document is not None:
        layers.append(resource_document)
    effects = [naive_effects(request, each) for each in layers]
    return all("Allow" in found for found in effects) and not any("Deny" in found for found in effects)


def naive_effects(request: Request, policy: Document) -> set[object]:
    """Return the effects of the statements that fit."""
    statements = policy["Statement"]
    if not isinstance(statements, list):
        return set()
    return {each["Effect"] for each in statements if naive_fits(request, each)}


def naive_fits(request: Request, statement: Mapping[str, object]) -> bool:
    """Tell whether one statement fits."""
    caller = request.principal
    named = statement.get("Principal", {"AWS": "*"})
    roots = [f"arn:aws:iam::{caller.account}:root", "*"]
    return (
        isinstance(named, dict)
        and named["AWS"] in roots
        and any(fnmatchcase(request.action.lower(), each.lower()) for each in texts(statement["Action"]))
        and any(fnmatchcase(request.resource, each) for each in texts(statement.get("Resource", "*")))
        and naive_conditions(request, statement.get("Condition", {}))
    )


def naive_conditions(request: Request, element: object) -> bool:
    """Tell whether every condition holds."""
    if not isinstance(element, dict):
        return False
    for operator, keys in element.items():
        for key, values in keys.items():
            given = request.context.get(key, ())
            if operator == "StringEquals":
                fits = any(each in texts(values) for each in given)
            else:
                fits = any(fnmatchcase(each, pattern) for each in given for pattern in texts(values))
            if not fits:
                return False
    return True


def texts(value: object) -> list[str]:
    """Return a text or a list of texts as a list."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def decisions_a_second(decide_one: Callable[[Request], object], requests: Sequence[Request]) -> float:
    """Return how many decisions a second fit into the time for each measurement."""
    batch = tuple(islice(cycle(requests), BATCH))
    count = 0
    start = time.perf_counter()
    while time.perf_counter() - start < SECONDS_FOR_EACH:
        for request in batch:
            decide_one(request)
        count += BATCH
    return count / (time.perf_counter() - start)


def main() -> int:
    """Print one row for each workload; exit 1 when evaluators disagree."""
    sys.stdout.write(f"{'workload':38}{'decisions/s':>12}{'wanted':>10}{'naive/s':>10}{'ratio':>8}\n")
    for workload in (assume_role(), s3()):
        policies, documents, resource_document = workload.policies, workload.documents, workload.resource_document

        def engine(request: Request, policies: Policies = policies) -> bool:
            return decide(request, policies).allowed

        def naive(
            request: Request,
            documents: Sequence[Document] = documents,
            resource_document: Document | None = resource_document,
        ) -> bool:
            return naive_allows(request, documents, resource_document)

        if any(engine(request) != naive(request) for request in workload.requests):
            sys.stdout.write(f"{workload.name}: the evaluators disagree\n")
            return 1
        fast = decisions_a_second(engine, workload.requests)
        slow = decisions_a_second(naive, workload.requests)
        sys.stdout.write(
            f"{workload.name:38}{fast:>12,.0f}{workload.wanted_a_second:>10,}{slow:>10,.0f}{fast / slow:>7.1f}x\n"
        )
        if not compared_with_iam_simulate(workload, fast):
            return 1
    matrix.main(naive_allows)
    return 0


def compared_with_iam_simulate(workload: Workload, fast: float) -> bool:
    """Print how the npm package does on the same requests, if it is there; say whether it answers the same."""
    if not iam_simulate.is_present():
        sys.stdout.write("  @cloud-copilot/iam-simulate: not present (see bench/iam_simulate.py)\n")
        return True
    theirs, answers = iam_simulate.measured(workload.requests, workload.for_iam_simulate)
    sys.stdout.write(f"  @cloud-copilot/iam-simulate on node{'':13}{'':>10}{theirs:>10,.0f}{fast / theirs:>7.1f}x\n")
    expected = [decide(request, workload.policies).allowed for request in workload.requests]
    if answers != expected:
        sys.stdout.write(f"{workload.name}: iam-simulate answers otherwise\n")
    return answers == expected


if __name__ == "__main__":
    raise SystemExit(main())
