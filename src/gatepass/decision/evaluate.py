"""The decision on one request, in AWS's order of evaluation."""

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gatepass.decision.explain import Because, explain
from gatepass.decision.layers import Level, Policies
from gatepass.decision.outcome import Outcome, Stage, Step
from gatepass.decision.policy import Policy
from gatepass.decision.principals import PrincipalKind, Reach
from gatepass.decision.request import Request

__all__ = ["Because", "Decision", "Level", "Outcome", "Policies", "decide"]

# "If an administrator adds a policy that explicitly denies access, you can still perform this operation":
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
_NEVER_REFUSED = "sts:getcalleridentity"
# A role's trust policy must allow these, even within one account.
_ROLE_ACTIONS = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)
# Every other service wants a signature.
_SERVICES_FOR_ANYBODY = ("s3:", "sqs:", "sns:", "es:", "execute-api:", "lambda:", "mediastore:", "vpc-lattice-svcs:")
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
_OUTSIDE_RESOURCE_CONTROL = "kms:retiregrant"


@dataclass(frozen=True, slots=True)
class Decision:
    """What AWS would answer, and why.

    Attributes:
        outcome: the answer.
        stage: where in the evaluation it fell.
        steps: the statements that decided; none when an Allow was missing.
        request: what was asked.
        policies: what it was decided on.
    """

    outcome: Outcome
    stage: Stage
    steps: tuple[Step, ...]
    request: Request = field(repr=False)
    policies: Policies = field(repr=False)

    @property
    def allowed(self) -> bool:
        """Whether the request gets through."""
        return self.outcome is Outcome.ALLOWED

    @property
    def because(self) -> Because:
        """Why the decision fell so; worked out when asked for, so that deciding stays fast."""
        return explain(self.stage, self.steps, self.request, self.policies)


def decide(request: Request, policies: Policies) -> Decision:
    """Decide one request: an explicit Deny anywhere wins, then every layer that is needed must allow."""
    caller = request.principal
    if request.folded_action == _NEVER_REFUSED and caller.kind is not PrincipalKind.ANONYMOUS:
        return Decision(Outcome.ALLOWED, Stage.ALWAYS_ALLOWED, (), request, policies)
    denial = _denial(request, policies)
    if denial is not None:
        return Decision(Outcome.EXPLICITLY_DENIED, Stage.EXPLICIT_DENY, (denial,), request, policies)
    stage, steps = _grant(request, policies)
    outcome = Outcome.ALLOWED if stage is Stage.GRANTED else Outcome.IMPLICITLY_DENIED
    return Decision(outcome, stage, steps, request, policies)


def _denial(request: Request, policies: Policies) -> Step | None:
    """Return the first statement of any layer that denies."""
    if request.principal.is_in_account:
        for level in policies.service_control:
            step = _denying(level.policies, request, level.name)
            if step is not None:
                return step
    has_boundary = policies.boundary is not None
    if request.folded_action != _OUTSIDE_RESOURCE_CONTROL:
        for level in policies.resource_control:
            step = _denying_caller(level.policies, request, has_boundary=has_boundary, level=level.name)
            if step is not None:
                return step
    named = (policies.resource,) if policies.resource is not None else ()
    return (
        _denying_caller(named, request, has_boundary=has_boundary)
        or _denying(policies.identity, request)
        or _denying(policies.boundary or (), request)
        or _denying(policies.session or (), request)
        or _denying_caller(policies.endpoint or (), request, has_boundary=has_boundary)
    )


def _denying(policies: Iterable[Policy], request: Request, level: str = "") -> Step | None:
    for policy in policies:
        for statement in policy.denies:
            if statement.matches(request):
                return Step(policy, statement, level)
    return None


def _denying_caller(
    policies: Iterable[Policy], request: Request, *, has_boundary: bool, level: str = ""
) -> Step | None:
    """Return the first statement that denies and names the caller."""
    for policy in policies:
        for statement in policy.denies:
            principals = statement.principals
            if principals is not None and not principals.reach(request.principal, has_boundary=has_boundary):
                continue
            if statement.matches(request):
                return Step(policy, statement, level)
    return None


def _allowing(policies: Iterable[Policy], request: Request) -> Step | None:
    for policy in policies:
        for statement in policy.allows:
            if statement.matches(request):
                return Step(policy, statement)
    return None


