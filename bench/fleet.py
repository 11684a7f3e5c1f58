"""Verifying a fleet's roles on an AWS with latency and limits, against the time that STS's limit alone would take.

Run it from the project's root: ``.venv/bin/python -m bench.fleet [ROLES]``; 10,000 roles take two minutes and a half.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.aws_stub import PROVIDER, STS_EACH_SECOND, role_of
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.register import Customer, CustomerName, Register, Team, TeamName
from gatepass.render.register_text import register_text

ROLES, TEAMS = 2_000, 20
WANTED_RATIO, WANTED_MEGABYTES = 1.3, 500
_SUPPORT = GrantName("support")
_KEYS = "[{name}]\naws_access_key_id = AKIABENCH\naws_secret_access_key = secret\n"


@dataclass
class Stub:
    """The AWS of the bench, and what it was asked once it has ended."""

    url: str
    asked: dict[str, int] = field(default_factory=dict)


@contextmanager
def stub() -> Iterator[Stub]:
    """Run the AWS in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.aws_stub"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        found = Stub(process.stdout.readline().strip())
        yield found
        told, _ = process.communicate()
        found.asked = json.loads(told)


def main(roles: int = ROLES) -> None:
    """Print how long whole runs take from the command to their end."""
    for more in ((), ("--quick",)):
        _verify(roles, more)


def _verify(roles: int, more: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        (home / "customers.yml").write_text(register_text(_register(roles)), encoding="utf-8")
        (home / ".aws").mkdir()
        keys = "".join(_KEYS.format(name=name) for name in ("default", "gatepass-verifier"))
        (home / ".aws" / "credentials").write_text(keys, encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with stub() as aws:
            began = time.perf_counter()
            told = _run(home, aws.url, more)
            took = time.perf_counter() - began
            # The stub is a child too, but is not waited for yet.
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
    asked = aws.asked
    throttled = asked.get("throttled", 0)
    calls = asked["AssumeRole"] - throttled
    others = sum(asked.values()) - asked["AssumeRole"] - throttled
    floor = calls / STS_EACH_SECOND
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    _tell(f"{roles:,} roles verified{''.join(f' {word}' for word in more)} ({told})")
    _tell(f"  AssumeRole by role {calls / roles:.1f}, other calls {others / roles:.1f}")
    _tell(f"  {took:.1f} s, {took / floor:.2f} x the floor of {floor:.1f} s (wanted {WANTED_RATIO})")
    _tell(f"  throttles {throttled}, CPU by role {cpu / roles * 1000:.1f} ms")
    _tell(f"  memory {used.ru_maxrss / 1024:.0f} MB (wanted under {WANTED_MEGABYTES})")


def _register(roles: int) -> Register:
    teams = {TeamName(f"team-{each}"): Team(TeamName(f"team-{each}"), (), (f"Team{each}",)) for each in range(TEAMS)}
    customers = [_customer(number) for number in range(roles)]
    return Register(AccountId(PROVIDER), teams, {one.name: one for one in customers})


def _customer(number: int) -> Customer:
    account = f"{400_000_000_000 + number}"
    teams = {_SUPPORT: (TeamName(f"team-{number % TEAMS}"),)}
    roles = {_SUPPORT: RoleArn(role_of(account))}
    name = CustomerName(f"customer-{number}")
    return Customer(name, f"company-{number}", AccountId(account), f"K{account[3:]}", roles, teams)


def _run(home: Path, url: str, more: tuple[str, ...]) -> str:
    """Run the command as a person does, and return how many units it did."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1"}
    command = [sys.executable, "-m", "gatepass", "fleet", "verify", "--store", "secrets-manager", *more]
    done = subprocess.run(command, cwd=home, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout.strip().partition(": ")[2]


def _tell(text: str) -> None:
    print(text)  # noqa: T201 - printing is the purpose


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROLES)
