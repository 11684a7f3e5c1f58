"""Prove who in the provider's account gets into which customer's role, by deciding the call of every principal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from gatepass.decision.evaluate import Policies
from gatepass.decision.favourable import candidates, combinations, demands
from gatepass.decision.matrix import CallerSide, RoleSide, entries
from gatepass.decision.policy import MalformedPolicy, Policy, PolicyKind, parse_policy
from gatepass.decision.powers import Permissions
from gatepass.decision.request import Principal, PrincipalKind, context, principal
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.findings import Finding, Remark, Severity
from gatepass.domain.limits import VERIFIER
from gatepass.domain.permission_sets import set_of_role
from gatepass.domain.register import Access, Register
from gatepass.domain.team_access import TEAMS_PATH, ProviderAccount
from gatepass.usecases.team_ways import Ways, set_reach, ways_of

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
_ENGINEER = "gatepass-engineer"
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
_OUR_DEMAND = '"sts:SourceIdentity":"${aws:username}"'
_MOST_SHOWN = 10

_STRANGERS = Remark(
    "reaches-unassigned",
    Severity.HIGH,
    "principals that are in no team of theirs can enter customers' roles",
    "their own policies allow sts:AssumeRole on them, and every customer trusts the whole account",
    "narrow their sts:AssumeRole to the roles that they need, or put them into the team",
)
_ADMINISTRATORS = Remark(
    "administrators",
    Severity.MEDIUM,
    "administrators of this account could grant themselves the way to every customer",
    "whoever may write IAM here can attach a team's policy to anybody",
    "keep them few, and watch CloudTrail for changes under " + TEAMS_PATH,
)
_SHUT_OUT = Remark(
    "shut-out",
    Severity.MEDIUM,
    "engineers of a team cannot enter roles that it is assigned to",
    "a boundary or a Deny of this account stands in their way",
    "allow them sts:AssumeRole on these roles in that boundary or Deny",
)
_UNBOUND_VERIFIER = Remark(
    "verifier-not-bound",
    Severity.HIGH,
    f"{VERIFIER} can enter customers' roles under another name than its own",
    "roles refuse everything to that source identity only, and under any other it is one more engineer",
    f'demand it in its own policy: "StringEquals": {{"sts:SourceIdentity": "{VERIFIER}"}}',
)
_UNREAD = Remark(
    "not-read",
    Severity.LOW,
    "some policies of this account could not be read",
    "what they allow is not part of the proof",
    "correct them, or look at them with gatepass lint",
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What deciding every call has shown.

    Attributes:
        principals: how many were asked.
        roles: into how many roles.
        findings: empty when exactly the assigned engineers get in.
    """

    principals: int
    roles: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nobody but the assigned teams and the administrators gets in."""
        return not any(finding.severity is Severity.HIGH for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Principals with the same policies, of which one is asked for all.

    Attributes:
        key: what they share.
    """

    holder: Holder
    caller: Principal
    identity: tuple[Policy, ...] = field(repr=False)
    boundary: Policy | None = field(repr=False)
    names: list[str]


def prove_teams(register: Register, standing: ProviderAccount) -> Proof:
    """Decide for every principal of the account whether it gets into each customer's role, and compare."""
    return _prove(register, standing.everything, ways_of(register))


def other_ways(register: Register, standing: ProviderAccount) -> tuple[Finding, ...]:
    """Return who gets in by other policies than the teams', which applying leaves as they are."""
    ours = f":policy{TEAMS_PATH}"
    everything = standing.everything

    def without(holders: tuple[Holder, ...]) -> tuple[Holder, ...]:
        return tuple(replace(each, attached=tuple(arn for arn in each.attached if ours not in arn)) for each in holders)

    bare = replace(
        everything,
        users=without(everything.users),
        groups=without(everything.groups),
        roles=without(everything.roles),
    )
    return tuple(each for each in _prove(register, bare, None).findings if each.id != _SHUT_OUT.id)


def _prove(register: Register, account: AccountPolicies, ways: Ways | None) -> Proof:
    """Decide every call; without ways, who is assigned to a role may reach it, and need not."""
    roles = {str(role) for _, _, _, role in register.assignments()}
    roles |= {str(role) for customer in register.customers.values() for role in customer.roles.values()}
    groups, unread = _groups_of_principals(account, ways or ways_of(register))
    sides = _role_sides(roles, str(register.account))
    strangers: list[str] = []
    shut_out: list[str] = []
    administrators: list[str] = []
    unbound: list[str] = []
    assigned = _assigned(ways or ways_of(register))
    by_set = set_reach(register)
    for asked, reached in zip(groups, _reached(groups, sides), strict=True):
        meant = _meant(asked.holder, assigned)
        administers = _administers(asked, str(register.account))
        if administers:
            administrators += asked.names
        elif reached and _is_verifier(asked.holder):
            unbound += [f"{name}: {_sample(reached)}" for name in asked.names]
        elif beyond := reached - meant - by_set.get(set_of_role(asked.holder.arn) or "", frozenset()):
            strangers += [f"{name}: {_sample(beyond)}" for name in asked.names]
        if ways is not None and meant - reached:
            shut_out += [f"{name}: {_sample(meant - reached)}" for name in asked.names]
    subject = f"account {register.account}"
    found = (
        (_STRANGERS, strangers),
        (_UNBOUND_VERIFIER, unbound),
        (_ADMINISTRATORS, administrators),
        (_SHUT_OUT, shut_out),
        (_UNREAD, unread),
    )
    findings = tuple(remark.on(subject, _shown(names)) for remark, names in found if names)
    return Proof(sum(len(asked.names) for asked in groups), len(roles), findings)


