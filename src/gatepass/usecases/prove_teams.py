"""Prove who in the provider's account gets into which customer's role, by deciding the call of every principal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gatepass.decision.matrix import RoleSide
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.findings import Finding, Remark, Severity
from gatepass.domain.limits import VERIFIER
from gatepass.domain.permission_sets import IdentityCenter, set_of_role
from gatepass.domain.register import Access, Register, TeamName
from gatepass.domain.team_access import TEAMS_PATH, ProviderAccount
from gatepass.domain.team_roles import TeamRole, is_team_role, standing_team_roles
from gatepass.usecases.plan_team_roles import wanted_team_roles
from gatepass.usecases.principals_asked import (
    administers,
    groups_of_principals,
    is_verifier,
    may_stay_inside,
    reached_by,
)
from gatepass.usecases.prove_permission_sets import given_to_others, shut_out_teams, with_sessions
from gatepass.usecases.team_ways import doors_of, set_reach, ways_of

_MOST_SHOWN = 10

_STRANGERS = Remark(
    "reaches-unassigned",
    Severity.HIGH,
    "principals that are in no team of theirs can enter customers' roles, or roles of ours that lead there",
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
        own_roles: into how many roles of the provider's own beside them.
    """

    principals: int
    roles: int
    findings: tuple[Finding, ...]
    own_roles: int = 0

    @property
    def holds(self) -> bool:
        """Whether nobody but the assigned teams and the administrators gets in."""
        return not any(finding.severity is Severity.HIGH for finding in self.findings)


def prove_teams(register: Register, standing: ProviderAccount, center: IdentityCenter | None = None) -> Proof:
    """Decide for every principal of the account whether it gets into each customer's role, and compare.

    Roles of the provider's own for single customers are both: principals that get in, and doors that somebody enters.

    Args:
        register: what is wanted.
        standing: the provider's account.
        center: Identity Center as it stands; None when it lets in nobody.
    """
    wanted = wanted_team_roles(register, standing)
    doors = standing_team_roles(standing.everything)
    trusts = {str(role.arn): role.trust for role in wanted}
    strangers = [
        f"whoever the trust of {door.arn} names" for door in doors if door.trust != trusts.get(door.arn, door.trust)
    ]
    everything = with_sessions(standing.everything, center)
    case = _Case(register, everything, wanted, _own_sides(doors), strangers, demands_reach=True, center=center)
    proof = _prove(case)
    return replace(proof, findings=(*given_to_others(register, center), *proof.findings))


def other_ways(register: Register, standing: ProviderAccount) -> tuple[Finding, ...]:
    """Return who gets in by other policies than the teams', which applying leaves as they are."""
    ours = f":policy{TEAMS_PATH}"
    everything = standing.everything

    def without(holders: Iterable[Holder]) -> tuple[Holder, ...]:
        return tuple(replace(each, attached=tuple(arn for arn in each.attached if ours not in arn)) for each in holders)

    bare = replace(
        everything,
        users=without(everything.users),
        groups=without(everything.groups),
        roles=without(each for each in everything.roles if not is_team_role(each.arn)),
    )
    wanted = wanted_team_roles(register, standing)
    doors = [Holder(str(role.arn), trust=role.trust) for role in wanted]
    return _prove(_Case(register, bare, wanted, _own_sides(doors))).findings


@dataclass(frozen=True, slots=True)
class _Case:
    """What is to be proved.

    Attributes:
        wanted: the provider's own roles for single customers, as they should be.
        doors: such roles as they are to be entered.
        strangers: whom the documents already show to get in.
        demands_reach: whether who is assigned to a role has to reach it; else it may.
        center: Identity Center as it stands, where it was asked.
    """

    register: Register
    account: AccountPolicies
    wanted: Collection[TeamRole]
    doors: Sequence[RoleSide]
    strangers: Collection[str] = ()
    demands_reach: bool = False
    center: IdentityCenter | None = None


