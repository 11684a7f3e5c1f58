"""Workspaces on platforms: calls of a set-up and of a rotation, and 200 customers rotated against the platform's floor.

Run it from the project's root: ``.venv/bin/python -m bench.platforms [CUSTOMERS]``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from unittest.mock import patch

from gatepass.domain.platform_run import Run
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.usecases.run_workspace import run_workspace
from gatepass.usecases.set_up_workspace import plan_workspace, set_up_workspace
from gatepass.usecases.watch_run import Patience, Watch, watch_run
from gatepass.wiring import machine, workspaces
from tests.cli.person import Person
from tests.conftest import CUSTOMER
from tests.platforms.fake.execution import Job, Stopped
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.quick import RolesOfDoors, customer
from tests.platforms.scene import AGENTS, OWN, RIGHTS

CUSTOMERS, IN_FLIGHT = 200, 8
LATENCY_SECONDS, RUN_SECONDS = 0.1, 4.0
WANTED_SET_UP, WANTED_ROTATION, WANTED_RATIO = 9, 4, 1.3
# Looked up once for all customers of an account: its tag, and its connection to the repositories.
_SHARED = r"/(tags|vcs-providers|organizations/[^/]+/oauth-clients)"
_POLL = r"/runs/[^/]+"
_WAITS_FOR_RECEIPTS = 3


class _Uneven(RolesOfDoors):
    """Runs that take from half to one and a half of the time, so that no way of looking suits all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.took = 0.0
        self._lock = Lock()

    def _wait(self, job: Job) -> None:
        part = self.seconds / 2 * (0.5 + int.from_bytes(job.run.encode()[-4:]) % 1000 / 1000)
        if job.stopped.wait(part):
            raise Stopped
        with self._lock:
            self.took += part


def main(customers: int = CUSTOMERS) -> None:
    """Print calls, and how long a rotation of many takes from the command to its end."""
    for api in Api:
        _calls(api)
    for api in Api:
        _rotation(api, customers)


def _calls(api: Api) -> None:
    """Count what one customer takes, with the platform's own access and where there is one a schedule."""
    verb = f"gatepass {api.value}"
    with (
        tempfile.TemporaryDirectory() as made,
        FakePlatform(api, execute=RolesOfDoors()) as platform,
        EmbeddedAws() as aws,
    ):
        person = customer(Path(made), platform)
        keys = aws.root_credentials(CUSTOMER)
        person.environment |= {
            "AWS_ENDPOINT_URL": aws.endpoint,
            "AWS_ACCESS_KEY_ID": keys[0],
            "AWS_SECRET_ACCESS_KEY": keys[1],
        }
        provider = "scalr" if api is Api.SCALR else f'"{AGENTS}"'
        (person.home / "own.yml").write_text(OWN.format(account=CUSTOMER, provider=provider), encoding="utf-8")
        (person.home / "rights.json").write_text(json.dumps(RIGHTS), encoding="utf-8")
        with (person.home / "workspace.yml").open("a", encoding="utf-8") as file:
            file.write("own_access: platform\n" + ('schedule: "0 3 * * *"\n' if api is Api.SCALR else ""))
        _typed(person, "gatepass apply own.yml --yes --wait 0s")
        _typed(person, f"{verb} setup --yes --no-run")
        shared = platform.count(path=_SHARED)
        set_up = platform.count() - shared
        _typed(person, f"{verb} run --wait")
        platform.forget_requests()
        _typed(person, f"{verb} rotate --passes .", _WAITS_FOR_RECEIPTS)
        polls = platform.count("GET", _POLL)
        rotation = platform.count() - polls
    _tell(f"{api.value}: calls of a set-up {set_up}, and {shared} for the whole account (wanted {WANTED_SET_UP})")
    _tell(f"{api.value}: calls of a rotation {rotation}, and {polls} to see its run end (wanted {WANTED_ROTATION})")


def _rotation(api: Api, customers: int) -> None:
    """Rotate many; the floor is what the platform's own latency and runs take, so many at a time."""
    runs = _Uneven()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        platform = stack.enter_context(FakePlatform(api, execute=runs))
        files = [f"c{number}.yml" for number in range(customers)]
        people = [customer(home, platform, file, f"{400_000_000_000 + each}") for each, file in enumerate(files)]
        with patch.dict(os.environ, _environment(people[0])), ThreadPoolExecutor(IN_FLIGHT) as pool:
            list(pool.map(_set_up, [home / file for file in files]))
        platform.latency, runs.seconds, runs.took = LATENCY_SECONDS, RUN_SECONDS, 0.0
        platform.forget_requests()
        began = time.perf_counter()
        _typed(people[0], f"gatepass {api.value} rotate {' '.join(files)} --passes .", _WAITS_FOR_RECEIPTS)
        took = time.perf_counter() - began
        calls, polls = platform.count(), platform.count("GET", _POLL)
    floor = ((calls - polls) * LATENCY_SECONDS + runs.took) / IN_FLIGHT
    _tell(f"{api.value}: {customers} customers rotated, {IN_FLIGHT} at a time, runs of about {RUN_SECONDS:.0f} s")
    _tell(f"  {took:.1f} s, {took / floor:.2f} x the platform's floor of {floor:.1f} s (wanted {WANTED_RATIO})")
    _tell(f"  calls by rotation {(calls - polls) / customers:.1f}, and {polls / customers:.1f} to see runs end")


def _set_up(file: Path) -> None:
    """Set one up in this process: what is measured comes afterwards."""
    setup = workspaces.load_setup(file)
    desk = workspaces.setting_up(setup)
    list(set_up_workspace(plan_workspace(desk), desk))
    quick = Patience(first=timedelta(seconds=0.05), longest=timedelta(seconds=0.05))
    watch = Watch(desk.platform, machine.clock(), _Nobody(), list, patience=quick)
    run_workspace(workspaces.moving(setup, partial(watch_run, watch=watch)))


class _Nobody:
    def reached(self, run: Run) -> None:
        pass

    def left(self, run: Run) -> None:
        pass


def _environment(person: Person) -> dict[str, str]:
    around = {"PATH": os.environ["PATH"], "HOME": str(person.home), "AWS_EC2_METADATA_DISABLED": "true"}
    return {**around, "AWS_REGION": "us-east-1", **person.environment}


def _typed(person: Person, command: str, expected: int = 0) -> None:
    """Type the command as it is installed, in a process of its own."""
    words = [sys.executable, "-m", *command.split()]
    done = subprocess.run(
        words, cwd=person.home, env=_environment(person), check=False, capture_output=True, text=True
    )  # fmt: skip
    if done.returncode != expected:
        raise SystemExit(done.stdout + done.stderr)


def _tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - printing is the purpose


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)
