"""A provider with many customers, both sides' files and keys in one home, and the stub that is their AWS."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gatepass.adapters.memory import MemoryClock, MemoryRandomness, MemoryRoles
from gatepass.adapters.pinned_keys import FileProviderPins
from gatepass.adapters.signing_keys import FileSigningKey
from gatepass.domain.identifiers import AccountId, RoleArn
from gatepass.domain.kept_factor import KeptFactor, kept_text, parse_kept
from gatepass.domain.kept_secrets import SECRETS_PATH
from gatepass.domain.register import Customer, CustomerName, Register, Team, TeamName
from gatepass.domain.sealed_factors import Factor
from gatepass.domain.signed_file import parse_public_key
from gatepass.domain.trust import accepted_external_id
from gatepass.render.register_text import register_text
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.plan_grants import plan_account
from tests.fleet.rotation_stub import ENTERED_BY, Account, RotationAws, takes
from tests.local_store import local_store
from tests.people import GRANT, MANAGED, PROVIDER, SUPPORT, declaration
from tests.usecases.applied import WAIT, the_role

NETOPS = TeamName("netops")
ROTATES = (
    f"fleet rotate --files accounts --passes passes --via-role {ENTERED_BY} --provider-profile default"
    " --verify-as gatepass-verifier --yes"
)


@dataclass
class RotationScene:
    """Everything that a rotation of many customers needs, in one folder."""

    home: Path
    aws: RotationAws

    @property
    def environment(self) -> dict[str, str]:
        """What the commands find around them."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_REGION": "eu-west-1",
            "AWS_CONFIG_FILE": str(self.home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def begins(self, words: str, **more: str) -> subprocess.Popen[str]:
        """Start the command in a process of its own, with this in its environment too."""
        return subprocess.Popen(
            [sys.executable, "-m", "gatepass", *words.split()], cwd=self.home, env=self.environment | more, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def runs(self, words: str, **more: str) -> tuple[int, str]:
        """Run the command to its end."""
        process = self.begins(words, **more)
        told, _ = process.communicate()
        return process.returncode, told

    def kept(self, number: int) -> KeptFactor:
        """Return what the provider's store holds for a customer."""
        name = f"netops/c{number}/support"
        own = local_store(self.home).get(name)
        found = parse_kept(own or self.aws.secrets[SECRETS_PATH + name])
        assert isinstance(found, KeptFactor)
        return found

    def opens(self, number: int) -> bool:
        """Say whether the role opens with what the provider's store holds, by every trust that AWS may go by."""
        kept, account = self.kept(number), self.aws.accounts[account_of(number)]
        given = kept.factor.external_id.reveal() if kept.factor is not None else None
        return all(takes(trust, given) for trust in account.effective(self.aws.propagation))


def account_of(number: int) -> str:
    """Return the account of a customer."""
    return str(400_000_000_000 + number)


def make_scene(home: Path, aws: RotationAws, customers: int, store: str) -> RotationScene:
    """Write both sides' files and keys, and let so many roles stand; the stub must serve already."""
    scene = RotationScene(home, aws)
    for folder in ("accounts", "passes"):
        (home / folder).mkdir(parents=True)
    keys = {"default": "AKIAOWN", "gatepass-verifier": "AKIAVERIFIER"}
    text = "".join(f"[{name}]\naws_access_key_id={key}\naws_secret_access_key=x\n" for name, key in keys.items())
    (home / "credentials").write_text(text, encoding="utf-8")
    _, told = scene.runs(f"keys init --name Harbour --account {PROVIDER} --json")
    public = json.loads(told[told.index("{") :])
    state = home / "state" / "gatepass"
    own = FileSigningKey(state / "keys").public_key
    FileProviderPins(state / "providers").pin(PROVIDER, parse_public_key(public["signing_key"]))
    teams = {NETOPS: Team(NETOPS, iam_groups=("NetOps",))}
    found: dict[CustomerName, Customer] = {}
    for number in range(customers):
        one = replace(_stands(number, scene, store, public["seal_to"]), signed_by=own)
        found[one.name] = one
    (home / "customers.yml").write_text(register_text(Register(PROVIDER, teams, found)), encoding="utf-8")
    return scene


def _stands(number: int, scene: RotationScene, store: str, seal_to: str) -> Customer:
    account = account_of(number)
    clock = MemoryClock(datetime.now(UTC))
    roles = MemoryRoles(AccountId(account), clock, MANAGED)
    file = replace(declaration(replace(GRANT, seal_to=seal_to)), account=AccountId(account))
    planned = plan_account(file, roles, clock, MemoryRandomness(1000 * number + 1))
    list(apply_changes(planned.changes, roles, clock, WAIT))
    role = the_role(roles)
    arn = f"arn:aws:iam::{account}:role{role.path}{role.name}"
    scene.aws.accounts[account] = Account(arn, dict(role.tags), [(time.monotonic() - 100, role.trust)])
    (scene.home / "accounts" / f"{account}.yml").write_text(
        f'gatepass: customer\nversion: 1\naccount: "{account}"\ngrants:\n  support:\n    provider: "{PROVIDER}"\n'
        f"    permissions: [AmazonS3FullAccess, AmazonEC2ReadOnlyAccess]\n    seal_to: {seal_to}\n",
        encoding="utf-8",
    )
    external_id = accepted_external_id(role.trust)
    assert external_id is not None
    kept = kept_text(KeptFactor(RoleArn(arn), Factor(external_id, None)))
    name = CustomerName(f"c{number}")
    if store == "file":
        local_store(scene.home).put(f"netops/{name}/support", kept)
    else:
        scene.aws.secrets[f"{SECRETS_PATH}netops/{name}/support"] = kept
    key = external_id.customer_key or "none"
    return Customer(name, f"company-{number}", AccountId(account), key, {SUPPORT: RoleArn(arn)}, {SUPPORT: (NETOPS,)})
