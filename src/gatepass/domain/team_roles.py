"""The provider's own roles by which a team enters its customers, one for each team and customer.

A customer may trust exactly one of them, and CloudTrail tells which one was used. They lie under a path for each
team, so that one statement of constant size lets the team into all of its own and into no other's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, Partition, RoleArn, RoleName, role_arn
from gatepass.domain.limits import VERIFIER
from gatepass.domain.packing import USER_NAME
from gatepass.domain.packing_form import Kind, allowing, resource, tail_of
from gatepass.domain.permission_sets import TEAM_TAG
from gatepass.domain.register import Access, CustomerName, Team, TeamName
from gatepass.domain.team_access import TeamHolder, TeamPolicy, policy_name

# IAM path under which every such role lies, below the name of its team; whatever lies there is written by nobody else.
CUSTOMERS_PATH = "/gatepass/customers/"
CUSTOMER_TAG = "gatepass:customer"
# The one policy of such a role, besides a Deny of sessions from before its trust was changed.
WAY_POLICY = "gatepass-way"

# "IAM and AWS STS quotas", IAM User Guide: a role's name; its inline policies together; a trust policy by default.
LONGEST_ROLE_NAME = 64
LARGEST_INLINE = 10_240
LARGEST_TRUST = 2_048

# What the source identity must be: the one that the session was begun under. AWS lets nobody change it on the way.
KEPT_NAME = "${aws:SourceIdentity}"
_PREFIX = "gatepass-"
# Neither can stand in the name of a team or a customer, so that no two roles share a name: IAM keeps names unique
# whatever their paths, and team a with customer b-c is another than team a-b with customer c.
_BETWEEN, _CUT = ".", "_"
_DIGEST_LENGTH = 12


@dataclass(frozen=True, slots=True)
class TeamRole:
    """One of these roles as it is wanted.

    Attributes:
        arn: in the provider's own account.
        trust: who may enter it: principals of the own account under their own names, as far as AWS can tell.
        reach: the customer's roles that it may enter.
    """

    arn: RoleArn
    team: TeamName
    customer: CustomerName
    trust: Document = field(repr=False)
    reach: frozenset[RoleArn]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.arn.name)

    @property
    def document(self) -> Document:
        """Its policy."""
        return way_document(self.reach)

    @property
    def tags(self) -> dict[str, str]:
        """What marks it as ours."""
        return {TEAM_TAG: str(self.team), CUSTOMER_TAG: str(self.customer)}


def team_path(team: TeamName | str) -> str:
    """Return the path of a team's roles; no team's name holds a slash, so none begins as another's does."""
    return f"{CUSTOMERS_PATH}{team}/"


def team_role_name(team: TeamName, customer: CustomerName) -> RoleName:
    """Return the name of the role for a team and a customer; a long one is cut, with a digest of the whole."""
    whole = f"{_PREFIX}{team}{_BETWEEN}{customer}"
    if len(whole) <= LONGEST_ROLE_NAME:
        return RoleName(whole)
    digest = sha256(whole.encode()).hexdigest()[:_DIGEST_LENGTH]
    return RoleName(f"{whole[: LONGEST_ROLE_NAME - _DIGEST_LENGTH - 1]}{_CUT}{digest}")


def team_role_arn(partition: Partition, account: AccountId, team: TeamName, customer: CustomerName) -> RoleArn:
    """Return the ARN of the role for a team and a customer."""
    return role_arn(partition, account, team_role_name(team, customer), team_path(team))


def group_trust(partition: Partition, account: AccountId) -> Document:
    """Return the trust for engineers who are IAM users: each under the name of its own user.

    AWS knows no group as a principal. A session of a role has no user name, so none gets in, whatever its policies.
    """
    named = {"StringEquals": {"sts:SourceIdentity": USER_NAME}, "StringNotEquals": {"sts:SourceIdentity": VERIFIER}}
    return _trust(partition, account, named, {})


def role_trust(partition: Partition, account: AccountId, roles: Collection[str]) -> Document:
    """Return the trust for sessions of these roles, by their ARNs, under some name."""
    # Not ArnEquals: it reads patterns, and a path may hold a star.
    ours = {"StringEquals": {"aws:PrincipalArn": sorted(roles)}}
    return _trust(partition, account, {**ours, "StringLike": {"sts:SourceIdentity": "?*"}}, ours)


def _trust(
    partition: Partition, account: AccountId, entering: Mapping[str, object], labelling: Mapping[str, object]
) -> Document:
    """Return a trust in two statements: session tags do not carry the source identity that entering asks for."""
    common = {"Effect": "Allow", "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"}}
    enter: dict[str, object] = {**common, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"], "Condition": entering}
    label: dict[str, object] = {**common, "Action": "sts:TagSession"}
    return policy(enter, {**label, "Condition": labelling} if labelling else label)


def way_document(roles: Collection[RoleArn]) -> Document:
    """Return the policy that lets a session into exactly these roles, under the name that it was begun with."""
    (partition,) = {str(role.partition) for role in roles}
    arns = [resource(partition, str(role.account), tail_of(role)) for role in sorted(roles)]
    return policy(*allowing(Kind(partition, is_ours=False), KEPT_NAME, arns))


def way_of(document: Document | None) -> frozenset[RoleArn] | None:
    """Return the roles that such a policy lets into, none for no policy, or None for one that we did not write."""
    if document is None:
        return frozenset()
    resources = document.statements[0].get("Resource") if document.statements else None
    listed = resources if isinstance(resources, list) else [resources]
    try:
        roles = frozenset(RoleArn(str(each)) for each in listed)
        return roles if way_document(roles) == document else None
    except (InvalidInput, ValueError):
        return None


def team_door(
    partition: Partition, account: AccountId, team: Team, holders: frozenset[TeamHolder], own_name: str | None
) -> TeamPolicy:
    """Return the policy that lets a team into all of its own roles, however many they are."""
    every = f"arn:{partition}:iam::{account}:role{team_path(team.name)}*"
    document = policy(*allowing(Kind(str(partition), is_ours=False), own_name, [every]))
    return TeamPolicy(policy_name(team, Access.ROLE_PER_CUSTOMER, 1), document, holders)


def standing_team_roles(everything: AccountPolicies) -> tuple[Holder, ...]:
    """Return every role under our path."""
    return tuple(role for role in everything.roles if is_team_role(role.arn))


def is_team_role(arn: str) -> bool:
    """Say whether a role lies under the path of these roles."""
    return arn.split(":", 5)[-1].startswith(f"role{CUSTOMERS_PATH}")


def team_in(arn: str) -> str:
    """Return the team whose path a role of ours lies under."""
    return arn.partition(f":role{CUSTOMERS_PATH}")[2].partition("/")[0]
