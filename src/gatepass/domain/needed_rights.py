"""The AWS actions that each command makes, and the rights that each person needs for them; the one list of both.

A command that begins to make another call gets its action in ``_RIGHTS`` and in its line of ``CALLS``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from gatepass.domain.permission_set_calls import CHANGE_SETS, CREATE_SET, FOLLOW_SETS, SEE_SETS


class Person(Enum):
    """Who uses Gatepass."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    VERIFIER = "verifier"
    ENGINEER = "engineer"


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
# What others have: the same action is for other things there.
_EVERYBODYS_FACTORS = frozenset({Target.PARAMETERS, Target.SECRETS})
_TEAMS_FACTORS = frozenset({Target.TEAM_PARAMETERS, Target.TEAM_SECRETS})
_ONLY_CUSTOMERS = frozenset({Target.OUR_ROLES})
_ONLY_LEADS = frozenset(
    {Target.TEAM_POLICIES, Target.TEAM_HOLDERS, Target.TEAM_ROLES, Target.TEAM_SETS, Target.TEAM_PLACES}
)
# Made on the provider's own roles for single customers.
_TEAM_ROLES = (
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
)
_ELSEWHERE: Mapping[Person, frozenset[Target]] = MappingProxyType(
    {
        Person.CUSTOMER: _ONLY_LEADS | _TEAMS_FACTORS,
        Person.PROVIDER: _ONLY_CUSTOMERS | _TEAMS_FACTORS,
        Person.VERIFIER: _ONLY_CUSTOMERS | _ONLY_LEADS | _TEAMS_FACTORS,
        Person.ENGINEER: _ONLY_CUSTOMERS | _ONLY_LEADS | _EVERYBODYS_FACTORS,
    }
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


_RIGHTS = (
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
    *(Right(action, Purpose.OWN_ROLES, Target.TEAM_ROLES) for action in _TEAM_ROLES),
    *(Right(action, Purpose.LOOK, Target.ACCOUNT) for action in (*SEE_SETS, *FOLLOW_SETS)),
    *(Right(action, Purpose.SETS, Target.TEAM_SETS) for action in CHANGE_SETS),
    *(Right(action, Purpose.PLACES, Target.TEAM_PLACES) for action in (CREATE_SET, *CHANGE_SETS)),
)

_FIND = ("iam:GetAccountAuthorizationDetails",)
_POLICIES = ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicies")
_SIGHT = ("iam:GetRole", "iam:GetRolePolicy")
_SWITCH = ("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy")
_PLAN = (
    *_FIND,
    "iam:GetAccountSummary",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:ListPolicies",
    "iam:ListRoles",
)
_PLAN_TEAMS = (*_FIND, "iam:GetAccountSummary")
# Where the file names somebody to tell.
_TELL = ("sns:Publish", "ses:SendEmail")
_ENTER = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")

# Every command that asks AWS, with what it asks for; sts:GetCallerIdentity needs no right.
CALLS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "init": (),
        "review": _POLICIES,
        "accept": _POLICIES,
        # What the secret store takes comes with the store.
        "keys": (),
        "offer": (),
        "doctor": (*_PLAN, *_SIGHT, "cloudtrail:LookupEvents", "organizations:ListAccounts"),
        "check": _POLICIES,
        "check customers.yml": (),
        "plan": _PLAN,
        "apply": (
            *_PLAN,
            *_SIGHT,
            *_SWITCH,
            "iam:AttachRolePolicy",
            "iam:CreateRole",
            "iam:DeleteRolePermissionsBoundary",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateRole",
            *_TELL,
        ),
        "withdraw": (
            *_FIND,
            *_SIGHT,
            *_SWITCH,
            *_TELL,
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
        ),
        "open": (*_FIND, *_SIGHT, *_SWITCH, *_TELL, "iam:DeleteRolePolicy", "iam:TagRole"),
        "close": (*_FIND, *_SIGHT, *_SWITCH, *_TELL),
        "revoke": (*_FIND, *_SIGHT, "iam:PutRolePolicy", *_TELL),
        "rotate": (*_FIND, *_SIGHT, *_TELL, "cloudtrail:LookupEvents", "iam:TagRole", "iam:UpdateAssumeRolePolicy"),
        "pass": (*_FIND, "iam:ListRoles"),
        "doors": (*_FIND, "organizations:ListAccounts"),
        "adopt": (*_FIND, "iam:GetRole", "iam:ListPolicies", "iam:ListRoles"),
        "lint": _FIND,
        "notify": (*_FIND, *_TELL),
        "can": _FIND,
        # As the profile of the verifier; what the secret store takes comes with the store.
        "admit": _ENTER,
        "verify": _ENTER,
        # Accounts that are reconciled are entered by roles of their own, whose rights are not the person's.
        "fleet": _ENTER,
        "worker": _ENTER,
        # On the customer's side, role by role and never the whole account; whoever may rotate may do this.
        "fleet rotate": ("iam:GetRole", "iam:GetRolePolicy", "iam:TagRole", "iam:UpdateAssumeRolePolicy"),
        "customers": (),
        # The same verbs with a provider's file.
        "plan customers.yml": _PLAN_TEAMS,
        "apply customers.yml": (
            *_PLAN_TEAMS,
            "iam:AttachGroupPolicy",
            "iam:AttachRolePolicy",
            "iam:CreatePolicy",
            "iam:CreatePolicyVersion",
            "iam:DeletePolicy",
            "iam:DeletePolicyVersion",
            "iam:DetachGroupPolicy",
            "iam:DetachUserPolicy",
            # AWS's time, from which a role's older sessions are ended.
            "iam:GetRole",
            *_TEAM_ROLES,
        ),
        # What the same takes beside that where a team is a group of Identity Center.
        "plan customers.yml (permission sets)": SEE_SETS,
        "apply customers.yml (permission sets)": (*SEE_SETS, *FOLLOW_SETS, CREATE_SET, *CHANGE_SETS),
        "profiles": (),
        "creds": (),
        "whoami": (),
        "request": (),
        "sudo": _ENTER,
        "exec": _ENTER,
        # Signing in to the console takes no right of its own.
        "console": _ENTER,
        "credential-process": _ENTER,
    }
)

