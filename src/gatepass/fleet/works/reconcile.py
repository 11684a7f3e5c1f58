"""The work of comparing accounts with what is declared for them, and of making the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from gatepass.domain.errors import InvalidInput, NotThere
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import AccountId
from gatepass.fleet.run import FOUND
from gatepass.fleet.work import Kind, Result, Steps, Unit, UnitResult
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.engine_bounds import demand_own_work
from gatepass.usecases.plan_grants import plan_account

NAME = "reconcile"
# What a filter may choose by.
FILTERS = ("account", "file")


@dataclass(frozen=True, slots=True)
class Accounts:
    """What comparing accounts needs.

    Attributes:
        files: the customer's files, by the account that each is for.
        load: what the file declares.
        roles: the roles of an account, entered by a role that is the customer's own.
    """

    files: Callable[[], Mapping[AccountId, str]]
    load: Callable[[str], Declaration]
    roles: Callable[[AccountId], RoleDirectory]
    clock: Clock
    randomness: Randomness
    wait: timedelta


def reconcile_kind(accounts: Accounts, *, apply: bool) -> Kind:
    """Return the kind of work: only a report unless it shall apply."""
    known: dict[AccountId, str] = {}

    def files() -> Mapping[AccountId, str]:
        if not known:
            known.update(accounts.files())
        return known

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        return _chosen(files(), wanted)

    def work(unit: Unit, steps: Steps) -> UnitResult:
        account = AccountId(unit.subject)
        if account not in files():
            return UnitResult(Result.SKIPPED, "no file is for this account any longer")
        counted = steps.do("apply" if apply else "plan", lambda: str(_compared(account, files()[account])))
        return compared_result(int(counted), "" if apply else f"gatepass plan {files()[account]}")

    def _compared(account: AccountId, file: str) -> int:
        roles = accounts.roles(account)
        planned = plan_account(accounts.load(file), roles, accounts.clock, accounts.randomness)
        if apply:
            demand_own_work(planned)
            # Done twice after a crash, the second plan holds only what the first one left.
            for _ in apply_changes(planned.changes, roles, accounts.clock, accounts.wait):
                pass
        return len(planned.changes) + len(planned.drift)

    return Kind(NAME, units, work, only_reads=not apply)


def compared_result(changes: int, next_step: str) -> UnitResult:
    """Return what came of a comparison; changes that wait, for which there is a next step, are something found."""
    facts = {"changes": str(changes)}
    if not changes or not next_step:
        return UnitResult(Result.DONE, facts=facts)
    found = f"{changes} change{'s' if changes != 1 else ''} pending"
    return UnitResult(Result.DONE, next_step=next_step, facts={**facts, FOUND: found})


def _chosen(files: Mapping[AccountId, str], wanted: Mapping[str, str]) -> Sequence[str]:
    unknown = sorted(set(wanted) - set(FILTERS))
    if unknown:
        raise InvalidInput(
            f"accounts are not chosen by {unknown[0]}",
            why="a filter that was not understood would let everything in",
            next_step="filter by: " + ", ".join(FILTERS),
        )
    if not files:
        raise NotThere(
            "there is no customer's file in the folder",
            why="files end in .yml or .yaml and begin with gatepass: customer",
            next_step="gatepass init customer",
        )
    account, file = wanted.get("account"), wanted.get("file")
    return [
        str(each)
        for each, path in files.items()
        if account in (None, str(each)) and (file is None or path == file or path.endswith(f"/{file}"))
    ]
