"""Plans, changes and findings in words; colour only repeats what a sign says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import assert_never

from gatepass.cli.document_diff import diff_lines
from gatepass.cli.signed_line import signed_line
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
    after,
)
from gatepass.domain.engines import Deed, is_direct, what_to_change
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.grant import Grant
from gatepass.domain.known_accounts import name_of_account
from gatepass.domain.opening import opened_until
from gatepass.domain.role import (
    DIGEST_TAG,
    DIRECT_ENGINE,
    LIMITS_POLICY,
    OPENING_POLICY,
    PERMISSIONS_POLICY,
    REVOKED_POLICY,
    SWITCH_POLICY,
    Role,
)
from gatepass.domain.switch import Position
from gatepass.domain.trust import instant_text, is_closed, retiring_external_id
from gatepass.usecases.describe_access import Access
from gatepass.usecases.plan_grants import AccountPlan, GrantPlan

_OF_THE_SWITCH = (SWITCH_POLICY, OPENING_POLICY, REVOKED_POLICY)
# The difference of documents does not depend on when sessions are ended.
_NO_TIME = datetime.min.replace(tzinfo=UTC)
_INLINE_NAMES = {
    LIMITS_POLICY: "limits: what sessions are always denied",
    PERMISSIONS_POLICY: "custom policy",
    SWITCH_POLICY: "switch",
    OPENING_POLICY: "end of the opening",
    REVOKED_POLICY: "ended sessions of single engineers",
}


def plan_lines(plan: AccountPlan, *, documents: bool = False) -> Iterator[str]:
    """Yield the plan as a person reads it: each grant in words, its changes, then what else stands there.

    Args:
        plan: what would be done.
        documents: whether to show the documents of new roles too; of others the difference is always shown.
    """
    yield f"account {plan.account}"
    for change in plan.pruned:
        yield "  " + change_line(change)
    for grant in plan.grants:
        yield ""
        yield from _grant_lines(grant, plan.access.get(grant.grant.name), documents=documents)
    for role in plan.unnamed:
        if not is_direct(role):
            yield ""
            yield f"  role {role.name} stands, the file does not name it, and {role.engine} keeps it: it stays"
        elif not plan.pruned:
            yield ""
            yield f"  role {role.name} stands, and the file does not name it: gatepass apply --prune deletes it"
    yield ""
    yield summary(plan)


def summary(plan: AccountPlan) -> str:
    """Return one line that counts what would be done."""
    changes = plan.changes
    if not changes and plan.drift:
        return "nothing is changed, and roles that another engine keeps are not as the file says"
    if not changes:
        return "nothing to change: the account is as the file says"
    roles = len({change.name for change in changes})
    return f"{len(changes)} change{'s' if len(changes) != 1 else ''} to {roles} role{'s' if roles != 1 else ''}"


def change_line(change: Change) -> str:
    """Return a change in one line, led by + for more, - for less and ~ for other."""
    return signed_line(*sign_and_text(change))


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
    sign, text = sign_and_text(change)
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


def _switch_lines(plan: GrantPlan) -> Iterator[str]:
    """Yield where the switch stands, where it is not simply open."""
    if plan.position is not Position.OPEN:
        is_ours = plan.keeper == DIRECT_ENGINE
        yield f"  switch:   {plan.position.value}{'; only gatepass open moves it' if is_ours else ''}"
    elif plan.observed is not None:
        until, old = opened_until(plan.observed), retiring_external_id(plan.observed.trust)
        if until is not None:
            yield f"  switch:   open until {instant_text(until)}; only gatepass open moves it"
        if old is not None:
            yield f"  rotation: the old external ID opens too until {instant_text(old.until)}"


def access_lines(access: Access, *, closed: bool = False) -> Iterator[str]:
    """Yield what the decision engine found by asking, whatever the names of policies promise."""
    for line in access.enters:
        yield f"  gets in:  {line}{', once it is open' if closed else ''}"
    for label, areas in (("changes:", access.changes), ("sees:", access.looks), ("cannot:", access.leaves)):
        if areas:
            yield f"  {label:<9} {', '.join(areas)}"
    if access.unread:
        yield f"  unknown:  what {', '.join(access.unread)} may give beyond that; the text was not read"


def _document_lines(role: Role | None, change: Change) -> Iterator[str]:
    """Yield the old and the new text of what a change replaces."""
    match change:
        case CreateRole(made):
            yield from diff_lines(None, made.trust)
        case ReplaceTrust(_, trust):
            yield from diff_lines(role.trust if role else None, trust)
        case PutInline(_, policy_name, text) if _is_shown(role, policy_name):
            yield from diff_lines(role.inline.get(policy_name) if role else None, text)
        case DeleteInline(_, policy_name) if policy_name not in _OF_THE_SWITCH:
            yield from diff_lines(role.inline.get(policy_name) if role else None, None)
        case _:
            return


def _is_shown(role: Role | None, policy_name: str) -> bool:
    stands = role is not None and policy_name in role.inline
    return policy_name == PERMISSIONS_POLICY or (stands and policy_name not in _OF_THE_SWITCH)


def _grant_lines(plan: GrantPlan, access: Access | None, *, documents: bool) -> Iterator[str]:
    grant = plan.grant
    yield f"grant {grant.name}: role {plan.wanted.name}"
    yield from _switch_lines(plan)
    yield f"  who:      {_who(grant)}"
    yield f"  may do:   {', '.join(_permissions(grant))}"
    yield f"  when:     {_when(grant)}; sessions up to {duration_text(grant.session_limit)}"
    if access is not None:
        yield from access_lines(access, closed=plan.position is Position.CLOSED)
    yield from _keeper_lines(plan)
    role = plan.observed
    for change in plan.changes:
        yield "  " + change_line(change)
        if role is None and not documents:
            continue
        yield from (f"      {line}" for line in _document_lines(role, change))
        role = after(role, change, _NO_TIME) if role is not None else getattr(change, "role", None)
    if not plan.changes and not plan.drift:
        yield "  nothing to change"


def _keeper_lines(plan: GrantPlan) -> Iterator[str]:
    """Yield which other engine keeps the role, and how it differs there from the file."""
    role = plan.observed
    if role is None or is_direct(role):
        return
    if plan.taken_from is not None:
        yield f"  kept by:  {plan.taken_from}; from here on by gatepass, because the file says role: {role.name}"
        yield "            take it out of that state first: gatepass adopt --from-terraform says how"
        return
    yield f"  kept by:  {plan.keeper}; nothing is changed here"
    if plan.drift:
        yield f"  differs:  {plan.keeper} would have to"
        # Limits that change in two steps say the same words twice.
        yield from dict.fromkeys(f"    {change_line(change)}" for change in plan.drift)
        yield f"  next:     {what_to_change(role, Deed.CHANGE)}"


def _who(grant: Grant) -> str:
    vendor = name_of_account(grant.provider)
    who = f"account {grant.provider}" + (f" ({vendor})" if vendor else "")
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
    if grant.keeps_roles:
        yield "on the other roles of Gatepass too"


def _when(grant: Grant) -> str:
    begin, end = grant.window.begin, grant.window.end
    if begin is None and end is None:
        return "until withdrawn"
    parts = [f"from {instant_text(begin)}" if begin else "", f"until {instant_text(end)}" if end else ""]
    return " ".join(part for part in parts if part)


def sign_and_text(change: Change) -> tuple[str, str]:  # noqa: C901, PLR0911, PLR0912 - one case a change
    """Return the sign of a change (+ for more, - for less, ~ for other) and what it does."""
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