def _prove(case: _Case) -> Proof:
    """Decide every call, and compare it with who is meant to get in."""
    register, own = case.register, str(case.register.account)
    roles = {str(role) for customer in register.customers.values() for role in customer.roles.values()}
    meant_for = _meant_for(register, case.wanted)
    groups, unread = groups_of_principals(case.account, meant_for)
    strangers, shut_out, administrators, unbound = list(case.strangers), list[str](), list[str](), list[str]()
    by_set, sessions = set_reach(register), dict[str, frozenset[str]]()
    inside = [asked for asked in groups if may_stay_inside(asked, own)]
    entered = {id(asked): got for asked, got in zip(inside, reached_by(inside, case.doors), strict=True)}
    for asked, outside in zip(groups, reached_by(groups, _role_sides(roles, own)), strict=True):
        reached = outside | entered.get(id(asked), frozenset())
        meant, own_set = meant_for(asked.holder), set_of_role(asked.holder.arn) or ""
        sessions[own_set] = sessions.get(own_set, frozenset()) | reached
        if administers(asked, own):
            administrators += asked.names
        elif reached and is_verifier(asked.holder):
            unbound += [f"{name}: {_sample(reached)}" for name in asked.names]
        elif beyond := reached - meant - by_set.get(own_set, frozenset()):
            strangers += [f"{name}: {_sample(beyond)}" for name in asked.names]
        if case.demands_reach and meant - reached:
            shut_out += [f"{name}: {_sample(meant - reached)}" for name in asked.names]
    if case.demands_reach:
        missed = shut_out_teams(register, sessions, case.center)
        shut_out += [f"{team}: {_sample(missing)}" for team, missing in missed]
    found = (
        (_STRANGERS, strangers),
        (_UNBOUND_VERIFIER, unbound),
        (_ADMINISTRATORS, administrators),
        (_SHUT_OUT, shut_out),
        (_UNREAD, unread),
    )
    findings = tuple(remark.on(f"account {own}", _shown(names)) for remark, names in found if names)
    return Proof(sum(len(asked.names) for asked in groups), len(roles), findings, len(case.doors))


def _meant_for(register: Register, wanted: Collection[TeamRole]) -> Callable[[Holder], frozenset[str]]:
    """Return what tells which roles a user, by its groups, or a session of a role is meant to enter."""
    found: dict[tuple[str, str], set[str]] = {}
    by_team: dict[TeamName, set[str]] = {}
    for role in wanted:
        by_team.setdefault(role.team, set()).add(str(role.arn))
    let = [(team, means, {str(role) for role in roles}) for (team, means), roles in ways_of(register).items()]
    let += [(team, means, by_team.get(team.name, set())) for team, means in doors_of(register)]
    for team, means, roles in let:
        kind, names = ("group", team.iam_groups) if means is Access.GROUP else ("role", team.iam_roles)
        for name in names:
            found.setdefault((kind, name), set()).update(roles)
    of_ours = {str(role.arn): frozenset(str(each) for each in role.reach) for role in wanted}

    def meant(holder: Holder) -> frozenset[str]:
        if is_team_role(holder.arn):
            return of_ours.get(holder.arn, frozenset())
        keys = [("group", name) for name in holder.groups] if ":user/" in holder.arn else [("role", holder.name)]
        return frozenset().union(*(found.get(key, ()) for key in keys))

    return meant


def _own_sides(doors: Iterable[Holder]) -> list[RoleSide]:
    """Return roles of the own account as doors with the trust that they have."""
    return [
        RoleSide(door.arn, door.arn.split(":")[4], parse_policy(door.trust.text, PolicyKind.TRUST))
        for door in doors
        if door.trust is not None
    ]


def _role_sides(roles: set[str], account: str) -> list[RoleSide]:
    """Return the customers' roles as doors that leave everything to the provider's account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:*"}
    trust = parse_policy({"Version": "2012-10-17", "Statement": statement}, PolicyKind.TRUST)
    return [RoleSide(arn, arn.split(":")[4], trust) for arn in sorted(roles)]


def _sample(roles: frozenset[str]) -> str:
    first = min(roles)
    return first if len(roles) == 1 else f"{first} and {len(roles) - 1} more"


def _shown(names: Sequence[str]) -> Iterator[str]:
    yield from names[:_MOST_SHOWN]
    if len(names) > _MOST_SHOWN:
        yield f"and {len(names) - _MOST_SHOWN} more"
