"""Commands that close a door, end its sessions, and show what to hand over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from gatepass.cli.afterwards import afterwards, bring_up_to_date
from gatepass.cli.options import Engineer, Grant, json_option, settings_option, silent_yes_option, wait_option
from gatepass.cli.output import ExitCode, bullet_list, json_result, note, result
from gatepass.cli.pass_file import write_pass_file
from gatepass.domain.identifiers import EngineerName, GrantName, RoleArn
from gatepass.domain.notice import Happening
from gatepass.domain.role import DIRECT_ENGINE
from gatepass.usecases.close_door import OUTLIVES, close_door
from gatepass.usecases.end_sessions import Ended, end_sessions
from gatepass.usecases.hand_over import HandOver, hand_over
from gatepass.wiring import machine, own_account


@click.command()
@click.argument("grant", type=Grant())
@wait_option
@click.option(
    "--probe-as", metavar="PROFILE", help="Prove it: try to enter as this AWS profile of the provider's side."
)
@settings_option
@silent_yes_option
@json_option
def close(grant: GrantName, *, wait: timedelta, probe_as: str | None, file: Path | None, as_json: bool) -> int:
    """Let no session of GRANT in, and no session act; needs no file."""
    probe = own_account.own_tokens(probe_as) if probe_as else None
    closed = close_door(grant, own_account.own_roles(), machine.clock(), wait, probe)
    if as_json:
        facts = [
            {"role_arn": str(one.arn), "evidence": one.evidence, "changed": one.changed, "next": one.next_step}
            for one in closed
        ]
        json_result({"grant": str(grant), "closed": facts, "may_outlive": list(OUTLIVES)})
    else:
        for one in closed:
            result(f"{'closed' if one.changed else 'closed already'}: {one.arn} ({one.evidence})")
            if one.next_step:
                note(f"next: {one.next_step}")
        note("from now on no session of this role, new or live, can make an AWS call")
        _note_what_outlives()
    return _follow_up(file, grant, Happening.CLOSED, [one.arn for one in closed if one.changed])


@click.command()
@click.argument("grant", type=Grant())
@click.option("--engineer", type=Engineer(), help="Only the sessions that name this engineer.")
@settings_option
@silent_yes_option
@json_option
def revoke(grant: GrantName, *, engineer: EngineerName | None, file: Path | None, as_json: bool) -> int:
    """End the live sessions of GRANT; the door stays as it is, and new sessions may begin."""
    ended = end_sessions(grant, own_account.own_roles(), machine.clock(), engineer)
    if as_json:
        facts = [{"role_arn": str(one.arn), "changed": one.changed} for one in ended]
        name = str(engineer) if engineer else None
        json_result({"grant": str(grant), "engineer": name, "revoked": facts, "may_outlive": list(OUTLIVES)})
    else:
        _show_ended(ended, engineer)
    return _follow_up(file, grant, Happening.REVOKED, [one.arn for one in ended if one.changed])


def _show_ended(ended: Sequence[Ended], engineer: EngineerName | None) -> None:
    for one in ended:
        result(f"revoked: {one.arn}" if one.changed else f"closed, so no session can act anyway: {one.arn}")
    if not any(one.changed for one in ended):
        return
    whose = f"every session of {engineer}" if engineer else "every session"
    note(f"{whose} from before now is denied; who has the external ID may begin a new one")
    _note_what_outlives()


def _note_what_outlives() -> None:
    note("what may outlive it, because AWS cannot recall it:")
    note(bullet_list(OUTLIVES))


def _follow_up(file: Path | None, grant: GrantName, happening: Happening, changed: Sequence[RoleArn]) -> int:
    """Tell what has changed, and nothing when nothing has."""
    return afterwards(file, grant, happening, changed) if changed else ExitCode.DONE


@click.command("pass")
@click.argument("grant", type=Grant())
@click.option("--reveal", is_flag=True, help="Show the second factor itself.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Write a signed pass, with the second factor sealed, to this new file.",
)  # fmt: skip
@click.option("--seal-to", metavar="AGE1...", help="With -o: whose key opens the pass; by default the file's seal_to.")
@settings_option
@json_option
def pass_command(  # noqa: PLR0913 - one for each option
    grant: GrantName, *, reveal: bool, output: Path | None, seal_to: str | None, file: Path | None, as_json: bool
) -> int:
    """Show what to hand to the provider of GRANT: role ARN, and with --reveal the second factor.

    AWS is where it is read from. A store of yours that says something else is brought up to date.
    With -o it becomes a file that is safe to e-mail, which the provider takes with: gatepass admit FILE
    """
    if output is not None:
        if reveal:
            raise click.UsageError("-o seals the second factor, and --reveal shows it; take one of them")
        return write_pass_file(grant, output, seal_to, file, as_json=as_json) or bring_up_to_date(file, grant)
    if seal_to is not None:
        raise click.UsageError("--seal-to is for a pass that is written; add -o FILE")
    found = hand_over(grant, own_account.own_roles())
    if as_json:
        json_result({"grant": str(grant), "roles": [_facts(one, reveal=reveal) for one in found]})
        return bring_up_to_date(file, grant)
    for one in found:
        result(f"role ARN:      {one.arn}")
        result(f"provider:      account {one.provider}")
        result(f"switch:        {one.position.value}")
        if one.engine != DIRECT_ENGINE:
            result(f"kept by:       {one.engine}")
        result(f"second factor: {_second_factor(one, reveal=reveal)}")
        if reveal and one.external_id is not None:
            note(
                "send the second factor by another way than the role ARN; whoever may read this role in IAM sees it too"
            )
    return bring_up_to_date(file, grant)


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
        "engine": one.engine,
        "has_external_id": one.external_id is not None,
    }
    if reveal and one.external_id is not None:
        facts["external_id"] = one.external_id.reveal()
    return facts
