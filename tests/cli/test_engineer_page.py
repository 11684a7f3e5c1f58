"""The session of docs/engineer.md goes today as the page shows it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.engineer_page import commands, played, settled, shown


def test_what_differs_in_every_run_is_the_only_thing_that_is_settled(tmp_path: Path) -> None:
    assert settled(f"until 14:05:09Z in {tmp_path}/x", tmp_path) == "until 09:00:00Z in ~/x"
    assert settled("account 444455556666", tmp_path) == "account 444455556666"


def test_the_session_goes_as_the_page_shows_it(tmp_path: Path) -> None:
    block = shown()

    assert len(commands(block)) > 10
    assert played(commands(block), tmp_path) == block
