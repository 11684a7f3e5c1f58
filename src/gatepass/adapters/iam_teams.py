"""AWS IAM as the place of the teams' policies, in the provider's own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

import boto3
from botocore.exceptions import ClientError

from gatepass.adapters.authorization_details import policies_of_pages
from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.adapters.iam_calls import IamCalls
from gatepass.adapters.iam_team_roles import IamTeamRoles
from gatepass.domain.documents import document
from gatepass.domain.errors import AccessRefused, Conflict
from gatepass.domain.identifiers import AccountId, Partition
from gatepass.domain.plan_team_roles import TeamRoleChange
from gatepass.domain.team_access import (
    TEAMS_PATH,
    AttachPolicyTo,
    CreatePolicy,
    DeletePolicy,
    DeleteVersion,
    DetachPolicyFrom,
    HolderKind,
    ProviderAccount,
    PutVersion,
    TeamChange,
    TeamHolder,
    TeamPolicy,
    TeamQuotas,
    team_policy_arn,
)

_DESCRIPTION = "Made by Gatepass from the provider's register; written by hand, it is written over."
_LARGEST_PAGE = 1000
_LISTS = (
    ("UserDetailList", HolderKind.USER, "UserName"),
    ("GroupDetailList", HolderKind.GROUP, "GroupName"),
    ("RoleDetailList", HolderKind.ROLE, "RoleName"),
)


class IamTeams:
    """The policies of teams in the account that the credentials belong to."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self._calls = IamCalls(session)
        self._roles = IamTeamRoles(self._calls)
        self._sts = client(session, "sts")
        self._owner: tuple[Partition, AccountId] | None = None

    def owner(self) -> tuple[Partition, AccountId]:
        """Return whose account this is."""
        if self._owner is None:
            with in_our_words("sts:GetCallerIdentity"):
                answer = self._sts.get_caller_identity()
            self._owner = Partition(answer["Arn"].split(":")[1]), AccountId(answer["Account"])
        return self._owner

    def standing(self) -> ProviderAccount:
        """Return everything that IAM holds of the account, from the pages of GetAccountAuthorizationDetails."""
        partition, account = self.owner()
        with in_our_words("iam:GetAccountAuthorizationDetails"):
            paginator = self._calls.iam.get_paginator("get_account_authorization_details")
            pages = list(paginator.paginate(PaginationConfig={"PageSize": _LARGEST_PAGE}))
        holders = _holders(pages)
        ours = [each for page in pages for each in page.get("Policies", []) if each["Path"] == TEAMS_PATH]
        policies = tuple(_policy(each, holders.get(each["Arn"], frozenset())) for each in ours)
        return ProviderAccount(partition, policies, policies_of_pages(account, pages), self._quotas())

    def make(self, change: TeamChange | TeamRoleChange) -> None:
        """Make one change, which is one call; deleting and detaching what is gone are successes."""
        if isinstance(change, TeamRoleChange):
            self._roles.make(change)
        else:
            self._make(change)

    def _make(self, change: TeamChange) -> None:
        call, call_unless_gone = self._calls.call, self._calls.call_unless_gone
        partition, account = self.owner()
        arn = str(team_policy_arn(partition, account, change.policy))
        match change:
            case CreatePolicy(name, text):
                self._create(name, text.text, arn)
            case PutVersion(_, text):
                call("create_policy_version", PolicyArn=arn, PolicyDocument=text.text, SetAsDefault=True)
            case DeleteVersion(_, version):
                call_unless_gone("delete_policy_version", PolicyArn=arn, VersionId=version)
            case AttachPolicyTo(_, holder):
                kind = holder.kind.value
                call(f"attach_{kind}_policy", **_named(holder), PolicyArn=arn)
            case DetachPolicyFrom(_, holder):
                kind = holder.kind.value
                call_unless_gone(f"detach_{kind}_policy", **_named(holder), PolicyArn=arn)
            case DeletePolicy():
                call_unless_gone("delete_policy", PolicyArn=arn)
            case _:
                assert_never(change)

    def _create(self, name: str, text: str, arn: str) -> None:
        """Create the policy; one that already stands exactly so is our own call, heard twice."""
        try:
            self._calls.call(
                "create_policy",
                PolicyName=name,
                Path=TEAMS_PATH,
                PolicyDocument=text,
                Description=_DESCRIPTION,
            )
        except Conflict:
            if self._text(arn) != text:
                raise

    def _text(self, arn: str) -> str | None:
        """Return what a policy says now, or None where there is none that may be read."""
        try:
            version = self._calls.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            answer = self._calls.iam.get_policy_version(PolicyArn=arn, VersionId=version)
        except ClientError:
            return None
        return document(answer["PolicyVersion"]["Document"]).text

    def _quotas(self) -> TeamQuotas | None:
        try:
            with in_our_words("iam:GetAccountSummary"):
                summary = self._calls.iam.get_account_summary()["SummaryMap"]
        except AccessRefused:
            return None
        return TeamQuotas(
            per_group=summary["AttachedPoliciesPerGroupQuota"],
            per_role=summary["AttachedPoliciesPerRoleQuota"],
            policies=summary["PoliciesQuota"],
            policies_now=summary["Policies"],
            roles=summary["RolesQuota"],
        )


def _named(holder: TeamHolder) -> dict[str, object]:
    return {f"{holder.kind.value.capitalize()}Name": holder.name}


def _holders(pages: list[dict[str, Any]]) -> Mapping[str, frozenset[TeamHolder]]:
    """Return who holds each managed policy, by its ARN."""
    found: dict[str, set[TeamHolder]] = {}
    for page in pages:
        for listed, kind, key in _LISTS:
            for detail in page.get(listed, []):
                for attached in detail.get("AttachedManagedPolicies", []):
                    found.setdefault(attached["PolicyArn"], set()).add(TeamHolder(kind, detail[key]))
    return {arn: frozenset(holders) for arn, holders in found.items()}


def _policy(detail: Mapping[str, Any], holders: frozenset[TeamHolder]) -> TeamPolicy:
    versions = sorted(detail["PolicyVersionList"], key=lambda version: int(version["VersionId"][1:]))
    (default,) = (version for version in versions if version["IsDefaultVersion"])
    others = tuple(str(version["VersionId"]) for version in versions if not version["IsDefaultVersion"])
    return TeamPolicy(detail["PolicyName"], document(default["Document"]), holders, others)
