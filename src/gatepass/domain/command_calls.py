"""The AWS actions that each command makes; the one list of them.

A command that begins to make another call gets its action here in its line, and in the list of rights.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gatepass.domain.permission_set_calls import CHANGE_SETS, CREATE_SET, FOLLOW_SETS, SEE_SETS
from gatepass.domain.rights import CHANGE_TEAM_ROLES

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
_APPLY_TEAMS = (
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
    *CHANGE_TEAM_ROLES,
)
_APPLY_SETS = (*SEE_SETS, *FOLLOW_SETS, CREATE_SET, *CHANGE_SETS)
# Where the file names somebody to tell.
_TELL = ("sns:Publish", "ses:SendEmail")
_ENTER = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")

_PLATFORM = (*_FIND, *_SIGHT, "iam:TagRole", "iam:UpdateAssumeRolePolicy")

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
        # A platform's runs have its own rights; here it is read how it enters, and that is rotated.
        "scalr": _PLATFORM,
        "hcp": _PLATFORM,
        "customers": (),
        # The same verbs with a provider's file.
        "plan customers.yml": _PLAN_TEAMS,
        "apply customers.yml": _APPLY_TEAMS,
        # The teams' policies are packed anew without the customer.
        "fleet offboard --customer": _APPLY_TEAMS,
        # What the same takes beside that where a team is a group of Identity Center.
        "plan customers.yml (permission sets)": SEE_SETS,
        "apply customers.yml (permission sets)": _APPLY_SETS,
        "fleet offboard --customer (permission sets)": _APPLY_SETS,
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
