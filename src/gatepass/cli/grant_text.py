"""Plans, changes and findings in words; colour only repeats what a sign says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import assert_never

import click

from gatepass.domain.change import (
    AttachPolicy,
    Change,
    CreateRole,
    DeleteInline,
    DeleteRole,
    DetachPolicy,
    EndOlderSessions,
    LimitSessions,
    PutInline,
    RemoveBoundary,
    ReplaceTrust,
    SetBoundary,
    TagRole,
    UntagRole,
)
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.grant import Grant
from gatepass.domain.role import DIGEST_TAG, LIMITS_POLICY, PERMISSIONS_POLICY, SWITCH_POLICY
from gatepass.domain.switch import Position
from gatepass.domain.trust import instant_text, is_closed
from gatepass.usecases.plan_grants import AccountPlan, GrantPlan

_COLOURS = {"+": "green", "-": "red", "~": "yellow"}
_INLINE_NAMES = {
    LIMITS_POLICY: "limits: what sessions are always denied",
    PERMISSIONS_POLICY: "custom policy",
    SWITCH_POLICY: "switch",
}


def plan_lines(plan: AccountPlan) -> Iterator[str]:
    """Yield the plan as a person reads it: each grant in words, its changes, then what else stands there."""
    yield f"account {plan.account}"
    for change in plan.pruned:
        yield "  " + change_line(change)
    for grant in plan.grants:
        yield ""
        yield from _grant_lines(grant)
    for role in plan.unnamed:
        if not plan.pruned:
            yield ""
            yield f"  role {role.name} stands, and the file does not name it: gatepass apply --prune deletes it"
    yield ""
    yield summary(plan)


def summary(plan: AccountPlan) -> str:
    """Return one line that counts what would be done."""
    changes = plan.changes
    if not changes:
        return "nothing to change: the account is as the file says"
    roles = len({change.name for change in changes})
    return f"{len(changes)} change{'s' if len(changes) != 1 else ''} to {roles} role{'s' if roles != 1 else ''}"


def change_line(change: Change) -> str:
    """Return a change in one line, led by + for more, - for less and ~ for other."""
    sign, text = _change(change)
    return f"{click.style(sign, fg=_COLOURS[sign])} {text}"


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield findings, those of low weight in one line each."""
    for finding in findings:
        said = f"{finding.severity.value}: {finding.grant}: {finding.what}"
        if finding.severity is Severity.LOW:
            yield f"{said}; {finding.next_step}"
            continue
        yield said
        yield f"  why:  {finding.why}"
        yield f"  next: {finding.next_step}"


def change_facts(change: Change) -> dict[str, object]:
    """Return a change as facts without any document in it."""
    sign, text = _change(change)
    return {"change": type(change).__name__, "role": str(change.name), "sign": sign, "text": text}


def finding_facts(finding: Finding) -> dict[str, object]:
    """Return a finding as facts."""
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "grant": finding.grant,
        "what": finding.what,
        "why": finding.why,
        "next": finding.next_step,
    }


def duration_text(duration: timedelta) -> str:
    """Return hours and minutes as people write them: 1h, 90m."""
    minutes = int(duration.total_seconds()) // 60
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def _grant_lines(plan: GrantPlan) -> Iterator[str]:
    grant = plan.grant
    yield f"grant {grant.name}: role {plan.wanted.name}"
    if plan.position is not Position.OPEN:
        yield f"  switch:   {plan.position.value}; only gatepass open moves it"
    yield f"  who:      {_who(grant)}"
    yield f"  may do:   {', '.join(_permissions(grant))}"
    yield f"  when:     {_when(grant)}; sessions up to {duration_text(grant.session_limit)}"
    for change in plan.changes:
        yield "  " + change_line(change)
    if not plan.changes:
        yield "  nothing to change"


def _who(grant: Grant) -> str:
    who = f"account {grant.provider}"
    if grant.principals:
        who += ", only " + ", ".join(pattern.text for pattern in grant.principals)
    else:
        who += ", whoever that account allows"
    if grant.source_networks:
        who += ", from " + ", ".join(str(network) for network in grant.source_networks)
    if grant.requires_source_identity:
        who += ", under the engineer's name"
    return who + (", with the external ID" if grant.needs_second_factor else ", WITHOUT an external ID")


def _permissions(grant: Grant) -> Iterator[str]:
    yield from (permission.rsplit("/", 1)[-1] for permission in grant.permissions)
    if grant.custom_policy is not None:
        yield "the custom policy"
    if grant.boundary is not None:
        yield f"within the boundary {grant.boundary.name}"


def _when(grant: Grant) -> str:
    begin, end = grant.window.begin, grant.window.end
    if begin is None and end is None:
        return "until withdrawn"
    parts = [f"from {instant_text(begin)}" if begin else "", f"until {instant_text(end)}" if end else ""]
    return " ".join(part for part in parts if part)


def _change(change: Change) -> tuple[str, str]:  # noqa: C901, PLR0911, PLR0912 - one case a change
    match change:
        case CreateRole(role):
            return "+", f"create role {role.name} (sessions up to {duration_text(role.session_limit)})"
        case ReplaceTrust(_, trust):
            return ("-", "close the trust: nobody can enter") if is_closed(trust) else ("~", "replace who may enter")
        case AttachPolicy(_, policy):
            return "+", f"attach {policy.name}"
        case DetachPolicy(_, policy):
            return "-", f"detach {policy.name}"
        case PutInline(_, policy_name, text):
            return _put_line(policy_name, [str(statement.get("Sid")) for statement in text.statements])
        case DeleteInline(_, policy_name):
            return "-", f"delete the inline policy {_INLINE_NAMES.get(policy_name, policy_name)}"
        case LimitSessions(_, limit):
            return "~", f"limit sessions to {duration_text(limit)}"
        case SetBoundary(_, boundary):
            return "~", f"set the boundary {boundary.name}"
        case RemoveBoundary():
            return "+", "remove the boundary"
        case TagRole(_, tags):
            if set(tags) == {DIGEST_TAG}:
                return "~", "mark the role as it is declared"
            return "~", f"tag {', '.join(sorted(tags))}"
        case UntagRole(_, keys):
            return "~", f"remove the tags {', '.join(keys)}"
        case EndOlderSessions():
            return "-", "end every session that began before this change"
        case DeleteRole(name):
            return "-", f"delete role {name}"
        case _:
            assert_never(change)


def _put_line(policy_name: str, sids: list[str]) -> tuple[str, str]:
    if policy_name == SWITCH_POLICY:
        return "-", "hold every session" if sids == ["Changing"] else "deny every session everything"
    if policy_name == PERMISSIONS_POLICY:
        return "+", "put the custom policy"
    return "~", f"put {_INLINE_NAMES.get(policy_name, policy_name)}"
