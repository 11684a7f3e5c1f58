"""The file that narrows a session: each mistake with its line, and nothing that would be useless."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatepass.adapters.session_policy_file import load_session_policy
from gatepass.domain.errors import GatepassError, InvalidFile

GOOD = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
    {"Effect": "Deny",
     "Action": "s3:PutObject",
     "Resource": "*"}
  ]
}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "narrow.json"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('"Resource": "*"},', '"Resource": "*"', 5, "not JSON"),
        ('"s3:PutObject"', '"PutObject"', 6, "an action is a service, a colon and a name"),
        ('"2012-10-17"', '"2012-10-18"', 2, "not a version of the policy language"),
        ('"Effect": "Deny"', '"Effect": "Denied"', 5, "neither Allow nor Deny"),
        ('"Effect": "Deny"', '"Effect": "Deny", "Principal": "*"', 5, "not allowed in this kind of policy"),
        ('"Effect": "Allow"', '"Effect": "Deny"', 1, "it allows nothing"),
        ('"s3:PutObject"', '"s3:' + "x" * 2100 + '"', 1, "characters without white space"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, what: str) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))

    with pytest.raises(InvalidFile) as refused:
        load_session_policy(path)

    (problem,) = refused.value.problems
    assert problem.place.startswith(f"{path}:{line}:")
    assert what in problem.what


@pytest.mark.parametrize("text", ["", "[]", "null", "7", '{"Statement": []}', "\t{", "{" * 5000])
def test_what_is_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidFile):
        load_session_policy(written(tmp_path, text))


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(GatepassError, match="cannot be read"):
        load_session_policy(tmp_path / "missing.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GatepassError, match="not text"):
        load_session_policy(tmp_path / "bytes.json")


def test_white_space_does_not_count(tmp_path: Path) -> None:
    found = load_session_policy(written(tmp_path, GOOD + " " * 5000))

    assert len(found.statements) == 2
