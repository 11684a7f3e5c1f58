"""A provider's register of 10,000 customers with three roles each: seconds and memory, against reading it as JSON.

Run it from the project's root: ``.venv/bin/python -m bench.register``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gatepass.adapters.provider_file import load_register
from gatepass.adapters.register_book import FileRegisterBook
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.register import Customer, CustomerName, Register, Team, TeamName
from gatepass.render.register_text import customers_file_text, register_text

CUSTOMERS, TEAMS = 10_000, 50
WANTED_SECONDS, WANTED_MEGABYTES = 5.0, 500
_GRANTS = tuple(map(GrantName, ("support", "audit", "deploy")))
_PEAK = (
    "import resource, sys, pathlib\n"
    "from gatepass.adapters.provider_file import load_register\n"
    "load_register(pathlib.Path(sys.argv[1]))\n"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
)


def customer(number: int) -> Customer:
    """Return one of many customers."""
    account = f"{400_000_000_000 + number}"
    team = TeamName(f"team-{number % TEAMS}")
    return Customer(
        CustomerName(f"customer-{number}"),
        f"company-{number // 3}",
        AccountId(account),
        f"K{number:09}",
        {
            grant: RoleArn(f"arn:aws:iam::{account}:role/gatepass/HIO-DEV-EUW1-ServiceProvider-{grant}")
            for grant in _GRANTS
        },
        dict.fromkeys(_GRANTS, (team,)),
    )


def large_register() -> Register:
    """Return the register of a large provider."""
    teams = {
        TeamName(f"team-{number}"): Team(TeamName(f"team-{number}"), (), (f"Team{number}",)) for number in range(TEAMS)
    }
    customers = {one.name: one for one in map(customer, range(CUSTOMERS))}
    return Register(AccountId("111122223333"), teams, customers)


def main() -> None:
    """Print what loading and changing the register takes, as one file and as a folder of files."""
    register = large_register()
    head = Register(register.account, register.teams)
    with tempfile.TemporaryDirectory() as made:
        file, folder, data = Path(made) / "customers.yml", Path(made) / "customers", Path(made) / "customers.json"
        file.write_text(register_text(register), encoding="utf-8")
        folder.mkdir()
        (folder / "provider.yml").write_text(register_text(head), encoding="utf-8")
        for one in register.customers.values():
            (folder / f"{one.name}.yml").write_text(customers_file_text(one), encoding="utf-8")
        data.write_text(json.dumps(_plain(register)), encoding="utf-8")
        baseline = _timed(lambda: json.loads(data.read_text(encoding="utf-8")))
        _row("json.load of the same data (baseline)", baseline, baseline, "")
        for name, path in (("one file", file), ("a folder of files", folder)):
            _row(
                f"load and check {CUSTOMERS:,} x 3, {name}",
                _timed(lambda path=path: load_register(path)),
                baseline,
                _peak(path),
            )
        fresh = customer(CUSTOMERS)
        _row("add one customer to the file", _timed(lambda: FileRegisterBook(file).add(fresh)), baseline, "")
        _row("add one customer to the folder", _timed(lambda: FileRegisterBook(folder).add(fresh)), baseline, "")


def _plain(register: Register) -> dict[str, object]:
    return {
        "account": str(register.account),
        "customers": {
            str(one.name): {
                "company": one.company,
                "account": str(one.account),
                "key": one.key,
                "roles": {str(grant): str(arn) for grant, arn in one.roles.items()},
                "teams": {str(grant): [str(team) for team in teams] for grant, teams in one.teams.items()},
            }
            for one in register.customers.values()
        },
    }


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak(path: Path) -> str:
    """Return the largest memory of a process that loads it, and what is wanted."""
    finished = subprocess.run([sys.executable, "-c", _PEAK, str(path)], check=True, capture_output=True, text=True)
    unit = 1 if sys.platform == "darwin" else 1024
    megabytes = int(finished.stdout) * unit // 1_000_000
    return f"{megabytes} MB; wanted: under {WANTED_SECONDS:.0f} s and {WANTED_MEGABYTES} MB"


def _row(name: str, seconds: float, baseline: float, remark: str) -> None:
    print(f"{name:<44} {seconds:7.2f} s {seconds / baseline:7.1f} x  {remark}")  # noqa: T201 - printing is the purpose


if __name__ == "__main__":
    main()
