"""The work of comparing the provider's own account with its register, and of making the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gatepass.domain.errors import InvalidInput
from gatepass.domain.register import Register
from gatepass.fleet.work import Kind, Steps, Unit, UnitResult
from gatepass.fleet.works.reconcile import NAME, compared_result
from gatepass.ports.secrets import SecretStore
from gatepass.ports.teams import PermissionSets, TeamPolicies
from gatepass.usecases.apply_permission_sets import apply_team_sets
from gatepass.usecases.apply_teams import apply_teams
from gatepass.usecases.plan_register import RegisterPlan, plan_both
from gatepass.usecases.tend_store import tend_store


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The provider's account with everything that its register says something about."""

    register: Callable[[], Register]
    teams: TeamPolicies
    center: Callable[[], PermissionSets]
    secrets: SecretStore


def reconcile_register_kind(own: Callable[[], OwnAccount], *, apply: bool) -> Kind:
    """Return the kind of work; its one unit is the provider's account."""

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        if wanted:
            raise InvalidInput(
                "the register is compared as a whole",
                why="a team's policies hold the roles of all its customers",
                next_step="leave --filter out",
            )
        return [str(own().register().account)]

    def work(unit: Unit, steps: Steps) -> UnitResult:
        del unit
        counted = steps.do("apply" if apply else "plan", lambda: str(_compared(own(), apply=apply)))
        return compared_result(int(counted), "" if apply else "gatepass plan, with the provider's file")

    return Kind(NAME, units, work, only_reads=not apply)


def _compared(own: OwnAccount, *, apply: bool) -> int:
    planned = plan_both(own.register(), own.teams, own.center, own.secrets)
    if apply:
        _apply(planned, own)
    return planned.count


def _apply(planned: RegisterPlan, own: OwnAccount) -> None:
    """Take second factors away first and give them last, so that nobody holds one without a way."""
    for _ in tend_store(planned.store.first, own.secrets):
        pass
    for _ in apply_teams(planned.teams, own.teams):
        pass
    if planned.sets is not None and planned.sets.changes:
        for _ in apply_team_sets(planned.sets, own.center()):
            pass
    for _ in tend_store(planned.store.last, own.secrets):
        pass
