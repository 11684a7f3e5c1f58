"""Fifty teams over 10,000 customers with three roles each: seconds to plan and to prove, against writing bare lists.

Run it from the project's root: ``.venv/bin/python -m bench.teams``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from bench.packing import one_arn_a_line
from bench.register import CUSTOMERS, TEAMS, customer, large_register
from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.memory_teams import MemoryTeams
from gatepass.domain.account_policies import Holder
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.kept_secrets import provider_secret_name
from gatepass.domain.register import Register, TeamName
from gatepass.usecases.apply_teams import apply_teams, proof_of
from gatepass.usecases.plan_teams import plan_teams
from gatepass.usecases.tend_store import plan_store_of

WANTED_SECONDS = 10.0
_ENGINEERS = 2

Result = TypeVar("Result")


def main() -> None:
    """Print what planning the teams of a large provider takes, and proving that nobody else gets in."""
    register = large_register()
    baseline, _ = _timed(lambda: [one_arn_a_line(roles) for roles in _roles_by_team(register)])
    _row(f"one ARN a line for {TEAMS} teams, nothing proved (baseline)", baseline, baseline)
    iam = _account(register)
    first, plan = _timed(lambda: plan_teams(register, iam))
    _row(
        f"plan of {TEAMS} teams x {CUSTOMERS:,} x 3, the first",
        first,
        baseline,
        f"{len(plan.changes)} changes; wanted: under {WANTED_SECONDS:.0f} s",
    )
    list(apply_teams(plan, iam))
    again, same = _timed(lambda: plan_teams(register, iam))
    _row("the same, nothing to change", again, baseline, f"{len(same.changes)} changes")
    fresh = customer(CUSTOMERS)
    more = replace(register, customers={**register.customers, fresh.name: fresh})
    grown, grown_plan = _timed(lambda: plan_teams(more, iam))
    _row("the same, one customer more", grown, baseline, f"{len(grown_plan.changes)} changes")
    proof_seconds, proof = _timed(lambda: proof_of(register, iam))
    _row(
        f"proof, {proof.principals} principals x {proof.roles:,} roles",
        proof_seconds,
        baseline,
        f"{len(proof.findings)} findings",
    )
    secrets = MemorySecrets(secrets=dict.fromkeys(_names(register), "x"))
    store, moves = _timed(lambda: plan_store_of(more, secrets))
    _row(
        f"plan of a store with {len(secrets.secrets):,} second factors",
        store,
        baseline,
        f"{len(moves.changes)} changes",
    )


def _account(register: Register) -> MemoryTeams:
    """Return an account with the groups of all teams and a few engineers in each."""
    groups = [name for team in register.teams.values() for name in team.iam_groups]
    people = [(f"engineer-{number}-{name}", name) for name in groups for number in range(_ENGINEERS)]
    arn = f"arn:aws:iam::{register.account}"
    return MemoryTeams(
        register.account,
        users=tuple(Holder(f"{arn}:user/{name}", groups=(group,)) for name, group in people),
        groups=tuple(Holder(f"{arn}:group/{name}") for name in groups),
    )


def _roles_by_team(register: Register) -> list[list[RoleArn]]:
    found: dict[TeamName, list[RoleArn]] = {}
    for team, _, _, role in register.assignments():
        found.setdefault(team.name, []).append(role)
    return list(found.values())


def _names(register: Register) -> Iterator[str]:
    return (provider_secret_name(team.name, one.name, grant) for team, one, grant, _ in register.assignments())


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _row(name: str, seconds: float, baseline: float, remark: str = "") -> None:
    sys.stdout.write(f"{name:<58} {seconds:7.2f} s {seconds / baseline:7.1f} x  {remark}\n")


if __name__ == "__main__":
    main()
