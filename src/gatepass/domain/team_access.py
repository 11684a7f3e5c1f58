"""What stands in the provider's account for its teams: the policies that let them into customers' roles."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum

from gatepass.domain import documents
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.documents import Document
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, Partition, PolicyArn
from gatepass.domain.kept_secrets import SECRETS_PATH
from gatepass.domain.register import Access, Team, TeamName

# IAM path under which every policy of a team lives; whatever lies there is written by nobody else.
TEAMS_PATH = "/gatepass/teams/"

# "IAM and AWS STS quotas", IAM User Guide; the first two are fixed, the others are AWS's defaults.
LARGEST_POLICY = 6_144
MOST_VERSIONS = 5
POLICIES_PER_GROUP = 10
POLICIES_PER_ROLE = 10
POLICIES_PER_ACCOUNT = 1_500
ROLES_PER_ACCOUNT = 1_000

# What stands before the number in a policy's name: a team may be let in by several means, each with its own policies.
_LETTERS = {Access.GROUP: "", Access.ROLE: "r", Access.ROLE_PER_CUSTOMER: "c"}
# A number ends every other name.
_STORE = "-store"
STORE_SID = "OwnSecondFactors"
_NAME = re.compile(r"(?P<prefix>.+)-(?P<letter>[a-z]?)(?P<number>[0-9]+)", re.ASCII)
_USUAL_PREFIX = "gatepass-"
# IAM API Reference, CreatePolicy: PolicyName has at most 128 characters, of which the end may take six.
_PREFIX = re.compile(r"[\w+=,.@-]{1,122}", re.ASCII)


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
        roles: how many roles the account may have.
    """

    per_group: int = POLICIES_PER_GROUP
    per_role: int = POLICIES_PER_ROLE
    policies: int = POLICIES_PER_ACCOUNT
    policies_now: int = 0
    roles: int = ROLES_PER_ACCOUNT


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


def demand_policy_prefix(text: str) -> str:
    """Let only text pass with which the names of policies can begin.

    Raises:
        InvalidInput: IAM would not take it.
    """
    if not _PREFIX.fullmatch(text):
        raise InvalidInput(
            f"{text!r} cannot begin the name of an IAM policy",
            why="IAM takes letters, digits and +=,.@-_; with the number that follows it has room for 122 of them",
            next_step="choose a short name such as: NetOpsCustomers",
        )
    return text


def policy_name(team: Team | TeamName, means: Access, number: int) -> str:
    """Return the name of one of a team's policies, counted from 1."""
    return f"{_prefix(team)}-{_LETTERS[means]}{number}"


def _prefix(team: Team | TeamName) -> str:
    return team.policy_prefix if isinstance(team, Team) else f"{_USUAL_PREFIX}{team}"


def numbered_policies(policies: Collection[TeamPolicy], team: Team | TeamName, means: Access) -> dict[int, TeamPolicy]:
    """Return those of the policies that let the team in by the means, by their numbers and in that order."""
    found = {}
    for policy in policies:
        match = _NAME.fullmatch(policy.name)
        if match and match["prefix"] == _prefix(team) and match["letter"] == _LETTERS[means]:
            found[int(match["number"])] = policy
    return dict(sorted(found.items()))


def store_policy(partition: Partition, account: AccountId, team: Team, holders: frozenset[TeamHolder]) -> TeamPolicy:
    """Return the policy by which a team reads its own second factors in the shared store, and no other team's."""
    statement = store_statement(partition, account, team.name)
    return TeamPolicy(f"{team.policy_prefix}{_STORE}", documents.policy(statement), holders)


def store_statement(partition: Partition, account: AccountId, team: TeamName) -> dict[str, object]:
    """Return what allows a team to read its own second factors, and nothing else."""
    own = f"{SECRETS_PATH}{team}/*"
    return {
        "Sid": STORE_SID,
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "ssm:GetParameter"],
        "Resource": [
            f"arn:{partition}:secretsmanager:*:{account}:secret:{own}",
            f"arn:{partition}:ssm:*:{account}:parameter/{own}",
        ],
    }


def team_of(name: str, teams: Iterable[Team] = ()) -> str | None:
    """Return the team that a policy's name tells, or None for a name that tells none.

    Args:
        name: the policy's.
        teams: those that may have names of their own for their policies.
    """
    match = _NAME.fullmatch(name)
    prefix = name.removesuffix(_STORE) if name.endswith(_STORE) else match["prefix"] if match else None
    if prefix is None:
        return None
    named = next((team.name.text for team in teams if team.policy_prefix == prefix), None)
    usual = prefix.removeprefix(_USUAL_PREFIX) if prefix.startswith(_USUAL_PREFIX) else None
    return named or usual


def team_policy_arn(partition: Partition, account: AccountId, name: str) -> PolicyArn:
    """Return the ARN of a policy under our path."""
    return PolicyArn(f"arn:{partition}:iam::{account}:policy{TEAMS_PATH}{name}")
