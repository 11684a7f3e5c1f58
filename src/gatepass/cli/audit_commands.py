"""Commands about the log of what was done: read it, verify it, sign it, hand a customer its part, check such a part."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from gatepass.cli.audit_options import (
    anchor_option,
    chosen_log,
    chosen_notary,
    chosen_signer,
    demand_no_password,
    log_option,
    signer_options,
)
from gatepass.cli.audit_text import (
    check_lines,
    checkpoint_facts,
    counted,
    export_facts,
    flaw_lines,
    record_facts,
    record_table,
)
from gatepass.cli.check_parting import check_parting
from gatepass.cli.options import Instant, json_option
from gatepass.cli.output import ExitCode, json_result, note, print_table, result
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.parting_proof import PARTING
from gatepass.domain.signed_file import is_of_kind
from gatepass.wiring import audit as wired
from gatepass.wiring import file_access


@click.group()
def audit() -> None:
    """Read, verify, sign and hand out the log of what was done.

    Every change and every session is noted in this machine's journal first, and goes to the log that
    GATEPASS_AUDIT names (a file, postgresql://..., or a folder or s3:// prefix where the log's keeper collects
    it), else to your own in your state folder. No external ID and no credential is in it.
    """


@audit.command("log")
@click.option("--customer", default="", metavar="NAME", help="Only what concerns this customer, by name or account.")
@click.option("--engineer", default="", metavar="NAME", help="Only what this person did.")
@click.option("--action", default="", metavar="WORD", help="Only this: enter, open, close, rotate, apply, ...")
@click.option("--since", type=Instant(), help="Only from then on: 2026-11-22T00:00:00Z.")
@log_option
@json_option
def log_command(  # noqa: PLR0913 - one for each option
    *, customer: str, engineer: str, action: str, since: datetime | None, place: str | None, as_json: bool
) -> int:
    """Show what was done, the oldest first."""
    from gatepass.usecases.find_records import Wanted, find_records

    log = chosen_log(place)
    found = list(find_records(log, Wanted(customer, engineer, action, since)))
    records = [(index, record) for index, record in found if record is not None]
    if as_json:
        json_result({"log": log.title, "records": [record_facts(index, record) for index, record in records]})
    elif records:
        print_table(record_table(records))
    else:
        note(f"nothing of that is in the log {log.title}, which has {log.head().size} records")
    if len(records) != len(found):
        note(f"{len(found) - len(records)} lines are no records; see: gatepass audit verify")
        return ExitCode.FOUND_SOMETHING
    return ExitCode.DONE


@audit.command()
@anchor_option
@signer_options
@log_option
@json_option
def verify(  # noqa: PLR0913 - one for each option
    *, anchors: tuple[str, ...], own_key: bool, account: str | None, keys_store: str, place: str | None, as_json: bool
) -> int:
    """Check the log: that nothing was edited, deleted or moved, and with --anchor that its end was not cut off.

    Exit 3 when something is wrong.
    """
    from gatepass.usecases.verify_log import verify_log

    log = chosen_log(place)
    places = [wired.anchor_at(each) for each in anchors]
    notary = chosen_notary(log, keys_store, account, own_key=own_key, has_anchors=bool(places))
    verdict = verify_log(log, notary, places)
    if as_json:
        json_result(
            {
                "log": log.title, "records": verdict.size, "head": verdict.head, "checkpoints": verdict.witnesses,
                "signed_for": verdict.signed_size, "sound": verdict.is_sound, "flaw_count": verdict.flaw_count,
                "flaws": [{"what": each.what, "index": each.index, "id": each.id} for each in verdict.flaws],
            }
        )  # fmt: skip
    else:
        for line in flaw_lines(verdict.flaws, verdict.flaw_count):
            result(line)
        result(f"{'sound' if verdict.is_sound else 'NOT SOUND'}: {counted(verdict.size, 'record')} in {log.title}")
        result(f"head: {verdict.head}")
        if verdict.witnesses:
            result(f"checkpoints that agree: {verdict.witnesses}, signed for the first {verdict.signed_size} records")
        else:
            note("no checkpoint vouches for it yet: gatepass audit checkpoint --anchor PLACE")
        if verdict.witnesses and verdict.is_sound and not places:
            note("that its end was not cut off, only a checkpoint elsewhere shows: audit verify --anchor PLACE")
    return ExitCode.DONE if verdict.is_sound else ExitCode.FOUND_SOMETHING


@audit.command()
@anchor_option
@signer_options
@log_option
@json_option
def checkpoint(  # noqa: PLR0913 - one for each option
    *, anchors: tuple[str, ...], own_key: bool, account: str | None, keys_store: str, place: str | None, as_json: bool
) -> int:
    """Sign the log as it is, after showing that it continues what was signed before, and put it to the anchors."""
    from gatepass.usecases.checkpoint_log import checkpoint_log

    log = chosen_log(place)
    places = [wired.anchor_at(each) for each in anchors]
    signed = checkpoint_log(log, chosen_signer(keys_store, account, own_key=own_key), places)
    if as_json:
        json_result(checkpoint_facts(signed, [each.title for each in places]))
        return ExitCode.DONE
    result(signed.text.rstrip("\n"))
    for each in places:
        note(f"anchored: {each.title}")
    if not places:
        note("kept beside the log alone; whoever can cut the log can cut that too: add --anchor PLACE")
    return ExitCode.DONE


@audit.command()
@click.option("--customer", required=True, metavar="NAME", help="Whose records: the customer's name or account.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Write to this new file.")
@click.option(
    "--register", type=click.Path(path_type=Path), envvar="GATEPASS_REGISTER", default="customers.yml",
    show_default=True, help="Where the customer's account number is looked up, if it is there.",
)  # fmt: skip
@signer_options
@log_option
@json_option
def export(  # noqa: PLR0913 - one for each option
    *, customer: str, output: Path, register: Path, own_key: bool, account: str | None, keys_store: str,
    place: str | None, as_json: bool,
) -> int:  # fmt: skip
    """Write one customer's records, each with its proof, for that customer to check alone."""
    from gatepass.usecases.export_records import export_records

    if output.exists():
        raise Conflict(f"{output} is there already", why="it is not overwritten", next_step="name another file with -o")
    log = chosen_log(place)
    signer = chosen_signer(keys_store, account, own_key=own_key)
    made = export_records(log, wired.customer_names(register, customer), signer)
    file_access.write_new_file(output, made.text, private=True)
    if as_json:
        json_result({"file": str(output), **export_facts(made)})
        return ExitCode.DONE
    size = made.checkpoint.checkpoint.size
    result(f"written: {output}, {len(made.lines)} of the {size} records in {log.title}")
    note(f"signed with {made.key.fingerprint}")
    note(f"the customer checks it, with no account and no register: gatepass audit check {output.name}")
    return ExitCode.DONE


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", metavar="KEY", help="The provider's key or its fingerprint, as the provider told you.")
@json_option
def check(file: Path, *, key: str | None, as_json: bool) -> int:
    """Check what a provider exported for you: whose signature it is, and that each record is in the signed log.

    It checks the proof of fleet offboard --customer too. It needs no account and no register. Exit 3 when anything is
    wrong, or nobody here knows the key yet.
    """
    from gatepass.usecases.check_export import check_export

    text = wired.export_text(file)
    if is_of_kind(text, PARTING):
        return check_parting(text, key, as_json=as_json)
    checked = check_export(text, wired.provider_pins(), wired.signatures(), key)
    if as_json:
        json_result(
            {
                **export_facts(checked.export), "standing": checked.standing.name.lower(), "sound": checked.is_sound,
                "flaws": list(checked.flaws), "records": [record_facts(None, each) for each in checked.records],
            }
        )  # fmt: skip
    else:
        for line in check_lines(checked):
            result(line)
        note("it shows that these records are in the log, not that they are all: CloudTrail in your account tells that")
    return ExitCode.DONE if checked.is_sound else ExitCode.FOUND_SOMETHING


