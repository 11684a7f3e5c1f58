"""What docs/sandbox.md shows works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "sandbox.md"


EXAMPLES = re.findall(r"```python\n(.+?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(("example", "printed"), list(zip(EXAMPLES, ["['CreateUser']\n", "[0]\n"], strict=True)))
def test_the_python_examples_run(example: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(example, GUIDE.name, "exec"), {})  # noqa: S102 - our own guide

    assert capsys.readouterr().out == printed
