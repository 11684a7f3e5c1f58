"""Commands that compare a customer's file with the account, and make the difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from gatepass.cli.afterwards import afterwards, keep, leave_nothing
from gatepass.cli.customer_store_option import customer_store_option
from gatepass.cli.grant_text import change_facts, change_line, finding_facts, finding_lines, plan_lines, sign_and_text
from gatepass.cli.loading import load, placed
from gatepass.cli.options import Grant, confirmed, file_argument, json_option, settings_option, wait_option, yes_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.recording import about
from gatepass.cli.register_option import demand_no_team_store, team_store_option
from gatepass.cli.team_commands import apply_register, demand_no_grant_options, plan_register
from gatepass.domain.change import Change
from gatepass.domain.errors import GatepassError, NotThere
from gatepass.domain.findings import Severity
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName
from gatepass.domain.notice import Happening
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.engine_bounds import demand_own_work
from gatepass.usecases.find_grant import roles_of_grant
from gatepass.usecases.hold_plan import demand_unchanged, hold_plan
from gatepass.usecases.plan_grants import AccountPlan, plan_account
from gatepass.usecases.withdraw_grant import plan_withdraw, withdraw_changes
from gatepass.wiring import file_access, machine, own_account, registers


@click.command()
@file_argument
@click.option("--prune", is_flag=True, help="Plan to delete our roles that FILE does not name.")
@click.option("--documents", is_flag=True, help="Show the policy documents of new roles too.")
@click.option("--out", type=click.Path(path_type=Path), help="Save the plan here, without any secret, for apply.")
@team_store_option
@json_option
def plan(file: Path, *, prune: bool, documents: bool, out: Path | None, store: str, as_json: bool) -> int:  # noqa: PLR0913 - one for each option
    """Show what applying FILE would change. Exit 3 when changes are pending.

    FILE is a customer's file, or a provider's file or folder: then it is about who of its teams gets in where.
    """
    if registers.is_register(file):
        demand_no_grant_options(prune=prune, documents=documents, out=out)
        return plan_register(file, store=store, as_json=as_json)
    demand_no_team_store()
    declaration, planned = _planned(file, prune=prune)
    if as_json:
        json_result(_plan_facts(planned))
    else:
        _show(planned, documents=documents)
    if out is not None:
        now = machine.clock().now()
        file_access.save_plan(out, hold_plan(declaration, planned, _shown(planned), now, prune=prune))
        note(f"saved: {out}; exactly this is done by: gatepass apply {out}")
    return ExitCode.CHANGES_PENDING if planned.changes or planned.drift else ExitCode.DONE


@click.command()
@file_argument
@click.option("--prune", is_flag=True, help="Delete our roles that FILE does not name.")
@wait_option
@team_store_option
@yes_option
@json_option
def apply(file: Path, *, prune: bool, wait: timedelta, store: str, yes: bool, as_json: bool) -> int:  # noqa: PLR0913 - one for each option
    """Make the account as FILE says, after showing the plan and asking.

    FILE may be a plan that was saved with plan --out; it is applied only while the account is as it was.
    With a provider's file or folder its teams are let in, and it is proved that nobody else gets in.
    """
    if registers.is_register(file):
        demand_no_grant_options(prune=prune)
        return apply_register(file, store=store, yes=yes, as_json=as_json)
    demand_no_team_store()
    declaration, planned = _planned_or_saved(file, prune=prune)
    if not as_json:
        _show(planned)
    demand_own_work(planned)
    if planned.changes and not confirmed("Make these changes?", yes=yes):
        note("nothing was changed")
        return ExitCode.DONE
    tell_changed(planned)
    roles, clock = own_account.own_roles(), machine.clock()
    made = _make(apply_changes(planned.changes, roles, clock, wait), len(planned.changes), quiet=as_json)
    if as_json:
        json_result({**_plan_facts(planned), "made": [change_facts(change) for change in made]})
    else:
        for grant in planned.grants:
            result(f"role {grant.arn}")
        note("role ARNs are safe to send; for the second factor: gatepass pass GRANT --reveal")
    return _follow_up(declaration, planned)


@click.command()
@click.argument("grant", type=Grant())
@settings_option
@customer_store_option
@yes_option
@json_option
def withdraw(grant: GrantName, *, file: Path | None, customer_store: str, yes: bool, as_json: bool) -> int:
    """Delete the role of GRANT with everything on it; its door is closed first."""
    roles = own_account.own_roles()
    try:
        changes = plan_withdraw(grant, roles)
    except NotThere as gone:
        # Deleting what is gone is a success; what there is tells a mistyped name.
        note(f"nothing to withdraw: {gone.what}; {gone.why}")
        changes = ()
    if changes and not as_json:
        note("\n".join(change_line(change) for change in changes))
    if changes and not confirmed(f"Withdraw {grant}?", yes=yes):
        note("nothing was changed")
        return ExitCode.DONE
    arns = [arn for arn, _ in roles_of_grant(grant, roles)] if changes else []
    made = _make(withdraw_changes(changes, roles), len(changes), quiet=True)
    names = sorted({str(change.name) for change in made})
    if as_json:
        json_result({"grant": str(grant), "deleted": names, "made": [change_facts(change) for change in made]})
    else:
        for name in names:
            result(f"withdrawn: the role {name} and everything on it are gone")
    if not arns:
        return leave_nothing(file, grant, customer_store)
    return afterwards(file, grant, Happening.WITHDRAWN, arns, usual_store=customer_store)


def tell_changed(planned: AccountPlan) -> None:
    """Tell the log whose grants are about to be changed; a role that no grant names counts as the account's."""
    changed = [str(grant.grant.name) for grant in planned.grants if grant.changes]
    for name in changed or ([""] if planned.changes else []):
        about(customer=str(planned.account), grant=name)


