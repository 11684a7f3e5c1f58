"""The command that lists the sessions that are under way."""

from __future__ import annotations

from datetime import datetime

import click

from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, print_table
from gatepass.cli.time_left import expiry_words
from gatepass.domain.live_session import LiveSession
from gatepass.domain.table import Table
from gatepass.wiring import machine
from gatepass.wiring.live_sessions import live_sessions

_COLUMNS = ("", "Customer", "Account", "Role", "As", "Time left", "Where")


@click.command()
@json_option
def status(*, as_json: bool) -> int:
    """List the live sessions: this terminal's stack, outermost first, your other terminals' and AWS profiles'.

    The star is at the one you are in. Nothing is asked of AWS, and no key is shown.
    """
    now = machine.clock().now()
    found = list(live_sessions(now))
    if as_json:
        json_result({"sessions": [_facts(each, now) for each in found]})
    elif found:
        print_table(Table(_COLUMNS, tuple(_row(each, now) for each in found)))
    if not as_json and not any(each.is_current for each in found):
        note("you are in your own account")
    return ExitCode.DONE


def _row(session: LiveSession, now: datetime) -> tuple[str, ...]:
    return (
        "*" if session.is_current else "",
        "/".join(part for part in (session.customer, session.grant) if part) or "-",
        str(session.role.account),
        str(session.role.name),
        str(session.engineer),
        expiry_words(session.expires_at, now),
        session.where,
    )


def _facts(session: LiveSession, now: datetime) -> dict[str, object]:
    left = session.left(now)
    return {
        "where": session.where,
        "current": session.is_current,
        "customer": session.customer or None,
        "grant": session.grant or None,
        "account": str(session.role.account),
        "role": str(session.role),
        "source_identity": str(session.engineer),
        "expires_at": session.expires_at.isoformat(),
        "seconds_left": int(left.total_seconds()),
        "expired": not left,
    }
