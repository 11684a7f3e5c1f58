"""Rotations whose only worker is killed by the system, at moments that nobody chose: nothing is lost, all is finished."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.fleet.rotation_scene import ROTATES, make_scene
from tests.fleet.rotation_stub import RotationAws

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

ROLES, KILLS = 30, 3
_PATIENCE_SECONDS = 60.0


def test_a_run_whose_only_worker_is_killed_three_times_is_finished_and_every_role_opens_all_along(
    tmp_path: Path,
) -> None:
    chance = random.Random(11)  # noqa: S311 - no secret
    with RotationAws({}) as aws:
        scene = make_scene(tmp_path, aws, ROLES, "file")
        before = [scene.kept(number) for number in range(ROLES)]
        words = f"{ROTATES} --store file"
        for _ in range(KILLS):
            asked = aws.asked.total() + chance.randrange(20, 220)
            worker = scene.begins(words)
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while aws.asked.total() < asked:
                assert time.monotonic() < deadline, "what was waited for did not come"
                assert worker.poll() is None, worker.communicate()[0]
                time.sleep(0.01)
            worker.kill()
            worker.communicate()
            assert [number for number in range(ROLES) if not scene.opens(number)] == []
            words = "fleet resume"

        code, told = scene.runs(words)

        assert code == 0, told + scene.runs("fleet failures")[1]
        assert f"{ROLES} of {ROLES}, {ROLES} done, 0 failed" in told
        assert [number for number in range(ROLES) if not scene.opens(number)] == []
        after = [scene.kept(number) for number in range(ROLES)]
        assert all(old.factor != new.factor for old, new in zip(before, after, strict=True))
