"""Terminal sessions that run for real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.person import Person
from tests.cli.transcripts import Transcript, read_transcript
from tests.conftest import Cloud

FOLDER = Path(__file__).parent
OFFLINE = sorted((FOLDER / "transcripts_offline").glob("*.txt"))
CUSTOMER = sorted((FOLDER / "transcripts_customer").glob("*.txt"))

# What differs in every run and means nothing: external IDs, dates, ports.
_VARYING = (
    (re.compile(r"gp1\.[A-Z0-9]{10}\.[A-Z0-9]{26}"), "gp1.KEY.CODE"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ"), "DATE"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r" +$", re.MULTILINE), ""),
)


def settled(text: str) -> str:
    """Return the text without what differs in every run."""
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return text


def play(transcript: Transcript, person: Person) -> None:
    """Type every command and compare what it prints and how it ends."""
    for name, content in transcript.files.items():
        (person.home / name).write_text(content, encoding="utf-8")
    for exchange in transcript.exchanges:
        finished = person.types(exchange.command)
        printed = settled(finished.stdout).rstrip("\n").split("\n") if finished.stdout else []
        assert printed == exchange.printed, f"$ {exchange.command}\n{finished.stdout}"
        assert finished.returncode == exchange.exit_code, exchange.command


@pytest.mark.parametrize("path", OFFLINE, ids=lambda path: path.stem)
def test_without_aws(path: Path, tmp_path: Path) -> None:
    play(read_transcript(path), Person(tmp_path))


@pytest.mark.parametrize("path", CUSTOMER, ids=lambda path: path.stem)
def test_as_the_customers_administrator(path: Path, tmp_path: Path, cloud: Cloud) -> None:
    play(read_transcript(path), cloud.administrator(tmp_path))
