"""Findings as SARIF 2.1.0, the form in which code hosts show remarks on files."""

# https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from gatepass import __version__
from gatepass.domain.findings import Finding, Severity
from gatepass.usecases.lint_trust import Review

_LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# What code hosts sort security remarks by.
_SCORES = {Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}


def sarif(reviews: Sequence[Review], file: str | None) -> dict[str, object]:
    """Return a SARIF log of one run; `file` is where the findings are, or ``None`` for a live account."""
    findings = [finding for review in reviews for finding in review.findings]
    rules = list({finding.id: finding for finding in findings}.values())
    driver = {"name": "gatepass lint", "semanticVersion": __version__, "rules": [_rule(each) for each in rules]}
    places = [each.id for each in rules]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "results": [_result(each, places.index(each.id), file) for each in findings],
            }
        ],
    }


def _rule(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.id,
        "shortDescription": {"text": finding.what},
        "fullDescription": {"text": finding.why or finding.what},
        "help": {"text": finding.next_step},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {"security-severity": _SCORES[finding.severity], "tags": ["security"]},
    }


def _result(finding: Finding, rule: int, file: str | None) -> dict[str, object]:
    text = "\n".join((f"{finding.grant}: {finding.what}", *finding.counterexamples, f"next: {finding.next_step}"))
    return {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_location(finding, file)],
    }


def _location(finding: Finding, file: str | None) -> dict[str, object]:
    named: dict[str, object] = {"logicalLocations": [{"fullyQualifiedName": finding.grant, "kind": "resource"}]}
    if file is None:
        return named
    # A policy has no lines that a finding could point to: it is about what the whole document lets through.
    return named | {"physicalLocation": {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": 1}}}
