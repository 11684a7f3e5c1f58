"""The command that probes policies, a customer's file or an account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from gatepass.cli.grant_text import finding_facts
from gatepass.cli.loading import load
from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.sarif import sarif
from gatepass.decision.action_names import ActionCatalogue
from gatepass.domain.findings import Severity
from gatepass.domain.identifiers import AccountId
from gatepass.domain.role import DIRECT_ENGINE
from gatepass.usecases.judge_grants import lint_declaration
from gatepass.usecases.lint_document import lint_document
from gatepass.usecases.lint_roles import lint_account
from gatepass.usecases.lint_trust import Review
from gatepass.wiring import file_access, machine, own_account

_YAML = (".yml", ".yaml")
_MOST_SHOWN = 4


class _Account(click.ParamType[AccountId]):
    """An account number."""

    name = "account"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> AccountId:
        """Return the account."""
        del param, ctx
        return value if isinstance(value, AccountId) else AccountId(str(value))


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--account", "whole_account", is_flag=True, help="Every role of your account that outsiders can enter.")
@click.option("--provider", type=_Account(), help="The account that is meant to enter; others are strangers then.")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@json_option
def lint(file: Path | None, *, whole_account: bool, provider: AccountId | None, form: str, as_json: bool) -> int:
    """Probe FILE with real calls and report each that gets through and should not.

    FILE is a trust policy, a permissions policy, an account's details, or a customer's access.yml.
    Exit 3 when something of weight was found.
    """
    if (file is None) != whole_account:
        raise click.UsageError("name a FILE, or say --account")
    catalogue = file_access.action_catalogue()
    if catalogue is None:
        note("names of actions were not checked: pip install 'gatepass[lint]'")
    reviews = _of_account(catalogue) if file is None else _of_file(file, provider, catalogue)
    if as_json or form == "json":
        json_result({"reviewed": [_facts(each) for each in reviews]})
    elif form == "sarif":
        json_result(sarif(reviews, None if file is None else file.as_posix()))
    else:
        for line in _lines(reviews):
            result(line)
    return ExitCode.FOUND_SOMETHING if any(each.is_weighty for each in reviews) else ExitCode.DONE


def _of_account(catalogue: ActionCatalogue | None) -> list[Review]:
    return list(lint_account(own_account.own_policies().account_policies(), machine.clock().now(), catalogue))


def _of_file(file: Path, provider: AccountId | None, catalogue: ActionCatalogue | None) -> list[Review]:
    now = machine.clock().now()
    if file.suffix in _YAML:
        return list(lint_declaration(load(file, None).declaration, now, catalogue))
    text = file_access.read_text(file)
    account = file_access.account_in(text, file)
    if account is not None:
        return list(lint_account(account, now, catalogue))
    name = "standard input" if str(file) == "-" else str(file)
    return [lint_document(name, text, now, provider=provider, catalogue=catalogue)]


def _lines(reviews: Sequence[Review]) -> Iterator[str]:
    if not reviews:
        yield "nobody outside the account can enter any of its roles"
    for review in reviews:
        kept = f" (kept by {review.engine})" if review.engine not in (None, DIRECT_ENGINE) else ""
        yield f"{review.name}{kept}: {_outcome(review)}"
        for finding in review.findings:
            yield f"  {finding.severity.value}: {finding.what} [{finding.id}]"
            for text in finding.counterexamples[:_MOST_SHOWN]:
                yield f"    through: {text}"
            if len(finding.counterexamples) > _MOST_SHOWN:
                yield f"    through: {len(finding.counterexamples) - _MOST_SHOWN} more; --format json shows them all"
            # As everywhere, what weighs little is told in short.
            if finding.severity is not Severity.LOW:
                yield f"    why:     {finding.why}"
            yield f"    next:    {finding.next_step}"


def _outcome(review: Review) -> str:
    if review.verdict is not None:
        return review.verdict.value
    count = len(review.findings)
    return f"{count} finding{'s' if count != 1 else ''}" if count else "nothing found"


def _facts(review: Review) -> dict[str, object]:
    return {
        "name": review.name,
        "verdict": review.verdict.value if review.verdict is not None else None,
        "engine": review.engine,
        "findings": [
            {**finding_facts(finding), "counterexamples": list(finding.counterexamples)} for finding in review.findings
        ],
    }
