"""What a second worker on PostgreSQL gains where AWS has no limits: how fast processors alone let rotations be.

Run it from the project's root: ``.venv/bin/python -m bench.second_worker [ROTATIONS]``. The stand-in for AWS,
PostgreSQL and the workers share this machine's cores, so the gain is smaller than with a machine for each.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fleet.postgres import postgres
from tests.fleet.rotation_scene import ROTATES, RotationScene, make_scene
from tests.fleet.rotation_stub import RotationAws

ROTATIONS, IN_FLIGHT = 600, 200
LATENCY_SECONDS = 0.04
WANTED_GAIN = 1.7


def main(rotations: int = ROTATIONS) -> None:
    """Print the rates of one worker and of two."""
    alone, own = _rotated(rotations, 0)
    both, shared = _rotated(rotations, 1)
    _tell(f"{rotations:,} second factors rotated without limits, on {os.cpu_count()} cores")
    _tell(f"  one worker {alone:.1f} a second, two {both:.1f}: {both / alone:.2f} x (wanted {WANTED_GAIN})")
    _tell(f"  CPU of the workers by rotation {own:.0f} ms and {shared:.0f} ms")


def _rotated(rotations: int, others: int) -> tuple[float, float]:
    """Return how many were rotated each second, and the milliseconds of CPU that each took in the workers."""
    with tempfile.TemporaryDirectory() as made, RotationAws({}) as aws, postgres() as server:
        scene = make_scene(Path(made), aws, rotations, "secrets-manager")
        aws.latency = LATENCY_SECONDS
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        hands = [_begun(scene, server.full_url, "worker") for _ in range(others)]
        for each in hands:
            # It tells that it works.
            assert each.stdout is not None  # noqa: S101 - for the type checker
            each.stdout.readline()
        words = f"{ROTATES} --store secrets-manager --max-in-flight {IN_FLIGHT}"
        main_hand = _begun(scene, server.full_url, words)
        told, _ = main_hand.communicate()
        if main_hand.returncode:
            raise SystemExit(told)
        for each in hands:
            each.terminate()
            each.communicate()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        written = sorted(when for account in aws.accounts.values() for when, _ in account.written[1:])
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        return rotations / (written[-1] - written[0]), cpu / rotations * 1000


def _begun(scene: RotationScene, database: str, words: str) -> subprocess.Popen[str]:
    environment = {**scene.environment, "GATEPASS_DATABASE": database, "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-m", "bench.unpaced", *words.split()]
    return subprocess.Popen(
        command, cwd=scene.home, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def _tell(text: str) -> None:
    print(text)  # noqa: T201 - printing is the purpose


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROTATIONS)