# Asked for and done without, by whoami and creds load --mfa: no policy holds them for our sake.
UNNEEDED = frozenset({"iam:ListAccountAliases", "iam:ListMFADevices"})

# What keeping the second factor in AWS takes beside that.
STORES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        store: tuple(right.action for right in _RIGHTS if right.target is target)
        for store, target in (("ssm", Target.PARAMETERS), ("secrets-manager", Target.SECRETS))
    }
)

# What it takes to see which second factors lie there, which only the access lead does.
LISTS: Mapping[str, str] = MappingProxyType(
    {"ssm": "ssm:DescribeParameters", "secrets-manager": "secretsmanager:ListSecrets"}
)
# What an engineer takes to read those of his teams.
READS: Mapping[str, str] = MappingProxyType(
    {"ssm": "ssm:GetParameter", "secrets-manager": "secretsmanager:GetSecretValue"}
)

_COMMANDS: Mapping[Person, tuple[str, ...]] = MappingProxyType(
    {
        Person.CUSTOMER: (
            "init",
            "review",
            "accept",
            "doctor",
            "check",
            "plan",
            "apply",
            "withdraw",
            "open",
            "close",
            "rotate",
            "revoke",
            "pass",
            "doors",
            "adopt",
            "lint",
            "notify",
            "can",
            "creds",
            "whoami",
        ),
        Person.PROVIDER: (
            "plan customers.yml",
            "apply customers.yml",
            "profiles",
            "init",
            "check customers.yml",
            "customers",
            "keys",
            "offer",
            "admit",
            "verify",
            "fleet",
            "worker",
            "creds",
            "whoami",
            "request",
            "sudo",
            "exec",
            "console",
            "can",
            "lint",
        ),
        Person.VERIFIER: ("verify", "fleet", "worker", "creds", "whoami"),
        Person.ENGINEER: ("creds", "whoami", "request", "sudo", "exec", "console", "credential-process", "profiles"),
    }
)
# What the provider types too when a team is a group of Identity Center.
_CENTER_COMMANDS = ("plan customers.yml (permission sets)", "apply customers.yml (permission sets)")
# The person who holds the switch in an emergency and changes no grant.
_SWITCH_COMMANDS = ("open", "close", "rotate", "revoke", "pass", "creds", "whoami")


def commands_of(person: Person, *, switch_only: bool = False) -> tuple[str, ...]:
    """Return the commands that the person types."""
    return _SWITCH_COMMANDS if switch_only else _COMMANDS[person]


def needed_rights(
    person: Person, *, switch_only: bool = False, store: str = "", with_center: bool = False
) -> tuple[Right, ...]:
    """Return what the person needs for all of these commands, and nothing else.

    Args:
        person: who it is.
        switch_only: whether the person only moves the switch.
        store: where in AWS the second factor is kept, one of ``STORES``; empty for not in AWS.
        with_center: whether the provider's teams are groups of Identity Center.
    """
    commands = (*commands_of(person, switch_only=switch_only), *(_CENTER_COMMANDS if with_center else ()))
    asked = (*_asked(commands), *(_of_store(person, store) if store else ()))
    return tuple(right for right in _rights(asked) if right.target not in _ELSEWHERE[person])


def _of_store(person: Person, store: str) -> tuple[str, ...]:
    if person is Person.ENGINEER:
        return (READS[store],)
    return (*STORES[store], LISTS[store]) if person is Person.PROVIDER else STORES[store]


def rights_for(commands: Iterable[str]) -> tuple[Right, ...]:
    """Return what the commands need, in the order of the list."""
    return _rights(_asked(commands))


def _asked(commands: Iterable[str]) -> Iterator[str]:
    return (action for command in commands for action in CALLS[command])


def _rights(actions: Iterable[str]) -> tuple[Right, ...]:
    wanted = frozenset(actions)
    return tuple(right for right in _RIGHTS if right.action in wanted)
