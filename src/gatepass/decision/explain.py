"""Why a decision fell: the statement that decided, or what would have had to be there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatepass.decision.conditions import Condition
from gatepass.decision.layers import Policies
from gatepass.decision.outcome import Stage, Step
from gatepass.decision.policy import Policy, PolicyKind
from gatepass.decision.request import Request
from gatepass.decision.statement import Statement


@dataclass(frozen=True, slots=True)
class Because:
    """The reason for a decision; `str()` says it in one sentence without a full stop.

    Attributes:
        kind: the kind of policy that decided; ``None`` when none did.
        policy: its name, or empty.
        statement: the statement that decided, or the one that came nearest to allowing: its Sid, or its position.
        condition: the operators and keys that decided, never their values.
        needed: for a refusal, what would have had to be there; empty when nothing could help.
        sentence: all of it in words.
    """

    kind: PolicyKind | None
    policy: str
    statement: str
    condition: str
    needed: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


# How near a statement came to allowing; the highest is the nearest.
_OTHER_RESOURCE, _OTHER_PRINCIPAL, _UNMET_CONDITION = range(3)


@dataclass(frozen=True, slots=True)
class _Miss:
    """A statement that allows the action, but not this request."""

    nearness: int
    policy: Policy
    statement: Statement
    unmet: tuple[Condition, ...] = ()


def explain(stage: Stage, steps: tuple[Step, ...], request: Request, policies: Policies) -> Because:
    """Return why a decision fell at a stage."""
    if stage is Stage.EXPLICIT_DENY:
        return _denied(steps[0], request)
    if steps:
        return _granted(steps, request)
    if stage in _WITHOUT_POLICY:
        return Because(None, "", "", "", "", _WITHOUT_POLICY[stage])
    return _missing(stage, request, policies)


_WITHOUT_POLICY = {
    Stage.ALWAYS_ALLOWED: "AWS answers sts:GetCallerIdentity whatever any policy says",
    Stage.GRANTED: "the root user may do in its own account whatever nothing denies",
    Stage.OTHER_PARTITION: "the resource is in another partition than the caller, and no policy reaches across",
    Stage.UNSIGNED: "the service takes no unsigned requests",
    Stage.ROOT_ASSUMES_ROLE: "AWS lets no root user assume a role",
    Stage.FEDERATED_CALLS_STS: "AWS lets a federated user call nothing of STS but sts:GetCallerIdentity",
}


def _names(conditions: Iterable[Condition]) -> str:
    return " and ".join(f"{each.operator} {each.key}" for each in conditions)


def _at_level(step: Step) -> str:
    return f" at level {step.level}" if step.level else ""


def _denied(step: Step, request: Request) -> Because:
    conditions = _names(step.statement.conditions)
    sentence = f"{step.statement.label} of {step.policy}{_at_level(step)} denies {request.action}"
    return Because(
        kind=step.policy.kind,
        policy=step.policy.name,
        statement=step.statement.label,
        condition=conditions,
        needed=f"a request that {step.statement.label} of {step.policy} does not deny",
        sentence=f"{sentence} where {conditions} holds" if conditions else sentence,
    )


def _granted(steps: tuple[Step, ...], request: Request) -> Because:
    first = steps[0]
    allows = " and ".join(f"{step.statement.label} of {step.policy}" for step in steps)
    verb = "allow" if len(steps) > 1 else "allows"
    return Because(
        kind=first.policy.kind,
        policy=first.policy.name,
        statement=first.statement.label,
        condition=_names(condition for step in steps for condition in step.statement.conditions),
        needed="",
        sentence=f"{allows} {verb} {request.action}",
    )


def _missing(stage: Stage, request: Request, policies: Policies) -> Because:
    kind, where, searched = _layer(stage, request, policies)
    miss = _nearest(searched, request)
    asked = f"{request.action} on {request.resource}"
    needed = f"an Allow of {asked} for {request.principal} in {where}"
    sentence = f"no statement of {where} allows {request.principal} {asked}"
    if miss is None:
        return Because(kind, "", "", "", needed, sentence)
    if miss.unmet:
        needed = f"a request that meets {_names(miss.unmet)} of {miss.statement.label} of {miss.policy}"
    return Because(
        kind=kind,
        policy=miss.policy.name,
        statement=miss.statement.label,
        condition=_names(miss.unmet),
        needed=needed,
        sentence=f"{sentence}: {miss.statement.label} of {miss.policy} comes nearest, {_shortfall(miss, request)}",
    )


def _layer(stage: Stage, request: Request, policies: Policies) -> tuple[PolicyKind, str, tuple[Policy, ...]]:
    """Return the layer that did not allow: its kind, what to call it, and its policies."""
    if stage is Stage.SERVICE_CONTROL:
        level = next(each for each in policies.service_control if not _allows(each.policies, request))
        return PolicyKind.SERVICE_CONTROL, f"the service control policies at level {level.name}", level.policies
    if stage is Stage.RESOURCE:
        if policies.resource is None:
            return PolicyKind.RESOURCE, "a policy of the resource, which has none,", ()
        return policies.resource.kind, str(policies.resource), (policies.resource,)
    kind, where, searched = {
        Stage.ENDPOINT: (PolicyKind.ENDPOINT, "the VPC endpoint policy", policies.endpoint),
        Stage.IDENTITY: (PolicyKind.IDENTITY, "the identity policies", policies.identity),
        Stage.BOUNDARY: (PolicyKind.BOUNDARY, "the permissions boundary", policies.boundary),
        Stage.SESSION: (PolicyKind.SESSION, "the session policies", policies.session),
    }[stage]
    return kind, where, searched or ()


def _allows(policies: Iterable[Policy], request: Request) -> bool:
    return any(statement.matches(request) for policy in policies for statement in policy.allows)


def _nearest(policies: Iterable[Policy], request: Request) -> _Miss | None:
    misses = [
        _miss(policy, statement, request)
        for policy in policies
        for statement in policy.allows
        if statement.about_action(request.folded_action)
    ]
    return max(misses, key=lambda miss: (miss.nearness, -len(miss.unmet)), default=None)


def _miss(policy: Policy, statement: Statement, request: Request) -> _Miss:
    if not statement.about_resource(request.resource, request.context.values_by_key):
        return _Miss(_OTHER_RESOURCE, policy, statement)
    principals = statement.principals
    if principals is not None and not principals.reach(request.principal, has_boundary=False):
        return _Miss(_OTHER_PRINCIPAL, policy, statement)
    values = request.context.values_by_key
    unmet = tuple(condition for condition in statement.conditions if not condition.holds(values))
    return _Miss(_UNMET_CONDITION, policy, statement, unmet)


def _shortfall(miss: _Miss, request: Request) -> str:
    if miss.nearness == _OTHER_RESOURCE:
        return "but it is about other resources"
    if miss.nearness == _OTHER_PRINCIPAL:
        return "but it names other principals"
    if not miss.unmet:
        return "but Block Public Access keeps it from granting to everybody"
    absent = [each.key for each in miss.unmet if each.key not in request.context]
    lacks = f", and the request has no {' and no '.join(absent)}" if absent else ""
    return f"but {_names(miss.unmet)} does not hold{lacks}"
