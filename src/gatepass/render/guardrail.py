"""Policies of an organisation that let only declared providers in: a service and a resource control policy.

The resource control policy bounds who may enter roles from outside the organisation. It follows AWS's published
identity perimeter (https://github.com/aws-samples/data-perimeter-policy-examples, identity_perimeter_rcp.json):
negated operators that also hold where a key is absent, and AWS's own services left alone. It names sts:AssumeRole only,
so that SAML, web identity and Identity Center stay as they are.

The service control policy bounds who in the organisation may write on the roles of ours. What a trust policy says is
no condition key, so it cannot forbid trusting a stranger elsewhere; the other policy keeps the stranger out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.grant import Declaration, role_name
from gatepass.domain.identifiers import ROLE_PATH, AccountId, Partition, PolicyArn

# "Quotas and service limits for AWS Organizations": both kinds, white space counted.
LARGEST_CONTROL_POLICY = 5_120
# AWS's sample policies for data perimeters leave out what carries this tag.
EXCEPTION_TAG = "dp:exclude:identity"

# Organizations API Reference, Organization: Id.
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}", re.ASCII)
# A name of wildcards alone would make everybody an administrator.
_ADMINISTRATOR = re.compile(
    r"arn:([a-z-]+):iam::(?:\*|[0-9]{12}):(?:root|(?:role|user)/[!-~]*[A-Za-z0-9_+=,.@-][!-~]*)", re.ASCII
)

_ROLE_WRITES = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
_POLICY_WRITES = (
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
)

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Declared:
    """What the files of one organisation's accounts declare together.

    Attributes:
        providers: the accounts that may enter from outside.
        roles: the roles that were adopted under other paths, as patterns of ARNs.
        without_factor: the roles that open without an external ID, as patterns of ARNs.
        policies: the organisation's own policies that the grants rest on: boundaries, and permissions named by ARN.
    """

    partition: Partition
    providers: tuple[AccountId, ...]
    roles: tuple[str, ...] = ()
    without_factor: tuple[str, ...] = ()
    policies: tuple[PolicyArn, ...] = ()

    @property
    def our_roles(self) -> list[str]:
        """The roles that the declared providers may enter."""
        return [f"arn:{self.partition}:iam::*:role{ROLE_PATH}*", *self.roles]


def declared(declarations: Sequence[Declaration], partition: Partition) -> Declared:
    """Return what the files declare together."""
    grants = [(file, grant) for file in declarations for grant in file.grants]
    own = [
        PolicyArn(text)
        for file, grant in grants
        for text in (*grant.permissions, *([str(grant.boundary)] if grant.boundary else []))
        if text.startswith("arn:") and f"::{file.account}:" in text
    ]
    return Declared(
        partition,
        tuple(sorted({grant.provider for _, grant in grants})),
        roles=tuple(
            pattern for file, grant in grants if grant.adopted for pattern in _anywhere(partition, file, grant.adopted)
        ),
        without_factor=tuple(
            pattern
            for file, grant in grants
            if not grant.needs_second_factor
            for pattern in (
                _anywhere(partition, file, grant.adopted)
                if grant.adopted
                else (f"arn:{partition}:iam::{file.account}:role{ROLE_PATH}{role_name(grant, file.naming)}",)
            )
        ),
        policies=tuple(sorted(set(own))),
    )


def resource_control_policy(known: Declared, organization: str, *, tag_exception: bool = False) -> Document:
    """Return the policy that lets outsiders enter only as declared.

    Args:
        known: what the files declare.
        organization: the organisation's ID; its own principals are left alone.
        tag_exception: whether roles with the tag of AWS's samples are left alone as well.
    """
    outside: dict[str, object] = {"aws:PrincipalOrgID": organization}
    if tag_exception:
        outside[f"aws:ResourceTag/{EXCEPTION_TAG}"] = "true"
    providers = {**outside, "aws:PrincipalAccount": [str(account) for account in known.providers]}
    needs_factor: Document = {"NotResource": list(known.without_factor)} if known.without_factor else {"Resource": "*"}
    return _document(
        _entry("OnlyDeclaredProviders", {"Resource": "*"}, providers),
        _entry("OnlyRolesOfGatepass", {"NotResource": known.our_roles}, outside),
        _entry("OnlyWithExternalId", needs_factor, outside, {"Null": {"sts:ExternalId": "true"}}),
    )


def service_control_policy(known: Declared, administrators: Sequence[str], *, tag_exception: bool = False) -> Document:
    """Return the policy that lets only the administrators write on the roles that providers enter.

    Args:
        known: what the files declare.
        administrators: patterns of the ARNs of the principals who may.
        tag_exception: whether a tag opens the other policy, which then only the administrators may set.
    """
    others: Document = {"ArnNotLike": {"aws:PrincipalArn": list(administrators)}}
    statements = [_ban("OnlyAdministratorsChangeRoles", _ROLE_WRITES, known.our_roles, others)]
    if known.policies:
        named = [str(policy) for policy in known.policies]
        statements.append(_ban("OnlyAdministratorsChangePolicies", _POLICY_WRITES, named, others))
    if tag_exception:
        keys: Document = {"ForAnyValue:StringEquals": {"aws:TagKeys": [EXCEPTION_TAG]}, **others}
        statements.append(_ban("OnlyAdministratorsTagExceptions", ("iam:TagRole", "iam:UntagRole"), ["*"], keys))
    return _document(*statements)


def organization_id(text: str) -> str:
    """Return the text, which is the ID of an organisation.

    Raises:
        InvalidInput: it is none.
    """
    if _ORGANIZATION.fullmatch(text):
        return text
    raise InvalidInput(
        f"{text!r} is not the ID of an organisation",
        why="with a wrong one everybody would be outside, and every role of the organisation shut to its own people",
        next_step="copy it from: aws organizations describe-organization --query Organization.Id",
    )


def administrator_pattern(text: str, partition: Partition) -> str:
    """Return the ARN pattern of ``role/NAME``, ``user/NAME`` in any account, or of a whole ARN.

    Raises:
        InvalidInput: neither.
    """
    pattern = text if text.startswith("arn:") else f"arn:{partition}:iam::*:{text}"
    if (found := _ADMINISTRATOR.fullmatch(pattern)) is not None and found[1] == partition.name:
        return pattern
    raise InvalidInput(
        f"{text!r} names no administrators",
        why="they are named as role/NAME or user/NAME in any account, or by a whole ARN; * and ? are allowed in names",
        next_step="for Identity Center: role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_SecurityAdmins_*",
    )


def control_policy_text(document: Document, kind: str) -> str:
    """Return the policy as text that AWS Organizations takes: indented if it may be, else without white space.

    Raises:
        Conflict: it is too long for AWS either way.
    """
    indented = json.dumps(document, indent=2)
    if len(indented) <= LARGEST_CONTROL_POLICY:
        return indented
    packed = json.dumps(document, separators=(",", ":"))
    if len(packed) <= LARGEST_CONTROL_POLICY:
        return packed
    raise Conflict(
        f"the {kind.upper()} has {len(packed)} characters, and AWS takes {LARGEST_CONTROL_POLICY}",
        why="it names every provider, administrator, adopted role and role without a second factor of all the files",
        next_step="render it for fewer files at a time, and attach each to the accounts of those files",
    )


def _anywhere(partition: Partition, file: Declaration, name: object) -> tuple[str, str]:
    """Return the patterns of a role whose path the file does not tell."""
    roles = f"arn:{partition}:iam::{file.account}:role"
    return (f"{roles}/{name}", f"{roles}/*/{name}")


def _entry(
    sid: str, resource: Document, unless: Mapping[str, object], more: Mapping[str, object] | None = None
) -> Document:
    """Return a Deny of entering for those outside the organisation who are no AWS service."""
    condition = {
        "StringNotEqualsIfExists": dict(unless),
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        **(more or {}),
    }
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:AssumeRole",
        **resource,
        "Condition": condition,
    }


def _ban(sid: str, actions: Sequence[str], resources: Sequence[str], condition: Document) -> Document:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": list(actions),
        "Resource": list(resources),
        "Condition": condition,
    }


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
