"""Commands that do for all customers what others do for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gatepass.cli.fleet_ending_kinds import expire_options, expire_order, offboard_options, offboard_order
from gatepass.cli.fleet_kinds import reconcile_options, reconcile_order, verify_options, verify_order
from gatepass.cli.fleet_options import chosen_database, database_option, filter_of, run_options
from gatepass.cli.fleet_rotation_kinds import admit_options, admit_order, rotate_options, rotate_order
from gatepass.cli.fleet_run import Run, begin
from gatepass.cli.fleet_text import count_line, outcome_facts, progress_facts, state_lines, state_of
from gatepass.cli.options import json_option, silent_yes_option
from gatepass.cli.output import ExitCode, json_result, note, print_table, result
from gatepass.domain.errors import Conflict
from gatepass.domain.table import Table
from gatepass.domain.trust import instant_text
from gatepass.wiring import fleet as wired

if TYPE_CHECKING:
    from gatepass.fleet.run import Order
    from gatepass.fleet.schedules import Schedules

_Options = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class KindOfRun:
    """A kind of work as people type it.

    Attributes:
        about: what the command does, for its help.
        options: adds what only this kind can be told.
        order: makes of that what is kept with the run; paths become absolute, and nothing in it is secret.
    """

    name: str
    about: str
    options: _Options
    order: Callable[..., dict[str, str]]


# What a schedule is to begin: the kind of run, and what its options were given.
_Asked = tuple[KindOfRun, dict[str, Any]]


KINDS = (
    KindOfRun(
        "verify",
        "Prove all customers' doors again; quarantine unsafe ones.",
        verify_options,
        verify_order,
    ),
    KindOfRun(
        "reconcile",
        "Compare accounts with their files; make the difference.",
        reconcile_options,
        reconcile_order,
    ),
    KindOfRun(
        "rotate",
        "Replace the second factors of all grants in the customer's files; the provider admits them meanwhile.",
        rotate_options,
        rotate_order,
    ),
    KindOfRun(
        "admit",
        "Admit every new pass of known customers that lies in PLACE, and leave signed receipts.",
        admit_options,
        admit_order,
    ),
    KindOfRun(
        "expire",
        "Tell customers of grants that end soon; with --apply withdraw those that have ended.",
        expire_options,
        expire_order,
    ),
    KindOfRun(
        "offboard",
        "End an engineer's live sessions in every account of the files; or leave a customer, and prove it.",
        offboard_options,
        offboard_order,
    ),
)


@click.group()
def fleet() -> None:
    """Do it for thousands of customers: durable, paced, and resumable at any moment.

    What was begun is finished, or named as failed with its cause. Exit 3 when a unit failed or found something, 1 when
    the run stopped.
    """


def _command(kind: KindOfRun) -> click.Command:
    @click.command(kind.name, help=kind.about)
    @kind.options
    @run_options
    @silent_yes_option
    @json_option
    def run(  # noqa: PLR0913 - one for each option
        *,
        database: str | None,
        max_in_flight: int,
        wanted: tuple[tuple[str, str], ...],
        max_failures: float,
        dry_run: bool,
        as_json: bool,
        **own: Any,  # noqa: ANN401 - whatever the kind takes
    ) -> int:
        place, order = chosen_database(database), _order(kind, wanted, (max_failures, max_in_flight), own)
        if dry_run:
            return _list_units(order, as_json=as_json)
        code = begin(place, order, as_json=as_json)
        for line in () if as_json else wired.proof_lines(order.options):
            note(line)
        return code

    return run


def _order(
    kind: KindOfRun, wanted: tuple[tuple[str, str], ...], bounds: tuple[float, int], own: dict[str, Any]
) -> Order:
    wired.demand_engine()
    from gatepass.fleet.run import Order

    return Order(kind.name, kind.order(**own), filter_of(wanted), *bounds, wired.asked_by())


def _list_units(order: Order, *, as_json: bool) -> int:
    subjects = wired.kinds()[order.kind](order.options).units(order.wanted)
    would = wired.would_do(order.options)
    if as_json:
        json_result({"kind": order.kind, "units": list(subjects), **({"would": list(would)} if would else {})})
        return ExitCode.DONE
    for subject in subjects:
        result(subject)
    for line in would:
        result(f"  {line}")
    note(f"{len(subjects)} units; nothing was begun")
    return ExitCode.DONE


for _kind in KINDS:
    fleet.add_command(_command(_kind))


@fleet.command()
@click.argument("run", metavar="[RUN]", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many runs to list.")
@database_option
@json_option
def status(run: str | None, *, limit: int, database: str | None, as_json: bool) -> int:
    """Show the last runs, or how it stands with one."""
    ledger = wired.ledger(chosen_database(database))
    found = [ledger.progress(run)] if run else list(ledger.runs(limit))
    if as_json:
        json_result({"runs": [progress_facts(one) for one in found]})
    elif run:
        for line in state_lines(found[0]):
            result(line)
    elif found:
        rows = tuple((one.run, state_of(one), instant_text(one.started), count_line(one)) for one in found)
        print_table(Table(("run", "state", "asked for", "units"), rows))
    else:
        note("there is no run yet; begin with: gatepass fleet verify")
    return ExitCode.DONE


@fleet.command()
@click.argument("run", metavar="[RUN]", required=False)
@database_option
@json_option
def resume(run: str | None, *, database: str | None, as_json: bool) -> int:
    """Go on with a run that stopped or was killed.

    RUN is by default the last one.
    """
    place = chosen_database(database)
    ledger = wired.ledger(place)
    name = run or ledger.last()
    progress = ledger.progress(name)
    if progress.problem:
        raise Conflict(f"{name} could not begin", why=progress.problem, next_step="mend that, and begin a new run")
    if progress.is_over and not progress.stopped:
        note(f"{name} is {state_of(progress)}: {count_line(progress)}")
        return ExitCode.DONE
    ledger.resume(name)
    return Run(place, ledger, name).follow(as_json=as_json)


@fleet.command()
@click.argument("run", metavar="[RUN]", required=False)
@database_option
@json_option
def failures(run: str | None, *, database: str | None, as_json: bool) -> int:
    """List what failed in a run, and what to do.

    RUN is by default the last one. What was found, such as changes that wait, is listed too.
    """
    ledger = wired.ledger(chosen_database(database))
    progress = ledger.progress(run or ledger.last())
    units = outcome_facts(progress)
    if as_json:
        json_result({"run": progress.run, "failures": units})
    for unit in () if as_json else sorted(units, key=lambda one: (str(one["cause"]), str(one["subject"]))):
        result(f"{unit['subject']}: {unit['cause'] or unit['facts'].get('found', '')}")
        if unit["next"]:
            result(f"  next: {unit['next']}")
    note(f"{progress.run}: {count_line(progress)}")
    return ExitCode.FOUND_SOMETHING if units else ExitCode.DONE


@fleet.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--name", metavar="NAME", help="What to call it; by default after its kind.")
@click.option("--remove", metavar="NAME", help="Begin this one no longer.")
@database_option
@json_option
@click.argument("cron", required=False)
@click.argument("words", metavar="[KIND [OPTIONS]]", nargs=-1, type=click.UNPROCESSED)
def schedule(  # noqa: PLR0913 - one for each option
    cron: str | None,
    words: tuple[str, ...],
    *,
    name: str | None,
    remove: str | None,
    database: str | None,
    as_json: bool,
) -> int:
    """Begin runs by the clock.

    For example: gatepass fleet schedule "0 3 * * *" verify --filter team=netops

    CRON is minute, hour, day, month and weekday, in UTC. A worker begins them: gatepass worker. Options of the schedule
    stand before CRON, those of the run behind KIND; --database may stand at either. Without CRON the schedules are
    listed.
    """
    asked = _asked(words) if cron and not remove else None
    schedules = wired.schedules(wired.ledger(chosen_database(_one_database(database, asked))))
    if remove:
        schedules.remove(remove)
        note(f"removed: {remove}")
    elif cron and asked is not None:
        made = _scheduled(cron, asked, name, schedules)
        note("a worker begins it, as long as one runs: gatepass worker")
        note(f"remove it: gatepass fleet schedule --remove {made}")
    _show_schedules(schedules, as_json=as_json)
    return ExitCode.DONE


def _asked(words: tuple[str, ...]) -> _Asked:
    """Return which kind of run the words ask for, and its options."""
    kinds = {kind.name: kind for kind in KINDS}
    if not words or words[0] not in kinds:
        raise click.UsageError(f"name what to begin behind the time: {', '.join(kinds)}")
    kind = kinds[words[0]]
    given = _command(kind).make_context(f"gatepass fleet schedule CRON {kind.name}", list(words[1:])).params
    for option in ("dry_run", "as_json"):
        if given.pop(option):
            written = option.replace("_", "-").removeprefix("as-")
            raise click.UsageError(f"--{written} is not for a schedule's runs; --json stands before the time")
    return kind, given


def _one_database(before: str | None, asked: _Asked | None) -> str | None:
    """Return the database that was named before the time or behind the kind."""
    behind = asked[1].pop("database") if asked is not None else None
    if before and behind and before != behind:
        raise click.UsageError("--database is given twice: a schedule's runs are kept where the schedule is")
    return before or behind


def _scheduled(cron: str, asked: _Asked, name: str | None, schedules: Schedules) -> str:
    kind, given = asked
    order = _order(kind, given.pop("wanted"), (given.pop("max_failures"), given.pop("max_in_flight")), given)
    called = f"{kind.name}-{name}" if name and name != kind.name else kind.name
    schedules.add(called, cron, order)
    return called


def _show_schedules(schedules: Schedules, *, as_json: bool) -> None:
    found = schedules.all()
    facts = [
        {"name": one["schedule_name"], "cron": one["schedule"], "last_begun": one.get("last_fired_at")} for one in found
    ]
    if as_json:
        json_result({"schedules": facts})
    elif facts:
        rows = tuple((str(one["name"]), str(one["cron"]), str(one["last_begun"] or "never")) for one in facts)
        print_table(Table(("name", "when (UTC)", "last begun"), rows))
    else:
        note('nothing is begun by the clock; for example: gatepass fleet schedule "0 3 * * *" verify')
