"""AWS IAM as the place of the provider's own roles for single customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from gatepass.adapters.iam_calls import IamCalls, aws_time
from gatepass.domain.documents import document
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.plan_team_roles import (
    DeleteTeamRole,
    DetachFromTeamRole,
    EndTeamRoleSessions,
    MakeTeamRole,
    PutTeamRolePolicy,
    PutTeamRoleTrust,
    TagTeamRole,
    TakeTeamRolePolicy,
    TeamRoleChange,
)
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.session import LONGEST_CHAINED_SESSION
from gatepass.domain.switch import deny_sessions_from_before
from gatepass.domain.team_roles import WAY_POLICY

_DESCRIPTION = "Made by Gatepass from the provider's register; changed by hand, it is changed back."


class IamTeamRoles:
    """The roles under our path in the account that the credentials belong to."""

    def __init__(self, calls: IamCalls) -> None:
        """Make the calls with these credentials."""
        self._calls = calls

    def make(self, change: TeamRoleChange) -> None:
        """Make one change, which is one call; ending sessions first asks AWS for its time."""
        call, role = self._calls.call, change.role
        match change:
            case MakeTeamRole():
                self._make(change)
            case PutTeamRoleTrust(_, trust):
                call("update_assume_role_policy", RoleName=role, PolicyDocument=trust.text)
            case EndTeamRoleSessions():
                ended = deny_sessions_from_before(aws_time(call("get_role", RoleName=role)))
                call("put_role_policy", RoleName=role, PolicyName=SWITCH_POLICY, PolicyDocument=ended.text)
            case PutTeamRolePolicy(_, text):
                call("put_role_policy", RoleName=role, PolicyName=WAY_POLICY, PolicyDocument=text.text)
            case TakeTeamRolePolicy(_, policy):
                self._calls.call_unless_gone("delete_role_policy", RoleName=role, PolicyName=policy)
            case DetachFromTeamRole(_, arn):
                self._calls.call_unless_gone("detach_role_policy", RoleName=role, PolicyArn=arn)
            case TagTeamRole(_, tags):
                call("tag_role", RoleName=role, Tags=_tag_list(tags))
            case DeleteTeamRole():
                self._calls.call_unless_gone("delete_role", RoleName=role)
            case _:
                assert_never(change)

    def _make(self, change: MakeTeamRole) -> None:
        """Create the role; one that already stands exactly so is our own call, heard twice."""
        try:
            self._calls.call(
                "create_role",
                RoleName=change.role,
                Path=change.path,
                AssumeRolePolicyDocument=change.trust.text,
                MaxSessionDuration=int(LONGEST_CHAINED_SESSION.total_seconds()),
                Description=_DESCRIPTION,
                Tags=_tag_list(change.tags),
            )
        except Conflict:
            if not self._stands(change):
                raise

    def _stands(self, change: MakeTeamRole) -> bool:
        try:
            role = self._calls.call("get_role", RoleName=change.role)["Role"]
        except NotThere:
            return False
        return bool(role["Path"] == change.path and document(role["AssumeRolePolicyDocument"]) == change.trust)


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
