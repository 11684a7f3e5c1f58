"""sts:AssumeRole: may this caller have this session, and what does it carry."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta

from moto.iam.models import Role

from gatepass.decision.assume import decide_assume_role
from gatepass.decision.evaluate import Decision
from gatepass.decision.outcome import Stage
from gatepass.decision.policy import PolicyKind
from gatepass.decision.request import Context, Request, context, principal
from gatepass.sandbox.answering.mfa import gave_second_factor
from gatepass.sandbox.answering.session_limits import passed_policies, passed_tags
from gatepass.sandbox.memory.moto_iam import existing_iam_of
from gatepass.sandbox.rights.authorization import (
    CALLERS_OWN,
    Asking,
    asking_keys,
    caller_policies,
    deciding_kind,
    reason,
)
from gatepass.sandbox.rights.context_keys import joined, resource_keys
from gatepass.sandbox.rights.documents import parsed
from gatepass.sandbox.rights.iam_resources import tags_of
from gatepass.sandbox.wire.constraints import validation_error
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import Fault, Refusal, service_error

USUAL_DURATION = timedelta(hours=1)
LONGEST_CHAINED = timedelta(hours=1)

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/.+", re.ASCII)


@dataclass(frozen=True)
class RoleSession:
    """What a new session of a role carries."""

    role: Role
    account: str
    name: str
    duration: timedelta
    policies: tuple[str, ...] | None
    tags: dict[str, str]
    transitive_tag_keys: frozenset[str]
    source_identity: str | None


@dataclass(frozen=True)
class _Carried:
    """The tags and the source identity that a session will carry, passed now or inherited along the chain."""

    passed_tags: dict[str, str]
    tags: dict[str, str]
    transitive_tag_keys: frozenset[str]
    source_identity: str | None = field(repr=False)


def role_session(asking: Asking) -> RoleSession:
    """Decide a call of AssumeRole, and return what the session carries.

    Raises:
        Refusal: the caller may not have it, or not for so long or with so much.
    """
    parameters = asking.operation.parameters
    arn = parameters.text("RoleArn") or ""
    if asking.caller.is_root:
        raise Refusal(Fault.ACCESS_DENIED, "Roles may not be assumed by root accounts.")
    role = _role(arn)
    if role is None or asking.caller.is_federated:
        raise _refused(asking, "sts:AssumeRole", arn)
    carried = _carried(asking, parameters, arn)
    _decide(asking, role, carried)
    duration = _duration(asking, role)
    account = role.arn.split(":")[4]
    return RoleSession(
        role,
        account,
        parameters.text("RoleSessionName") or "",
        duration,
        passed_policies(parameters, account),
        carried.tags,
        carried.transitive_tag_keys,
        carried.source_identity,
    )


def _role(arn: str) -> Role | None:
    match = _ROLE_ARN.fullmatch(arn)
    iam = existing_iam_of(match[1]) if match else None
    return next((role for role in iam.roles.values() if role.arn == arn), None) if iam else None


def _refused(asking: Asking, action: str, arn: str, decision: Decision | None = None) -> Refusal:
    words = f"User: {asking.caller.arn} is not authorized to perform: {action} on resource: {arn}"
    # AWS says nothing about the policies of another account than the caller's.
    is_own = f"::{asking.caller.account}:" in arn
    if decision is not None and (is_own or deciding_kind(decision) in CALLERS_OWN):
        words += reason(decision, action)
    return Refusal(Fault.ACCESS_DENIED, words)


def _carried(asking: Asking, parameters: Parameters, arn: str) -> _Carried:
    session = asking.caller.session
    source_identity = parameters.text("SourceIdentity")
    if source_identity is not None and source_identity.lower().startswith("aws:"):
        raise validation_error(f"The source identity {source_identity} starts with aws:, which is reserved.")
    if session is not None and session.source_identity is not None:
        if source_identity not in (None, session.source_identity):
            # Once set, it stays for the whole chain.
            raise _refused(asking, "sts:SetSourceIdentity", arn)
        source_identity = session.source_identity
    tags = passed_tags(parameters)
    transitive = frozenset(parameters.texts("TransitiveTagKeys"))
    if {key.lower() for key in transitive} - {key.lower() for key in tags}:
        raise service_error(
            "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."
        )
    inherited: dict[str, str] = {}
    if session is not None:
        kept = {key.lower() for key in session.transitive_tag_keys}
        inherited = {key: value for key, value in session.tags.items() if key.lower() in kept}
    if {key.lower() for key in inherited} & {key.lower() for key in tags}:
        raise service_error(
            "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
            "from the calling session.",
        )
    return _Carried(tags, inherited | tags, transitive | frozenset(inherited), source_identity)


def _decide(asking: Asking, role: Role, carried: _Carried) -> None:
    account = role.arn.split(":")[4]
    trust = parsed(role.assume_role_policy_document, PolicyKind.TRUST, f"of {role.name}")
    policies = replace(caller_policies(asking.caller, account), resource=trust)
    caller = principal(asking.caller.arn)
    request = Request(caller, "sts:AssumeRole", role.arn, account, _context(asking, role, account))
    whole = decide_assume_role(
        request,
        policies,
        tags=carried.passed_tags,
        transitive_tag_keys=tuple(sorted(carried.transitive_tag_keys)),
        source_identity=carried.source_identity,
    )
    if not whole.allowed:
        action, decision = whole.decisive
        if decision.stage is Stage.ROOT_ASSUMES_ROLE:
            raise Refusal(Fault.ACCESS_DENIED, "Roles may not be assumed by root accounts.")
        raise _refused(asking, action, role.arn, decision)


def _context(asking: Asking, role: Role, account: str) -> Context:
    parameters = asking.operation.parameters
    own: dict[str, str | tuple[str, ...]] = {}
    for name, key in (("ExternalId", "sts:ExternalId"), ("RoleSessionName", "sts:RoleSessionName")):
        if (value := parameters.text(name)) is not None:
            own[key] = value
    if gave_second_factor(asking):
        # For this request only: the session that comes of it does not show it.
        own["aws:MultiFactorAuthPresent"] = "true"
    for tag, value in tags_of(role).items():
        own[f"aws:ResourceTag/{tag}"] = own[f"iam:ResourceTag/{tag}"] = value
    return context(joined((asking_keys(asking), resource_keys(account), own)))


def _duration(asking: Asking, role: Role) -> timedelta:
    seconds = asking.operation.parameters.number("DurationSeconds")
    duration = USUAL_DURATION if seconds is None else timedelta(seconds=seconds)
    if asking.caller.is_role_session and duration > LONGEST_CHAINED:
        raise validation_error(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        )
    if duration > timedelta(seconds=int(role.max_session_duration or 3600)):
        raise validation_error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return duration
