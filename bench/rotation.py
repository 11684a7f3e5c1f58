"""Rotating a fleet's second factors with both sides on an AWS with latency and limits, against what the limits allow.

Run it from the project's root: ``.venv/bin/python -m bench.rotation [ROTATIONS]``; 200 by default, ``1000`` takes long.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from tests.fleet.rotation_scene import ROTATES, make_scene
from tests.fleet.rotation_stub import Bucket, RotationAws

ROTATIONS = 200
LATENCY_SECONDS, PROPAGATION_SECONDS = 0.04, 4.0
STS_EACH_SECOND, WRITES_EACH_SECOND = 600.0, 50.0
# Each new trust is waited for once, and each previous one once more until it is refused.
_WAITS = 2
WANTED_RATIO, WANTED_MILLISECONDS = 1.4, 45


def main(rotations: int = ROTATIONS) -> None:
    """Print how long a whole run takes from the command to its end."""
    with tempfile.TemporaryDirectory() as made, RotationAws({}) as aws:
        scene = make_scene(Path(made), aws, rotations, "secrets-manager")
        aws.latency, aws.propagation = LATENCY_SECONDS, PROPAGATION_SECONDS
        aws.sts, aws.writes = Bucket(STS_EACH_SECOND), Bucket(WRITES_EACH_SECOND)
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        code, told = scene.runs(f"{ROTATES} --store secrets-manager")
        took, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if code:
            raise SystemExit(told + scene.runs("fleet failures")[1][:2000])
        opened = sum(scene.opens(number) for number in range(rotations))
    calls = aws.asked["AssumeRole"] + aws.asked["GetCallerIdentity"]
    by_limits = max(calls / STS_EACH_SECOND, aws.asked["secret writes"] / WRITES_EACH_SECOND)
    floor = by_limits + _WAITS * PROPAGATION_SECONDS
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    _tell(f"{rotations:,} second factors rotated, {opened:,} roles open with what the store holds")
    _tell(f"  calls to STS by rotation {calls / rotations:.1f}, writes {aws.asked['secret writes'] / rotations:.1f}")
    _tell(f"  {took:.1f} s, {took / floor:.2f} x the floor of {floor:.1f} s (wanted {WANTED_RATIO})")
    _tell(f"  throttles {aws.throttled.total()} {dict(aws.throttled) or ''}")
    _tell(f"  CPU by rotation {cpu / rotations * 1000:.0f} ms (wanted {WANTED_MILLISECONDS})")


def _tell(text: str) -> None:
    print(text)  # noqa: T201 - printing is the purpose


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROTATIONS)
