"""The command that looks at this machine and account, and prints the smallest policy for a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from gatepass.cli.least_rights_text import aws_store_of, limits_from, policy_notes, reach_for
from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.errors import GatepassError
from gatepass.domain.kept_secrets import STORES
from gatepass.domain.needed_rights import Person, needed_rights
from gatepass.domain.register import TeamName
from gatepass.domain.store_calls import STORES as STORES_OF_AWS
from gatepass.ports.machine import OwnKeys
from gatepass.render.least_rights import least_rights
from gatepass.usecases.examine_setup import Examination, Observation, Verdict, examine_setup
from gatepass.wiring import file_access, machine, own_account

_PEOPLE = click.Choice([person.value for person in Person])
_SIGNS = {Verdict.WELL: "well ", Verdict.NOTE: "note ", Verdict.WRONG: "wrong"}
_COLOURS = {Verdict.WELL: "green", Verdict.NOTE: None, Verdict.WRONG: "red"}


@click.command()
@click.option("--policy", type=_PEOPLE, help="Print the smallest IAM policy with which that person can use Gatepass.")
@click.option("--switch-only", is_flag=True, help="With --policy customer: for one who opens and shuts doors only.")
@click.option(
    "--file", type=click.Path(path_type=Path), help="With --policy customer: the file whose grants are to be made."
)
@click.option(
    "--account", "accounts", metavar="ACCOUNT", multiple=True,
    help="With --policy: the account of the roles; for an engineer the customers', as often as needed.",
)  # fmt: skip
@click.option(
    "--principal-tag", metavar="KEY", help="With --policy engineer: the tag that holds the name, for Identity Center."
)
@click.option(
    "--store",
    type=click.Choice(list(STORES)),
    help="With --policy: where second factors are kept; for a customer as the file says, for others ssm by default.",
)
@click.option(
    "--team", "teams", metavar="TEAM", multiple=True,
    help="With --policy engineer: whose second factors are read; as often as needed.",
)  # fmt: skip
@click.option("--identity-center", is_flag=True, help="With --policy provider: for teams that Identity Center lets in.")
@click.option("--person", type=_PEOPLE, default="customer", show_default=True, help="Whose rights to look for.")
@json_option
def doctor(  # noqa: PLR0913 - one parameter for each option
    *,
    policy: str | None,
    switch_only: bool,
    file: Path | None,
    accounts: tuple[str, ...],
    principal_tag: str | None,
    store: str | None,
    teams: tuple[str, ...],
    identity_center: bool,
    person: str,
    as_json: bool,
) -> int:
    """Tell what is well on this machine and account and what is not; exit 3 when something is wrong.

    With --policy, print the smallest IAM policy for a person instead.
    """
    if policy is None:
        if switch_only or file or accounts or principal_tag or store or teams or identity_center:
            options = "--switch-only, --file, --account, --principal-tag, --store, --team and --identity-center"
            raise click.UsageError(f"{options} belong to --policy")
        return _examine(Person(person), as_json=as_json)
    whose = Person(policy)
    if whose is not Person.PROVIDER and identity_center:
        raise click.UsageError("--identity-center belongs to --policy provider")
    if whose is not Person.ENGINEER and teams:
        raise click.UsageError("--team belongs to --policy engineer")
    if whose is not Person.CUSTOMER and (switch_only or file):
        raise click.UsageError("--switch-only and --file belong to --policy customer")
    if whose is Person.CUSTOMER and store is not None and store not in STORES_OF_AWS:
        raise click.UsageError(f"with --policy customer --store is one of: {', '.join(STORES_OF_AWS)}")
    if whose in (Person.CUSTOMER, Person.VERIFIER) and principal_tag:
        raise click.UsageError("--principal-tag belongs to --policy engineer or provider")
    loaded = file_access.load_customer_file(file) if file is not None else None
    rights = needed_rights(
        whose, switch_only=switch_only, store=aws_store_of(whose, store, loaded), with_center=identity_center
    )
    reach = reach_for(whose, accounts, loaded, principal_tag, [TeamName(team) for team in dict.fromkeys(teams)])
    limits, looked_up = limits_from(loaded, reach)
    json_result(least_rights(rights, reach, limits))
    for line in policy_notes(whose, reach, limits, switch_only=switch_only, looked_up=looked_up):
        note(line)
    return ExitCode.DONE


def _examine(person: Person, *, as_json: bool) -> int:
    keys = _keys()
    usable = isinstance(keys, OwnKeys) and own_account.has_credentials()
    trial = own_account.own_read_trial() if usable else None
    found = examine_setup(machine.machine_facts(), keys, trial, machine.clock(), person)
    if as_json:
        json_result(_facts(found))
    else:
        for each in found.observations:
            for line in _lines(each):
                result(line)
    return ExitCode.DONE if found.is_well else ExitCode.FOUND_SOMETHING


def _keys() -> OwnKeys | GatepassError:
    """Return the credentials; what is wrong with them is what the doctor is there to tell."""
    try:
        return own_account.own_keys()
    except GatepassError as error:
        return error


def _lines(each: Observation) -> Iterator[str]:
    yield f"{click.style(_SIGNS[each.verdict], fg=_COLOURS[each.verdict])} {each.subject}: {each.text}"
    if each.next_step:
        yield f"      next: {each.next_step}"


def _facts(found: Examination) -> dict[str, object]:
    return {
        "well": found.is_well,
        "account": str(found.caller.account) if found.caller else None,
        "arn": found.caller.arn if found.caller else None,
        "observations": [
            {
                "subject": each.subject,
                "verdict": each.verdict.value,
                "text": each.text,
                "next": each.next_step or None,
            }
            for each in found.observations
        ],
    }
