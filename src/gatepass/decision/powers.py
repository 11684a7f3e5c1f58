"""What a session could do with permissions beyond the work that they were given for, found by asking for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from gatepass.decision.evaluate import Decision, Policies, decide
from gatepass.decision.favourable import STRANGE, candidates, combinations, demands, filled
from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.decision.request import Principal, Request, context, principal

# An action of no service: only a policy that allows everything, or everything but a list, allows it.
ANYTHING = "gatepass-probe:Anything"
# A condition on it lets IAM be written only for principals with a boundary, which is no escalation.
_BOUNDED = "iam:permissionsboundary"
_IAM_SAMPLES = ("role", "user", "group", "policy", "saml-provider", "oidc-provider")
_ENTER = "sts:AssumeRole"
_FIXED = {"aws:securetransport": "true"}


@dataclass(frozen=True, slots=True)
class Reached:
    """An action that the permissions allow.

    Attributes:
        everywhere: whether it is allowed on a resource that no policy speaks of, not only on named ones.
        statement: which statement allows it, with its policy.
    """

    action: str
    everywhere: bool
    statement: str

    def __str__(self) -> str:
        return f"{self.action} on {'any resource' if self.everywhere else 'some resources'}: {self.statement}"


@dataclass(frozen=True)
class Permissions:
    """What a role's sessions may do.

    Attributes:
        policies: the identity policies of the role.
        boundary: its boundary; ``None`` when it has none, or when nobody could read it.
    """

    account: str
    policies: tuple[Policy, ...] = field(repr=False)
    boundary: Policy | None = None

    def reach(self, action: str) -> Reached | None:
        """Ask for an action, with the context that favours it most: first on any resource, then on named ones."""
        for everywhere, resources in ((True, self._samples(action)), (False, self._named(action))):
            for resource in resources:
                decision = self._decide(action, resource)
                if decision is not None:
                    step = decision.steps[0]
                    return Reached(action, everywhere, f"{step.statement.label} of {step.policy}")
        return None

    def reach_all(self, actions: Sequence[str]) -> tuple[Reached, ...]:
        """Return those of the actions that are allowed."""
        return tuple(found for action in actions if (found := self.reach(action)) is not None)

    def _decide(self, action: str, resource: str) -> Decision | None:
        for keys in combinations(self._choices):
            request = Request(self._caller, action, resource, self.account, context({**keys, **_FIXED}))
            decision = decide(request, self._trusted if action == _ENTER else self._policies)
            if decision.allowed:
                return decision
        return None

    @cached_property
    def _caller(self) -> Principal:
        return principal(f"arn:aws:sts::{self.account}:assumed-role/probed/alice")

    @cached_property
    def _policies(self) -> Policies:
        boundary = (self.boundary,) if self.boundary is not None else None
        return Policies(identity=self.policies, boundary=boundary)

    @cached_property
    def _trusted(self) -> Policies:
        """The same for a role that trusts this account, as most do."""
        statement = {"Effect": "Allow", "Principal": {"AWS": self.account}, "Action": _ENTER}
        trust = parse_policy({"Version": "2012-10-17", "Statement": statement}, PolicyKind.TRUST)
        return replace(self._policies, resource=trust)

    @cached_property
    def _choices(self) -> Mapping[str, Sequence[str | None]]:
        everything = (*self.policies, *([self.boundary] if self.boundary else []))
        found = [each for each in demands(everything) if each.key not in (_BOUNDED, *_FIXED)]
        return candidates(found)

    def _samples(self, action: str) -> tuple[str, ...]:
        """Return resources that no policy speaks of."""
        service = action.partition(":")[0]
        if service in ("iam", "sts"):
            return tuple(f"arn:aws:iam::{self.account}:{kind}/{STRANGE}/{STRANGE}" for kind in _IAM_SAMPLES)
        if service == "s3":
            return (f"arn:aws:s3:::{STRANGE}/{STRANGE}",)
        return (f"arn:aws:{service}:us-east-1:{self.account}:{STRANGE}/{STRANGE}",)

    def _named(self, action: str) -> Iterator[str]:
        """Yield resources that statements about the action name."""
        for policy in self.policies:
            for statement in policy.allows:
                if statement.about_action(action.lower()):
                    named = json.loads(statement.document).get("Resource", [])
                    listed = named if isinstance(named, list) else [named]
                    yield from (filled(each) for each in listed if each != "*")
