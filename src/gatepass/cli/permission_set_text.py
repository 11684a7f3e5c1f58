"""Plans of permission sets in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from gatepass.cli.reach_text import reach_facts, reach_line
from gatepass.cli.signed_line import signed_line
from gatepass.domain.permission_sets import (
    Assign,
    CreatePermissionSet,
    DeletePermissionSet,
    Provision,
    PutInlinePolicy,
    SetChange,
    Unassign,
)
from gatepass.usecases.plan_permission_sets import SetsPlan, SetTeam


def sets_lines(plan: SetsPlan) -> Iterator[str]:
    """Yield the plan as a person reads it: each team with its customers, then the changes in their order."""
    yield "Identity Center"
    for team in plan.teams:
        yield "  " + _team_line(team)
    if plan.changes:
        yield ""
    for change in plan.changes:
        yield "  " + set_change_line(change)


def set_change_line(change: SetChange) -> str:
    """Return a change in one line, led by + for more, - for less and ~ for other."""
    return signed_line(*_sign_and_text(change))


def set_change_facts(change: SetChange) -> dict[str, object]:
    """Return a change as facts without any document in it."""
    sign, text = _sign_and_text(change)
    return {"change": type(change).__name__, "permission_set": change.name, "sign": sign, "text": text}


def sets_facts(plan: SetsPlan) -> dict[str, object]:
    """Return the plan as facts, without any document in it."""
    return {
        "teams": [
            {**reach_facts(team), "group": team.group, "permission_sets": list(team.sets)} for team in plan.teams
        ],
        "changes": [set_change_facts(change) for change in plan.changes],
    }


def _team_line(team: SetTeam) -> str:
    return reach_line(team, [f"group {team.group} with permission set {' or '.join(team.sets)}"] if team.sets else [])


def _sign_and_text(change: SetChange) -> tuple[str, str]:  # noqa: PLR0911 - one case a change
    match change:
        case CreatePermissionSet(name):
            return "~", f"make the permission set {name}, assigned to nobody yet"
        case PutInlinePolicy(name, None):
            return "-", f"take the policy of the permission set {name} away"
        case PutInlinePolicy(name, is_narrower=True):
            return "-", f"write the policy of the permission set {name} with fewer roles"
        case PutInlinePolicy(name):
            return "+", f"write the policy of the permission set {name} anew"
        case Provision(name):
            return "~", f"provision the permission set {name}, so that its policy counts"
        case Assign(name, assignment):
            return "+", f"assign the permission set {name} to the {assignment}"
        case Unassign(name, assignment):
            return "-", f"take the permission set {name} from the {assignment}"
        case DeletePermissionSet(name):
            return "~", f"delete the permission set {name}"
        case _:
            assert_never(change)
