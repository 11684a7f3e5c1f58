"""What an engineer waits for, as installed: against a bare Python, against boto3, and with 10,000 customers.

Run it from the project's root: ``.venv/bin/python -m bench.engineer``. The rows are taken in turns, so that what else
the machine does falls on all alike.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import boto3

from bench.register import large_register
from gatepass.adapters.secret_file import FileSecrets
from gatepass.adapters.store_keys import StoreKeys
from gatepass.domain.documents import policy
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, kept_text
from gatepass.domain.kept_secrets import provider_secret_name
from gatepass.domain.register import Customer, CustomerName, Register, TeamName
from gatepass.domain.sealed_factors import Factor
from gatepass.render.register_text import register_text

PROVIDER, CUSTOMER = "111122223333", "444455556666"
_ROLE = RoleArn(f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support")
_ID = ExternalId("gp1.7KQ2M9XW4T.bench")
_RUNS = 15
_TEAM, _NAME, _GRANT = TeamName("team-0"), CustomerName("acme-prod"), GrantName("support")
_GATEPASS = str(Path(sys.executable).with_name("gatepass"))
_BOTO3 = (
    "import boto3; boto3.client('sts').assume_role("
    f"RoleArn={str(_ROLE)!r}, RoleSessionName='maria', SourceIdentity='maria', ExternalId={_ID.reveal()!r})"
)


@dataclass
class Row:
    """A command that is measured.

    Attributes:
        before: what makes it wait for everything again.
        wanted: the most that it may take, as a multiple of a bare Python.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    wanted: float | None = None
    before: Callable[[], None] = lambda: None
    seconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Take one more figure."""
        self.before()
        began = time.perf_counter()
        subprocess.run(
            self.command, check=True, capture_output=True, env=self.environment, cwd=self.environment["HOME"]
        )
        self.seconds.append(time.perf_counter() - began)


def main() -> None:
    """Print the median of each command, its ratio to a bare Python, and what is wanted."""
    with tempfile.TemporaryDirectory() as folder:
        sandbox = {**os.environ, "XDG_STATE_HOME": folder, "XDG_RUNTIME_DIR": folder, "HOME": folder}
        subprocess.run([_GATEPASS, "sandbox", "start"], check=True, capture_output=True, env=sandbox)
        try:
            rows = _rows(Path(folder), sandbox)
            for _ in range(_RUNS + 1):
                for row in rows:
                    row.run()
        finally:
            subprocess.run([_GATEPASS, "sandbox", "stop"], check=True, capture_output=True, env=sandbox)
        _print(rows)


def _rows(home: Path, sandbox: dict[str, str]) -> list[Row]:
    keys = _stage(sandbox)
    small = Register(AccountId(PROVIDER), {_TEAM: large_register().teams[_TEAM]}, {_NAME: _customer()})
    large = replace(large_register(), customers={**large_register().customers, _NAME: _customer()})
    usual, many = (_engineer(home / name, keys, register) for name, register in (("few", small), ("many", large)))
    bare = Row("python3 -I -S -c pass (baseline)", [sys.executable, "-I", "-S", "-c", "pass"], usual)
    handed = [_GATEPASS, "credential-process", "acme-prod"]
    rows = [
        bare,
        Row("credential-process, warm", handed, usual, 2.2),
        Row("credential-process, warm, 10,000 customers", handed, many, 2.2),
        Row("prompt, in a session", [_GATEPASS, "prompt", "--shell", "bash"], _inside(usual), 2.5),
        Row("sudo, cold", [_GATEPASS, "sudo", "acme-prod"], usual, 8.0),
        Row("sudo, cold, from the sealed local store", [_GATEPASS, "sudo", "acme-prod"], _sealed(usual), 8.5),
        Row("sudo, cold, 10,000 customers", [_GATEPASS, "sudo", "acme-prod"], many, 8.0),
        Row("credential-process, cold", handed, _elsewhere(usual), None, _forgetting(home / "cold")),
        Row("boto3's AssumeRole in a fresh process", [sys.executable, "-c", _BOTO3], usual),
        Row("gatepass --help", [_GATEPASS, "--help"], usual, 12.0),
    ]
    shutil.rmtree(home / "cold", ignore_errors=True)
    return rows


def _stage(sandbox: dict[str, str]) -> dict[str, str]:
    """Make the customer's role, the engineer and what opens the role, and return the engineer's environment."""
    roots = {account: _environment(sandbox, account) for account in (PROVIDER, CUSTOMER)}
    trusted = {"AWS": f"arn:aws:iam::{PROVIDER}:root"}
    known = {"StringEquals": {"sts:ExternalId": _ID.reveal()}}
    trust = policy(
        {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole", "Condition": known},
        {"Effect": "Allow", "Principal": trusted, "Action": ["sts:SetSourceIdentity", "sts:TagSession"]},
    )
    customer, provider = _session(roots[CUSTOMER]), _session(roots[PROVIDER])
    at = roots[PROVIDER]["AWS_ENDPOINT_URL"]
    customer.client("iam", endpoint_url=at).create_role(
        Path=_ROLE.path, RoleName=str(_ROLE.name), AssumeRolePolicyDocument=trust.text
    )
    iam = provider.client("iam", endpoint_url=at)
    iam.create_user(UserName="maria")
    may = policy({"Effect": "Allow", "Action": ["sts:*", "ssm:GetParameter"], "Resource": "*"})
    iam.put_user_policy(UserName="maria", PolicyName="work", PolicyDocument=may.text)
    key = iam.create_access_key(UserName="maria")["AccessKey"]
    provider.client("ssm", endpoint_url=at).put_parameter(
        Name=f"/gatepass/{provider_secret_name(_TEAM, _NAME, _GRANT)}",
        Value=kept_text(KeptFactor(_ROLE, Factor(_ID))),
        Type="SecureString",
    )
    secret = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return {**roots[PROVIDER], **secret}


def _environment(sandbox: dict[str, str], account: str) -> dict[str, str]:
    command = [_GATEPASS, "sandbox", "env", "--account", account, "--json"]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, env=sandbox).stdout))


def _session(environment: dict[str, str]) -> boto3.Session:
    keys = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    return boto3.Session(*keys, region_name=environment["AWS_REGION"])


def _customer() -> Customer:
    return Customer(_NAME, "acme", AccountId(CUSTOMER), "7KQ2M9XW4T", {_GRANT: _ROLE}, {_GRANT: (_TEAM,)})


def _engineer(home: Path, keys: dict[str, str], register: Register) -> dict[str, str]:
    """Return what the engineer's commands see: a home of her own and a register."""
    home.mkdir()
    (home / "customers.yml").write_text(register_text(register), encoding="utf-8")
    places = {"HOME": str(home), "XDG_STATE_HOME": f"{home}/state", "XDG_CACHE_HOME": f"{home}/cache"}
    path = {"PATH": os.environ["PATH"], "GATEPASS_REGISTER": f"{home}/customers.yml"}
    return {**keys, **places, **path}


