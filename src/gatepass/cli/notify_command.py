"""The command that tells the customer which grants end soon, and tries the channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from gatepass.cli.options import Duration, file_argument, json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import Declaration
from gatepass.domain.notice import Happening, Notice
from gatepass.usecases.tell import Untold, tell
from gatepass.usecases.tell_of_ends import Telling, coming_ends, tell_of_ends
from gatepass.wiring import file_access, machine, notices, own_account


@click.command()
@file_argument
@click.option(
    "--within", type=Duration(), default="24h", show_default=True, help="Tell of what ends within this time from now."
)
@click.option("--test", "is_trial", is_flag=True, help="Send a trial notice by every channel instead.")
@json_option
def notify(file: Path, *, within: timedelta, is_trial: bool, as_json: bool) -> int:
    """Tell the channels of FILE which grants end soon, each end once; meant to be run every hour.

    Exit 1 when a channel did not take a notice; the next run tries that channel again.
    """
    declaration = file_access.load_customer_file(file).declaration
    if declaration.notify.are_none:
        raise InvalidInput(
            f"{file} names nobody to tell",
            why="it has no notify: with a channel",
            next_step="add for example: notify: {email: {to: security@example.com, from: gatepass@example.com}}",
        )
    if is_trial:
        return _try_channels(declaration, as_json=as_json)
    now = machine.clock().now()
    endings = coming_ends(declaration, own_account.own_roles(), now, within)
    tellings = tell_of_ends(endings, notices.notifiers(declaration.notify), notices.told_notices(), now)
    if as_json:
        json_result({"account": str(declaration.account), "endings": [_facts(telling) for telling in tellings]})
    else:
        _show(tellings, within)
    return _exit_code([failure for telling in tellings for failure in telling.untold])


def _try_channels(declaration: Declaration, *, as_json: bool) -> int:
    notifiers = notices.notifiers(declaration.notify)
    trial = Notice(Happening.TRIAL, declaration.account, machine.clock().now())
    failures = {notifier.channel: tell([notifier], trial) for notifier in notifiers}
    untold = [failure for of_channel in failures.values() for failure in of_channel]
    if as_json:
        told = [{"channel": one.channel, "target": one.target} for one in notifiers if not failures[one.channel]]
        json_result({"account": str(declaration.account), "told": told, "untold": _failure_facts(untold)})
        return _exit_code(untold)
    for notifier in notifiers:
        if not failures[notifier.channel]:
            result(f"sent by {notifier.channel}: {notifier.target}")
    for failure in untold:
        note(failure.note)
    if any(one.channel != "webhook" and not failures[one.channel] for one in notifiers):
        note("AWS took what was sent; look whether it arrived, a subscription may not be confirmed yet")
    return _exit_code(untold)


def _show(tellings: Sequence[Telling], within: timedelta) -> None:
    if not tellings:
        hours, minutes = divmod(int(within.total_seconds()) // 60, 60)
        result(f"no open grant ends within {hours}h{f'{minutes:02d}m' if minutes else ''}")
    for telling in tellings:
        ending = telling.ending
        line = f"{ending.grant} ends at {_spoken(ending.until)}: {ending.role}"
        told = f"told by {', '.join(telling.told)}" if telling.told else ""
        before = f"told before by {', '.join(telling.known)}" if telling.known else ""
        result(f"{line} ({'; '.join(part for part in (told, before) if part) or 'told by nobody'})")
        for failure in telling.untold:
            note(failure.note)


def _facts(telling: Telling) -> dict[str, object]:
    return {
        "grant": str(telling.ending.grant),
        "role_arn": str(telling.ending.role),
        "until": telling.ending.until.astimezone(UTC).isoformat(),
        "told": list(telling.told),
        "told_before": list(telling.known),
        "untold": _failure_facts(telling.untold),
    }


def _failure_facts(failures: Sequence[Untold]) -> list[dict[str, str]]:
    return [{"channel": one.channel, "what": one.what, "why": one.why, "next": one.next_step} for one in failures]


def _exit_code(failures: Sequence[Untold]) -> int:
    return ExitCode.FAILED if failures else ExitCode.DONE


def _spoken(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
