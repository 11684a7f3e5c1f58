"""Differences of documents tell what changes, and never an external ID."""

from __future__ import annotations

import click

from gatepass.cli.document_diff import diff_lines
from gatepass.domain.documents import Document, policy


def trust(external_id: str, account: str = "111122223333") -> Document:
    condition = {"StringEquals": {"STS:ExternalId": external_id}}
    return policy({"Principal": {"AWS": account}, "Action": "sts:AssumeRole", "Condition": condition})


def diff(old: Document | None, new: Document | None) -> list[str]:
    return [click.unstyle(line) for line in diff_lines(old, new)]


def test_an_external_id_is_never_shown() -> None:
    lines = diff(trust("gp1.KEY.OLD"), trust("gp1.KEY.NEW"))

    assert "gp1" not in "\n".join(lines)
    assert [" ".join(line.split()) for line in lines if line[0] in "+-"] == [
        '- "STS:ExternalId": "the external ID"',
        '+ "STS:ExternalId": "another external ID (2)"',
    ]


def test_the_same_id_is_no_difference() -> None:
    lines = diff(trust("gp1.KEY.OLD"), trust("gp1.KEY.OLD", "999900001111"))

    assert [line[0] for line in lines if line[0] in "+-"] == ["-", "+"]
    assert "999900001111" in "\n".join(lines)


def test_equal_documents_have_no_lines_and_new_ones_have_all() -> None:
    assert diff(trust("x1"), trust("x1")) == []
    assert all(line.startswith("+ ") for line in diff(None, trust("x1")))