def _sealed(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment of somebody who keeps second factors on this machine, their key in a file."""
    home = Path(environment["HOME"])
    keys = StoreKeys({"GATEPASS_STORE_KEY": "file"}, home / ".config" / "gatepass" / "store-keys")
    name = provider_secret_name(_TEAM, _NAME, _GRANT)
    FileSecrets(home / "state" / "gatepass" / "secrets", keys).put(name, kept_text(KeptFactor(_ROLE, Factor(_ID))))
    return {**environment, "GATEPASS_STORE": "file"}


def _inside(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment of a shell that is in a session."""
    end = {"AWS_SESSION_EXPIRATION": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3000))}
    ours = {"GATEPASS_ACCESS_KEY_ID": environment["AWS_ACCESS_KEY_ID"], "GATEPASS_ROLE": str(_ROLE)}
    return {**environment, **end, **ours, "GATEPASS_CUSTOMER": "acme-prod", "GATEPASS_GRANT": "support"}


def _elsewhere(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment with a cache of its own, which is emptied before each run."""
    return {**environment, "XDG_CACHE_HOME": f"{Path(environment['HOME']).parent}/cold"}


def _forgetting(cache: Path) -> Callable[[], None]:
    return lambda: shutil.rmtree(cache / "gatepass" / "sessions", ignore_errors=True)


def _print(rows: list[Row]) -> None:
    medians = {row.name: statistics.median(row.seconds[1:]) for row in rows}
    bare = medians[rows[0].name]
    for row in rows:
        ratio = medians[row.name] / bare
        wanted = f"wanted: at most {row.wanted:.1f}" if row.wanted is not None else ""
        print(f"{row.name:<44} {medians[row.name] * 1000:8.1f} ms {ratio:6.2f} x  {wanted}")  # noqa: T201 - printing is the purpose
    faster = medians["boto3's AssumeRole in a fresh process"] / medians["sudo, cold"]
    print(f"{'cold sudo is faster than boto3 by':<44} {faster:19.2f} x  wanted: at least 4.0")  # noqa: T201


if __name__ == "__main__":
    main()
