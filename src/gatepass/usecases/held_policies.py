"""The policies that one user or role holds, compiled, from an account or from what a file declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import Document
from gatepass.domain.errors import GatepassError
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import Partition, external_id, role_arn
from gatepass.domain.limits import limits_policy
from gatepass.domain.managed_policies import KNOWN_POLICIES
from gatepass.domain.trust import open_trust

_AWS_POLICY = "arn:aws:iam::aws:policy/"
# Stands for the external ID that only AWS and the two parties know.
SAMPLE_ID = external_id("GATEPASSKY", "SAMPLECODEOFTHEGRANTONLYTO")


@dataclass(frozen=True, slots=True)
class Held:
    """What bears on the calls of a user or a role.

    Attributes:
        boundary: the permissions boundary, or ``None`` when there is none.
        trust: who may enter; of roles only.
        tags: of the user or role.
    """

    arn: str
    identity: tuple[Policy, ...] = field(repr=False)
    boundary: Policy | None = field(default=None, repr=False)
    trust: Policy | None = field(default=None, repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)


def held(account: AccountPolicies, holder: Holder) -> Held:
    """Return what a user or a role of an account holds.

    Raises:
        GatepassError: the account's details lack the text of a policy.
        MalformedPolicy: a document is none that AWS would save.
    """
    texts = account.documents(holder)
    boundary = None
    if holder.boundary is not None:
        text = _whole({holder.boundary: account.managed.get(holder.boundary)}, holder.arn)[holder.boundary]
        boundary = parse_policy(text.text, PolicyKind.BOUNDARY, holder.boundary)
    trust = parse_policy(holder.trust.text, PolicyKind.TRUST, holder.name) if holder.trust is not None else None
    return Held(holder.arn, _compiled(_whole(texts, holder.arn)), boundary, trust, holder.tags)


def declared(declaration: Declaration, grant: Grant, details: AccountPolicies | None) -> Held:
    """Return what the role of a grant would hold once it is applied.

    Args:
        declaration: the customer's whole file.
        grant: the grant in it.
        details: the customer's account, for the texts of managed policies.

    Raises:
        GatepassError: the text of a permission or of the boundary is not known.
    """
    partition, account = Partition(), declaration.account
    role = role_arn(partition, account, role_name(grant, declaration.naming))
    arn, own = str(role), role if grant.keeps_roles else None
    managed = details.managed if details is not None else {}
    texts: dict[str, Document | None] = {"gatepass-limits": limits_policy(grant, partition, account, own)}
    texts |= {each: managed.get(each) or managed.get(_AWS_POLICY + each) for each in grant.permissions}
    if grant.custom_policy is not None:
        texts["custom policy"] = grant.custom_policy
    trust = open_trust(grant, partition, SAMPLE_ID if grant.needs_second_factor else None)
    boundary = None
    if grant.boundary is not None:
        name = str(grant.boundary)
        boundary = parse_policy(_whole({name: managed.get(name)}, arn)[name].text, PolicyKind.BOUNDARY, name)
    return Held(
        arn, _compiled(_whole(texts, arn)), boundary, parse_policy(trust.text, PolicyKind.TRUST, arn.rsplit("/", 1)[-1])
    )


def _whole(texts: Mapping[str, Document | None], arn: str) -> dict[str, Document]:
    """Return every text; one that is missing could allow or deny anything."""
    found: dict[str, Document] = {}
    for name, written in texts.items():
        text = written
        known = KNOWN_POLICIES.get(name.removeprefix(_AWS_POLICY))
        if text is None and known is not None and known.is_whole:
            text = known.document
        if text is None:
            raise GatepassError(
                f"the text of the policy {name} of {arn} is not known",
                why="the answer could depend on it",
                next_step="give the account's details with --account-file; make them with: "
                "aws iam get-account-authorization-details > details.json",
            )
        found[name] = text
    return found


def _compiled(texts: Mapping[str, Document]) -> tuple[Policy, ...]:
    return tuple(parse_policy(text.text, name=name) for name, text in texts.items())
