"""Lint whole roles: who gets in and what they may then do, of an account or as a customer's file declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from gatepass.decision.action_names import ActionCatalogue
from gatepass.decision.policy import MalformedPolicy, Policy, PolicyKind, parse_policy
from gatepass.decision.powers import Permissions
from gatepass.decision.probes import Door, unknown_door
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import Document
from gatepass.domain.findings import Finding, Remark, Severity
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import ExternalId, Partition, role_arn
from gatepass.domain.limits import limits_policy
from gatepass.domain.managed_policies import KNOWN_POLICIES
from gatepass.domain.trust import open_trust
from gatepass.usecases.check_actions import check_actions
from gatepass.usecases.held_policies import SAMPLE_ID
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
            yield review


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
    review = _with_permissions(lint_trust(role.arn, door), permissions, unread, boundary_is_unread=boundary_is_unread)
    # AWS's own policies name actions that its documentation leaves out.
    written = [each for each in permissions.policies if not each.name.startswith(_AWS_POLICY)]
    return review.with_findings(check_actions(role.arn, (trust, *written), catalogue))


def lint_declaration(
    declaration: Declaration, now: datetime, catalogue: ActionCatalogue | None = None
) -> Iterator[Review]:
    """Yield a review for each grant of a customer's file, by the documents that Gatepass would write for it."""
    for grant in declaration.grants:
        review = _lint_grant(declaration, grant, now)
        with suppress(MalformedPolicy):
            custom = _parsed({"custom policy": grant.custom_policy})
            review = review.with_findings(check_actions(review.name, custom, catalogue))
        yield replace(review, findings=tuple(_in_words_of_the_file(finding) for finding in review.findings))


# What mends a finding in a customer's file, where the reviewer of a document would name its elements.
_FILE_STEPS = {
    "any-principal": "name them: principals: [role/engineers/*]",
    "iam-without-boundary": "set boundary: to a policy that keeps IAM out of reach",
    "name-not-required": "set require_source_identity: true",
    "never-opens": "give the window a later end, or withdraw the grant",
    "opens-without-id": "leave second_factor out, or set it to required",
}


def _in_words_of_the_file(finding: Finding) -> Finding:
    return replace(finding, next_step=_FILE_STEPS.get(finding.id, finding.next_step))


def lint_permissions(name: str, policy: Policy, catalogue: ActionCatalogue | None = None) -> Review:
    """Return the review of one permissions policy, whose role is not known."""
    review = _with_permissions(Review(name, None, ()), Permissions(_ANY_ACCOUNT, (policy,)), ())
    return review.with_findings(check_actions(name, (policy,), catalogue))


_AWS_POLICY = "arn:aws:iam::aws:policy/"
_ANY_ACCOUNT = "444455556666"


def _lint_grant(declaration: Declaration, grant: Grant, now: datetime) -> Review:
    name, partition, account = str(grant.name), Partition(), declaration.account
    sample: ExternalId | None = SAMPLE_ID if grant.needs_second_factor else None
    trust = parse_policy(open_trust(grant, partition, sample).text, PolicyKind.TRUST)
    arn = role_arn(partition, account, role_name(grant, declaration.naming))
    door = replace(unknown_door(trust, now, provider=str(grant.provider)), role=str(arn), account=str(account))
    texts: dict[str, Document | None] = {"gatepass-limits": limits_policy(grant, partition, account)}
    for permission in grant.permissions:
        known = KNOWN_POLICIES.get(permission.removeprefix(_AWS_POLICY))
        texts[permission] = known.document if known is not None else None
    if grant.custom_policy is not None:
        texts["custom policy"] = grant.custom_policy
    review = lint_trust(name, door)
    try:
        permissions = Permissions(str(account), _parsed(texts))
    except MalformedPolicy as error:
        return replace(
            invalid_document(name, error), findings=(*invalid_document(name, error).findings, *review.findings)
        )
    return _with_permissions(review, permissions, _unread(texts), boundary_is_unread=grant.boundary is not None)


def _permissions(policies: AccountPolicies, role: Holder) -> tuple[Permissions, tuple[str, ...], bool]:
    """Return what the role's sessions may do, and the names of what could not be read of it."""
    texts = policies.documents(role)
    boundary = policies.managed.get(role.boundary) if role.boundary else None
    bound = parse_policy(boundary.text, PolicyKind.BOUNDARY, role.boundary or "") if boundary else None
    permissions = Permissions(str(policies.account), _parsed(texts), bound)
    return permissions, _unread(texts), role.boundary is not None and bound is None


def _parsed(texts: Mapping[str, Document | None]) -> tuple[Policy, ...]:
    return tuple(parse_policy(text.text, name=name) for name, text in texts.items() if text is not None)


def _unread(texts: Mapping[str, Document | None]) -> tuple[str, ...]:
    return tuple(name for name, text in texts.items() if text is None)


def _with_permissions(
    review: Review, permissions: Permissions, unread: tuple[str, ...], *, boundary_is_unread: bool = False
) -> Review:
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
