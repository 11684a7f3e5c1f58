"""What ``plan`` and ``apply`` do with a provider's file: let its teams in, and prove that nobody else gets in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import click

from gatepass.cli.grant_text import finding_facts, finding_lines
from gatepass.cli.options import confirmed
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.permission_set_text import set_change_facts, set_change_line, sets_facts, sets_lines
from gatepass.cli.recording import about
from gatepass.cli.store_text import store_change_facts, store_change_line, store_facts, store_lines
from gatepass.cli.team_text import (
    count_line,
    example_lines,
    proof_facts,
    proof_lines,
    team_change_facts,
    team_change_line,
    teams_facts,
    teams_lines,
)
from gatepass.domain.errors import GatepassError, InvalidFile
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.permission_sets import SetChange
from gatepass.domain.plan_team_roles import TeamRoleChange
from gatepass.domain.register import Register
from gatepass.domain.store_changes import HandFactor, TakeFactor
from gatepass.domain.team_access import TeamChange
from gatepass.ports.secrets import SecretStore
from gatepass.ports.teams import PermissionSets, TeamPolicies
from gatepass.usecases.apply_permission_sets import apply_team_sets
from gatepass.usecases.apply_teams import apply_teams, proof_of
from gatepass.usecases.plan_register import RegisterPlan, plan_both
from gatepass.usecases.plan_teams import TeamsPlan
from gatepass.usecases.tend_store import LeftFactor, tend_store
from gatepass.wiring import own_account, registers, stores

MadeChange = TeamChange | TeamRoleChange | SetChange | HandFactor | TakeFactor | LeftFactor


def demand_no_grant_options(**given: object) -> None:
    """Let no option pass that means something for a customer's file only.

    Raises:
        UsageError: one was given.
    """
    for name, value in given.items():
        if value:
            raise click.UsageError(f"--{name} is for a customer's file, and this is a provider's")


def plan_register(file: Path, *, store: str, as_json: bool) -> int:
    """Show what applying the provider's file would change; return the exit code."""
    secrets = stores.secret_store(store)
    _, planned = _planned(file, own_account.own_teams(), cache(own_account.own_permission_sets), secrets)
    if as_json:
        json_result({**_plan_facts(planned), "findings": _facts(planned.findings)})
    else:
        _show(planned)
    return ExitCode.CHANGES_PENDING if planned.count else ExitCode.DONE


def apply_register(file: Path, *, store: str, yes: bool, as_json: bool) -> int:
    """Make the provider's account as its file says, and prove it; return the exit code."""
    policies, center = own_account.own_teams(), cache(own_account.own_permission_sets)
    secrets = stores.secret_store(store)
    register, planned = _planned(file, policies, center, secrets)
    if not as_json:
        _show(planned)
    if planned.count and not confirmed("Make these changes?", yes=yes):
        note("nothing was changed")
        return ExitCode.DONE
    if planned.count:
        about(side="provider", note="teams applied")
    made = _make(_all_changes(planned, policies, center, secrets), planned.count, quiet=as_json)
    proof = proof_of(register, policies, center() if planned.sets is not None else None)
    if as_json:
        facts = {"made": [_change_facts(change) for change in made], "proof": proof_facts(proof)}
        json_result({**_plan_facts(planned), **facts, "findings": _facts((*proof.findings, *planned.set_findings))})
    else:
        for line in proof_lines(proof):
            result(line)
        _show_findings(proof.findings)
    is_left = any(isinstance(change, LeftFactor) for change in made)
    return ExitCode.DONE if proof.holds and not is_left else ExitCode.FOUND_SOMETHING


def _all_changes(
    planned: RegisterPlan, policies: TeamPolicies, center: Callable[[], PermissionSets], secrets: SecretStore
) -> Iterator[MadeChange]:
    """Make the changes of all; no principal has policies of both, so each may come in its own order.

    Second factors are taken away before anything else, and given when the ways are there.
    """
    yield from tend_store(planned.store.first, secrets)
    yield from apply_teams(planned.teams, policies)
    if planned.sets is not None and planned.sets.changes:
        yield from apply_team_sets(planned.sets, center())
    yield from tend_store(planned.store.last, secrets)


def _planned(
    file: Path, policies: TeamPolicies, center: Callable[[], PermissionSets], secrets: SecretStore
) -> tuple[Register, RegisterPlan]:
    register = registers.register_book(file).load()
    try:
        return register, plan_both(register, policies, center, secrets)
    except InvalidFile as error:
        found = (replace(each, place=registers.register_place(file, each.path)) for each in error.problems)
        raise InvalidFile(tuple(found)) from None


def _show(planned: RegisterPlan) -> None:
    lines = [*teams_lines(_without_sets(planned))]
    if planned.sets is not None:
        lines += ["", *sets_lines(planned.sets)]
    if planned.store.changes:
        lines += ["", *store_lines(planned.store)]
    for line in (*lines, "", count_line(planned.count)):
        result(line)
    _show_findings(planned.findings)


def _without_sets(planned: RegisterPlan) -> TeamsPlan:
    """Return the plan of IAM without the teams that are nothing there, and have permission sets."""
    by_sets = {team.name for team in planned.sets.teams} if planned.sets is not None else set()
    told = (team for team in planned.teams.teams if team.by or team.own_roles or team.lost or team.name not in by_sets)
    return replace(planned.teams, teams=tuple(told))


def _plan_facts(planned: RegisterPlan) -> dict[str, object]:
    facts = {**teams_facts(planned.teams), "store": store_facts(planned.store)}
    return {**facts, "permission_sets": sets_facts(planned.sets)} if planned.sets is not None else facts


def _change_line(change: MadeChange) -> str:
    if isinstance(change, HandFactor | TakeFactor | LeftFactor):
        return store_change_line(change)
    return set_change_line(change) if isinstance(change, SetChange) else team_change_line(change)


def _change_facts(change: MadeChange) -> dict[str, object]:
    if isinstance(change, HandFactor | TakeFactor | LeftFactor):
        return store_change_facts(change)
    return set_change_facts(change) if isinstance(change, SetChange) else team_change_facts(change)


def _show_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        for line in finding_lines([finding]):
            note(line)
        if finding.severity is not Severity.LOW:
            for line in example_lines(finding):
                note(line)


def _facts(findings: Iterable[Finding]) -> list[dict[str, object]]:
    return [{**finding_facts(finding), "examples": list(finding.counterexamples)} for finding in findings]


def _make(changes: Iterable[MadeChange], count: int, *, quiet: bool) -> list[MadeChange]:
    """Make the changes one by one, telling each; a refusal in the middle says what stands."""
    made: list[MadeChange] = []
    try:
        for change in changes:
            made.append(change)
            if not quiet:
                note(f"done {len(made)}/{count}: {_change_line(change)}")
    except GatepassError as error:
        if count > 1:
            note(f"{len(made)} of {count} changes were made and stand; the rest was not begun")
            error.next_step += "; then run the same command again, it finishes the rest"
        raise
    return made
