"""Whom an engineer means who names nobody, or a company of several accounts."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli.choose import can_choose, choose
from gatepass.domain.errors import NotThere
from gatepass.domain.identifiers import AccountId
from gatepass.domain.register import Register
from gatepass.usecases.find_way_in import SeveralMeant, WayIn, way_in
from gatepass.wiring import choosing, registers

_USUAL_REGISTER = Path("customers.yml")


def chosen_customer(register: Path | None) -> str:
    """Return the customer and grant that the person chooses from the register, those entered lately first.

    Raises:
        click.UsageError: there is no terminal to choose at.
        NotThere: there is no register, or nobody in it.
    """
    if not can_choose():
        raise click.UsageError("name the customer: there is no terminal here to choose one at")
    path = _place_of(register, "name the register, or give the role's whole ARN: gatepass sudo ARN")
    names = registers.customer_names(path)
    if not names:
        raise NotThere(
            "the register has no customer to enter yet",
            why=f"{path} names no role",
            next_step="the access lead admits one: gatepass admit PASS",
        )
    return choose("Which customer?", names, choosing.entered_lately(names))


def offered_way(text: str, register: Register) -> WayIn:
    """Return the customer and grant that are meant; at a terminal a name of several offers these.

    Raises:
        NotThere: nobody of that name, or no such grant.
        SeveralMeant: the name is of several, and there is no terminal to choose at.
    """
    try:
        return way_in(text, register)
    except SeveralMeant as several:
        if not can_choose():
            raise
        # A customer of several grants offers those next; what names a grant is of one only.
        names = several.names
        return offered_way(choose(f"{several.what}. Which?", names, choosing.entered_lately(names)), register)


def registered_way(text: str, register: Path | None) -> tuple[WayIn, AccountId]:
    """Return the customer and grant that are meant, and the provider's own account; raises as ``offered_way``."""
    path = _place_of(register, "name the register, or give the customer's account: 444455556666/support")
    known = registers.customers_called(path, text.partition("/")[0]).register
    return offered_way(text, known), known.account


def _place_of(register: Path | None, next_step: str) -> Path:
    path = register or _USUAL_REGISTER
    if register is None and not path.exists():
        raise NotThere(
            "there is no register here to look customers up in",
            why=f"{path} is not in this folder, and neither --register nor GATEPASS_REGISTER names another",
            next_step=next_step,
        )
    return path
