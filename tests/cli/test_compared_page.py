"""Every test that docs/compared.md names exists, and every claim names one."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compared.md").read_text(encoding="utf-8")
ROWS = [row for row in re.findall(r"^\| .*\|$", PAGE.partition("## Figures")[0], re.MULTILINE) if "shown by" not in row]


def test_every_test_that_the_page_names_is_there() -> None:
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    named = set(re.findall(r"`(test_\w+)`", PAGE))

    assert named
    assert named - defined == set()


def test_every_file_that_the_page_names_is_there() -> None:
    for name in re.findall(r"`((?:src|tests)/[\w/.]+)`", PAGE):
        assert (ROOT / name).exists(), name


def test_every_line_says_by_what_it_is_shown() -> None:
    assert len(ROWS) > 15
    for row in ROWS:
        assert re.search(r"`test_\w+`", row.rsplit("|", 2)[1]), row


def test_every_thread_is_one_that_can_be_opened() -> None:
    threads = re.findall(r"(\S+)#(\d+)", PAGE)

    assert len(threads) >= 14
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+", repository) for repository, _ in threads)
