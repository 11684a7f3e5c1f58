"""Make the changes to the teams' permission sets."""

from __future__ import annotations

from collections.abc import Iterator

from gatepass.domain.permission_sets import SetChange
from gatepass.ports.teams import PermissionSets
from gatepass.usecases.plan_permission_sets import SetsPlan


def apply_team_sets(plan: SetsPlan, center: PermissionSets) -> Iterator[SetChange]:
    """Make each change in order, yielding it once Identity Center has finished it.

    Raises:
        AccessRefused: AWS denied a change; those already yielded stand, and another run finishes.
        Conflict: AWS could not make a change; the same holds.
    """
    for change in plan.changes:
        center.make(change)
        yield change
