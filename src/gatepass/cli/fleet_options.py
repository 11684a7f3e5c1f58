"""Options that all runs of the fleet share, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gatepass.domain.errors import InvalidInput
from gatepass.wiring import fleet

if TYPE_CHECKING:
    from gatepass.fleet.database import Database

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Part(click.ParamType[float]):
    """A part of a whole: 5%."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the part, 0 to 1."""
        if isinstance(value, float):
            return value
        number = str(value).removesuffix("%")
        if not number.isascii() or not number.isdigit() or int(number) > 100 or not str(value).endswith("%"):
            self.fail("a part is written in percent, 0% to 100%: 5%", param, ctx)
        return int(number) / 100


class Chosen(click.ParamType[tuple[str, str]]):
    """What customers are chosen by: team=netops."""

    name = "key=value"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return the key and the value."""
        if isinstance(value, tuple):
            return value
        key, equals, wanted = str(value).partition("=")
        if not (key and equals and wanted):
            self.fail("a filter has a key and a value: team=netops", param, ctx)
        return key, wanted


def database_option(command: _Command) -> _Command:
    """Add where runs are kept; GATEPASS_DATABASE is read where it is used, and never shown."""
    return click.option(
        "--database", metavar="URL",
        help="PostgreSQL's address without a password, for several workers; or GATEPASS_DATABASE. "
        "Without one a file on this machine.",
    )(command)  # fmt: skip


def in_flight_option(command: _Command) -> _Command:
    """Add how much is done at once."""
    return click.option(
        "--max-in-flight", type=click.IntRange(1, 1000), metavar="N", default=250, show_default=True,
        help="How many units each worker does at once.",
    )(command)  # fmt: skip


def run_options(command: _Command) -> _Command:
    """Add what every run can be told."""
    for option in (
        click.option(
            "--dry-run", is_flag=True, help="Only list the units; nothing is kept and nobody is asked but the files."
        ),
        click.option(
            "--max-failures", type=Part(), default="5%", show_default=True,
            help="Stop when more of the run than this fails for one cause.",
        ),
        click.option(
            "--filter", "wanted", type=Chosen(), multiple=True, metavar="KEY=VALUE",
            help="Only these, such as team=netops; * and ? are allowed. Several must all fit.",
        ),
        in_flight_option,
        database_option,
    ):  # fmt: skip
        command = option(command)
    return command


def filter_of(wanted: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return the filter.

    Raises:
        UsageError: one key is given twice.
    """
    chosen = dict(wanted)
    if len(chosen) != len(wanted):
        raise click.UsageError("one key of --filter is given twice; nothing fits both")
    return chosen


def chosen_database(typed: str | None) -> Database:
    """Return where runs are kept.

    Raises:
        UsageError: it is no address, or holds a password that everybody could see.
    """
    try:
        return fleet.database(typed)
    except InvalidInput as error:
        raise click.UsageError(f"{error.what}: {error.why}; {error.next_step}") from None
