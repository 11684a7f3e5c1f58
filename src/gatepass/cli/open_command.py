"""The command that opens a door: for good, for a time, or as an engineer's signed request asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from gatepass.cli.afterwards import afterwards
from gatepass.cli.options import Duration, Grant, Instant, confirmed, file_option, json_option, yes_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.access_request import request_body
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName
from gatepass.domain.notice import Happening
from gatepass.domain.role import DIRECT_ENGINE
from gatepass.domain.trust import instant_text
from gatepass.render.request_words import key_lines, request_lines
from gatepass.usecases.open_door import Opened, open_door
from gatepass.usecases.read_request import ReadRequest, read_request, remember_request
from gatepass.wiring import file_access, handover, machine, own_account


@click.command("open")
@click.argument("grant", type=Grant(), required=False)
@click.option("--for", "duration", type=Duration(), help="Open for so long; it ends by itself, in AWS's own policy.")
@click.option("--until", "instant", type=Instant(), help="Open until then: 2026-11-27T18:00:00Z.")
@click.option("--request", type=click.Path(path_type=Path), help="Open what this signed request asks for.")
@click.option("--trust-key", is_flag=True, help="Take the request's key for the engineer's, once you compared it.")
@file_option
@yes_option
@json_option
def open_command(  # noqa: PLR0913 - one for each option
    grant: GrantName | None,
    *,
    duration: timedelta | None,
    instant: datetime | None,
    request: Path | None,
    trust_key: bool,
    file: Path,
    yes: bool,
    as_json: bool,
) -> int:
    """Let new sessions of GRANT in; older sessions stay ended.

    A closed door gets a new second factor. One that is open for a time is made shorter or longer with --for
    and --until, and keeps the one it has. --request FILE opens what an engineer asked for with gatepass request.
    """
    if sum(given is not None for given in (duration, instant, request)) > 1:
        raise click.UsageError("--for, --until and --request each say how long the door is open; give one of them")
    declaration = file_access.load_customer_file(file).declaration
    if request is not None:
        return _open_as_asked(request, grant, declaration, trust_key=trust_key, yes=yes, as_json=as_json)
    if grant is None:
        raise click.UsageError("name the grant to open, or the engineer's file with --request")
    until = duration if duration is not None else instant
    opened = _open(declaration, grant, until)
    _show(opened, grant, as_json=as_json, asked_end=until is not None)
    return _follow_up(opened, grant, declaration)


def _open_as_asked(  # noqa: PLR0913 - the request, what else was said about it, and how to answer
    file: Path, grant: GrantName | None, declaration: Declaration, *, trust_key: bool, yes: bool, as_json: bool
) -> int:
    desk = handover.request_desk()
    read = read_request(
        file_access.read_handed_file(file), declaration, own_account.own_roles(), desk, trust_key=trust_key
    )
    asked = read.request
    if grant is not None and grant != asked.grant:
        raise Conflict(
            f"the request is for the grant {asked.grant}, not {grant}",
            why="exactly what was asked for is opened, or nothing",
            next_step=f"gatepass open --request {file}",
        )
    for line in (*request_lines(asked), *key_lines(asked, read.key, read.known_key)):
        note(line)
    if yes and read.key_is_new and not trust_key:
        raise Conflict(
            f"nobody has compared the key of {asked.engineer} yet",
            why="--yes would open for whoever wrote this file under that name",
            next_step="call the engineer, compare the fingerprint above, and add --trust-key",
        )
    if not confirmed(f"Open {asked.grant} for exactly this?", yes=yes):
        note("nothing was changed")
        return ExitCode.DONE
    opened = open_door(
        declaration, asked.grant, own_account.own_roles(), machine.clock(), machine.randomness(),
        until=asked.duration, shorten=False,
    )  # fmt: skip
    remember_request(read, desk)
    _show(opened, asked.grant, as_json=as_json, asked_end=True, read=read)
    return _follow_up(opened, asked.grant, declaration)


def _open(declaration: Declaration, grant: GrantName, until: datetime | timedelta | None) -> Opened:
    return open_door(declaration, grant, own_account.own_roles(), machine.clock(), machine.randomness(), until=until)


def _follow_up(opened: Opened, grant: GrantName, declaration: Declaration) -> int:
    if not opened.changed:
        return ExitCode.DONE
    return afterwards(declaration, grant, Happening.OPENED, [opened.arn], opened.until)


def _show(opened: Opened, grant: GrantName, *, as_json: bool, asked_end: bool, read: ReadRequest | None = None) -> None:
    if as_json:
        json_result(
            {
                "grant": str(grant),
                "role_arn": str(opened.arn),
                "changed": opened.changed,
                "new_external_id": opened.has_new_id,
                "engine": opened.engine,
                "until": instant_text(opened.until) if opened.until else None,
                "window_over": opened.window_is_over,
                "request": request_body(read.request) if read is not None else None,
            }
        )
        return
    result(f"{'opened' if opened.changed else 'open already'}: {opened.arn}")
    if opened.engine != DIRECT_ENGINE:
        note(f"kept by {opened.engine}: only the denial of a close is lifted, sessions from before stay ended")
        note(f"its external ID is the one in {opened.engine}; if somebody else may know it, put a new one there first")
    if opened.until is not None:
        note(f"until {instant_text(opened.until)} by AWS's clock; then nobody enters, and live sessions end")
        if not (opened.changed or asked_end):
            note(f"for longer: gatepass open {grant} --for 8h")
    if opened.until and opened.window_ends and opened.window_ends < opened.until:
        note(f"its window in the file ends before that, at {instant_text(opened.window_ends)}, and that holds")
    if opened.has_new_id:
        note(f"it has a new second factor; hand it over: gatepass pass {grant} --reveal")
    if opened.window_is_over:
        note("its window in the file is over: nobody can enter until the file gives it a later end")
