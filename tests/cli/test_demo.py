"""The demo ends as it must, and docs/demo.md shows it as it is today."""

from __future__ import annotations

import json
import re

from tests.cli.demo_page import played, settled, shown


def test_every_step_of_the_paired_story_ends_as_it_must() -> None:
    finished = played("--paired", "--json")

    steps = [json.loads(line) for line in finished.stdout.splitlines()]
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert len(steps) >= 15
    assert all(step["ok"] and step["outcome"] == step["expected"] for step in steps)
    assert {step["expected"] for step in steps} == {"done", "refused"}


def test_the_page_shows_the_demo_as_it_is_today() -> None:
    finished = played()

    # It exits with 1 if a single step ends otherwise than it must.
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.count("gatepass: error: AWS refused") >= 8
    assert settled(finished.stdout) == shown(), "run: python -m tests.cli.demo_page"
    assert not re.search(r"gp1\.[0-9A-Z]{10}\.[0-9A-Z]", finished.stdout)
