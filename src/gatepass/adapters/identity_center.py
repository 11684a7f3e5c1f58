"""AWS IAM Identity Center as the place of the teams' permission sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, assert_never

import boto3
from botocore.exceptions import ClientError

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.adapters.patience import Patience
from gatepass.domain.documents import Document, parse_document
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.identifiers import AccountId
from gatepass.domain.permission_sets import (
    NAME_TAG,
    OUR_PREFIX,
    TEAM_TAG,
    Assign,
    AssigneeKind,
    Assignment,
    CenterGroup,
    CreatePermissionSet,
    DeletePermissionSet,
    IdentityCenter,
    PermissionSet,
    Provision,
    PutInlinePolicy,
    SetChange,
    Unassign,
)
from gatepass.ports.machine import Clock

_DESCRIPTION = "Made by Gatepass from the provider's register; written by hand, it is written over."
# Role chaining ends a session in a customer's account after an hour anyhow.
_SESSION_DURATION = "PT1H"
_GONE = "ResourceNotFoundException"
# What AWS says to those who may not know, and the sandbox where it cannot tell.
_UNKNOWABLE = frozenset({"AccessDeniedException", "AccessDenied", "NotImplemented"})


@dataclass(frozen=True, slots=True)
class _Later:
    """A request that finishes later.

    Attributes:
        status: where its status stands in the answer.
        asking: how the status is asked for.
        number: the parameter that says of which request.
    """

    status: str
    asking: str
    number: str


_CREATION = _Later(
    "AccountAssignmentCreationStatus",
    "describe_account_assignment_creation_status",
    "AccountAssignmentCreationRequestId",
)
_DELETION = _Later(
    "AccountAssignmentDeletionStatus",
    "describe_account_assignment_deletion_status",
    "AccountAssignmentDeletionRequestId",
)
_PROVISIONING = _Later(
    "PermissionSetProvisioningStatus",
    "describe_permission_set_provisioning_status",
    "ProvisionPermissionSetRequestId",
)


class CenterPermissionSets:
    """The permission sets of the Identity Center that the credentials see.

    Changes are made one after another, each until it is done: AWS takes at most ten assignments at a time, and
    a team has one or three.
    """

    def __init__(self, session: boto3.Session, clock: Clock, region: str | None = None) -> None:
        """Use the credentials of the boto3 session in the Region of Identity Center, and wait by the clock."""
        self._sso = client(session, "sso-admin", region)
        self._store = client(session, "identitystore", region)
        self._clock = clock
        self._seen: tuple[str, str] | None = None
        self._arns: dict[str, str] = {}

    def standing(self, account: AccountId) -> IdentityCenter:
        """Return what stands there; permission sets are described one by one, as AWS lists only their ARNs."""
        groups = tuple(self._groups())
        titles = {group.id: group.name for group in groups}
        sets, others = [], set()
        for name, arn in self._candidates():
            team = self._tags(arn).get(TEAM_TAG)
            if team is None:
                others.add(name)
                continue
            self._arns[name] = arn
            sets.append(self._read(name, arn, team, account, titles))
        return IdentityCenter(tuple(sets), frozenset(others), groups, self._maps_name())

    def make(self, change: SetChange) -> None:
        """Make one change, and wait until Identity Center has finished it."""
        match change:
            case CreatePermissionSet(name, team):
                self._create(name, team)
            case PutInlinePolicy(name, text):
                self._put(self._arn(name), text)
            case Provision(name):
                arn, target = self._arn(name), "ALL_PROVISIONED_ACCOUNTS"
                self._finish("provision_permission_set", _PROVISIONING, PermissionSetArn=arn, TargetType=target)
            case Assign(name, assignment):
                arn = self._arn(name)
                if assignment not in self._assignments(arn, str(assignment.account), {}):
                    self._finish("create_account_assignment", _CREATION, PermissionSetArn=arn, **_named(assignment))
            case Unassign() | DeletePermissionSet():
                self._take(change)
            case _:
                assert_never(change)

    def _put(self, arn: str, text: Document | None) -> None:
        if text is None:
            self._call("delete_inline_policy_from_permission_set", PermissionSetArn=arn)
        else:
            self._call("put_inline_policy_to_permission_set", PermissionSetArn=arn, InlinePolicy=text.text)

    def _take(self, change: Unassign | DeletePermissionSet) -> None:
        """Take away what there is; what is gone already is well."""
        try:
            arn = self._arn(change.name)
            if isinstance(change, DeletePermissionSet):
                self._call("delete_permission_set", PermissionSetArn=arn)
                del self._arns[change.name]
            elif change.assignment in self._assignments(arn, str(change.assignment.account), {}):
                self._finish("delete_account_assignment", _DELETION, PermissionSetArn=arn, **_named(change.assignment))
        except NotThere:
            self._arns.pop(change.name, None)

    def _create(self, name: str, team: str) -> None:
        """Create the permission set; one of the same team that already stands is our own call, heard twice."""
        for standing, arn in self._candidates():
            if standing == name:
                if self._tags(arn).get(TEAM_TAG) != team:
                    raise Conflict(
                        f"there is a permission set {name} already",
                        why=f"ours carry the tag {TEAM_TAG} with the team's name, and this one does not",
                        next_step="rename the team in the register, or delete it in Identity Center",
                    )
                self._arns[name] = arn
                return
        answer = self._call(
            "create_permission_set",
            Name=name,
            Description=_DESCRIPTION,
            SessionDuration=_SESSION_DURATION,
            Tags=[{"Key": TEAM_TAG, "Value": team}],
        )
        self._arns[name] = answer["PermissionSet"]["PermissionSetArn"]

    def _read(self, name: str, arn: str, team: str, account: AccountId, titles: Mapping[str, str]) -> PermissionSet:
        text = self._call("get_inline_policy_for_permission_set", PermissionSetArn=arn).get("InlinePolicy")
        listing = "list_accounts_for_provisioned_permission_set"
        accounts = {str(account), *self._pages(listing, "AccountIds", PermissionSetArn=arn)}
        found = {each for one in sorted(accounts) for each in self._assignments(arn, one, titles)}
        latest = "LATEST_PERMISSION_SET_PROVISIONED"
        current = set(self._pages(listing, "AccountIds", PermissionSetArn=arn, ProvisioningStatus=latest))
        carried = {str(each.account) for each in found} <= current
        return PermissionSet(name, team, parse_document(text) if text else None, frozenset(found), carried)

    def _assignments(self, arn: str, account: str, titles: Mapping[str, str]) -> Iterator[Assignment]:
        for each in self._pages(
            "list_account_assignments", "AccountAssignments", PermissionSetArn=arn, AccountId=account
        ):
            title = titles.get(each["PrincipalId"], "")
            yield Assignment(AccountId(account), AssigneeKind(each["PrincipalType"]), each["PrincipalId"], title)

    def _candidates(self) -> Iterator[tuple[str, str]]:
        """Yield the permission sets with names like ours, with their ARNs."""
        for arn in self._pages("list_permission_sets", "PermissionSets"):
            name = self._call("describe_permission_set", PermissionSetArn=arn)["PermissionSet"]["Name"]
            if name.startswith(OUR_PREFIX):
                yield name, arn

    def _tags(self, arn: str) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self._pages("list_tags_for_resource", "Tags", ResourceArn=arn)}

    def _groups(self) -> Iterator[CenterGroup]:
        with _in_words("identitystore:ListGroups"):
            for page in self._store.get_paginator("list_groups").paginate(IdentityStoreId=self._instance()[1]):
                for group in page["Groups"]:
                    yield CenterGroup(group["GroupId"], group.get("DisplayName", ""))

    def _maps_name(self) -> bool | None:
        request = {"InstanceArn": self._instance()[0]}
        with in_our_words("sso:DescribeInstanceAccessControlAttributeConfiguration"):
            try:
                answer = self._sso.describe_instance_access_control_attribute_configuration(**request)
            except ClientError as error:
                if _code(error) in _UNKNOWABLE:
                    return None
                if _code(error) == _GONE:
                    return False
                raise
        mapped = answer.get("InstanceAccessControlAttributeConfiguration", {}).get("AccessControlAttributes", [])
        return any(each["Key"] == NAME_TAG for each in mapped)

    def _instance(self) -> tuple[str, str]:
        """Return the ARN of the instance, and its identity store.

        Raises:
            NotThere: there is none to see.
            Conflict: there are several.
        """
        if self._seen is None:
            with _in_words("sso:ListInstances"):
                pages = self._sso.get_paginator("list_instances").paginate()
                found = [(each["InstanceArn"], each["IdentityStoreId"]) for page in pages for each in page["Instances"]]
            where = self._sso.meta.region_name
            if not found:
                raise NotThere(
                    f"these credentials see no Identity Center in {where}",
                    why="it stands in one Region, and only the account that administers it sees it",
                    next_step="set AWS_REGION to its Region, or use credentials of the account that administers it",
                )
            if len(found) > 1:
                raise Conflict(
                    f"these credentials see {len(found)} instances of Identity Center in {where}",
                    why="only the organisation's own has permission sets, and the list does not tell which it is",
                    next_step="use credentials of the account that administers the organisation's instance",
                )
            self._seen = found[0]
        return self._seen

    def _arn(self, name: str) -> str:
        if name not in self._arns:
            self._arns.update((each, arn) for each, arn in self._candidates() if TEAM_TAG in self._tags(arn))
        if name not in self._arns:
            raise NotThere(
                f"there is no permission set {name}", why="somebody deleted it", next_step="run the command again"
            )
        return self._arns[name]

    def _pages(self, operation: str, key: str, **request: object) -> Iterator[Any]:
        with _in_words(_subject(operation, request)):
            for page in self._sso.get_paginator(operation).paginate(InstanceArn=self._instance()[0], **request):
                yield from page[key]

    def _call(self, operation: str, **request: object) -> dict[str, Any]:
        subject, instance = _subject(operation, request), self._instance()[0]
        patience = Patience(self._clock, subject)
        with _in_words(subject):
            return patience.until_free(lambda: dict(getattr(self._sso, operation)(InstanceArn=instance, **request)))

    def _finish(self, operation: str, later: _Later, **request: object) -> None:
        status = self._call(operation, **request)[later.status]
        patience = Patience(self._clock, _subject(operation, request))
        patience.until_done(
            status, lambda: self._call(later.asking, **{later.number: status["RequestId"]})[later.status]
        )


@contextmanager
def _in_words(subject: str) -> Iterator[None]:
    with in_our_words(subject):
        try:
            yield
        except ClientError as error:
            if _code(error) != _GONE:
                raise
            raise NotThere(
                f"{subject}: there is no such thing",
                why=f"{_GONE}: {error.response.get('Error', {}).get('Message', '')}",
                next_step="look with gatepass plan what stands",
            ) from None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _subject(operation: str, request: Mapping[str, object]) -> str:
    action = "".join(word.capitalize() for word in operation.split("_"))
    about = request.get("Name") or request.get("PermissionSetArn") or request.get("ResourceArn")
    return f"sso:{action} for {about}" if about else f"sso:{action}"


def _named(assignment: Assignment) -> dict[str, object]:
    return {
        "TargetId": str(assignment.account),
        "TargetType": "AWS_ACCOUNT",
        "PrincipalType": assignment.kind.value,
        "PrincipalId": assignment.assignee,
    }
