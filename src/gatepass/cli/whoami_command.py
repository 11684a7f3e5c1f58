"""The command that tells whose account one is in."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.time_left import expiry_words
from gatepass.domain.errors import GatepassError
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.register import Register
from gatepass.domain.session import Caller, Session
from gatepass.usecases.whose_account import Side, Whereabouts, whose_account
from gatepass.wiring import identity, machine, own_account, registers

_USUAL_REGISTER = Path("customers.yml")


@click.command()
@click.option(
    "--register",
    type=click.Path(path_type=Path),
    envvar="GATEPASS_REGISTER",
    show_envvar=True,
    help="The provider's register, for customers' names; by default customers.yml, if it is there.",
)
@json_option
def whoami(*, register: Path | None, as_json: bool) -> int:
    """Tell whose account you are in, as whom, for how long, and how Gatepass knows."""
    standing = identity.standing()
    credentials = standing.session.credentials if standing.session else own_account.base().credentials
    where = whose_account(
        own_account.tokens_of(credentials),
        standing,
        lambda caller: _known(register, standing.session, caller),
        identity.alias_of(credentials),
    )
    if as_json:
        json_result(_facts(where))
        return ExitCode.DONE
    for name, text in _lines(where):
        result(f"{name + ':':<17}{text}")
    return ExitCode.DONE


def _known(register: Path | None, session: Session | None, caller: Caller) -> Register | None:
    """Return the register, or the part of it that matters here; a broken one costs only the names."""
    path = register or _USUAL_REGISTER
    if register is None and not path.exists():
        return None
    try:
        # Of ten thousand customers one is read in no time; all of them only where that one does not tell.
        near = registers.owner_of(path, session.role if session is not None else _likely_role(caller)).register
        if near.customers or session is not None or near.account == caller.account:
            return near
        return registers.register_book(path).load()
    except GatepassError as error:
        note(f"no names from the register: {error.what}")
        return None


def _likely_role(caller: Caller) -> RoleArn:
    """Return the role of the session as it would be under our path; AWS leaves the path out."""
    partition, name = caller.arn.split(":")[1], caller.arn.split("/")[1] if caller.is_session else "none"
    return RoleArn(f"arn:{partition}:iam::{caller.account}:role/gatepass/{name}")


def _lines(where: Whereabouts) -> list[tuple[str, str]]:
    lines = [
        ("account", f"{where.account} ({where.alias})" if where.alias else str(where.account)),
        ("side", f"{where.side.value}{' (your own account)' if where.side is Side.PROVIDER else ''}"),
        ("customer", f"{where.customer}, company {where.company}" if where.company else where.customer),
        ("grant", where.grant),
        ("you are", where.arn),
        ("role", str(where.role or "")),
        ("source identity", str(where.source_identity or "unknown: AWS does not tell it")),
        ("Region", machine.region() or ""),
        ("expires in", expiry_words(where.expires_at, machine.clock().now()) if where.expires_at else ""),
        ("known from", where.how),
    ]
    return [(name, text) for name, text in lines if text]


def _facts(where: Whereabouts) -> dict[str, object]:
    return {
        "account": str(where.account),
        "alias": where.alias,
        "arn": where.arn,
        "side": where.side.value,
        "known_from": where.how,
        "customer": where.customer or None,
        "company": where.company or None,
        "grant": where.grant or None,
        "role": str(where.role) if where.role else None,
        "source_identity": str(where.source_identity) if where.source_identity else None,
        "region": machine.region(),
        "expires_at": where.expires_at.isoformat() if where.expires_at else None,
    }
