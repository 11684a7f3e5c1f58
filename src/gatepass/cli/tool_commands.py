"""Commands that other programs run: AWS's tools for credentials, shells for their prompt.

``gatepass.fast`` runs the usual forms of both by itself, without this module.
"""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import click

from gatepass.cli import completion
from gatepass.cli.options import Duration
from gatepass.cli.output import ExitCode, result
from gatepass.cli.register_option import register_options
from gatepass.render.prompt_segment import SHELLS, customer_segment
from gatepass.wiring import machine, ready_sessions


@click.command("credential-process")
@click.argument("customer", metavar="CUSTOMER[/GRANT]", shell_complete=completion.customers)
@click.option("--for", "duration", type=Duration(), default="1h", show_default=True, help="How long, 15m to 12h.")
@register_options
def credential_process(customer: str, *, duration: timedelta, register: Path | None, store: str) -> int:
    """Print a customer's credentials for AWS's tools, as a profile's credential_process.

    They are kept for the next call and last at least 15 minutes more when they are handed out. However many
    callers there are, one of them enters. gatepass profiles sync writes the profiles.
    """
    place = str(register) if register is not None else ready_sessions.USUAL_REGISTER
    asked = ready_sessions.question(customer, int(duration.total_seconds()), place, store)
    answer = ready_sessions.ready_answer(asked)
    if answer is None:
        from gatepass.cli.handing_out import handed_out

        answer = handed_out(customer, duration, place, store, asked)
    result(answer)
    return ExitCode.DONE


@click.command()
@click.option("--shell", type=click.Choice(SHELLS), default="plain", show_default=True, help="Whose prompt it is for.")
@click.option("--always", is_flag=True, help="In your own account too: print the word provider.")
def prompt(shell: str, *, always: bool) -> int:
    """Print whose account you are in, and for how long: a segment for your shell's prompt.

    Nothing is printed in your own account. It reads one small file and asks nobody. gatepass shell-init puts it
    into your prompt.
    """
    place = ready_sessions.place_here()
    if place is None:
        if always:
            result("provider")
        return ExitCode.DONE
    way, role, ends_at = place
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    result(customer_segment(way, role, machine.region() or "", ends_at, time.time(), shell, colour=colour))
    return ExitCode.DONE
