"""One whole sts:AssumeRole call: every action it needs, each a decision of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatepass.decision.evaluate import Decision, Policies, decide
from gatepass.decision.request import EXTERNAL_ID, Context, Request

# Condition keys that a call's own parameters set. Each action sees its own only:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
_SESSION_NAME = "sts:rolesessionname"
_SOURCE_IDENTITY = "sts:sourceidentity"
_TAG_KEYS = "aws:tagkeys"
_TRANSITIVE_TAG_KEYS = "sts:transitivetagkeys"
_REQUEST_TAG = "aws:requesttag/"
_TAGGING = (_TAG_KEYS, _TRANSITIVE_TAG_KEYS)


@dataclass(frozen=True, slots=True)
class AssumeRoleDecision:
    """The decisions of one call, in the order in which AWS's actions build on each other.

    Attributes:
        decisions: each action with its decision.
    """

    decisions: tuple[tuple[str, Decision], ...]

    @property
    def allowed(self) -> bool:
        """Whether a session is issued: only if every action is allowed."""
        return all(decision.allowed for _, decision in self.decisions)

    @property
    def decisive(self) -> tuple[str, Decision]:
        """The first action that is refused, or sts:AssumeRole itself when none is."""
        return next(((action, each) for action, each in self.decisions if not each.allowed), self.decisions[0])


def decide_assume_role(
    request: Request,
    policies: Policies,
    *,
    tags: Mapping[str, str] | None = None,
    transitive_tag_keys: tuple[str, ...] = (),
    source_identity: str | None = None,
) -> AssumeRoleDecision:
    """Decide a whole call.

    Args:
        request: the sts:AssumeRole request; sts:ExternalId and sts:RoleSessionName stand in its context.
        policies: the caller's, with the role's trust policy as the resource policy.
        tags: the session tags that the call passes.
        transitive_tag_keys: which of them go on to later sessions.
        source_identity: the source identity that the call sets.
    """
    # What the context holds already counts as passed: leaving its action out would be an open door.
    passed: dict[str, str | tuple[str, ...]] = {f"{_REQUEST_TAG}{key}": value for key, value in (tags or {}).items()}
    passed[_TAG_KEYS] = tuple(tags or {})
    passed[_TRANSITIVE_TAG_KEYS] = transitive_tag_keys
    passed[_SOURCE_IDENTITY] = source_identity or ()
    whole = request.context.with_keys({key: value for key, value in passed.items() if value})
    asked = [("sts:AssumeRole", whole)]
    if _has_tags(whole):
        asked.append(("sts:TagSession", whole.without_keys(EXTERNAL_ID, _SESSION_NAME, _SOURCE_IDENTITY)))
    if _SOURCE_IDENTITY in whole:
        asked.append(("sts:SetSourceIdentity", _without_tags(whole).without_keys(EXTERNAL_ID, _SESSION_NAME)))
    return AssumeRoleDecision(
        tuple((action, decide(_with_action(request, action, context), policies)) for action, context in asked)
    )


def _has_tags(context: Context) -> bool:
    return any(key in _TAGGING or key.startswith(_REQUEST_TAG) for key in context)


def _without_tags(context: Context) -> Context:
    return context.without_keys(*_TAGGING, *(key for key in context if key.startswith(_REQUEST_TAG)))


def _with_action(request: Request, action: str, context: Context) -> Request:
    return Request(request.principal, action, request.resource, request.resource_account, context)
