"""The command by which a provider offers a customer to act for it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from gatepass.cli.key_options import own_ring, store_option
from gatepass.cli.options import Duration, Grant, json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.term_options import Words, patterns, policy_of
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.offer_body import offer_body
from gatepass.domain.register import CustomerName, Register
from gatepass.render.offer_words import offer_lines
from gatepass.usecases.provider_keys import load_keys
from gatepass.usecases.write_offer import OfferWish, as_registered, write_offer
from gatepass.wiring import file_access, handover, machine, registers


@click.command()
@click.argument("customer")
@click.option("--grant", type=Grant(), default="support", show_default=True, help="The name of the grant.")
@click.option(
    "--permissions", type=Words(), default=(), help="Managed policies you need: SecurityAudit,ViewOnlyAccess."
)
@click.option("--custom-policy", type=click.Path(path_type=Path), help="A policy of your own, a file of JSON.")
@click.option("--principals", type=Words(), default=(), help="Who of you enters: role/engineers/*; default: any.")
@click.option("--reason", required=True, help="Why, in one line; the customer reads it.")
@click.option("--for", "duration", type=Duration(), help="How long from now at most: 90d; default: until withdrawn.")
@click.option("--session", type=Duration(), default="1h", show_default=True, help="The longest session, 1h to 12h.")
@click.option("--customer-account", metavar="ACCOUNT", help="The one account that may accept; default: whichever does.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the offer to this new file.")
@click.option(
    "--file", "file", type=click.Path(path_type=Path), default="customers.yml", show_default=True,
    help="Your register, a file or a folder; its customer keys are never drawn again.",
)  # fmt: skip
@store_option
@json_option
def offer(  # noqa: PLR0913 - one for each option
    customer: str,
    *,
    grant: GrantName,
    permissions: tuple[str, ...],
    custom_policy: Path | None,
    principals: tuple[str, ...],
    reason: str,
    duration: timedelta | None,
    session: timedelta,
    customer_account: str | None,
    output: Path | None,
    file: Path,
    store: str,
    as_json: bool,
) -> int:
    """Offer CUSTOMER, whom you call so, to act for it: a small signed file to send by any channel.

    It holds nothing secret. The customer looks at it with gatepass review FILE and takes it, or less, with gatepass
    accept FILE. An offer to a customer of the register is for its account and has its customer key; one to anybody
    else brings a key of its own, so write one for each account.
    """
    wish = OfferWish(
        CustomerName(customer), grant, permissions, reason, policy_of(custom_policy), patterns(principals),
        duration=duration, session_limit=session,
        customer_account=AccountId(customer_account) if customer_account is not None else None,
    )  # fmt: skip
    ring, book = own_ring(store), handover.offer_book()
    keys = load_keys(ring)
    register = registers.register_book(file).load() if file.exists() else None
    wish = as_registered(wish, register)
    taken = {made.customer_key for made in book.made()} | _registered_keys(register)
    signer = ring.locksmith.signing_key(keys.secret)
    made, signed = write_offer(wish, keys, signer, machine.clock(), machine.randomness(), taken)
    if output is not None:
        file_access.write_new_file(output, signed.text)
    book.keep(made, signed)
    if as_json:
        facts: dict[str, object] = {"offer": offer_body(made), "fingerprint": signed.key.fingerprint}
        json_result({**facts, "file": str(output)} if output is not None else {**facts, "signed_file": signed.tree})
        return ExitCode.DONE
    result(f"written: {output}" if output is not None else signed.text.rstrip("\n"))
    for line in offer_lines(made):
        note(line)
    note(f"key:       {signed.key.fingerprint}")
    note("send it by any channel; nothing in it is secret. Before accepting, the customer calls you to compare the key")
    note(f"the customer looks at it with: gatepass review {output or 'FILE'}")
    return ExitCode.DONE


def _registered_keys(register: Register | None) -> set[str]:
    """Return the customer keys of the register; before the first customer there is none."""
    return {customer.key for customer in register.customers.values()} if register is not None else set()
