"""Commands about the provider's register: look, take out, take in from a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from gatepass.cli import completion
from gatepass.cli.options import Grant, confirmed, json_option, yes_option
from gatepass.cli.output import ExitCode, json_result, note, print_table, result
from gatepass.cli.recording import about
from gatepass.cli.register_option import register_option, team_store_option
from gatepass.domain.errors import NotThere
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.register import Customer, CustomerName, Register, TeamName
from gatepass.domain.register_rules import find_customer, meant
from gatepass.domain.table import Table
from gatepass.domain.trust import instant_text
from gatepass.usecases.import_customers import AddedGrant, Import, plan_import
from gatepass.usecases.tend_store import forget_customer
from gatepass.wiring import machine, registers, stores


@click.group()
def customers() -> None:
    """Look into the register of customers and change it."""


@customers.command("list")
@click.option("--team", metavar="TEAM", shell_complete=completion.teams, help="Only those that the team may use.")
@click.option("--company", help="Only those of the company.")
@click.option("--account", metavar="ACCOUNT", help="Only the one with this account.")
@click.option("--grant", type=Grant(), help="Only those with a grant of this name.")
@register_option
@json_option
def list_customers(  # noqa: PLR0913 - one for each option
    team: str | None,
    company: str | None,
    account: str | None,
    grant: GrantName | None,
    *,
    register: Path,
    as_json: bool,
) -> int:
    """List customers, with their grants and who may use them."""
    found = registers.register_book(register).load()
    wanted = AccountId(account) if account is not None else None
    served = _team(team, found) if team is not None else None
    chosen = [
        customer
        for customer in found.customers.values()
        if (wanted is None or customer.account == wanted)
        and (company is None or customer.company.lower() == company.lower())
        and (grant is None or grant in customer.roles)
        and (served is None or _may_use(customer, served, grant))
    ]
    if as_json:
        json_result({"register": str(register), "customers": [customer_facts(customer) for customer in chosen]})
        return ExitCode.DONE
    if chosen:
        columns = ("customer", "company", "account", "grants", "teams")
        print_table(Table(columns, tuple(_row(customer) for customer in chosen)))
    note(f"{len(chosen)} of {_count(len(found.customers), 'customer')} in {register}")
    return ExitCode.DONE


@customers.command()
@click.argument("name", metavar="NAME", shell_complete=completion.customer_names)
@register_option
@json_option
def show(name: str, *, register: Path, as_json: bool) -> int:
    """Show one customer: account, customer key, roles, teams."""
    customer = find_customer(registers.register_book(register).load(), CustomerName(name))
    if as_json:
        json_result(customer_facts(customer))
        return ExitCode.DONE
    for line in _lines(customer):
        result(line)
    return ExitCode.DONE


@customers.command()
@click.argument("name", metavar="NAME", shell_complete=completion.customer_names)
@click.option("--keep-factors", is_flag=True, help="Leave what the store keeps of it.")
@team_store_option
@register_option
@yes_option
@json_option
def remove(name: str, *, keep_factors: bool, store: str, register: Path, yes: bool, as_json: bool) -> int:  # noqa: PLR0913 - one for each option
    """Take a customer out of the register and its second factors out of the store, after showing it.

    The teams' policies stand until the register is applied, and the role is the customer's.
    """
    book = registers.register_book(register)
    customer = find_customer(book.load(), CustomerName(name))
    for line in _lines(customer):
        note(line)
    if not confirmed(f"Take {customer.name} out of {register}?", yes=yes):
        note("nothing was changed")
        return ExitCode.FAILED
    # The store first: stopped in between, the register still tells whom to take out.
    asks_store = bool(customer.roles) and not keep_factors
    forgotten = forget_customer(customer, stores.secret_store(store)) if asks_store else ()
    book.remove(customer.name)
    if as_json:
        facts = {"removed": customer_facts(customer), "forgotten": list(forgotten)}
        json_result({"register": str(register), **facts})
    else:
        result(f"taken out of {register}: {customer.name}")
    if forgotten:
        note(f"deleted in the store: {', '.join(forgotten)}")
    note(f"teams may enter it until their policies are brought up to date: gatepass apply {register}")
    return ExitCode.DONE


@customers.command("import")
@click.argument("list_file", metavar="LIST", type=click.Path(path_type=Path))
@register_option
@yes_option
@json_option
def import_list(list_file: Path, *, register: Path, yes: bool, as_json: bool) -> int:
    """Take customers from LIST, after showing what it adds.

    LIST is CSV whose first line names columns (name, company, account, grant, role_arn, team, key; only role_arn
    must be there), or role ARNs, one a line; - is standard input. If any line is wrong, all such lines are told
    and nothing is written.
    """
    book = registers.register_book(register)
    planned = plan_import(registers.written_customers(list_file), book.load(), machine.randomness())
    for added in planned.added:
        (note if as_json else result)(_added_line(added))
    if planned.known:
        note(f"in the register already: {_count(planned.known, 'line')}")
    drawn = len({added.customer.name for added in planned.added if added.draws_key})
    if drawn:
        note(f"{_count(drawn, 'customer')} without a key {'get' if drawn != 1 else 'gets'} a fresh one")
    is_agreed = bool(planned.customers) and confirmed(
        f"Write {_count(len(planned.customers), 'customer')} into {register}?", yes=yes
    )
    if is_agreed:
        book.add(*planned.customers)
        for customer in planned.customers:
            about(customer=str(customer.name))
    if as_json:
        json_result(_import_facts(planned, register, is_written=is_agreed))
    if not planned.customers:
        note("there is nothing to add")
        return ExitCode.DONE
    note(f"written: {register}" if is_agreed else "nothing was changed")
    if is_agreed:
        note("nobody has proven these doors yet, and teams are let in only when the register is applied")
    return ExitCode.DONE if is_agreed else ExitCode.FAILED


def customer_facts(customer: Customer) -> dict[str, object]:
    """Return what the register says of a customer."""
    return {
        "name": str(customer.name),
        "company": customer.company,
        "account": str(customer.account),
        "key": customer.key,
        "roles": {str(grant): str(arn) for grant, arn in customer.roles.items()},
        "teams": {str(grant): [str(team) for team in teams] for grant, teams in customer.teams.items()},
        "access": customer.access.value if customer.access is not None else None,
        "signed_by": customer.signed_by.fingerprint if customer.signed_by is not None else None,
        "last_pass": {str(grant): instant_text(instant) for grant, instant in customer.last_pass.items()},
    }


def _import_facts(planned: Import, register: Path, *, is_written: bool) -> dict[str, object]:
    return {
        "register": str(register),
        "written": is_written,
        "known": planned.known,
        "added": [
            {
                "name": str(added.customer.name),
                "new": added.is_new,
                "account": str(added.customer.account),
                "grant": str(added.grant),
                "role": str(added.customer.roles[added.grant]),
                "teams": [str(team) for team in added.teams],
                "key": "drawn" if added.draws_key else "given",
            }
            for added in planned.added
        ],
    }


def _team(text: str, register: Register) -> TeamName:
    team = TeamName(text)
    if team not in register.teams:
        names = [str(known) for known in register.teams]
        raise NotThere(
            f"the register has no team {team}",
            why="teams are declared under teams",
            next_step=f"{meant(text, names)}declared: {', '.join(names) or 'none'}",
        )
    return team


def _may_use(customer: Customer, team: TeamName, grant: GrantName | None) -> bool:
    return any(team in teams for name, teams in customer.teams.items() if grant in (None, name))


def _row(customer: Customer) -> tuple[str, ...]:
    teams = dict.fromkeys(str(team) for teams in customer.teams.values() for team in teams)
    grants = [str(grant) for grant in customer.roles]
    return (
        str(customer.name), customer.company, str(customer.account), ", ".join(grants) or "none",
        ", ".join(teams) or "none",
    )  # fmt: skip


def _lines(customer: Customer) -> Iterator[str]:
    company = f" of {customer.company}" if customer.company != str(customer.name) else ""
    yield f"{customer.name}: account {customer.account}{company}"
    yield f"  customer key  {customer.key}"
    yield f"  access by     {customer.access.value if customer.access is not None else 'what each team has'}"
    signed_by = customer.signed_by.fingerprint if customer.signed_by is not None else "nobody yet: no pass was admitted"
    yield f"  signed by     {signed_by}"
    if not customer.roles:
        yield "  no role yet"
    for grant, arn in customer.roles.items():
        teams = ", ".join(str(team) for team in customer.teams.get(grant, ())) or "no team"
        yield f"  {grant}: {arn}"
        yield f"    for {teams}"
        if grant in customer.last_pass:
            yield f"    last pass written at {instant_text(customer.last_pass[grant])}"


def _added_line(added: AddedGrant) -> str:
    teams = f" for {', '.join(map(str, added.teams))}" if added.teams else ""
    sign = "+" if added.is_new else "~"
    return f"{sign} {added.customer.name}  {added.grant}  {added.customer.roles[added.grant]}{teams}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number != 1 else ''}"
