"""Whether the caller may do what it asks: every action on every resource, decided by the decision engine."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.decision.evaluate import Decision, Outcome, Policies, decide
from gatepass.decision.outcome import Stage
from gatepass.decision.policy import PolicyKind
from gatepass.decision.request import Request, context, principal
from gatepass.sandbox.memory.world import World
from gatepass.sandbox.rights.access import Access, Place
from gatepass.sandbox.rights.context_keys import Keys, caller_keys, joined, request_keys, resource_keys
from gatepass.sandbox.rights.organizations import RESOURCE_CONTROL, SERVICE_CONTROL, membership_of
from gatepass.sandbox.rights.permissions import boundary, identity_policies, session_policies
from gatepass.sandbox.rights.principals import Caller
from gatepass.sandbox.rights.resource_policies import blocks_public_access, resource_policy
from gatepass.sandbox.rights.resources import accesses
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.refusals import Fault, Refusal

# AWS's names of the kinds of policy in its messages.
KIND_WORDS: dict[PolicyKind, str] = {
    PolicyKind.IDENTITY: "identity-based policy",
    PolicyKind.BOUNDARY: "permissions boundary",
    PolicyKind.SESSION: "session policy",
    PolicyKind.RESOURCE: "resource-based policy",
    PolicyKind.TRUST: "role trust policy",
    PolicyKind.SERVICE_CONTROL: "service control policy",
    PolicyKind.RESOURCE_CONTROL: "resource control policy",
    PolicyKind.ENDPOINT: "VPC endpoint policy",
}
# The kinds that belong to the caller's account, whatever it asks for.
CALLERS_OWN = frozenset(
    {PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SESSION, PolicyKind.SERVICE_CONTROL, PolicyKind.ENDPOINT}
)
_STAGE_KINDS: dict[Stage, PolicyKind] = {
    Stage.SERVICE_CONTROL: PolicyKind.SERVICE_CONTROL,
    Stage.ENDPOINT: PolicyKind.ENDPOINT,
    Stage.RESOURCE: PolicyKind.RESOURCE,
    Stage.IDENTITY: PolicyKind.IDENTITY,
    Stage.BOUNDARY: PolicyKind.BOUNDARY,
    Stage.SESSION: PolicyKind.SESSION,
}


@dataclass(frozen=True)
class Asking:
    """Who asks for what, where."""

    call: Call
    operation: Operation
    caller: Caller
    place: Place
    world: World


def caller_policies(caller: Caller, resource_owner: str) -> Policies:
    """Return every policy that bears on a caller, without the resource's own.

    Raises:
        Refusal: a stored policy is malformed.
    """
    own, owner = membership_of(caller.account), membership_of(resource_owner)
    return Policies(
        identity=identity_policies(caller),
        boundary=boundary(caller),
        session=session_policies(caller),
        service_control=own.levels(SERVICE_CONTROL) if own else (),
        resource_control=owner.levels(RESOURCE_CONTROL) if owner else (),
    )


def asking_keys(asking: Asking) -> Keys:
    """Return the condition keys of a request that do not depend on the resource."""
    now = asking.world.clock.now()
    return joined((caller_keys(asking.caller), request_keys(asking.call, asking.operation, asking.place.region, now)))


def authorise(asking: Asking, asked: tuple[Access, ...] | None = None) -> tuple[Access, ...]:
    """Check every action on every resource, those of the operation or those given, and return them.

    Raises:
        Refusal: one is not allowed.
    """
    keys = asking_keys(asking)
    caller = principal(asking.caller.arn)
    if asked is None:
        asked = accesses(asking.call, asking.operation, asking.place)
    policies: dict[str, Policies] = {}
    for access in asked:
        owner = access.account or asking.caller.account
        if owner not in policies:
            policies[owner] = caller_policies(asking.caller, owner)
        whole = joined((keys, resource_keys(owner), access.keys))
        request = Request(caller, access.action, access.resource, owner, context(whole))
        decision = decide(request, _with_resource_policy(policies[owner], access))
        if not decision.allowed:
            raise refusal(decision, asking.operation.service.name, asking.caller, access)
    return asked


def refusal(decision: Decision, service: str, caller: Caller, access: Access) -> Refusal:
    """Return AWS's refusal of one action on one resource."""
    is_own = (access.account or caller.account) == caller.account
    if service == "s3" and not is_own:
        # S3 says why only within one account.
        return Refusal(Fault.ACCESS_DENIED)
    shown = f'"{access.resource}"' if service == "s3" else access.resource
    on_resource = "" if access.resource == "*" and service in ("s3", "ec2") else f" on resource: {shown}"
    start = "You are not authorized to perform this operation. " if service == "ec2" else ""
    words = f"{start}User: {caller.arn} is not authorized to perform: {access.action}{on_resource}"
    return Refusal(Fault.ACCESS_DENIED, words + reason(decision, access.action))


def reason(decision: Decision, action: str) -> str:
    """Return the end of AWS's message: which kind of policy denies, or lacks an Allow."""
    kind = deciding_kind(decision)
    if kind is None:
        return ""
    words = KIND_WORDS[kind]
    if decision.outcome is Outcome.EXPLICITLY_DENIED:
        return f" with an explicit deny in {'an' if words[0] in 'aeiou' else 'a'} {words}"
    return f" because no {words} allows the {action} action"


def deciding_kind(decision: Decision) -> PolicyKind | None:
    """Return the kind of policy that denies, or lacks an Allow; ``None`` when no policy could help."""
    if decision.outcome is Outcome.EXPLICITLY_DENIED:
        return decision.steps[0].policy.kind
    if decision.stage is Stage.RESOURCE and decision.policies.resource is not None:
        return decision.policies.resource.kind
    return _STAGE_KINDS.get(decision.stage)


def _with_resource_policy(policies: Policies, access: Access) -> Policies:
    return Policies(
        identity=policies.identity,
        boundary=policies.boundary,
        session=policies.session,
        resource=resource_policy(access),
        service_control=policies.service_control,
        resource_control=policies.resource_control,
        blocks_public_access=blocks_public_access(access),
    )
