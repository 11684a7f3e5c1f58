"""What iam:GetAccountAuthorizationDetails answers, live or in a file, as the policies of one account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.decision.grammar import load_json
from gatepass.domain.account_policies import AccountPolicies, Holder, LastUse
from gatepass.domain.documents import Document, document, parse_document
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId

_LARGEST_PAGE = 1000
# An ARN has five colons before the resource.
_FIELDS = 5
_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


class IamPolicies:
    """The policies of the account that the credentials belong to."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self._iam = client(session, "iam")
        self._sts = client(session, "sts")

    def account_policies(self) -> AccountPolicies:
        """Return everything that IAM holds of the account, read in pages."""
        with in_our_words("sts:GetCallerIdentity"):
            account = AccountId(self._sts.get_caller_identity()["Account"])
        with in_our_words("iam:GetAccountAuthorizationDetails"):
            paginator = self._iam.get_paginator("get_account_authorization_details")
            pages = list(paginator.paginate(PaginationConfig={"PageSize": _LARGEST_PAGE}))
        return policies_of_pages(account, pages)


def is_details(text: str) -> bool:
    """Say whether a text looks like an account's details."""
    return any(f'"{name}"' in text for name in _LISTS[:3])


def parse_details(text: str, name: str) -> AccountPolicies:
    """Return the policies out of what ``aws iam get-account-authorization-details`` printed into a file of that name.

    Raises:
        InvalidInput: it is something else, or of several accounts.
    """
    tree = load_json(text)
    if not isinstance(tree, dict) or not any(name in tree for name in _LISTS[:3]):
        raise _other_form(name, "it has none of the lists of users, groups and roles")
    arns = [str(each.get("Arn")) for each_list in _LISTS for each in _objects(tree.get(each_list, []))]
    accounts = sorted({arn.split(":")[4] for arn in arns if arn.count(":") >= _FIELDS} - {"aws"})
    if len(accounts) != 1:
        raise _other_form(name, f"it has to be about one account, and is about {', '.join(accounts) or 'none'}")
    try:
        return policies_of_pages(AccountId(accounts[0]), [tree])
    except InvalidInput as error:
        raise _other_form(name, f"it has a document that is {error.what}") from None
    except (KeyError, TypeError, AttributeError):
        raise _other_form(name, "a field is missing or of another type") from None


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _other_form(name: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"{name} does not hold the details of an account",
        why=why,
        next_step="make it with: aws iam get-account-authorization-details > details.json",
    )


def policies_of_pages(account: AccountId, pages: Iterable[Mapping[str, Any]]) -> AccountPolicies:
    """Return the policies out of the pages that AWS answers."""
    pages = list(pages)
    return AccountPolicies(
        account,
        users=tuple(_holder(each, "User") for page in pages for each in page.get("UserDetailList", [])),
        groups=tuple(_holder(each, "Group") for page in pages for each in page.get("GroupDetailList", [])),
        roles=tuple(_holder(each, "Role") for page in pages for each in page.get("RoleDetailList", [])),
        managed={
            str(each["Arn"]): _document(version["Document"])
            for page in pages
            for each in page.get("Policies", [])
            for version in each["PolicyVersionList"]
            if version["IsDefaultVersion"]
        },
    )


def _holder(detail: Mapping[str, Any], kind: str) -> Holder:
    trust = detail.get("AssumeRolePolicyDocument")
    return Holder(
        arn=str(detail["Arn"]),
        inline={
            str(each["PolicyName"]): _document(each["PolicyDocument"]) for each in detail.get(f"{kind}PolicyList", [])
        },
        attached=tuple(str(each["PolicyArn"]) for each in detail.get("AttachedManagedPolicies", [])),
        boundary=detail.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        groups=tuple(str(each) for each in detail.get("GroupList", [])),
        trust=_document(trust) if trust is not None else None,
        tags={str(each["Key"]): str(each["Value"]) for each in detail.get("Tags", [])},
        created=_instant(detail.get("CreateDate")),
        last_used=_last_use(detail.get("RoleLastUsed")),
    )


def _last_use(detail: Mapping[str, Any] | None) -> LastUse | None:
    """Return the last use; IAM sends an empty one for a role that nobody used in its time of looking back."""
    if detail is None:
        return None
    region = detail.get("Region")
    return LastUse(_instant(detail.get("LastUsedDate")), str(region) if region else None)


def _instant(value: object) -> datetime | None:
    """Return an instant; boto3 sends it as such, and AWS's tools print it in ISO 8601."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise TypeError("a date is written in ISO 8601") from None
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _document(value: object) -> Document:
    """Return a document; AWS sends it URL-encoded, and its own tools decode it."""
    if isinstance(value, str):
        return parse_document(unquote(value))
    if not isinstance(value, dict):
        raise TypeError("a policy document is an object")
    return document(value)
