"""Rotations while AWS or the database is out of reach for some of the workers: every role opens at every write."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fleet.counting import until
from tests.fleet.cut_line import CutLine
from tests.fleet.judged_aws import JudgedAws
from tests.fleet.postgres import Postgres, postgres
from tests.fleet.recorded import recorded
from tests.fleet.rotation_scene import ROTATES, RotationScene, make_scene

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

ROLES = 24
ROTATES_SHARED = f"{ROTATES} --store secrets-manager"
Begin = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def aws() -> Iterator[JudgedAws]:
    with JudgedAws({}, propagation=2.0) as found:
        yield found


@pytest.fixture
def scene(aws: JudgedAws, tmp_path: Path) -> RotationScene:
    found = make_scene(tmp_path, aws, ROLES, "secrets-manager")
    aws.asked.clear()
    return found


@pytest.fixture
def begins(scene: RotationScene) -> Iterator[Begin]:
    """Start commands that are ended afterwards, whatever happens."""
    begun: list[subprocess.Popen[str]] = []

    def begin(words: str, **more: str) -> subprocess.Popen[str]:
        begun.append(scene.begins(words, **more))
        return begun[-1]

    yield begin
    for one in begun:
        one.kill()
        one.communicate()


def all_is_well(scene: RotationScene, aws: JudgedAws) -> None:
    """Demand that each role was rotated once, recorded once, and never shut out its provider."""
    assert aws.judged >= 3 * ROLES
    assert aws.lost == []
    assert [number for number in range(ROLES) if not scene.opens(number)] == []
    for account in aws.accounts.values():
        drawn = {trust.text for _, trust in account.written}
        assert len(drawn) == 3, "drawn once: the one from before, both, and the new one"
    assert sorted(one.customer for one in recorded(scene.home, "rotate")) == sorted(aws.accounts)


@pytest.mark.parametrize("is_silent", [True, False])
def test_aws_is_out_of_reach_for_a_while(
    scene: RotationScene, aws: JudgedAws, begins: Begin, *, is_silent: bool
) -> None:
    with CutLine(int(aws.url.rpartition(":")[2])) as line:
        run = begins(ROTATES_SHARED, AWS_ENDPOINT_URL=f"http://127.0.0.1:{line.port}")
        for asked in (40, 160, 300):
            until(lambda asked=asked: aws.asked.total() >= asked or run.poll() is not None)  # type: ignore[misc]
            line.silence() if is_silent else line.refuse()
            with pytest.raises(subprocess.TimeoutExpired):
                run.communicate(timeout=3)
            line.restore()
        told, _ = run.communicate()

    assert run.returncode == 0, told + scene.runs("fleet failures")[1]
    assert f"{ROLES} of {ROLES}, {ROLES} done, 0 failed" in told
    all_is_well(scene, aws)


@pytest.fixture
def server() -> Iterator[Postgres]:
    with postgres() as found:
        yield found


def test_one_of_three_workers_is_killed_and_another_cut_off_from_the_database(
    scene: RotationScene, aws: JudgedAws, server: Postgres, begins: Begin
) -> None:
    """The one that is cut off still reaches AWS: what it had begun may be done twice, and does no harm."""
    with CutLine(server.port) as line:
        there = server.full_url.replace(f":{server.port}/", f":{line.port}/")
        killed = begins("worker", GATEPASS_DATABASE=server.full_url)
        cut_off = begins("worker", GATEPASS_DATABASE=there)
        run = begins(f"{ROTATES_SHARED} --max-in-flight 8", GATEPASS_DATABASE=server.full_url)
        until(lambda: aws.asked.total() >= 150)
        killed.kill()
        line.silence()
        told, _ = run.communicate(timeout=240)
        line.restore()
        heard, _ = cut_off.communicate(timeout=60)

    failures = scene.runs("fleet failures", GATEPASS_DATABASE=server.full_url)[1]
    assert run.returncode == 0, told + failures + heard
    assert f"{ROLES} of {ROLES}, {ROLES} done, 0 failed" in told
    assert "out of reach" in heard
    assert told.count("took over what") == 2, told
    assert server.password not in told + heard
    all_is_well(scene, aws)