def _planned_or_saved(file: Path, *, prune: bool) -> tuple[Declaration, AccountPlan]:
    saved = file_access.saved_plan(file)
    if saved is None:
        return _planned(file, prune=prune)
    roles, clock, randomness = own_account.own_roles(), machine.clock(), machine.randomness()
    planned = plan_account(saved.declaration, roles, clock, randomness, prune=saved.prune)
    demand_unchanged(saved, planned, _shown(planned))
    return saved.declaration, planned


def _follow_up(declaration: Declaration, planned: AccountPlan) -> int:
    """A role that was made is a door that was opened; of others only the store may be behind."""
    code: int = ExitCode.DONE
    for grant in planned.grants:
        if grant.changes and grant.observed is None:
            window = grant.grant.window
            code |= afterwards(declaration, grant.grant.name, Happening.OPENED, [grant.arn], window.end)
        elif grant.changes:
            code |= keep(declaration, grant.grant.name)
    return code


def _planned(file: Path, *, prune: bool) -> tuple[Declaration, AccountPlan]:
    roles = own_account.own_roles()
    loaded = load(file, roles)
    with placed(loaded):
        planned = plan_account(loaded.declaration, roles, machine.clock(), machine.randomness(), prune=prune)
    return loaded.declaration, planned


def _shown(planned: AccountPlan) -> list[str]:
    """Return the changes as they are shown, each with its role."""
    return [f"{change.name}: {' '.join(sign_and_text(change))}" for change in planned.changes]


def _show(planned: AccountPlan, *, documents: bool = False) -> None:
    for line in plan_lines(planned, documents=documents):
        result(line)
    # Remarks of little weight are check's to make; here they would stand between a person and the plan.
    weighty = [finding for finding in planned.findings if finding.severity is not Severity.LOW]
    for line in finding_lines(weighty):
        note(line)


def _make(changes: Iterable[Change], count: int, *, quiet: bool) -> list[Change]:
    """Make the changes one by one, telling each; a refusal in the middle says what stands."""
    made: list[Change] = []
    try:
        for change in changes:
            made.append(change)
            if not quiet:
                note(f"done {len(made)}/{count}: {change.name}: {change_line(change)}")
    except GatepassError as error:
        if count > 1:
            note(f"{len(made)} of {count} changes were made and stand; the rest was not begun")
            for change in made:
                note(f"  made: {change.name}: {change_line(change)}")
            error.next_step += "; then run the same command again, it finishes the rest"
        raise
    return made


def _plan_facts(planned: AccountPlan) -> dict[str, object]:
    return {
        "account": str(planned.account),
        "changes": [change_facts(change) for change in planned.changes],
        "roles": [
            {
                "grant": str(grant.grant.name),
                "role_arn": str(grant.arn),
                "provider": str(grant.grant.provider),
                "switch": grant.position.value,
                "engine": grant.keeper,
                "taken_from": grant.taken_from,
                "drift": [change_facts(change) for change in grant.drift],
            }
            for grant in planned.grants
        ],
        "access": {str(name): asdict(access) for name, access in planned.access.items()},
        "unnamed": [str(role.name) for role in planned.unnamed],
        "findings": [finding_facts(finding) for finding in planned.findings],
    }
