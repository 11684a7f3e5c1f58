"""Commands that move the switch of a grant, and show what to hand over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from gatepass import wiring
from gatepass.cli.options import Grant, file_option, json_option, silent_yes_option, wait_option
from gatepass.cli.output import ExitCode, bullet_list, json_result, note, result
from gatepass.domain.identifiers import GrantName
from gatepass.usecases.close_door import OUTLIVES, close_door
from gatepass.usecases.end_sessions import end_sessions
from gatepass.usecases.hand_over import HandOver, hand_over
from gatepass.usecases.open_door import open_door


@click.command("open")
@click.argument("grant", type=Grant())
@file_option
@silent_yes_option
@json_option
def open_command(grant: GrantName, *, file: Path, as_json: bool) -> int:
    """Let new sessions of GRANT in, with a new second factor; older sessions stay ended."""
    loaded = wiring.load_customer_file(file)
    opened = open_door(loaded.declaration, grant, wiring.own_roles(), wiring.clock(), wiring.randomness())
    if as_json:
        json_result(
            {
                "grant": str(grant),
                "role_arn": str(opened.arn),
                "changed": opened.changed,
                "new_external_id": opened.has_new_id,
                "window_over": opened.window_is_over,
            }
        )
        return ExitCode.DONE
    result(f"{'opened' if opened.changed else 'open already'}: {opened.arn}")
    if opened.has_new_id:
        note(f"it has a new second factor; hand it over: gatepass pass {grant} --reveal")
    if opened.window_is_over:
        note("its window in the file is over: nobody can enter until the file gives it a later end")
    return ExitCode.DONE


@click.command()
@click.argument("grant", type=Grant())
@wait_option
@click.option(
    "--probe-as", metavar="PROFILE", help="Prove it: try to enter as this AWS profile of the provider's side."
)
@silent_yes_option
@json_option
def close(grant: GrantName, *, wait: timedelta, probe_as: str | None, as_json: bool) -> int:
    """Let no session of GRANT in, and no session act; needs no file."""
    probe = wiring.own_tokens(probe_as) if probe_as else None
    closed = close_door(grant, wiring.own_roles(), wiring.clock(), wait, probe)
    if as_json:
        facts = [
            {"role_arn": str(one.arn), "evidence": one.evidence, "changed": one.changed, "next": one.next_step}
            for one in closed
        ]
        json_result({"grant": str(grant), "closed": facts, "may_outlive": list(OUTLIVES)})
        return ExitCode.DONE
    for one in closed:
        result(f"{'closed' if one.changed else 'closed already'}: {one.arn} ({one.evidence})")
        if one.next_step:
            note(f"next: {one.next_step}")
    note("from now on no session of this role, new or live, can make an AWS call")
    note("what may outlive it, because AWS cannot recall it:")
    note(bullet_list(OUTLIVES))
    return ExitCode.DONE


@click.command()
@click.argument("grant", type=Grant())
@silent_yes_option
@json_option
def revoke(grant: GrantName, *, as_json: bool) -> int:
    """End the live sessions of GRANT; the door stays as it is, and new sessions may begin."""
    ended = end_sessions(grant, wiring.own_roles(), wiring.clock())
    if as_json:
        facts = [{"role_arn": str(one.arn), "changed": one.changed} for one in ended]
        json_result({"grant": str(grant), "revoked": facts, "may_outlive": list(OUTLIVES)})
        return ExitCode.DONE
    for one in ended:
        result(f"revoked: {one.arn}" if one.changed else f"closed, so no session can act anyway: {one.arn}")
    note("every session from before now is denied; who has the external ID may begin a new one")
    note("what may outlive it, because AWS cannot recall it:")
    note(bullet_list(OUTLIVES))
    return ExitCode.DONE


@click.command("pass")
@click.argument("grant", type=Grant())
@click.option("--reveal", is_flag=True, help="Show the second factor itself.")
@json_option
def pass_command(grant: GrantName, *, reveal: bool, as_json: bool) -> int:
    """Show what to hand to the provider of GRANT: role ARN, and with --reveal the second factor."""
    found = hand_over(grant, wiring.own_roles())
    if as_json:
        json_result({"grant": str(grant), "roles": [_facts(one, reveal=reveal) for one in found]})
        return ExitCode.DONE
    for one in found:
        result(f"role ARN:      {one.arn}")
        result(f"provider:      account {one.provider}")
        result(f"switch:        {one.position.value}")
        result(f"second factor: {_second_factor(one, reveal=reveal)}")
        if reveal and one.external_id is not None:
            note(
                "send the second factor by another way than the role ARN; whoever may read this role in IAM sees it too"
            )
    return ExitCode.DONE


def _second_factor(one: HandOver, *, reveal: bool) -> str:
    if one.external_id is None:
        return "none: nobody can enter while it is closed" if one.position.value != "open" else "not asked for"
    return one.external_id.reveal() if reveal else "**** (gatepass pass --reveal shows it)"


def _facts(one: HandOver, *, reveal: bool) -> dict[str, object]:
    facts: dict[str, object] = {
        "role_arn": str(one.arn),
        "account": str(one.account),
        "provider": one.provider,
        "switch": one.position.value,
        "has_external_id": one.external_id is not None,
    }
    if reveal and one.external_id is not None:
        facts["external_id"] = one.external_id.reveal()
    return facts
