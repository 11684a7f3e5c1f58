"""What docs/sandbox.md shows works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "sandbox.md"


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.+?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)

    exec(compile(example, GUIDE.name, "exec"), {})  # noqa: S102 - our own guide

    assert capsys.readouterr().out == "['CreateUser']\n"
