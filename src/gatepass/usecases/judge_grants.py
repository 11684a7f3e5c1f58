"""Judge the grants of a customer's file by the documents that would be written for them: who can do what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from gatepass.decision.action_names import ActionCatalogue
from gatepass.decision.policy import MalformedPolicy, PolicyKind, parse_policy
from gatepass.decision.powers import Permissions
from gatepass.decision.probes import unknown_door
from gatepass.domain.documents import Document
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.grant import Declaration, Grant, Naming, role_name
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, Partition, role_arn
from gatepass.domain.known_accounts import PRESETS
from gatepass.domain.limits import limits_policy
from gatepass.domain.managed_policies import KNOWN_POLICIES
from gatepass.domain.trust import open_trust
from gatepass.usecases.check_actions import check_actions
from gatepass.usecases.describe_access import Access, describe_access
from gatepass.usecases.held_policies import SAMPLE_ID
from gatepass.usecases.lint_roles import parsed_policies, unread_names, with_permissions
from gatepass.usecases.lint_trust import Review, invalid_document, lint_trust
from gatepass.usecases.trust_remarks import KEEPS_ROLES, shared_platform

_AWS_POLICY = "arn:aws:iam::aws:policy/"
# Stand in for a grant's own name and provider, so that grants that differ in nothing else are judged once.
_ANY_NAME = GrantName("grant-that-is-judged")
_ANY_PROVIDER = AccountId("000000000000")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the decision engine finds about one grant.

    Attributes:
        access: who gets in and what they can do; None when a document is none that AWS would save.
    """

    review: Review
    access: Access | None


def judge_grants(
    declaration: Declaration,
    grants: Iterable[Grant],
    now: datetime,
    partition: Partition,
    texts: Mapping[str, Document],
) -> dict[GrantName, Judgement]:
    """Return a judgement for each of the grants, by its name.

    Args:
        declaration: the file that they stand in.
        grants: those to judge.
        now: when the judging happens; windows that are over let nobody in.
        partition: the partition of the account.
        texts: the texts of managed policies and boundaries, as the file writes them, as far as they could be read.
    """
    known: dict[Grant, Judgement] = {}
    found = {}
    for grant in grants:
        shape = replace(grant, name=_ANY_NAME, provider=_ANY_PROVIDER, adopted=None)
        if shape not in known:
            known[shape] = _judge(declaration, shape, now, partition, texts)
        found[grant.name] = _about(grant, known[shape])
    return found


def lint_declaration(
    declaration: Declaration,
    now: datetime,
    catalogue: ActionCatalogue | None = None,
    *,
    partition: Partition | None = None,
    texts: Mapping[str, Document] | None = None,
) -> Iterator[Review]:
    """Yield a review for each grant of a customer's file, by the documents that Gatepass would write for it."""
    judged = judge_grants(declaration, declaration.grants, now, partition or Partition(), texts or {})
    for grant in declaration.grants:
        review = judged[grant.name].review
        with suppress(MalformedPolicy):
            custom = parsed_policies({"custom policy": grant.custom_policy})
            review = review.with_findings(check_actions(review.name, custom, catalogue))
        yield review


# What mends a finding in a customer's file, where the reviewer of a document would name its elements.
_FILE_STEPS = {
    "any-principal": "name them: principals: [role/engineers/*]",
    "iam-without-boundary": "set boundary: to a policy that keeps IAM out of reach",
    "name-not-required": "set require_source_identity: true",
    "never-opens": "give the window a later end, or withdraw the grant",
    "opens-without-id": "leave second_factor out, or set it to required",
}


def _about(grant: Grant, judgement: Judgement) -> Judgement:
    """Return the judgement with the grant's own name and provider in it."""
    findings = [_renamed(finding, grant) for finding in judgement.review.findings]
    vendor = next((preset for preset in PRESETS.values() if preset.account == grant.provider), None)
    review = replace(judgement.review, name=str(grant.name), findings=tuple(findings))
    if vendor is not None and vendor.shared:
        review = review.with_findings((shared_platform(vendor.title).on(str(grant.name)),))
    if grant.keeps_roles:
        review = review.with_findings((KEEPS_ROLES.on(str(grant.name)),))
    return replace(judgement, review=review)


def _renamed(finding: Finding, grant: Grant) -> Finding:
    def own(text: str) -> str:
        return text.replace(str(_ANY_PROVIDER), str(grant.provider)).replace(str(_ANY_NAME), str(grant.name))

    return replace(
        finding,
        grant=str(grant.name),
        severity=Severity.LOW if _is_what_was_given(finding) else finding.severity,
        next_step=_FILE_STEPS.get(finding.id, finding.next_step),
        counterexamples=tuple(own(each) for each in finding.counterexamples),
    )


def _is_what_was_given(finding: Finding) -> bool:
    """Say whether data of one service only is read: a grant of S3 is meant so, and ReadOnlyAccess seldom is."""
    return finding.id == "reads-data" and len({each.partition(":")[0] for each in finding.counterexamples}) == 1


def _judge(
    declaration: Declaration, grant: Grant, now: datetime, partition: Partition, read: Mapping[str, Document]
) -> Judgement:
    name, account = str(grant.name), declaration.account
    sample: ExternalId | None = SAMPLE_ID if grant.needs_second_factor else None
    trust = parse_policy(open_trust(grant, partition, sample).text, PolicyKind.TRUST)
    # The name of the role plays no part; with naming tokens before it, it could be too long for one.
    arn = role_arn(partition, account, role_name(grant, Naming()))
    door = replace(unknown_door(trust, now, provider=str(grant.provider)), role=str(arn), account=str(account))
    review = lint_trust(name, door)
    texts = _texts(grant, partition, account, read)
    try:
        bound = parsed_policies({"boundary": read.get(str(grant.boundary))})
        permissions = Permissions(str(account), parsed_policies(texts), bound[0] if bound else None)
    except MalformedPolicy as error:
        invalid = invalid_document(name, error)
        return Judgement(replace(invalid, findings=(*invalid.findings, *review.findings)), None)
    unread, blind = unread_names(texts), grant.boundary is not None and not bound
    review = with_permissions(review, permissions, unread, boundary_is_unread=blind)
    excerpts = [each for each in grant.permissions if each not in read and texts[each] is not None]
    return Judgement(review, describe_access(door, permissions, (*unread, *excerpts)))


def _texts(
    grant: Grant, partition: Partition, account: AccountId, read: Mapping[str, Document]
) -> dict[str, Document | None]:
    """Return the policies of the grant by name; of AWS's best known ones an excerpt does where none was read."""
    own = role_arn(partition, account, role_name(grant, Naming())) if grant.keeps_roles else None
    texts: dict[str, Document | None] = {"gatepass-limits": limits_policy(grant, partition, account, own)}
    for permission in grant.permissions:
        known = KNOWN_POLICIES.get(permission.removeprefix(_AWS_POLICY))
        texts[permission] = read.get(permission) or (known.document if known is not None else None)
    if grant.custom_policy is not None:
        texts["custom policy"] = grant.custom_policy
    return texts
