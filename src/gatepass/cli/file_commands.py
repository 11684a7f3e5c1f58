"""Commands about the files that people write."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gatepass.cli.grant_text import finding_facts, finding_lines
from gatepass.cli.loading import load, placed
from gatepass.cli.options import file_argument, json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.findings import Severity
from gatepass.usecases.judge_grants import lint_declaration
from gatepass.usecases.plan_grants import check_account
from gatepass.wiring import file_access, machine, own_account, registers


@click.command()
@file_argument
@click.option("--offline", is_flag=True, help="Do not ask AWS whether policies and account exist.")
@json_option
def check(file: Path, *, offline: bool, as_json: bool) -> int:
    """Look for mistakes in FILE, a customer's, a provider's or a workspace's; nothing is changed.

    With credentials at hand AWS is asked whether the account and the policies are there.
    Exit 3 when there is something to mend.
    """
    if registers.is_register(file):
        return _check_register(file, as_json=as_json)
    if file_access.is_workspace_file(file):
        return _check_workspace(file, as_json=as_json)
    roles = own_account.own_roles() if not offline and own_account.has_credentials() else None
    loaded = load(file, roles)
    checked = None
    if roles is not None:
        with placed(loaded):
            checked = check_account(loaded.declaration, roles)
    partition, texts = (checked.partition, checked.texts) if checked else (None, None)
    reviews = lint_declaration(loaded.declaration, machine.clock().now(), partition=partition, texts=texts)
    findings = [finding for review in reviews for finding in review.findings]
    account = checked.account if checked else None
    weighty = [finding for finding in findings if finding.severity is not Severity.LOW]
    asked = f"asked account {account}" if account else "AWS was not asked: no credentials" if not offline else "offline"
    if as_json:
        json_result(
            {
                "file": str(file),
                "grants": [str(grant.name) for grant in loaded.declaration.grants],
                "account_asked": str(account) if account else None,
                "findings": [finding_facts(finding) for finding in findings],
            }
        )
    else:
        count = len(loaded.declaration.grants)
        result(f"{file}: {count} grant{'s' if count != 1 else ''}, no mistakes ({asked})")
        for line in finding_lines(findings):
            note(line)
    return ExitCode.FOUND_SOMETHING if weighty else ExitCode.DONE


@click.command()
@click.argument("kind", metavar="KIND", type=click.Choice(["customer", "provider", "workspace"]))
def schema(kind: str) -> None:
    """Print the JSON Schema of a KIND of file: editors use it to complete and check as you type."""
    schemas = {
        "customer": file_access.customer_schema,
        "provider": registers.provider_schema,
        "workspace": file_access.workspace_schema,
    }
    json_result(schemas[kind]())


def _check_workspace(file: Path, *, as_json: bool) -> int:
    """Look for mistakes in a workspace's file and in the customer's file that it names; nobody is asked."""
    loaded = file_access.load_workspace_file(file, os.environ)
    setup = loaded.setup
    grants = [str(grant.name) for grant in setup.declaration.grants]
    if as_json:
        facts = {"platform": setup.platform.value, "workspace": setup.workspace, "grants": grants}
        json_result({"file": str(file), **facts, "findings": []})
        return ExitCode.DONE
    count = f"{len(grants)} grant{'s' if len(grants) != 1 else ''}"
    where = f"workspace {setup.workspace} of {setup.platform.title} at {setup.hostname}"
    result(f"{file}: {where} keeps {count}, no mistakes (nobody was asked)")
    note(f"the grants themselves are looked at by: gatepass check {loaded.access.source.name}")
    return ExitCode.DONE


def _check_register(file: Path, *, as_json: bool) -> int:
    """Look for mistakes in a provider's file; AWS is not asked."""
    register = registers.register_book(file).load()
    unserved = [
        f"{customer.name}/{grant}"
        for customer in register.customers.values()
        for grant in customer.roles
        if not customer.teams.get(grant)
    ]
    if as_json:
        counts = {"customers": len(register.customers), "teams": len(register.teams)}
        json_result({"file": str(file), **counts, "without_team": unserved, "findings": []})
        return ExitCode.DONE
    customers, teams = len(register.customers), len(register.teams)
    result(
        f"{file}: {customers} customer{'s' if customers != 1 else ''}, {teams} team{'s' if teams != 1 else ''}, "
        "no mistakes (AWS was not asked)"
    )
    if unserved:
        more = f" and {len(unserved) - 3} more" if len(unserved) > 3 else ""
        note(f"no team may use: {', '.join(unserved[:3])}{more}")
    return ExitCode.DONE
