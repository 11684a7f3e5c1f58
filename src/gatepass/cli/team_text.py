"""Plans and proofs of teams in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from gatepass.cli.reach_text import reach_facts, reach_line
from gatepass.cli.signed_line import signed_line
from gatepass.domain.findings import Finding
from gatepass.domain.plan_team_roles import (
    DeleteTeamRole,
    DetachFromTeamRole,
    EndTeamRoleSessions,
    MakeTeamRole,
    PutTeamRolePolicy,
    PutTeamRoleTrust,
    TagTeamRole,
    TakeTeamRolePolicy,
    TeamRoleChange,
)
from gatepass.domain.team_access import (
    AttachPolicyTo,
    CreatePolicy,
    DeletePolicy,
    DeleteVersion,
    DetachPolicyFrom,
    PutVersion,
    TeamChange,
)
from gatepass.usecases.plan_teams import TeamPlan, TeamsPlan
from gatepass.usecases.prove_teams import Proof


def teams_lines(plan: TeamsPlan) -> Iterator[str]:
    """Yield the plan as a person reads it: each team with its customers, then the changes in their order."""
    yield f"provider's account {plan.account}"
    for team in plan.teams:
        yield "  " + team_line(team)
    if plan.changes:
        yield ""
    for change in plan.changes:
        yield "  " + team_change_line(change)


def count_line(count: int) -> str:
    """Return how many changes there are."""
    if count:
        return f"{count} change{'s' if count != 1 else ''}"
    return "nothing to change: the account is as the file says"


def team_line(team: TeamPlan) -> str:
    """Return one team with how many customers it reaches, and what would change of it."""
    means = [", ".join(str(holder) for holder in team.by)] if team.by else []
    if team.own_roles:
        means.append(f"{team.own_roles} role{'s' if team.own_roles != 1 else ''} of their own")
    return reach_line(team, means)


def team_change_line(change: TeamChange | TeamRoleChange) -> str:
    """Return a change in one line, led by + for more, - for less and ~ for other."""
    return signed_line(*_sign_and_text(change))


def proof_lines(proof: Proof) -> Iterator[str]:
    """Yield what deciding every call has shown."""
    asked = f"every user and role of this account ({proof.principals}) x every role of customers ({proof.roles})"
    if proof.own_roles:
        asked += f" and every role of ours for one customer ({proof.own_roles})"
    if proof.holds:
        yield f"proved by the decision engine: {asked}; nobody but the assigned teams gets in"
    else:
        yield f"not so: {asked}; somebody gets in who is not assigned"


def example_lines(finding: Finding) -> Iterator[str]:
    """Yield whom a finding is about."""
    for example in finding.counterexamples:
        yield f"  - {example}"


def teams_facts(plan: TeamsPlan) -> dict[str, object]:
    """Return the plan as facts, without any document in it."""
    return {
        "account": str(plan.account),
        "teams": [
            {**reach_facts(team), "by": [str(holder) for holder in team.by], "own_roles": team.own_roles}
            for team in plan.teams
        ],
        "changes": [team_change_facts(change) for change in plan.changes],
    }


def team_change_facts(change: TeamChange | TeamRoleChange) -> dict[str, object]:
    """Return a change as facts without any document in it."""
    sign, text = _sign_and_text(change)
    about = {"role": change.role} if isinstance(change, TeamRoleChange) else {"policy": change.policy}
    return {"change": type(change).__name__, **about, "sign": sign, "text": text}


def proof_facts(proof: Proof) -> dict[str, object]:
    """Return a proof as facts."""
    facts: dict[str, object] = {"holds": proof.holds, "principals": proof.principals, "roles": proof.roles}
    return {**facts, "own_roles": proof.own_roles} if proof.own_roles else facts


def _sign_and_text(change: TeamChange | TeamRoleChange) -> tuple[str, str]:
    return _of_role(change) if isinstance(change, TeamRoleChange) else _of_policy(change)


def _of_role(change: TeamRoleChange) -> tuple[str, str]:  # noqa: C901, PLR0911 - one case a change
    match change:
        case MakeTeamRole(name):
            return "~", f"make the role {name}, which may do nothing yet"
        case PutTeamRoleTrust(name):
            return "~", f"write anew who may enter the role {name}"
        case EndTeamRoleSessions(name):
            return "-", f"end the sessions that the role {name} has now"
        case PutTeamRolePolicy(name, is_narrower=True):
            return "-", f"let the role {name} into fewer roles of its customer"
        case PutTeamRolePolicy(name):
            return "+", f"let the role {name} into its customer"
        case TakeTeamRolePolicy(name, policy):
            return "-", f"delete the inline policy {policy} of the role {name}"
        case DetachFromTeamRole(name, arn):
            return "-", f"detach {arn} from the role {name}"
        case TagTeamRole(name):
            return "~", f"tag the role {name} as made by Gatepass"
        case DeleteTeamRole(name, is_ours=True):
            return "-", f"delete the role {name}"
        case DeleteTeamRole(name):
            return "-", f"delete the role {name}, which lies under our path and has no tag of ours"
        case _:
            assert_never(change)


def _of_policy(change: TeamChange) -> tuple[str, str]:  # noqa: PLR0911 - one case a change
    match change:
        case CreatePolicy(name):
            return "~", f"make the policy {name}, attached to nobody yet"
        case PutVersion(name, is_narrower=True):
            return "-", f"write the policy {name} with fewer roles"
        case PutVersion(name):
            return "+", f"write the policy {name} anew"
        case DeleteVersion(name, version):
            return "~", f"delete the old version {version} of the policy {name}"
        case AttachPolicyTo(name, holder):
            return "+", f"attach the policy {name} to the {holder}"
        case DetachPolicyFrom(name, holder):
            return "-", f"detach the policy {name} from the {holder}"
        case DeletePolicy(name):
            return "~", f"delete the policy {name}"
        case _:
            assert_never(change)
