"""Decide whether an engineer's own policies let him call a door, whatever the other side says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gatepass.decision.assume import decide_assume_role
from gatepass.decision.evaluate import Policies
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.decision.principals import PrincipalKind, role_key
from gatepass.decision.request import EXTERNAL_ID, Context, Principal, Request, context, principal
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.grant import PrincipalPattern
from gatepass.domain.session import Caller, Entry
from gatepass.domain.trust import instant_text
from gatepass.usecases.find_wish import find_caller
from gatepass.usecases.held_policies import Held


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the own policies say of the call.

    Attributes:
        is_sure: whether nothing that was not read could have changed it.
        because: the statement that decided, or what is missing.
    """

    allowed: bool
    is_sure: bool
    because: str


def judge_own_rights(caller: Caller, entry: Entry, account: AccountPolicies, now: datetime | None) -> Judgement:
    """Return whether the caller's own policies allow the whole call: the role, its tags and the engineer's name.

    Service control policies are not read.

    Raises:
        GatepassError: the caller, or the text of a policy, is not among what was read.
    """
    who, own = find_caller(caller.arn, {caller.account: account})
    statement = {"Effect": "Allow", "Principal": {"AWS": who.account}, "Action": "sts:*"}
    trusting = parse_policy({"Version": "2012-10-17", "Statement": statement}, PolicyKind.TRUST)
    policies = Policies(own.identity, (own.boundary,) if own.boundary is not None else None, resource=trusting)
    keys = _keys(who, own, entry, now)
    request = Request(who, "sts:AssumeRole", str(entry.role), str(entry.role.account), keys)
    call = decide_assume_role(request, policies, tags=dict(entry.tags), source_identity=str(entry.engineer))
    action, decision = call.decisive
    because = decision.because
    # A tag that Identity Center put on the session is seen by AWS only, and the external ID is not shown to policies.
    unseen = who.kind is not PrincipalKind.USER or EXTERNAL_ID in because.condition.lower()
    is_sure = not (because.condition and unseen)
    return Judgement(call.allowed, is_sure, f"{action}: {because}")


def fits_any(caller: Caller, patterns: Iterable[PrincipalPattern]) -> bool:
    """Say whether one of the patterns of a grant fits the caller, as AWS compares aws:PrincipalArn."""
    who = principal(caller.arn)
    is_session = who.kind is PrincipalKind.ROLE_SESSION
    resource = (role_key(who.partition, who.account, who.name) if is_session else who.arn).split(":", 5)[5]
    # The ARN of a session leaves out the path of its role.
    return any(_fits(pattern.text, resource, without_path=is_session) for pattern in patterns)


def _fits(pattern: str, resource: str, *, without_path: bool) -> bool:
    tests = [pattern]
    if without_path:
        kind, *_, name = pattern.split("/")
        tests.append(f"{kind}/{name}")
    return any(
        re.fullmatch(re.escape(each).replace(r"\*", ".*").replace(r"\?", "."), resource) is not None for each in tests
    )


def _keys(who: Principal, own: Held, entry: Entry, now: datetime | None) -> Context:
    is_user = who.kind is PrincipalKind.USER
    keys: dict[str, str | tuple[str, ...]] = {
        "aws:PrincipalType": "User" if is_user else "AssumedRole",
        "aws:PrincipalAccount": who.account,
        "aws:PrincipalArn": own.arn,
        "aws:ResourceAccount": str(entry.role.account),
        "aws:SecureTransport": "true",
        "sts:RoleSessionName": str(entry.name or entry.engineer),
        **{f"aws:PrincipalTag/{key}": value for key, value in own.tags.items()},
    }
    if is_user:
        keys["aws:username"] = who.name
    if now is not None:
        keys["aws:CurrentTime"] = instant_text(now)
        keys["aws:EpochTime"] = str(int(now.timestamp()))
    return context(keys)
