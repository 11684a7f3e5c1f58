"""The smallest IAM policy with which a person can use Gatepass, as a JSON document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from gatepass.domain.documents import document
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import ROLE_PATH, AccountId, Partition, PolicyArn, RoleName
from gatepass.domain.permission_sets import TEAM_TAG
from gatepass.domain.rights import Purpose, Right, Target
from gatepass.domain.team_access import TEAMS_PATH
from gatepass.domain.team_roles import CUSTOMERS_PATH

# "IAM and AWS STS quotas", IAM User Guide: a managed policy, white space not counted.
LARGEST_MANAGED_POLICY = 6_144

_POLICY_ARN_ACTION = "iam:AttachRolePolicy"
_BOUNDARY_CHANGES = {"iam:PutRolePermissionsBoundary": "put", "iam:DeleteRolePermissionsBoundary": "delete"}
# sts:SourceIdentity is no condition key of sts:TagSession.
_NAMED = Purpose.ENTER


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What a customer's file lets the policy leave out.

    Attributes:
        policies: the managed policies that its grants name: ARNs, with ``*`` where only a name is known.
        boundaries: the permissions boundaries that its grants set.
        all_bounded: whether every grant sets one; only then can the policy demand one.
        adopted: the roles under other paths that its grants keep.
        topic: the SNS topic that is told, by ARN.
        sender: the address that e-mail comes from.
    """

    policies: tuple[str, ...]
    boundaries: tuple[PolicyArn, ...]
    all_bounded: bool
    adopted: tuple[RoleName, ...]
    topic: str | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the rights hold.

    Attributes:
        account: the customer's own account; None where the roles are in other accounts.
        customers: the accounts whose roles an engineer may enter; none for any account but his own.
        name_key: the condition key that holds the engineer's own name.
        name: the one name that every session must carry instead; empty for the engineer's own.
        teams: the teams whose second factors an engineer reads.
    """

    partition: Partition
    account: AccountId | None = None
    customers: tuple[AccountId, ...] = ()
    name_key: str = "aws:username"
    name: str = ""
    teams: tuple[str, ...] = ()

    @property
    def demanded_name(self) -> str:
        """What the source identity must be."""
        return self.name or f"${{{self.name_key}}}"


def least_rights(rights: Iterable[Right], reach: Reach, limits: FileLimits | None = None) -> dict[str, object]:
    """Return the policy document that gives exactly these rights.

    Raises:
        Conflict: it is longer than a managed policy may be.
    """
    groups: dict[tuple[str, Target], list[Right]] = {}
    for right in rights:
        if _resources(right.target, reach, limits) and (limits is None or _is_used(right, limits)):
            groups.setdefault((_sid(right, limits), right.target), []).append(right)
    statements = [_statement(sid, target, group, reach, limits) for (sid, target), group in groups.items()]
    made: dict[str, object] = {"Version": "2012-10-17", "Statement": statements}
    if (size := document(made).size) > LARGEST_MANAGED_POLICY:
        raise Conflict(
            f"the policy has {size} characters, and IAM takes {LARGEST_MANAGED_POLICY} in a managed policy",
            why="it names every account, policy, boundary and adopted role",
            next_step="leave --file out, or name fewer accounts at a time and attach several policies",
        )
    return made


def _is_used(right: Right, limits: FileLimits) -> bool:
    """Leave out what the file never asks for."""
    match _BOUNDARY_CHANGES.get(right.action):
        case "put":
            return bool(limits.boundaries)
        case "delete":
            return not limits.all_bounded
        case _:
            return right.action != _POLICY_ARN_ACTION or bool(limits.policies)


def _sid(right: Right, limits: FileLimits | None) -> str:
    """Return the statement that the right belongs to: rights under other conditions need another one."""
    if limits is None:
        return right.purpose.value
    named = "NamedPolicies" if right.action == _POLICY_ARN_ACTION else ""
    bounded = "Bounded" if right.widens and limits.all_bounded else ""
    return f"{right.purpose.value}{named}{bounded}"


def _statement(
    sid: str, target: Target, group: Sequence[Right], reach: Reach, limits: FileLimits | None
) -> dict[str, object]:
    statement: dict[str, object] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(right.action for right in group),
        "Resource": _one_or_all(_resources(target, reach, limits)),
    }
    condition = {**_file_condition(group[0], limits), **_entry_condition(group[0], reach)}
    if target is Target.TEAM_HOLDERS:
        condition["ArnLike"] = {"iam:PolicyARN": _team_policies(reach)}
    if target is Target.TEAM_SETS:
        condition["StringLike"] = {f"aws:ResourceTag/{TEAM_TAG}": "*"}
    if condition:
        statement["Condition"] = condition
    return statement


def _resources(target: Target, reach: Reach, limits: FileLimits | None) -> list[str]:  # noqa: C901, PLR0911, PLR0912 - one case a target
    """Return what the action may work on; nothing when the file does not have it."""
    own = str(reach.account or "*")
    match target:
        case Target.ACCOUNT:
            return ["*"]
        case Target.OUR_ROLES:
            roles = f"arn:{reach.partition}:iam::{own}:role"
            adopted = limits.adopted if limits is not None else ()
            # The file names an adopted role without its path.
            return [f"{roles}{ROLE_PATH}*", *(f"{roles}/{path}{name}" for name in adopted for path in ("", "*/"))]
        case Target.CUSTOMERS_ROLES:
            accounts = [str(account) for account in reach.customers] or ["*"]
            return [f"arn:{reach.partition}:iam::{account}:role{ROLE_PATH}*" for account in accounts]
        case Target.TOPIC:
            return [limits.topic] if limits is not None and limits.topic else []
        case Target.SENDER:
            # The address itself may be verified, or its domain; the condition on the sender narrows both.
            return [f"arn:{reach.partition}:ses:*:{own}:identity/*"] if limits is not None and limits.sender else []
        case Target.PARAMETERS:
            return [f"arn:{reach.partition}:ssm:*:{own}:parameter/gatepass/*"]
        case Target.SECRETS:
            return [f"arn:{reach.partition}:secretsmanager:*:{own}:secret:gatepass/*"]
        case Target.TEAM_PARAMETERS:
            return [f"arn:{reach.partition}:ssm:*:{own}:parameter/gatepass/{team}/*" for team in reach.teams]
        case Target.TEAM_SECRETS:
            return [f"arn:{reach.partition}:secretsmanager:*:{own}:secret:gatepass/{team}/*" for team in reach.teams]
        case Target.TEAM_POLICIES:
            return [_team_policies(reach)]
        case Target.TEAM_HOLDERS:
            kinds = ("group", "role", "user")
            return [f"arn:{reach.partition}:iam::{reach.account or '*'}:{kind}/*" for kind in kinds]
        case Target.TEAM_ROLES:
            return [f"arn:{reach.partition}:iam::{reach.account or '*'}:role{CUSTOMERS_PATH}*"]
        case Target.TEAM_SETS:
            return [f"arn:{reach.partition}:sso:::permissionSet/*"]
        case Target.TEAM_PLACES:
            return [f"arn:{reach.partition}:sso:::{kind}" for kind in ("instance/*", f"account/{reach.account or '*'}")]
        case _:
            assert_never(target)


def _team_policies(reach: Reach) -> str:
    return f"arn:{reach.partition}:iam::{reach.account or '*'}:policy{TEAMS_PATH}*"


def _file_condition(right: Right, limits: FileLimits | None) -> dict[str, Mapping[str, object]]:
    if limits is None:
        return {}
    condition: dict[str, Mapping[str, object]] = {}
    if right.action == _POLICY_ARN_ACTION:
        operator = "ArnLike" if any("*" in policy for policy in limits.policies) else "ArnEquals"
        condition[operator] = {"iam:PolicyARN": _one_or_all(limits.policies)}
    if right.purpose is Purpose.MAIL:
        condition["StringEquals"] = {"ses:FromAddress": limits.sender}
    if right.widens and limits.all_bounded:
        condition["StringEquals"] = {
            "iam:PermissionsBoundary": _one_or_all([str(boundary) for boundary in limits.boundaries])
        }
    return condition


def _entry_condition(right: Right, reach: Reach) -> dict[str, Mapping[str, object]]:
    if right.target is not Target.CUSTOMERS_ROLES:
        return {}
    condition: dict[str, Mapping[str, object]] = {}
    if right.purpose is _NAMED:
        condition["StringEquals"] = {"sts:SourceIdentity": reach.demanded_name}
    if not reach.customers:
        condition["StringNotEquals"] = {"aws:ResourceAccount": "${aws:PrincipalAccount}"}
    return condition


def _one_or_all(texts: Sequence[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else list(texts)
