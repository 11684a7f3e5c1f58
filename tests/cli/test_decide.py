"""The command decide: every case of the conformance form, one JSON line each, as it comes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.person import Person

CASES = Path(__file__).parents[1] / "decision" / "conformance" / "decisions.jsonl"


def test_every_conformance_case_comes_out_as_the_documentation_fixes_it(tmp_path: Path) -> None:
    expected = {case["id"]: case["expected"]["decision"] for case in map(json.loads, CASES.open(encoding="utf-8"))}

    finished = Person(tmp_path).types("gatepass decide --cases -", stdin=CASES.read_text(encoding="utf-8"))

    answers = [json.loads(line) for line in finished.stdout.splitlines()]
    assert finished.returncode == 0
    assert {answer["id"]: answer["decision"] for answer in answers} == expected
    assert all(set(answer) == {"id", "decision", "because"} and answer["because"] for answer in answers)


def test_an_answer_comes_before_the_next_case_is_asked(tmp_path: Path) -> None:
    """A program can keep one process and ask it case by case."""
    first, second = CASES.read_text(encoding="utf-8").splitlines()[:2]
    argv = [sys.executable, "-m", "gatepass", "decide", "--cases", "-"]
    with subprocess.Popen(argv, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as asked:
        assert asked.stdin is not None
        assert asked.stdout is not None
        for case in (first, second):
            asked.stdin.write(case + "\n")
            asked.stdin.flush()

            assert json.loads(asked.stdout.readline())["id"] == json.loads(case)["id"]
        asked.stdin.close()


def test_a_line_that_is_not_text_is_told_and_the_rest_decided(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_bytes(b"\xff\xfe\n" + CASES.read_bytes().splitlines()[0] + b"\n")

    finished = Person(tmp_path).types("gatepass decide --cases cases.jsonl")

    assert finished.returncode == 1
    assert "cases.jsonl:1: not text in UTF-8" in finished.stdout
    assert '"decision"' in finished.stdout


def test_no_line_of_a_bad_case_is_repeated(tmp_path: Path) -> None:
    """The line may hold an external ID."""
    secret = "gp1.7KQ2M9XW4T.hunter2"
    lines = f'{{"request": "{secret}\n{{"{secret}": 1, "{secret}": 2}}\n["{secret}"]\n{{"request": {{"principal": "{secret}"}}}}\n'

    finished = Person(tmp_path).types("gatepass decide --cases -", stdin=lines)

    assert finished.returncode == 1
    assert finished.stdout.count("gatepass: error: standard input:") == 4
    assert "hunter2" not in finished.stdout
