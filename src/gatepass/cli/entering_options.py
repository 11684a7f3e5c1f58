"""The options of every command that enters a customer's role."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from gatepass.cli.options import Duration
from gatepass.cli.register_option import register_options
from gatepass.domain.region_name import RegionName
from gatepass.domain.session_terms import Ticket

Command = TypeVar("Command", bound=Callable[..., Any])

_USUAL_LENGTH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants to enter.

    Attributes:
        length: how long; None where nothing was said.
        policy: the file of the document that narrows the session.
        region: where the session's tools begin; None for where they would anyway.
        register: the provider's register; None for the usual one, if it is there.
        store: where the team's second factors lie.
    """

    length: timedelta | None
    read_only: bool
    policy: Path | None
    ticket: Ticket | None
    region: RegionName | None
    register: Path | None
    store: str

    @property
    def duration(self) -> timedelta:
        """How long the session shall last."""
        return self.length if self.length is not None else _USUAL_LENGTH

    @property
    def is_plain(self) -> bool:
        """Whether nothing of the session itself was asked for, so that one that is under way will do."""
        return not (self.length or self.read_only or self.policy or self.ticket)


class TicketName(click.ParamType[Ticket]):
    """The reference of the work, such as ABC-123."""

    name = "ticket"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Ticket:
        """Return the ticket."""
        del param, ctx
        return value if isinstance(value, Ticket) else Ticket(str(value))


class Region(click.ParamType[RegionName]):
    """The name of a Region."""

    name = "region"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> RegionName:
        """Return the name."""
        del param, ctx
        return value if isinstance(value, RegionName) else RegionName(str(value))


def entering_options(command: Command) -> Command:
    """Add what narrows, labels and lengthens the session; the command gets it together, as ``wish``."""

    @functools.wraps(command)
    def with_wish(*arguments: Any, **given: Any) -> Any:  # noqa: ANN401 - whatever the command takes and returns
        wish = Wish(**{name: given.pop(name) for name in Wish.__dataclass_fields__})
        return command(*arguments, wish=wish, **given)

    decorated: Any = with_wish
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


_OPTIONS = (
    click.option(
        "--for", "length", type=Duration(),
        help="How long, 15m to 12h and no longer than the role's own limit; 1h where nothing is said.",
    ),
    click.option(
        "--read-only", is_flag=True,
        help="Only look at how things are set up: nothing can be changed, and no data read "
        "(AWS's ViewOnlyAccess and SecurityAudit, within what the role allows).",
    ),
    click.option(
        "--policy", metavar="FILE", type=click.Path(path_type=Path),
        help="Narrow the session to what this JSON policy allows too; it gives nothing that the role does not.",
    ),
    click.option(
        "--ticket", metavar="ABC-123", type=TicketName(),
        help="What the work is for: in the session's name and its tag gatepass:ticket, which the customer sees.",
    ),
    click.option("--region", type=Region(), help="The Region that the session's tools begin in."),
    register_options,
)  # fmt: skip
