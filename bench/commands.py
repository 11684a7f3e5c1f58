"""Whole commands, against a bare Python that does nothing."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_RUNS = 7


def main() -> None:
    """Print the median of each command in milliseconds and its ratio to ``python -c pass``."""
    gatepass = str(Path(sys.executable).with_name("gatepass"))
    baseline = _median([sys.executable, "-c", "pass"])
    _row("python -c pass (baseline)", baseline, baseline)
    _row("gatepass --help", _median([gatepass, "--help"]), baseline)
    _row("gatepass check --offline", _median([gatepass, "check", "--offline", "access.yml"]), baseline)
    began = time.perf_counter()
    finished = subprocess.run([gatepass, "demo", "--json"], check=False, capture_output=True)
    seconds = time.perf_counter() - began
    steps = len(finished.stdout.splitlines())
    # Five of its seconds are close waiting for IAM to spread a change.
    _row(f"gatepass demo, {steps} steps (exit {finished.returncode})", seconds, baseline)


def _median(command: Sequence[str]) -> float:
    """Return the median seconds of some runs after one that warms the caches."""
    with tempfile.TemporaryDirectory() as folder:
        head = 'gatepass: customer\nversion: 1\naccount: "444455556666"\n'
        grant = 'grants:\n  support:\n    provider: "111122223333"\n    permissions: [SecurityAudit]\n'
        (Path(folder) / "access.yml").write_text(head + grant, encoding="utf-8")
        environment = {**os.environ, "XDG_STATE_HOME": folder}
        took = []
        for _ in range(_RUNS + 1):
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, cwd=folder, env=environment)
            took.append(time.perf_counter() - began)
    return statistics.median(took[1:])


def _row(name: str, seconds: float, baseline: float) -> None:
    print(f"{name:<40} {seconds * 1000:9.1f} ms  {seconds / baseline:6.1f} x")  # noqa: T201 - printing is the purpose


if __name__ == "__main__":
    main()