def _allowing_caller(policy: Policy, request: Request) -> tuple[Reach, Step | None]:
    """Return the statement that allows and names the caller most directly."""
    furthest, found = Reach.NONE, None
    for statement in policy.allows:
        principals = statement.principals
        if principals is None:
            continue
        reach = principals.reach(request.principal, has_boundary=False)
        if reach > furthest and statement.matches(request):
            furthest, found = reach, Step(policy, statement)
    return furthest, found


def _grant(request: Request, policies: Policies) -> tuple[Stage, tuple[Step, ...]]:
    """Return the layer that fails to allow, or the statements that grant."""
    stage = _barrier(request) or _ceiling(request, policies)
    if stage is not None:
        return stage, ()
    caller = request.principal
    reach, named = _resource_grant(request, policies)
    if not caller.is_in_account:
        return (Stage.GRANTED, (named,)) if named is not None else (Stage.RESOURCE, ())
    is_same_account = caller.account == request.resource_account
    if is_same_account and named is not None and _stands_alone(reach, request, policies):
        return Stage.GRANTED, (named,)
    if named is None and (not is_same_account or needs_resource_policy(request)):
        return Stage.RESOURCE, ()
    steps = (named,) if named is not None else ()
    # Naming the role, a resource policy stands in for its identity policies, within its boundary and session policies.
    if not (is_same_account and reach is Reach.ROLE) and caller.kind is not PrincipalKind.ROOT:
        own = _allowing(policies.identity, request)
        if own is None:
            return Stage.IDENTITY, ()
        steps = (own, *steps)
    stage = _limit(request, policies)
    return (stage, ()) if stage is not None else (Stage.GRANTED, steps)


def _stands_alone(reach: Reach, request: Request, policies: Policies) -> bool:
    """Tell whether a resource policy grants in place of everything within the caller's account.

    A session policy steps aside for the ARN of the session, as IAM's page on session policies says; "*" is no such ARN.
    """
    if reach is Reach.EVERYONE and policies.session is not None:
        return _allowing(policies.session, request) is not None
    return reach >= Reach.EVERYONE


def needs_resource_policy(request: Request) -> bool:
    """Tell whether the resource's own policy must allow even within one account: a role's trust, a key's policy."""
    if request.folded_action in _ROLE_ACTIONS:
        return ":federated-user/" not in request.resource
    return request.folded_action.startswith("kms:") and ":key/" in request.resource


def _barrier(request: Request) -> Stage | None:
    """Return what no policy can open."""
    caller = request.principal
    if caller.kind is PrincipalKind.ANONYMOUS and not request.folded_action.startswith(_SERVICES_FOR_ANYBODY):
        return Stage.UNSIGNED
    if caller.kind is PrincipalKind.ROOT and request.folded_action in _ROLE_ACTIONS:
        return Stage.ROOT_ASSUMES_ROLE
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
    if caller.kind is PrincipalKind.FEDERATED_USER and request.folded_action.startswith("sts:"):
        return Stage.FEDERATED_CALLS_STS
    if caller.is_in_account and request.resource.startswith("arn:"):
        partition = caller.partition
        if request.resource[4 : 5 + len(partition)] != f"{partition}:":
            return Stage.OTHER_PARTITION
    return None


def _ceiling(request: Request, policies: Policies) -> Stage | None:
    """Return the layer above both accounts' own policies that does not allow."""
    if request.principal.is_in_account:
        for level in policies.service_control:
            if _allowing(level.policies, request) is None:
                return Stage.SERVICE_CONTROL
    if policies.endpoint is not None and not any(_allowing_caller(each, request)[0] for each in policies.endpoint):
        return Stage.ENDPOINT
    return None


def _resource_grant(request: Request, policies: Policies) -> tuple[Reach, Step | None]:
    """Return how directly the resource's policy allows the caller, and where."""
    if policies.resource is None:
        return Reach.NONE, None
    reach, named = _allowing_caller(policies.resource, request)
    is_outside = request.principal.account != request.resource_account
    if policies.blocks_public_access and reach is Reach.EVERYONE and is_outside:
        return Reach.NONE, None
    return reach, named


def _limit(request: Request, policies: Policies) -> Stage | None:
    """Return the layer within the caller's account that does not let its permissions through."""
    if policies.boundary is not None and _allowing(policies.boundary, request) is None:
        return Stage.BOUNDARY
    session = policies.session
    if session is None and request.principal.kind is PrincipalKind.FEDERATED_USER:
        # Without a session policy a federated user has only what resource policies grant to its own ARN.
        return Stage.SESSION
    if session is not None and _allowing(session, request) is None:
        return Stage.SESSION
    return None
