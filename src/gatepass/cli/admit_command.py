"""The command by which the provider takes a customer's pass."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli.handshake_text import (
    demand_free,
    handshake_facts,
    probe_lines,
    prober_options,
    write_receipt_file,
)
from gatepass.cli.options import confirmed, json_option, yes_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.recording import about
from gatepass.domain.handshake import Subject
from gatepass.domain.identifiers import GrantName
from gatepass.domain.register import CustomerName, TeamName
from gatepass.domain.trust import instant_text
from gatepass.usecases.admit_pass import Admission, Provider, Trust, admit, examine_pass
from gatepass.usecases.place_customer import Wish
from gatepass.usecases.provider_keys import load_keys
from gatepass.wiring import file_access, handover, registers, stores


class Assignment(click.ParamType[tuple[GrantName | None, tuple[TeamName, ...]]]):
    """Teams that may use a grant: support=netops,helpdesk."""

    name = "grant=team"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[GrantName | None, tuple[TeamName, ...]]:
        """Return the grant, or None for the pass's own, and the teams."""
        grant, equals, teams = str(value).rpartition("=")
        if not teams or (equals and not grant):
            self.fail("teams are given as GRANT=TEAM or GRANT=TEAM,TEAM", param, ctx)
        return GrantName(grant) if grant else None, tuple(TeamName(team) for team in teams.split(","))


@click.command("admit")
@click.argument("handed", metavar="PASS", type=click.Path(path_type=Path))
@click.option("--name", type=CustomerName, help="What to call the customer; a new one needs it, unless offered to.")
@click.option("--company", help="Whose account it is; by default the name.")
@click.option(
    "--team", "assignment", type=Assignment(), metavar="GRANT=TEAM,...", help="Which teams may use the grant."
)
@prober_options
@click.option("--trust-key", is_flag=True, help="Take a changed key; you have compared its fingerprint by telephone.")
@click.option("--accept-no-second-factor", is_flag=True, help="Take a role that opens without an external ID.")
@yes_option
@json_option
def admit_command(  # noqa: PLR0913 - one for each option
    handed: Path,
    *,
    name: CustomerName | None,
    company: str | None,
    assignment: tuple[GrantName | None, tuple[TeamName, ...]] | None,
    file: Path,
    verify_as: str,
    stranger: str | None,
    store: str,
    keys_store: str,
    output: Path | None,
    trust_key: bool,
    accept_no_second_factor: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Take a customer's PASS: check it, prove the door by a handshake, keep the second factor, register the customer.

    A role that opens to anything but its external ID is refused. A new pass of a customer that is
    registered replaces the second factor. The register keeps whose key signed and when the last pass was written, so
    that no machine of yours admits another key, or an older pass.
    """
    demand_free(output)
    text, book = file_access.read_handed_file(handed), registers.register_book(file)
    account = book.load().account
    keys = load_keys(handover.key_ring(keys_store, account))
    provider = Provider(
        book,
        stores.secret_store(store),
        handover.offer_book().made(),
        handover.admission_desk(handover.opener(keys)),
        handover.probers(verify_as, stranger),
    )
    grant, teams = assignment or (None, None)
    admission = examine_pass(
        text, Wish(name, company, teams, grant), provider, Trust(trust_key, accept_no_second_factor)
    )
    about(customer=str(admission.placed.after.name), grant=str(admission.read.handed.grant))
    if not as_json:
        _show(admission, provider)
    if not confirmed(f"Admit {admission.placed.after.name}?", yes=yes):
        note("nothing was changed")
        return ExitCode.DONE
    admit(admission, provider)
    if output is not None:
        subject = Subject(account, admission.read.handed.grant, admission.read.handed.id)
        write_receipt_file(output, admission.handshake, subject, keys_store)
    _tell(admission, output, as_json=as_json)
    return ExitCode.DONE


def _show(admission: Admission, provider: Provider) -> None:
    """Show what was found and what is to be done."""
    read, placed = admission.read, admission.placed
    known = f"the register has it as {placed.before.name}" if placed.before else "new"
    vouched = "" if not read.key_is_new else " (new: have the customer read it out to you by telephone)"
    result(f"customer:      account {read.handed.customer}, {known}")
    result(f"grant:         {read.handed.grant}")
    result(f"role ARN:      {read.role.arn}")
    result(f"second factor: {'sealed to us' if read.factor else 'none: it opens to this account alone'}")
    result(f"signed with:   {read.key.fingerprint}{vouched}")
    result(f"handshake:     {admission.handshake.verdict.value}")
    for line in probe_lines(admission.handshake):
        result(line)
    result("to be done:")
    for name in admission.places.wanted:
        result(f"~ second factor in {provider.secrets.title}: {name}")
    for line in _register_lines(admission):
        result(line)


def _register_lines(admission: Admission) -> list[str]:
    before, after, grant = admission.placed.before, admission.placed.after, admission.read.handed.grant
    if before is None:
        return [f"+ customer {after.name} of {after.company}, for teams: {_teams(admission)}"]
    lines = [f"~ customer {after.name}: last pass of {grant}, written at {instant_text(after.last_pass[grant])}"]
    if admission.placed.changes_terms:
        lines = [f"~ customer {after.name}: grant {grant}, for teams: {_teams(admission)}"]
    if before.signed_by not in (None, after.signed_by) and before.signed_by is not None:
        lines.append(f"~ customer {after.name}: signed by {before.signed_by.fingerprint} no more: a changed key")
    if before.key != after.key:
        lines.append(f"~ customer {after.name}: customer key {before.key} becomes {after.key}")
    return lines


def _teams(admission: Admission) -> str:
    teams = admission.placed.after.teams.get(admission.read.handed.grant, ())
    return ", ".join(str(team) for team in teams) or "none yet"


def _tell(admission: Admission, output: Path | None, *, as_json: bool) -> None:
    after, read = admission.placed.after, admission.read
    if as_json:
        json_result(
            {
                "admitted": str(after.name),
                "grant": str(read.handed.grant),
                "account": str(after.account),
                "company": after.company,
                "teams": [str(team) for team in after.teams.get(read.handed.grant, ())],
                "key": {"fingerprint": read.key.fingerprint, "is_new": read.key_is_new},
                "secrets": list(admission.places.wanted),
                "terms_changed": admission.placed.changes_terms,
                "receipt": str(output) if output else None,
                "handshake": handshake_facts(admission.handshake),
            }
        )
        return
    result(f"admitted: {after.name}/{read.handed.grant}")
    if not admission.placed.changes_terms:
        note("it was registered already: only the second factor was replaced, and the register tells of its last pass")
    if not after.teams.get(read.handed.grant):
        note(f"nobody may use it yet: name its teams in the register, then gatepass verify {after.name}")
    if output is not None:
        note(f"receipt for the customer: {output}")
