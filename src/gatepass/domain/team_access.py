"""What stands in the provider's account for its teams: the policies that let them into customers' roles."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum

from gatepass.domain import documents
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.documents import Document
from gatepass.domain.identifiers import AccountId, Partition, PolicyArn
from gatepass.domain.register import Access, TeamName

# IAM path under which every policy of a team lives; whatever lies there is written by nobody else.
TEAMS_PATH = "/gatepass/teams/"

# "IAM and AWS STS quotas", IAM User Guide; the first two are fixed, the others are AWS's defaults.
LARGEST_POLICY = 6_144
MOST_VERSIONS = 5
POLICIES_PER_GROUP = 10
POLICIES_PER_ROLE = 10
POLICIES_PER_ACCOUNT = 1_500

# What stands before the number in a policy's name: a team may be let in by several means, each with its own policies.
_LETTERS = {Access.GROUP: "", Access.ROLE: "r"}
# A number ends every other name.
_STORE = "-store"
_NAME = re.compile(r"gatepass-(?P<team>.+)-(?P<letter>[a-z]?)(?P<number>[0-9]+)", re.ASCII)


class HolderKind(Enum):
    """What a policy can be attached to."""

    GROUP = "group"
    ROLE = "role"
    USER = "user"


@dataclass(frozen=True, slots=True)
class TeamHolder:
    """A group, a role or a user of the provider's account, by its name."""

    kind: HolderKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}"


@dataclass(frozen=True, slots=True)
class TeamPolicy:
    """One customer-managed policy under our path, as it is wanted or as it stands.

    Attributes:
        document: of its default version.
        holders: to whom it is attached.
        versions: the IDs of its other versions, the oldest first; none of a policy that is wanted.
    """

    name: str
    document: Document = field(repr=False)
    holders: frozenset[TeamHolder] = frozenset()
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamQuotas:
    """What the account may hold, as far as teams need it.

    Attributes:
        per_group: how many managed policies a group may hold.
        per_role: how many managed policies a role may hold.
        policies: how many managed policies of its own the account may have.
        policies_now: how many it has.
    """

    per_group: int = POLICIES_PER_GROUP
    per_role: int = POLICIES_PER_ROLE
    policies: int = POLICIES_PER_ACCOUNT
    policies_now: int = 0


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """The provider's account as it stands.

    Attributes:
        policies: those under our path.
        everything: every policy of the account, and who holds it.
        quotas: None when the credentials may not know.
    """

    partition: Partition
    policies: tuple[TeamPolicy, ...]
    everything: AccountPolicies = field(repr=False)
    quotas: TeamQuotas | None = None

    @property
    def account(self) -> AccountId:
        """Whose account it is."""
        return self.everything.account


@dataclass(frozen=True, slots=True)
class CreatePolicy:
    """Make a policy, attached to nobody."""

    policy: str
    document: Document = field(repr=False)


@dataclass(frozen=True, slots=True)
class PutVersion:
    """Make a new version of a policy, which counts from then on.

    Attributes:
        is_narrower: whether it only takes away; for a person who reads the plan.
    """

    policy: str
    document: Document = field(repr=False)
    is_narrower: bool = False


@dataclass(frozen=True, slots=True)
class DeleteVersion:
    """Delete an old version of a policy, to make room for a new one."""

    policy: str
    version: str


@dataclass(frozen=True, slots=True)
class AttachPolicyTo:
    """Attach a policy to a group or a role."""

    policy: str
    holder: TeamHolder


@dataclass(frozen=True, slots=True)
class DetachPolicyFrom:
    """Detach a policy from a group, a role or a user."""

    policy: str
    holder: TeamHolder


@dataclass(frozen=True, slots=True)
class DeletePolicy:
    """Delete a policy that nobody holds and that has one version."""

    policy: str


TeamChange = CreatePolicy | PutVersion | DeleteVersion | AttachPolicyTo | DetachPolicyFrom | DeletePolicy


def policy_name(team: TeamName, means: Access, number: int) -> str:
    """Return the name of one of a team's policies, counted from 1."""
    return f"gatepass-{team}-{_LETTERS[means]}{number}"


def numbered_policies(policies: Collection[TeamPolicy], team: TeamName, means: Access) -> dict[int, TeamPolicy]:
    """Return those of the policies that let the team in by the means, by their numbers and in that order."""
    found = {}
    for policy in policies:
        match = _NAME.fullmatch(policy.name)
        if match and match["team"] == team.text and match["letter"] == _LETTERS[means]:
            found[int(match["number"])] = policy
    return dict(sorted(found.items()))


def store_policy(
    partition: Partition, account: AccountId, team: TeamName, holders: frozenset[TeamHolder]
) -> TeamPolicy:
    """Return the policy by which a team reads its own second factors in the shared store, and no other team's."""
    own = f"gatepass/provider/{team}/*"
    document = documents.policy(
        {
            "Sid": "OwnSecondFactors",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue", "ssm:GetParameter"],
            "Resource": [
                f"arn:{partition}:secretsmanager:*:{account}:secret:{own}",
                f"arn:{partition}:ssm:*:{account}:parameter/{own}",
            ],
        }
    )
    return TeamPolicy(f"gatepass-{team}{_STORE}", document, holders)


def team_of(name: str) -> str | None:
    """Return the team that a policy's name tells, or None for a name that is none of ours."""
    if name.startswith("gatepass-") and name.endswith(_STORE):
        return name.removeprefix("gatepass-").removesuffix(_STORE)
    match = _NAME.fullmatch(name)
    return match["team"] if match else None


def team_policy_arn(partition: Partition, account: AccountId, name: str) -> PolicyArn:
    """Return the ARN of a policy under our path."""
    return PolicyArn(f"arn:{partition}:iam::{account}:policy{TEAMS_PATH}{name}")
