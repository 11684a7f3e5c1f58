"""The page that shows the demo: how it is made, and how it is compared.

``python -m tests.cli.demo_page`` writes today's output into docs/demo.md; a test compares it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "demo.md"
_BLOCK = re.compile(r"(<!-- demo: begin -->\n```\n).*?(```\n<!-- demo: end -->)", re.DOTALL)
# What differs in every run: keys of customers, clocks, ports.
_VARYING = (
    (re.compile(r"gp1\.[0-9A-Z]{10}\."), "gp1.7KQ2M9XW4T."),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:40123"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"), "2026-11-22 08:00:00Z"),
    (re.compile(r"until \d\d:\d\d:\d\dZ"), "until 09:00:00Z"),
    (re.compile(r"expires in: +\d+ min"), "expires in:      59 min"),
    (re.compile(r"/\S*gatepass-demo-\w+/"), "~/"),
    (re.compile(r" +$", re.MULTILINE), ""),
)


def settled(text: str) -> str:
    """Return the demo's output without what differs in every run."""
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return text


def shown() -> str:
    """Return what the page shows."""
    found = _BLOCK.search(PAGE.read_text(encoding="utf-8"))
    return found[0].removeprefix(found[1]).removesuffix(found[2]) if found else ""


def played(*options: str) -> subprocess.CompletedProcess[str]:
    """Play the demo and return how it went."""
    argv = [sys.executable, "-m", "gatepass", "demo", *options]
    return subprocess.run(argv, check=False, capture_output=True, text=True)


if __name__ == "__main__":
    finished = played()
    if finished.returncode:
        sys.exit(finished.stdout + finished.stderr)
    text = PAGE.read_text(encoding="utf-8")
    block = f"<!-- demo: begin -->\n```\n{settled(finished.stdout)}```\n<!-- demo: end -->"
    parts = re.split(r"<!-- demo: begin -->.*?<!-- demo: end -->", text, flags=re.DOTALL)
    PAGE.write_text(block.join(parts), encoding="utf-8")
