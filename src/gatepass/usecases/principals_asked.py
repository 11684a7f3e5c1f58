"""Group the users and roles of an account by what their policies say, and decide for each group where it gets in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from gatepass.decision.evaluate import Policies
from gatepass.decision.favourable import candidates, combinations, demands
from gatepass.decision.matrix import CallerSide, RoleSide, entries
from gatepass.decision.policy import MalformedPolicy, Policy, PolicyKind, Statement, parse_policy
from gatepass.decision.powers import Permissions
from gatepass.decision.request import Principal, PrincipalKind, context, principal
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.limits import VERIFIER
from gatepass.domain.permission_sets import set_of_role

# Any of these, on any resource, is a way to whatever others may do.
_ADMINISTERS = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicyVersion",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
)
# The name of whoever has none of its own.
ENGINEER = "gatepass-engineer"
# What a call holds by itself, and no probing may choose.
_GIVEN = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltag/",
    "aws:principaltype",
    "aws:resourceaccount",
    "aws:username",
    "sts:rolesessionname",
    "sts:sourceidentity",
)
# Policies that speak of who asks: principals that hold the same ones may still differ.
_ABOUT_CALLER = re.compile(r"\$\{|\"aws:(?:principal|user)", re.IGNORECASE)
# The account of an ARN, where nothing in it is a pattern or a variable.
_RESOURCE_ACCOUNT = re.compile(r"arn:[^:*?$]*:iam::(\d{12}):", re.ASCII)
# What the ARNs of our roles and of our policies have in common.
_OURS = "/gatepass/"
_OUR_DEMAND = '"sts:SourceIdentity":"${aws:username}"'


@dataclass(frozen=True, slots=True)
class Asked:
    """Principals with the same policies, of which one is asked for all.

    Attributes:
        holder: the one that is asked.
        names: the ARNs of all.
    """

    holder: Holder
    caller: Principal
    identity: tuple[Policy, ...] = field(repr=False)
    boundary: Policy | None = field(repr=False)
    names: list[str]


def groups_of_principals(
    account: AccountPolicies, meant: Callable[[Holder], frozenset[str]]
) -> tuple[list[Asked], list[str]]:
    """Return the users and roles, those with the same policies and teams together, and what could not be read."""
    texts: dict[str, Policy] = {}
    groups: dict[object, Asked] = {}
    unread: list[str] = []
    for holder in (*account.users, *account.roles):
        documents = account.documents(holder)
        bound = account.managed.get(holder.boundary) if holder.boundary else None
        try:
            policies = {text.text: _parsed(text.text, texts) for text in documents.values() if text is not None}
            boundary = parse_policy(bound.text, PolicyKind.BOUNDARY) if bound else None
        except MalformedPolicy as error:
            unread.append(f"{holder.arn}: {error.what}")
            continue
        unread += [f"{holder.arn}: {name}" for name, text in documents.items() if text is None]
        written = (*sorted(policies), bound.text if bound else "")
        is_alone = is_verifier(holder) or any(_is_about_caller(text) for text in written)
        own = holder.arn if is_alone else ""
        key = (written, own, ":user/" in holder.arn, set_of_role(holder.arn), meant(holder))
        if key not in groups:
            identity = tuple(policies[text] for text in sorted(policies))
            groups[key] = Asked(holder, _caller(holder), identity, boundary, [])
        groups[key].names.append(holder.arn)
    return list(groups.values()), unread


def _parsed(text: str, known: dict[str, Policy]) -> Policy:
    if text not in known:
        known[text] = parse_policy(text)
    return known[text]


def _is_about_caller(text: str) -> bool:
    return _ABOUT_CALLER.search(text.replace(_OUR_DEMAND, "")) is not None


def is_verifier(holder: Holder) -> bool:
    """Say whether it is the principal for handshakes, to which roles of ours refuse everything."""
    return holder.name == VERIFIER


def _caller(holder: Holder) -> Principal:
    if ":user/" in holder.arn:
        return principal(holder.arn)
    partition, account = holder.arn.split(":")[1], holder.arn.split(":")[4]
    return principal(f"arn:{partition}:sts::{account}:assumed-role/{holder.name}/{ENGINEER}")


def reached_by(groups: Sequence[Asked], sides: Sequence[RoleSide]) -> list[frozenset[str]]:
    """Return for each group the roles that it gets into, all asked at once, so that accounts are compared once."""
    callers = [(place, side) for place, asked in enumerate(groups) for side in _calls(asked)]
    places = {id(side): place for place, side in callers}
    found: list[set[str]] = [set() for _ in groups]
    for side, role in entries([side for _, side in callers], sides):
        found[places[id(side)]].add(role.arn)
    return [frozenset(roles) for roles in found]


def _calls(asked: Asked) -> Iterator[CallerSide]:
    """Yield the calls under the circumstances that the caller could bring about."""
    is_user = asked.caller.kind is PrincipalKind.USER
    own = asked.caller.name if is_user else ENGINEER
    bounds = (asked.boundary,) if asked.boundary is not None else None
    asking = [each for each in demands((*asked.identity, *(bounds or ()))) if not each.key.startswith(_GIVEN)]
    given = {
        "aws:PrincipalType": "User" if is_user else "AssumedRole",
        "aws:PrincipalAccount": asked.caller.account,
        "aws:PrincipalArn": asked.holder.arn,
        "sts:RoleSessionName": own,
        **({"aws:username": own} if is_user else {}),
        **{f"aws:PrincipalTag/{key}": value for key, value in asked.holder.tags.items()},
    }
    # What the verifier does under its own name does no harm; what it does under others, or under none, would.
    names = ({"sts:SourceIdentity": ENGINEER}, {}) if is_verifier(asked.holder) else ({"sts:SourceIdentity": own},)
    for keys, name in product(combinations(candidates(asking)), names):
        # Keys are compared without regard to case, and what is given wins.
        # A session was begun under the name that it goes on under: AWS lets nobody change it on the way.
        begun = {"aws:sourceidentity": name["sts:SourceIdentity"]} if name and not is_user else {}
        known = context({**begun, **keys}).with_keys({**given, **name})
        yield CallerSide(asked.caller, Policies(asked.identity, bounds), known)


def may_stay_inside(asked: Asked, account: str) -> bool:
    """Say whether their policies could speak of roles of their own account; few do, and there may be many roles."""
    return any(
        (match := _RESOURCE_ACCOUNT.match(text)) is None or match[1] == account
        for policy in asked.identity
        for statement in policy.allows
        for text in _resources(statement)
    )


def _resources(statement: Statement) -> tuple[str, ...]:
    found = json.loads(statement.document).get("Resource", "*")
    return tuple(str(each) for each in found) if isinstance(found, list) else (str(found),)


def administers(asked: Asked, account: str) -> bool:
    """Say whether they could grant themselves what they do not have."""
    # The circumstances that other policies ask for, such as a team's hundreds of accounts, need not be tried.
    about = tuple(policy for policy in asked.identity if _is_about_administering(policy))
    if not any(policy.allows for policy in about):
        return False
    permissions = Permissions(account, about, asked.boundary)
    return any(
        (reach := permissions.reach(action)) is not None and (reach.everywhere or _names_ours(about, action))
        for action in _ADMINISTERS
    )


def _names_ours(policies: Iterable[Policy], action: str) -> bool:
    """Say whether they allow an action on roles or policies of ours by name: that is a way to customers too."""
    return any(
        _OURS in text
        for policy in policies
        for statement in policy.allows
        if statement.about_action(action.lower())
        for text in _resources(statement)
    )


def _is_about_administering(policy: Policy) -> bool:
    return any(each.about_action(action.lower()) for each in policy.statements for action in _ADMINISTERS)
