"""The quick reader says of every file what the full reader says, places and mistakes included."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.adapters import quick_yaml
from gatepass.adapters.quick_yaml import read_register_yaml
from gatepass.adapters.yaml_source import YamlSource, parse_yaml
from gatepass.domain.errors import GatepassError, InvalidFile, Problem

HERE = Path("customers.yml")
REGISTER = """\
---
# ours
gatepass: provider   # always
version: 1
account: "111122223333"
teams:
  netops: {iam_roles: [NetOps, 'Net Ops'], iam_groups: [], identity_center_group: Net Ops}
  "42":
    iam_groups:
    - A
    - B # two

customers:

  acme-prod:   # the first
    company: Acme and Sons
    account: '444455556666'
    key: 7KQ2M9XW4T
    # between
    roles: {support: arn:aws:iam::444455556666:role/gatepass/HIO-DEV-EUW1-ServiceProvider-support}
    teams:
      support:
        - netops
      audit: [netops, "42"]
  other:
    company: Müller
    account: 444455556667
    note:
    roles:
      support: arn:aws:iam::444455556667:role/x
tags: {}
"""
# Pieces that meet every way in which the two readers could part.
PIECES = [
    " ", "  ", "    ", "\n", "\n  ", "\n    ", "\n      ", "a", "b", "key", ":", ": ", ":\n", "- ", "-", "#", " # x", "{", "}", "[", "]", ", ", ",",
    '"', "'", "\\", "|", ">", "|\n", "&a ", "*a", "!t ", "? ", "---", "...", "%", "@", "`", "\t", "é", "\u2028", "\ufeff", "\x85", "0", "012", "1",
    "1e5", "7K", "0x1F", "1_000", "1:30", "2026-11-22", "true", "No", "null", "~", "<<", "=", "a: b", "a: b\n", "  c: d\n", "customers:\n", "  x: 1\n",
    "  acme:\n    account: 'x'\n", "a:b", "a::b", "arn:aws:iam::1:role/x", "a b", "a  b", "a #b", "a#b", '"a b"', "'a''b'", '"a\\nb"', "[a, b]", "[a]: x",
    "{a: b, c: [d]}", "{a: b,}", "{a}", "{a:b}", "{}", "[]", "[a,b]", "[[a], [b]]", "{a: , b: c}", ". ", "-a", "+1", "1.5", ".inf", "a:", "a :", " :",
]  # fmt: skip


def told(read: object, text: str) -> tuple[object, ...]:
    """Return everything that the reader says."""
    try:
        found = read(text)  # type: ignore[operator]
    except InvalidFile as error:
        return ("refused", error.problems)
    assert isinstance(found, YamlSource)
    return found.data, in_order(found.problems), found.keys, found.values


def in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.place, problem.what))


def quickly(text: str) -> YamlSource:
    return read_register_yaml(HERE, text)


def in_full(text: str) -> YamlSource:
    return parse_yaml(text, str(HERE))


@pytest.fixture
def never_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file that the quick reader cannot read by itself fail the test."""

    def refuse(*_: object) -> None:
        pytest.fail("the whole file went to the full reader")

    monkeypatch.setattr(quick_yaml, "parse_yaml", refuse)


@pytest.mark.usefixtures("never_in_full")
def test_a_plain_register_is_read_quickly_and_the_same() -> None:
    assert told(quickly, REGISTER) == told(in_full, REGISTER)


@pytest.mark.usefixtures("never_in_full")
@pytest.mark.parametrize(
    "odd",
    [
        "    company: |\n      Acme\n      # no remark\n",
        '    company: "Acme\n      and: Sons"\n',
        "    company: Acme\n      and Sons\n",
        "    company: &name Acme\n    note: *name\n",
        "    roles: {\n      a: b}\n",
        "    account: 012345670123\n",
        "    a: 1\n    a: 2\n",
        "    list:\n      - a: b\n",
        "    when: 2026-11-22\n",
        "    ? complex\n    : key\n",
        '    company: "line\\nbreak"\n',
        "    flag: yes\n",
        "    nothing: ~\n",
    ],
)
def test_what_is_not_plain_sends_only_its_own_entry_to_the_full_reader(odd: str) -> None:
    text = REGISTER.replace("  other:\n", f"  odd:\n{odd}  other:\n")

    assert told(quickly, text) == told(in_full, text)


@pytest.mark.parametrize(
    "text",
    [
        "", "# only\n", "---\n", "a\n", "- a\n", "a: 1\n---\nb: 2\n", "a: 1\n...\n", "%YAML 1.2\n---\na: b\n", "a:\n- b\n", "a:\n- b\nc: d\n", " a: b\n",
        "a:\n    b: c\n  d: e\n", "a:\n  b: &x c\nd:\n  e: *x\n", "a:\n  b: 'c\nd: e'\n", "a:\n  b: c\n  b: d\n", "a: b\na: c\n", "a:\n  b: c\n\td: e\n",
        "a:\n  b: x\n  - c\n", "a: b\n  c: d\n", "a:\n  b:\n  - c\n  d: e\n", "a:\n  b:\n    c:\n    d: e\n", "a: [b,\n  c]\n", "a: {b: c, b: d}\n",
        "\ufeffa: b\n", "a: b\x00\n", "a: b\x85c: d\n", "a:\n  b: {c: {d: {e: {f: {g: {h: i}}}}}}\n", "a:\n  " + "k" * 200 + ": b\n",
    ],
)  # fmt: skip
def test_files_of_other_forms_are_read_the_same(text: str) -> None:
    assert told(quickly, text) == told(in_full, text)


@settings(max_examples=100)
@given(cut=st.integers(0, len(REGISTER)), length=st.integers(0, 12), put=st.lists(st.sampled_from(PIECES), max_size=4))
def test_a_mutilated_register_is_read_the_same(cut: int, length: int, put: list[str]) -> None:
    text = REGISTER[:cut] + "".join(put) + REGISTER[cut + length :]

    assert told(quickly, text) == told(in_full, text)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_text_is_read_the_same(pieces: list[str]) -> None:
    text = "".join(pieces)

    assert told(quickly, text) == told(in_full, text)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "customers.yml"
    with path.open("wb") as file:
        file.truncate(60_000_000)

    with pytest.raises(GatepassError, match="larger than 50 MB"):
        read_register_yaml(path)
