"""Plan everything of the provider's register: policies of IAM, permission sets of Identity Center, the shared store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gatepass.domain.errors import InvalidFile, Problem
from gatepass.domain.findings import Finding
from gatepass.domain.register import Register
from gatepass.domain.store_changes import StorePlan
from gatepass.ports.secrets import SecretStore
from gatepass.ports.teams import PermissionSets, TeamPolicies
from gatepass.usecases.plan_permission_sets import SetsPlan, plan_team_sets
from gatepass.usecases.plan_teams import TeamsPlan, plan_teams
from gatepass.usecases.team_ways import set_ways
from gatepass.usecases.tend_store import plan_store_of


@dataclass(frozen=True, slots=True)
class RegisterPlan:
    """The plan of a whole register.

    Attributes:
        sets: None when nothing of it is about Identity Center, which then was not asked.
        store: what of the second factors lies for the wrong teams.
    """

    teams: TeamsPlan
    sets: SetsPlan | None = None
    store: StorePlan = field(default_factory=lambda: StorePlan(""))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a careful reviewer would say, of both."""
        return (*self.teams.findings, *self.set_findings)

    @property
    def set_findings(self) -> tuple[Finding, ...]:
        """What a careful reviewer would say of the permission sets."""
        return self.sets.findings if self.sets is not None else ()

    @property
    def count(self) -> int:
        """How many changes there are."""
        sets = len(self.sets.changes) if self.sets is not None else 0
        return len(self.teams.changes) + sets + len(self.store.changes)


def plan_both(
    register: Register, policies: TeamPolicies, center: Callable[[], PermissionSets], secrets: SecretStore
) -> RegisterPlan:
    """Return what applying the register would change; nothing is changed.

    Args:
        register: what is wanted.
        policies: the provider's account.
        center: how to reach Identity Center; called only when the register or the account asks for it.
        secrets: the shared store, of which only names are read.

    Raises:
        InvalidFile: teams name groups and roles that are not there; all of them at once, of IAM and Identity Center.
        Conflict: the credentials are for another account, or something has no room.
        NotThere: no Identity Center can be seen, and the register needs it.
        AccessRefused: the credentials may not read the account, or list what the store keeps.
    """
    problems: list[Problem] = []
    teams: TeamsPlan | None = None
    sets: SetsPlan | None = None
    try:
        teams = plan_teams(register, policies)
    except InvalidFile as error:
        problems += error.problems
    try:
        if set_ways(register) or (teams is not None and teams.has_permission_sets):
            sets = plan_team_sets(register, center())
    except InvalidFile as error:
        problems += error.problems
    if problems or teams is None:
        raise InvalidFile(tuple(dict.fromkeys(problems)))
    return RegisterPlan(teams, sets, plan_store_of(register, secrets))
