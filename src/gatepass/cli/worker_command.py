"""The command that works on whatever runs there are."""

from __future__ import annotations

import signal
import threading

import click

from gatepass.cli.fleet_options import chosen_database, database_option
from gatepass.cli.fleet_run import failed, leave, lost
from gatepass.cli.output import ExitCode, note
from gatepass.domain.errors import Conflict
from gatepass.wiring import fleet

# How often what was done is brought to the log.
_DELIVER_SECONDS = 60.0


@click.command()
@database_option
def worker(*, database: str | None) -> int:
    """Work on the runs of the fleet, and begin those that are scheduled, until Ctrl-C.

    With PostgreSQL any number of workers may run, on any machines; when one dies, the others finish what it had begun.
    """
    place = chosen_database(database)
    engine = fleet.engine(place, note, lost, failed)
    if engine is None:
        raise Conflict(
            "another process of this machine works already",
            why=f"{place.title} is for one worker at a time",
            next_step="leave it to that one, or share PostgreSQL: gatepass worker --database postgresql://HOST/NAME",
        )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    engine.start()
    note(f"worker {engine.worker} on {place.title}; Ctrl-C ends it, and what it was at is begun again by the next one")
    while not ended.wait(_DELIVER_SECONDS):
        fleet.deliver(note)
    fleet.deliver(note)
    note("ended")
    # Units that wait for an answer would keep the process; the next worker begins them again.
    leave(ExitCode.DONE)
    return ExitCode.DONE
