"""The rights in AWS that commands need: each action, what it is for, and on what it works."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gatepass.domain.permission_set_calls import CHANGE_SETS, CREATE_SET, FOLLOW_SETS, SEE_SETS


class Purpose(Enum):
    """What a right is for; it names the statement in the policy."""

    LOOK = "Look"
    SWITCH = "Switch"
    GRANT = "Grant"
    WITHDRAW = "Withdraw"
    ENTER = "Enter"
    LABEL = "LabelSession"
    TELL = "Tell"
    MAIL = "Mail"
    KEEP = "KeepFactor"
    READ = "ReadFactor"
    TEAMS = "Teams"
    ASSIGN = "AssignTeams"
    OWN_ROLES = "RolesForCustomers"
    SETS = "PermissionSets"
    PLACES = "PermissionSetPlaces"


class Target(Enum):
    """What an action works on, as narrowly as IAM can say it."""

    ACCOUNT = "the whole account: IAM has no narrower resource for it, or all of it is read"
    OUR_ROLES = "the roles under our path, and those that the file adopts"
    CUSTOMERS_ROLES = "the roles under our path in other accounts"
    TOPIC = "the SNS topic that the file names"
    SENDER = "the sender of e-mail that the file names"
    PARAMETERS = "the parameters under our path"
    SECRETS = "the secrets under our path"
    TEAM_PARAMETERS = "the parameters of the engineer's own teams"
    TEAM_SECRETS = "the secrets of the engineer's own teams"
    TEAM_POLICIES = "the managed policies of teams, under our path"
    TEAM_HOLDERS = "the groups, roles and users of the account, for the policies of teams only"
    TEAM_ROLES = "the provider's own roles for single customers, under our path"
    TEAM_SETS = "the permission sets of Identity Center with our tag"
    TEAM_PLACES = "Identity Center itself, and the account that permission sets are assigned in"


# What only a file can name; without one, no policy holds a right on it.
NAMED_BY_FILE = frozenset({Target.TOPIC, Target.SENDER})
# Made on the provider's own roles for single customers.
CHANGE_TEAM_ROLES = (
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
)


@dataclass(frozen=True, slots=True)
class Right:
    """One action that some command makes.

    Attributes:
        widens: whether it can give permissions to a role, so that a permissions boundary has to bind it.
        spared: what a command does without it, when it does not stop; empty when it stops.
    """

    action: str
    purpose: Purpose
    target: Target
    widens: bool = False
    spared: str = ""


RIGHTS = (
    Right("iam:GetAccountAuthorizationDetails", Purpose.LOOK, Target.ACCOUNT),
    Right("iam:ListPolicies", Purpose.LOOK, Target.ACCOUNT),
    Right("iam:ListRoles", Purpose.LOOK, Target.ACCOUNT),
    Right("iam:GetAccountSummary", Purpose.LOOK, Target.ACCOUNT, spared="the account's quotas are not checked"),
    Right("iam:GetPolicy", Purpose.LOOK, Target.ACCOUNT, spared="the texts of managed policies are not read"),
    Right("iam:GetPolicyVersion", Purpose.LOOK, Target.ACCOUNT, spared="the texts of managed policies are not read"),
    Right(
        "organizations:ListAccounts", Purpose.LOOK, Target.ACCOUNT, spared="accounts of the organisation have no names"
    ),
    Right("cloudtrail:LookupEvents", Purpose.LOOK, Target.ACCOUNT),
    # IAM knows the path of a role only while it stands: to see that a role is gone needs the right for every role.
    Right("iam:GetRole", Purpose.LOOK, Target.ACCOUNT),
    Right("iam:GetRolePolicy", Purpose.LOOK, Target.ACCOUNT),
    Right("iam:PutRolePolicy", Purpose.SWITCH, Target.OUR_ROLES, widens=True),
    Right("iam:TagRole", Purpose.SWITCH, Target.OUR_ROLES),
    Right("iam:UpdateAssumeRolePolicy", Purpose.SWITCH, Target.OUR_ROLES),
    Right("iam:AttachRolePolicy", Purpose.GRANT, Target.OUR_ROLES, widens=True),
    Right("iam:CreateRole", Purpose.GRANT, Target.OUR_ROLES, widens=True),
    Right("iam:DeleteRolePermissionsBoundary", Purpose.GRANT, Target.OUR_ROLES),
    Right("iam:PutRolePermissionsBoundary", Purpose.GRANT, Target.OUR_ROLES, widens=True),
    Right("iam:UntagRole", Purpose.GRANT, Target.OUR_ROLES),
    Right("iam:UpdateRole", Purpose.GRANT, Target.OUR_ROLES),
    Right("iam:DeleteRole", Purpose.WITHDRAW, Target.OUR_ROLES),
    Right("iam:DeleteRolePolicy", Purpose.WITHDRAW, Target.OUR_ROLES),
    Right("iam:DetachRolePolicy", Purpose.WITHDRAW, Target.OUR_ROLES),
    Right("sts:AssumeRole", Purpose.ENTER, Target.CUSTOMERS_ROLES),
    Right("sts:SetSourceIdentity", Purpose.ENTER, Target.CUSTOMERS_ROLES),
    # Identity Center passes on the attributes of a person as session tags: then entering needs this too.
    Right("sts:TagSession", Purpose.LABEL, Target.CUSTOMERS_ROLES),
    Right("sns:Publish", Purpose.TELL, Target.TOPIC),
    Right("ses:SendEmail", Purpose.MAIL, Target.SENDER),
    Right("ssm:AddTagsToResource", Purpose.KEEP, Target.PARAMETERS),
    Right("ssm:DeleteParameter", Purpose.KEEP, Target.PARAMETERS),
    Right("ssm:GetParameter", Purpose.KEEP, Target.PARAMETERS),
    Right("ssm:GetParameters", Purpose.KEEP, Target.PARAMETERS, spared="second factors are read one by one, slowly"),
    Right("ssm:PutParameter", Purpose.KEEP, Target.PARAMETERS),
    Right("secretsmanager:CreateSecret", Purpose.KEEP, Target.SECRETS),
    Right("secretsmanager:DeleteSecret", Purpose.KEEP, Target.SECRETS),
    Right("secretsmanager:DescribeSecret", Purpose.KEEP, Target.SECRETS),
    Right("secretsmanager:GetSecretValue", Purpose.KEEP, Target.SECRETS),
    Right("secretsmanager:PutSecretValue", Purpose.KEEP, Target.SECRETS),
    Right("secretsmanager:RestoreSecret", Purpose.KEEP, Target.SECRETS),
    Right("secretsmanager:TagResource", Purpose.KEEP, Target.SECRETS),
    Right("ssm:DescribeParameters", Purpose.LOOK, Target.ACCOUNT),
    Right("secretsmanager:ListSecrets", Purpose.LOOK, Target.ACCOUNT),
    Right("ssm:GetParameter", Purpose.READ, Target.TEAM_PARAMETERS),
    Right("secretsmanager:GetSecretValue", Purpose.READ, Target.TEAM_SECRETS),
    Right("iam:CreatePolicy", Purpose.TEAMS, Target.TEAM_POLICIES),
    Right("iam:CreatePolicyVersion", Purpose.TEAMS, Target.TEAM_POLICIES),
    Right("iam:DeletePolicy", Purpose.TEAMS, Target.TEAM_POLICIES),
    Right("iam:DeletePolicyVersion", Purpose.TEAMS, Target.TEAM_POLICIES),
    Right("iam:AttachGroupPolicy", Purpose.ASSIGN, Target.TEAM_HOLDERS),
    Right("iam:AttachRolePolicy", Purpose.ASSIGN, Target.TEAM_HOLDERS),
    Right("iam:DetachGroupPolicy", Purpose.ASSIGN, Target.TEAM_HOLDERS),
    Right("iam:DetachRolePolicy", Purpose.ASSIGN, Target.TEAM_HOLDERS),
    Right("iam:DetachUserPolicy", Purpose.ASSIGN, Target.TEAM_HOLDERS),
    *(Right(action, Purpose.OWN_ROLES, Target.TEAM_ROLES) for action in CHANGE_TEAM_ROLES),
    *(Right(action, Purpose.LOOK, Target.ACCOUNT) for action in (*SEE_SETS, *FOLLOW_SETS)),
    *(Right(action, Purpose.SETS, Target.TEAM_SETS) for action in CHANGE_SETS),
    *(Right(action, Purpose.PLACES, Target.TEAM_PLACES) for action in (CREATE_SET, *CHANGE_SETS)),
)
