"""The page about decisions shows what the commands print."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cli.person import Person
from tests.cli.test_transcripts import play
from tests.cli.transcripts import read_transcript

PAGE = Path(__file__).parents[2] / "docs" / "decisions.md"
_CASE = re.compile(r"```json\n(.*?)```", re.DOTALL)
_SESSION = re.compile(r"```\n(\$ .*?)```", re.DOTALL)


def test_the_worked_example_is_what_the_commands_print(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (case,) = _CASE.findall(text)
    trust = json.dumps(json.loads(case)["resourcePolicy"]).replace("2026-", "2020-")
    (tmp_path / "alice.json").write_text(case, encoding="utf-8")
    (tmp_path / "alice-trust.json").write_text(trust, encoding="utf-8")
    sessions = _SESSION.findall(text)

    assert len(sessions) == 2
    for session in sessions:
        transcript = tmp_path / "session.txt"
        transcript.write_text(session, encoding="utf-8")
        play(read_transcript(transcript), Person(tmp_path))
