"""Commands that ask the decision engine about requests that people wrote down."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, report, result
from gatepass.decision.evaluate import Because, Decision
from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.usecases.decide_cases import RefusedCase, decide_line, decide_lines
from gatepass.wiring import file_access


@click.command()
@click.option("--request", "file", type=click.Path(path_type=Path), required=True, help="One case as JSON; - reads it.")
@json_option
def explain(file: Path, *, as_json: bool) -> int:
    """Say what AWS would answer to one request, which statement decides, and what is missing.

    The file holds one case: the request and every policy that bears on it; docs/decisions.md shows the form.
    """
    try:
        case = decide_line(1, file_access.read_text(file).encode())
    except InvalidInput as error:
        raise _placed(error, _name(file)) from None
    if as_json:
        json_result({"id": case.id, **_facts(case.decision)})
    else:
        for line in _lines(case.decision):
            result(line)
    return ExitCode.DONE


@click.command()
@click.option(
    "--cases", "file", type=click.Path(path_type=Path), required=True, help="Cases, one JSON line each; - reads them."
)
def decide(file: Path) -> int:
    """Decide many requests: one JSON line {"id", "decision", "because"} for each case, as it comes.

    A line that is no case is told on standard error, the rest is still decided, and the exit code is 1.
    """
    outcome = ExitCode.DONE
    for case in decide_lines(file_access.read_lines(file)):
        if isinstance(case, RefusedCase):
            report(_placed(case.error, f"{_name(file)}:{case.line}"), as_json=False)
            outcome = ExitCode.FAILED
            continue
        facts = {"id": case.id, "decision": case.decision.outcome.value, "because": _sentence(case.decision.because)}
        # click flushes after every echo, so that a reader of our output gets each answer at once.
        click.echo(json.dumps(facts))
    return outcome


def _lines(decision: Decision) -> list[str]:
    request, because = decision.request, decision.because
    lines = [
        f"{decision.outcome.value}: {request.action} on {request.resource}",
        f"  for:     {request.principal}",
        f"  because: {because}",
    ]
    return [*lines, f"  needed:  {because.needed}"] if because.needed else lines


def _sentence(because: Because) -> str:
    return f"{because}; needed: {because.needed}" if because.needed else str(because)


def _facts(decision: Decision) -> dict[str, object]:
    because = decision.because
    return {
        "decision": decision.outcome.value,
        "because": {
            "sentence": because.sentence,
            "policy": str(because.kind.value) if because.kind else None,
            "name": because.policy or None,
            "statement": because.statement or None,
            "condition": because.condition or None,
            "needed": because.needed or None,
        },
    }


def _name(file: Path) -> str:
    return "standard input" if str(file) == "-" else str(file)


def _placed(error: InvalidInput, place: str) -> GatepassError:
    return InvalidInput(
        f"{place}: {error.what}",
        why=error.why or "a case that is read wrongly would be decided wrongly",
        next_step=error.next_step or "write the case in the form of docs/decisions.md",
    )
