"""Options and arguments that several commands share."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gatepass.cli.recording import declined
from gatepass.domain.identifiers import EngineerName, GrantName

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_DURATION = re.compile(r"([0-9]{1,6})(s|m|h|d)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

Command = TypeVar("Command", bound=Callable[..., Any])


class Duration(click.ParamType[timedelta]):
    """A duration with its unit: 30s, 15m, 2h, 7d."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration."""
        if isinstance(value, timedelta):
            return value
        match = _DURATION.fullmatch(str(value))
        if match is None:
            self.fail("a duration is a number with its unit: 30s, 15m, 2h or 7d", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


class Instant(click.ParamType[datetime]):
    """An instant with its time zone: 2026-11-27T18:00:00Z."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            found = datetime.min  # noqa: DTZ901 - without a zone, so that it is refused below
        if found.tzinfo is None:
            self.fail("an instant has a date, a time and a time zone: 2026-11-27T18:00:00Z", param, ctx)
        return found.astimezone(UTC)


class Engineer(click.ParamType[EngineerName]):
    """The name of an engineer, as sessions carry it."""

    name = "engineer"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> EngineerName:
        """Return the name."""
        del param, ctx
        return value if isinstance(value, EngineerName) else EngineerName(str(value))


class Grant(click.ParamType[GrantName]):
    """The name of a grant."""

    name = "grant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> GrantName:
        """Return the name."""
        del param, ctx
        return value if isinstance(value, GrantName) else GrantName(str(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """Return the grants of the customer's file that begin so."""
        from gatepass.cli.completion import grants

        return grants(ctx, param, incomplete)


def json_option(command: Command) -> Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print the same facts as JSON.")(command)


def yes_option(command: Command) -> Command:
    """Add ``--yes``."""
    return click.option("--yes", is_flag=True, help="Do not ask before changing anything.")(command)


def silent_yes_option(command: Command) -> Command:
    """Take ``--yes`` where nothing is asked, so that scripts can give it to every verb that changes something."""
    return click.option("--yes", is_flag=True, hidden=True, expose_value=False)(command)


def file_argument(command: Command) -> Command:
    """Add the customer's file."""
    return click.argument("file", type=click.Path(path_type=Path), default="access.yml")(command)


def file_option(command: Command) -> Command:
    """Add the customer's file as an option, where a grant is the argument."""
    kind = click.Path(path_type=Path)
    return click.option(
        "--file", "file", type=kind, default="access.yml", show_default=True, help="The customer's file."
    )(command)


def settings_option(command: Command) -> Command:
    """Add the customer's file where it only says whom to tell and where second factors are kept."""
    return click.option(
        "--file",
        "file",
        type=click.Path(path_type=Path),
        help="The customer's file, for whom to tell; by default access.yml, if it is there.",
    )(command)


def wait_option(command: Command) -> Command:
    """Add how long to wait for IAM to spread a change."""
    # IAM's spreading was measured at about 4 s; AWS promises nothing below minutes.
    return click.option(
        "--wait", type=Duration(), default="5s", show_default=True, help="How long IAM gets to spread the change."
    )(command)


def confirmed(question: str, *, yes: bool) -> bool:
    """Ask, unless ``--yes`` answers; without a terminal nobody could answer, and nothing is done.

    Raises:
        UsageError: neither a terminal nor ``--yes``.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError(
            "nobody is at the terminal to say yes to these changes; add --yes once you have read them"
        )
    agreed = click.confirm(question, err=True)
    if not agreed:
        declined()
    return agreed
