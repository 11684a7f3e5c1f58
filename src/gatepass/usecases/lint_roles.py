"""Lint whole roles as they stand: who gets in, and what they may then do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from gatepass.decision.action_names import ActionCatalogue
from gatepass.decision.policy import MalformedPolicy, Policy, PolicyKind, parse_policy
from gatepass.decision.powers import Permissions
from gatepass.decision.probes import Door
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import Document
from gatepass.domain.findings import Remark, Severity
from gatepass.domain.own_role import own_role
from gatepass.usecases.check_actions import check_actions
from gatepass.usecases.lint_trust import Review, invalid_document, lint_trust, opens_to_outsiders
from gatepass.usecases.review_permissions import review_permissions


def lint_account(
    policies: AccountPolicies, now: datetime, catalogue: ActionCatalogue | None = None
) -> Iterator[Review]:
    """Yield a review for each role of the account that anybody outside can enter."""
    for role in policies.roles:
        try:
            review = _lint_role(policies, role, now, catalogue)
        except MalformedPolicy as error:
            review = invalid_document(role.arn, error)
        if review is not None:
            own = own_role(role, role.trust) if role.trust is not None else None
            yield replace(review, engine=own.engine) if own is not None else review


def _lint_role(
    policies: AccountPolicies, role: Holder, now: datetime, catalogue: ActionCatalogue | None
) -> Review | None:
    """Return the review of a role, or None when nobody outside can enter it.

    Raises:
        MalformedPolicy: one of its documents is none that AWS would save.
    """
    if role.trust is None:
        return None
    trust = parse_policy(role.trust.text, PolicyKind.TRUST)
    door = Door(trust, role.arn, str(policies.account), now)
    if not opens_to_outsiders(door):
        return None
    permissions, unread, boundary_is_unread = _permissions(policies, role)
    review = with_permissions(lint_trust(role.arn, door), permissions, unread, boundary_is_unread=boundary_is_unread)
    # AWS's own policies name actions that its documentation leaves out.
    written = [each for each in permissions.policies if not each.name.startswith(_AWS_POLICY)]
    return review.with_findings(check_actions(role.arn, (trust, *written), catalogue))


def lint_permissions(name: str, policy: Policy, catalogue: ActionCatalogue | None = None) -> Review:
    """Return the review of one permissions policy, whose role is not known."""
    review = with_permissions(Review(name, None, ()), Permissions(_ANY_ACCOUNT, (policy,)), ())
    return review.with_findings(check_actions(name, (policy,), catalogue))


_AWS_POLICY = "arn:aws:iam::aws:policy/"
_ANY_ACCOUNT = "444455556666"


def _permissions(policies: AccountPolicies, role: Holder) -> tuple[Permissions, tuple[str, ...], bool]:
    """Return what the role's sessions may do, and the names of what could not be read of it."""
    texts = policies.documents(role)
    boundary = policies.managed.get(role.boundary) if role.boundary else None
    bound = parse_policy(boundary.text, PolicyKind.BOUNDARY, role.boundary or "") if boundary else None
    permissions = Permissions(str(policies.account), parsed_policies(texts), bound)
    return permissions, unread_names(texts), role.boundary is not None and bound is None


def parsed_policies(texts: Mapping[str, Document | None]) -> tuple[Policy, ...]:
    """Return the policies whose text is known.

    Raises:
        MalformedPolicy: one of them is none that AWS would save.
    """
    return tuple(parse_policy(text.text, name=name) for name, text in texts.items() if text is not None)


def unread_names(texts: Mapping[str, Document | None]) -> tuple[str, ...]:
    """Return the names of the policies whose text is not known."""
    return tuple(name for name, text in texts.items() if text is None)


def with_permissions(
    review: Review, permissions: Permissions, unread: tuple[str, ...], *, boundary_is_unread: bool = False
) -> Review:
    """Return the review of a trust policy with what is to say about the permissions behind it."""
    review = review.with_findings(review_permissions(review.name, permissions, boundary_is_unread=boundary_is_unread))
    return review.with_findings((_not_read(unread).on(review.name),)) if unread else review


def _not_read(names: tuple[str, ...]) -> Remark:
    return Remark(
        "policy-not-read",
        Severity.LOW,
        f"not reviewed: {', '.join(names)}",
        "the text of these policies stands in AWS",
        "gatepass lint --account, once the role is there, reads them",
    )
