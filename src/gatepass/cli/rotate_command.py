"""The command that replaces the second factor of an open door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click

from gatepass.cli.afterwards import afterwards
from gatepass.cli.options import Duration, Grant, json_option, settings_option, silent_yes_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.identifiers import GrantName
from gatepass.domain.notice import Happening
from gatepass.domain.trust import instant_text
from gatepass.ports.entries import EntryRecord
from gatepass.usecases.last_uses import Uses, last_uses
from gatepass.usecases.rotate_factor import Rotated, finish_rotation, rotate_factor
from gatepass.wiring import machine, own_account

# A pass travels by people; a day lets it arrive.
_OVERLAP = "24h"


@click.command()
@click.argument("grant", type=Grant())
@click.option(
    "--overlap",
    type=Duration(),
    default=_OVERLAP,
    show_default=True,
    help="How long the old second factor still opens; 0s for not at all.",
)
@click.option("--finish", is_flag=True, help="End the overlap now.")
@click.option("--status", is_flag=True, help="Only say how it stands, and which one was last used.")
@settings_option
@silent_yes_option
@json_option
def rotate(  # noqa: PLR0913 - one for each option
    grant: GrantName, *, overlap: timedelta, finish: bool, status: bool, file: Path | None, as_json: bool
) -> int:
    """Replace the second factor of GRANT; the old one opens beside the new one until the overlap ends by itself."""
    if finish and status:
        raise click.UsageError("--finish and --status are two things; give one of them")
    roles = own_account.own_roles()
    if status:
        return _show_status(last_uses(grant, roles, own_account.own_entries()), as_json=as_json)
    rotated = finish_rotation(grant, roles) if finish else rotate_factor(grant, roles, machine.randomness(), overlap)
    if as_json:
        json_result({"grant": str(grant), "rotated": [_facts(one) for one in rotated]})
    else:
        _show(rotated, grant, finish=finish)
    changed = [one.arn for one in rotated if one.changed]
    return afterwards(file, grant, Happening.ROTATED, changed) if changed else ExitCode.DONE


def _show(rotated: tuple[Rotated, ...], grant: GrantName, *, finish: bool) -> None:
    for one in rotated:
        result(f"{_outcome(one, finish=finish)}: {one.arn}")
        if one.old_until is not None:
            note(f"the old second factor opens too until {instant_text(one.old_until)}; nobody has to come back")
    if any(one.changed for one in rotated) and not finish:
        note(f"hand over the new one: gatepass pass {grant} --reveal")


def _outcome(one: Rotated, *, finish: bool) -> str:
    if finish:
        return "finished" if one.changed else "no overlap to finish"
    return "rotated" if one.changed else "a rotation is under way already"


def _show_status(uses: tuple[Uses, ...], *, as_json: bool) -> int:
    if as_json:
        json_result({"rotations": [{**_facts(one.rotation), **_use_facts(one)} for one in uses]})
        return ExitCode.DONE
    for one in uses:
        for line in _status_lines(one):
            result(line)
    note("CloudTrail tells of the last 90 days, in this Region, minutes after the fact")
    return ExitCode.DONE


def _status_lines(uses: Uses) -> Iterator[str]:
    yield f"role {uses.arn}"
    if uses.opens_without:
        yield "  has no second factor of ours now"
        return
    yield f"  current second factor: {_last(uses.current)}"
    if uses.rotation.old_until is None:
        yield "  no rotation is under way"
    else:
        yield f"  old second factor:     {_last(uses.old)}; it opens until {instant_text(uses.rotation.old_until)}"


def _last(entry: EntryRecord | None) -> str:
    return f"last used {instant_text(entry.at)} by {entry.who}" if entry is not None else "no use on record"


def _facts(one: Rotated) -> dict[str, object]:
    until = instant_text(one.old_until) if one.old_until else None
    return {"role_arn": str(one.arn), "changed": one.changed, "old_until": until}


def _use_facts(uses: Uses) -> dict[str, object]:
    return {
        f"{which}_last_used": {"at": instant_text(entry.at), "by": entry.who} if entry else None
        for which, entry in (("current", uses.current), ("old", uses.old))
    }
