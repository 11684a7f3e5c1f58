"""The command by which a customer looks at a provider's offer, and at the receipt of a handshake."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli.grant_text import access_lines, finding_facts, finding_lines
from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.findings import Severity
from gatepass.domain.handshake import Verdict
from gatepass.domain.offer_body import offer_body
from gatepass.domain.receipt import RECEIPT, receipt_body
from gatepass.domain.signed_file import is_of_kind
from gatepass.render.offer_words import key_lines, offer_lines
from gatepass.render.receipt_words import receipt_lines
from gatepass.usecases.judge_grants import Judgement
from gatepass.usecases.read_receipt import read_receipt
from gatepass.usecases.review_offer import Premises, ReadOffer, judge_offer, look_around, read_offer
from gatepass.wiring import file_access, handover, machine, own_account


@click.command()
@click.argument("handed", metavar="OFFER|RECEIPT", type=click.Path(path_type=Path))
@json_option
def review(handed: Path, *, as_json: bool) -> int:
    """Say in plain words what taking OFFER would mean, or what RECEIPT shows; nothing is changed or remembered.

    A receipt is believed only when the key that you know the provider by has signed it. With credentials at hand AWS
    is asked what the policies of an offer say. Exit 3 when there is something to think about.
    """
    text = file_access.read_handed_file(handed)
    return (
        _review_receipt(text, as_json=as_json)
        if is_of_kind(text, RECEIPT)
        else _review_offer(text, handed, as_json=as_json)
    )


def _review_receipt(text: str, *, as_json: bool) -> int:
    own = own_account.own_roles().owner()[1] if own_account.has_credentials() else None
    read = read_receipt(text, own, handover.offer_desk())
    if as_json:
        json_result({"receipt": receipt_body(read.receipt), "fingerprint": read.key.fingerprint})
    else:
        for line in receipt_lines(read.receipt, read.key):
            result(line)
        note("it shows what the provider says it saw; to look at the door yourself: gatepass doors")
    return ExitCode.DONE if read.receipt.handshake.verdict is Verdict.SOUND else ExitCode.FOUND_SOMETHING


def _review_offer(text: str, offer: Path, *, as_json: bool) -> int:
    read = read_offer(text, handover.offer_desk())
    premises = look_around(read.offer.permissions, own_account.own_roles()) if own_account.has_credentials() else None
    judgement = judge_offer(read.offer.terms, premises, machine.clock())
    if as_json:
        json_result(_facts(read, judgement, premises))
    else:
        _show(read, judgement, premises)
        note(f"to take it, or less: gatepass accept {offer}")
    weighty = [finding for finding in judgement.review.findings if finding.severity is not Severity.LOW]
    return ExitCode.FOUND_SOMETHING if weighty or read.key_is_other else ExitCode.DONE


def show_judgement(judgement: Judgement, premises: Premises | None) -> None:
    """Print what the decision engine found."""
    for line in access_lines(judgement.access) if judgement.access is not None else ():
        label, _, found = line.strip().partition(":")
        result(f"{label + ':':<10} {found.strip()}")
    if premises is None:
        note("AWS was not asked: no credentials; what its policies say is judged by what is known of them")
    for line in finding_lines(judgement.review.findings):
        note(line)


def _show(read: ReadOffer, judgement: Judgement, premises: Premises | None) -> None:
    for line in offer_lines(read.offer):
        result(line)
    for word in premises.missing if premises is not None else ():
        note(f"your account has no managed policy {word}: it cannot be accepted as it is")
    show_judgement(judgement, premises)
    for line in key_lines(read.offer, read.key, read.known_key, vouched=read.is_vouched):
        result(line)


def _facts(read: ReadOffer, judgement: Judgement, premises: Premises | None) -> dict[str, object]:
    access = judgement.access
    return {
        "offer": offer_body(read.offer),
        "fingerprint": read.key.fingerprint,
        "known_fingerprint": read.known_key.fingerprint if read.known_key is not None else None,
        "key_is_vouched": read.is_vouched,
        "account_asked": str(premises.account) if premises is not None else None,
        "missing_policies": list(premises.missing) if premises is not None else [],
        "enters": list(access.enters) if access is not None else [],
        "changes": list(access.changes) if access is not None else [],
        "sees": list(access.looks) if access is not None else [],
        "cannot": list(access.leaves) if access is not None else [],
        "unknown": list(access.unread) if access is not None else [],
        "findings": [finding_facts(finding) for finding in judgement.review.findings],
    }
