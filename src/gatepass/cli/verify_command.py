"""The command by which the provider proves its customers' doors again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from gatepass.cli.handshake_text import demand_free, handshake_facts, probe_lines, prober_options, write_receipt_file
from gatepass.cli.options import json_option, silent_yes_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.recording import about
from gatepass.domain.handshake import Subject
from gatepass.domain.identifiers import GrantName
from gatepass.domain.register import CustomerName
from gatepass.usecases.shake_hands import demand_probers
from gatepass.usecases.verify_customers import Outcome, Verified, chosen_grants, verify_customers
from gatepass.wiring import handover, registers, stores


class Chosen(click.ParamType[tuple[CustomerName, GrantName | None]]):
    """A customer, or one grant of it: acme-prod or acme-prod/support."""

    name = "customer"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[CustomerName, GrantName | None]:
        """Return the customer and the grant, if one is named."""
        del param, ctx
        customer, slash, grant = str(value).partition("/")
        return CustomerName(customer), GrantName(grant) if slash else None


@click.command("verify")
@click.argument("chosen", metavar="[CUSTOMER[/GRANT]]", type=Chosen(), required=False)
@click.option("--all", "everybody", is_flag=True, help="Every customer of the register.")
@prober_options
@silent_yes_option
@json_option
def verify(  # noqa: PLR0913 - one for each option
    chosen: tuple[CustomerName, GrantName | None] | None,
    *,
    everybody: bool,
    file: Path,
    verify_as: str,
    stranger: str | None,
    store: str,
    keys_store: str,
    output: Path | None,
    as_json: bool,
) -> int:
    """Make the handshake again with CUSTOMER, and put a door that is not safe into quarantine.

    Nobody enters a role in quarantine until the handshake is sound again. A door that merely does
    not open is told and left. Exit 3 when anything is not sound.
    """
    if (chosen is None) is not everybody:
        raise click.UsageError("name one customer, or --all")
    demand_free(output)
    register = registers.register_book(file).load()
    grants = chosen_grants(register, *(chosen or (None, None)))
    if output is not None and len(grants) != 1:
        raise click.UsageError(f"a receipt is for one grant, and these are {len(grants)}; name CUSTOMER/GRANT")
    probers = handover.probers(verify_as, stranger)
    demand_probers(probers, register.account)
    found = []
    for one in verify_customers(grants, stores.secret_store(store), probers):
        found.append(one)
        about(
            customer=str(one.customer.name), grant=str(one.grant), outcome="done" if one.outcome.is_well else "failed",
            note="quarantined" if one.outcome is Outcome.QUARANTINED else "" if one.outcome.is_well else "not sound",
        )  # fmt: skip
        if not as_json:
            _show(one, whole=chosen is not None)
    if output is not None and found[0].handshake is not None:
        subject = Subject(register.account, found[0].grant)
        write_receipt_file(output, found[0].handshake, subject, keys_store)
        note(f"receipt for the customer: {output}")
    if as_json:
        json_result({"verified": [_facts(one) for one in found]})
    elif everybody:
        _show_counts(found)
    return ExitCode.DONE if all(one.outcome.is_well for one in found) else ExitCode.FOUND_SOMETHING


def _show(one: Verified, *, whole: bool) -> None:
    result(f"{one.customer.name}/{one.grant}: {one.outcome.value}")
    if whole and one.handshake is not None:
        for line in probe_lines(one.handshake):
            result(line)
    elif one.why:
        for line in one.why.splitlines():
            note(f"  {line}")


def _show_counts(found: Sequence[Verified]) -> None:
    counts = Counter(one.outcome for one in found)
    summary = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items())
    note(f"{len(found)} grant{'' if len(found) == 1 else 's'}: {summary or 'none'}")


def _facts(one: Verified) -> dict[str, object]:
    return {
        "customer": str(one.customer.name),
        "grant": str(one.grant),
        "outcome": one.outcome.name.lower(),
        "why": one.why,
        "handshake": handshake_facts(one.handshake) if one.handshake else None,
    }