@audit.command()
@click.option("--to", "place", metavar="PLACE", help="Where to; by default what GATEPASS_AUDIT names, else your own.")
@json_option
def deliver(*, place: str | None, as_json: bool) -> int:
    """Deliver this machine's journal: to a log, or to a folder or s3:// prefix where the log's keeper collects it."""
    demand_no_password(place)
    done = wired.deliver_journal(place)
    if as_json:
        json_result({"records": done.records, "new": done.new, "unreadable": done.unreadable})
    else:
        result(f"delivered: {counted(done.records, 'record')}, {done.new} of them new there")
    if done.unreadable:
        note(f"{done.unreadable} lines are no records, torn perhaps; they are kept in audit/unreadable.txt")
    return ExitCode.DONE


@audit.command()
@click.argument("inbox", metavar="PLACE")
@log_option
@json_option
def collect(inbox: str, *, place: str | None, as_json: bool) -> int:
    """Take what machines left in a folder or an s3:// prefix into the log. Exit 3 when something there is no batch."""
    if not wired.is_inbox(inbox):
        raise NotThere(
            f"there is no folder {inbox}", why="records wait in a folder, or under s3://BUCKET/PREFIX",
            next_step="make or mount it, and run it again",
        )  # fmt: skip
    done = wired.collect_records(inbox, chosen_log(place))
    if as_json:
        refused = [{"batch": name, "why": why} for name, why in done.refused]
        json_result({"batches": done.batches, "records": done.records, "new": done.new, "refused": refused})
    else:
        batches = counted(done.batches, "batch", "batches")
        result(f"collected: {batches}, {counted(done.records, 'record')}, {done.new} of them new")
        for name, why in done.refused:
            note(f"left where it is: {name}: {why}")
    return ExitCode.FOUND_SOMETHING if done.refused else ExitCode.DONE