def _assigned(ways: Ways) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the roles that members of each group and sessions of each role are meant to enter."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for (team, means), roles in ways.items():
        kind, names = ("group", team.iam_groups) if means is Access.GROUP else ("role", team.iam_roles)
        for name in names:
            found[kind, name] = found.get((kind, name), frozenset()) | {str(role) for role in roles}
    return found


def _meant(holder: Holder, assigned: Mapping[tuple[str, str], frozenset[str]]) -> frozenset[str]:
    keys = [("group", name) for name in holder.groups] if ":user/" in holder.arn else [("role", holder.name)]
    return frozenset().union(*(assigned.get(key, frozenset()) for key in keys))


def _groups_of_principals(account: AccountPolicies, ways: Ways) -> tuple[list[_Asked], list[str]]:
    """Return the users and roles, those with the same policies and teams together, and what could not be read."""
    assigned = _assigned(ways)
    texts: dict[str, Policy] = {}
    groups: dict[object, _Asked] = {}
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
        is_alone = _is_verifier(holder) or any(_is_about_caller(text) for text in written)
        own = holder.arn if is_alone else ""
        key = (written, own, ":user/" in holder.arn, set_of_role(holder.arn), _meant(holder, assigned))
        if key not in groups:
            identity = tuple(policies[text] for text in sorted(policies))
            groups[key] = _Asked(holder, _caller(holder), identity, boundary, [])
        groups[key].names.append(holder.arn)
    return list(groups.values()), unread


def _parsed(text: str, known: dict[str, Policy]) -> Policy:
    if text not in known:
        known[text] = parse_policy(text)
    return known[text]


def _is_about_caller(text: str) -> bool:
    return _ABOUT_CALLER.search(text.replace(_OUR_DEMAND, "")) is not None


def _is_verifier(holder: Holder) -> bool:
    return holder.name == VERIFIER


def _caller(holder: Holder) -> Principal:
    if ":user/" in holder.arn:
        return principal(holder.arn)
    partition, account = holder.arn.split(":")[1], holder.arn.split(":")[4]
    return principal(f"arn:{partition}:sts::{account}:assumed-role/{holder.name}/{_ENGINEER}")


def _role_sides(roles: set[str], account: str) -> list[RoleSide]:
    """Return the customers' roles as doors that leave everything to the provider's account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:*"}
    trust = parse_policy({"Version": "2012-10-17", "Statement": statement}, PolicyKind.TRUST)
    return [RoleSide(arn, arn.split(":")[4], trust) for arn in sorted(roles)]


def _reached(groups: Sequence[_Asked], sides: Sequence[RoleSide]) -> list[frozenset[str]]:
    """Return for each group the roles that it gets into, all asked at once, so that accounts are compared once."""
    callers = [(place, side) for place, asked in enumerate(groups) for side in _calls(asked)]
    places = {id(side): place for place, side in callers}
    found: list[set[str]] = [set() for _ in groups]
    for side, role in entries([side for _, side in callers], sides):
        found[places[id(side)]].add(role.arn)
    return [frozenset(roles) for roles in found]


def _calls(asked: _Asked) -> Iterator[CallerSide]:
    """Yield the calls under the circumstances that the caller could bring about."""
    is_user = asked.caller.kind is PrincipalKind.USER
    own = asked.caller.name if is_user else _ENGINEER
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
    names = ({"sts:SourceIdentity": _ENGINEER}, {}) if _is_verifier(asked.holder) else ({"sts:SourceIdentity": own},)
    for keys, name in product(combinations(candidates(asking)), names):
        # Keys are compared without regard to case, and what is given wins.
        yield CallerSide(asked.caller, Policies(asked.identity, bounds), context(keys).with_keys({**given, **name}))


def _administers(asked: _Asked, account: str) -> bool:
    # The circumstances that other policies ask for, such as a team's hundreds of accounts, need not be tried.
    about = tuple(policy for policy in asked.identity if _is_about_administering(policy))
    if not any(policy.allows for policy in about):
        return False
    permissions = Permissions(account, about, asked.boundary)
    return any((reach := permissions.reach(action)) is not None and reach.everywhere for action in _ADMINISTERS)


def _is_about_administering(policy: Policy) -> bool:
    return any(each.about_action(action.lower()) for each in policy.statements for action in _ADMINISTERS)


def _sample(roles: frozenset[str]) -> str:
    first = min(roles)
    return first if len(roles) == 1 else f"{first} and {len(roles) - 1} more"


def _shown(names: Sequence[str]) -> Iterator[str]:
    yield from names[:_MOST_SHOWN]
    if len(names) > _MOST_SHOWN:
        yield f"and {len(names) - _MOST_SHOWN} more"
