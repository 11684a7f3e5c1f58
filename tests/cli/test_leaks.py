"""No secret comes out sideways: an engineer's whole day, with every file, process and line of output searched."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gatepass.cli.main import cli
from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, kept_text
from gatepass.domain.kept_secrets import provider_secret_name
from gatepass.domain.register import CustomerName, TeamName
from gatepass.domain.sealed_factors import Factor
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.memory.faults import FaultKind
from tests.cli.leaks import Place, Step, Watch, forms, kinds_in, leaks_in_files, open_to_others
from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.local_store import local_store

ACME = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support"
BARE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-audit"
REGISTERED_ID = "gp1.MARKERKEYA.LEAKMARKERA0LEAKMARKERA0"
TYPED_ID = "gp1.MARKERKEYB.LEAKMARKERB0LEAKMARKERB0"
# Others chose it: no mask of ours knows its form.
WRONG_ID = "leak:marker/wrong=LEAKMARKERC0LEAKMARKERC0"
EXTERNAL, BASE, SESSION = "external ID", "own secret key", "session's secret key or token"
REGISTER = f"""\
gatepass: provider
version: 1
account: "{PROVIDER}"
teams:
  netops: {{iam_groups: [NetOps]}}
customers:
  acme-prod:
    company: acme
    account: "{CUSTOMER}"
    key: MARKERKEYA
    roles: {{support: {ACME}}}
    teams: {{support: [netops]}}
"""
# Where each kind may lie; everything else is a leak.
PLACES = (
    Place(r"state/gatepass/credentials\.json", frozenset({BASE})),
    Place(r"state/gatepass/terminals/[0-9a-f]{32}\.json", frozenset({SESSION})),
    Place(r"cache/gatepass/sessions/[\w.-]+", frozenset({SESSION})),
)
SECRETS_OF_ROLES = (REGISTERED_ID, TYPED_ID, WRONG_ID)


@dataclass
class Day:
    """An engineer's day: what was typed, what came of it, and what could be seen meanwhile."""

    cloud: Cloud
    engineer: Person
    keys: tuple[str, str] = field(repr=False)
    watch: Watch = field(default_factory=Watch, repr=False)
    printed: dict[str, str] = field(default_factory=dict, repr=False)
    sessions: set[str] = field(default_factory=set, repr=False)

    @property
    def secrets(self) -> dict[str, tuple[str, ...]]:
        return {EXTERNAL: SECRETS_OF_ROLES, BASE: (self.keys[1],), SESSION: tuple(self.sessions)}

    def does(self, step: Step) -> None:
        """Run the command as a process of its own, as a shell would."""
        if step.before is not None:
            step.before()
        environment = self.engineer.environment
        finished = subprocess.run(
            [sys.executable, "-m", "gatepass", *shlex.split(step.words)], check=False, input=step.stdin, text=True,
            cwd=self.engineer.home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert finished.returncode in step.codes, f"{step.words}: {finished.stdout}"
        self.printed[f"{len(self.printed)}: {step.words}"] = finished.stdout
        self._learn()
        seen = kinds_in(finished.stdout.encode(), self.secrets) - step.prints
        assert not seen, f"gatepass {step.words} prints {seen}"

    def _learn(self) -> None:
        """Note the keys of every session that is kept, to be searched for."""
        for pattern in ("state/gatepass/terminals/*.json", "cache/gatepass/sessions/*"):
            for path in self.engineer.home.glob(pattern):
                for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                    self.sessions |= set(_keys(line))


def _keys(line: str) -> Iterator[str]:
    try:
        waiting = [json.loads(line)]
    except ValueError:
        return
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            for name, value in each.items():
                if name.replace("_", "").lower() in {"secretaccesskey", "sessiontoken"} and value:
                    yield value
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def steps(cloud: Cloud, keys: tuple[str, str], home: Path) -> list[Step]:
    """Return the day; a further command is a further line, and one that is not there yet is left out."""
    pasted = f"export AWS_ACCESS_KEY_ID={keys[0]}\nexport AWS_SECRET_ACCESS_KEY={keys[1]}\n"
    half = f"export AWS_ACCESS_KEY_ID={keys[0]}\nexport AWS_SECRET_ACCESS_KEY={keys[1][:39]}\n"
    shows = frozenset({SESSION})
    day = [
        Step("creds load", half, codes=(1,)),
        Step("creds load", pasted),
        Step("creds show"),
        Step(
            "sudo acme-prod", codes=(1,), before=lambda: cloud.aws.stage_fault(FaultKind.LOST, "AssumeRole", times=20)
        ),
        Step("sudo acme-prod --json", before=cloud.aws.clear_faults),
        Step(f"sudo {BARE} --json", f"{WRONG_ID}\n", codes=(1,)),
        Step(f"sudo {BARE}", "\n", codes=(1,)),
        Step(f"sudo {BARE}", f"{TYPED_ID} {TYPED_ID}\n", codes=(1,)),
        Step(f"sudo {TYPED_ID}", codes=(1,)),
        Step(f"sudo {BARE}", f"{TYPED_ID}\n"),
        Step("whoami --json"),
        Step("status --json"),
        Step("region eu-west-1"),
        Step("prompt"),
        Step("shell-env bash", prints=shows),
        Step("shell-init bash"),
        Step("list s3bucket"),
        Step("list eks-clusters", codes=(1,)),
        Step('exec -- sh -c \'tr "\\0" " " < /proc/self/cmdline\''),
        Step("exec acme-prod -- true"),
        Step("exec -- no-such-command", codes=(127,)),
        Step("console --print", codes=(0, 1), prints=frozenset()),
        Step("credential-process acme-prod", prints=shows),
        Step("credential-process nobody", codes=(1,)),
        Step("why", f"User: {ACME} {REGISTERED_ID} is not authorized", codes=(1,)),
        Step("leave"),
        Step("list s3bucket", codes=(0, 1), before=lambda: cloud.aws.advance(13 * 3600)),
        Step(
            "sudo acme-prod", codes=(0, 1), before=lambda: (home / "customers.yml").write_text("gatepass: [", "utf-8")
        ),
        Step("leave --forget"),
        Step("creds clear"),
    ]
    known = set(cli.list_commands(None))  # type: ignore[arg-type]
    return [step for step in day if step.words.split()[0] in known]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    home = tmp_path_factory.mktemp("leaks")
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        keys = cloud.user(PROVIDER, "alice", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
        _roles(cloud)
        folders = {name: home / name for name in ("state", "cache", "config", "run", "tmp")}
        for folder in folders.values():
            folder.mkdir(mode=0o700)
        (home / "customers.yml").write_text(REGISTER, encoding="utf-8")
        kept = KeptFactor(RoleArn(ACME), Factor(ExternalId(REGISTERED_ID)))
        name = provider_secret_name(TeamName("netops"), CustomerName("acme-prod"), GrantName("support"))
        local_store(home, "config").put(name, kept_text(kept))
        engineer = Person(home)
        environment = {
            **engineer._environment(),  # noqa: SLF001 - what a person's shell would have
            **{f"XDG_{each.upper()}_HOME": str(folders[each]) for each in ("state", "cache", "config")},
            "XDG_RUNTIME_DIR": str(folders["run"]),
            "TMPDIR": str(folders["tmp"]),
            "AWS_ENDPOINT_URL": aws.endpoint,
            "GATEPASS_STORE": "file",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        engineer.environment = environment
        lived = Day(cloud, engineer, keys)
        with lived.watch:
            for step in steps(cloud, keys, home):
                lived.does(step)
                found = leaks_in_files(home, lived.secrets, PLACES)
                assert not found, f"after gatepass {step.words}: {found}"
        yield lived


def _roles(cloud: Cloud) -> None:
    iam = cloud.client("iam", cloud.aws.root_credentials(CUSTOMER))
    allowed = {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": "*"}
    for arn, marker in ((ACME, REGISTERED_ID), (BARE, TYPED_ID)):
        who = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"}}
        trust = [
            {**who, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": marker}}},
            {**who, "Action": ["sts:SetSourceIdentity", "sts:TagSession"]},
        ]
        name = arn.rsplit("/", 1)[1]
        iam.create_role(
            RoleName=name,
            Path="/gatepass/",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
        )
        iam.put_role_policy(
            RoleName=name,
            PolicyName="look",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
        )


def test_the_search_finds_a_leak_in_every_form(tmp_path: Path) -> None:
    """A search that could not fail would prove nothing."""
    secrets = {EXTERNAL: (TYPED_ID,), BASE: ("a/secret+key/with=signs",)}
    for number, form in enumerate(forms(TYPED_ID) | forms("a/secret+key/with=signs")):
        path = tmp_path / "state" / f"leak-{number}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"before " + form + b" after")
        path.chmod(0o600)

        assert len(leaks_in_files(tmp_path, secrets, PLACES)) == number + 1


def test_the_search_finds_what_others_may_read_even_where_it_may_lie(tmp_path: Path) -> None:
    path = tmp_path / "state/gatepass/credentials.json"
    path.parent.mkdir(parents=True)
    path.write_text("a/secret+key/with=signs", encoding="utf-8")
    path.chmod(0o640)

    (found,) = leaks_in_files(tmp_path, {BASE: ("a/secret+key/with=signs",)}, PLACES)

    assert found == "state/gatepass/credentials.json holds own secret key and is 0o640"


def test_the_search_finds_another_kind_where_one_kind_may_lie(tmp_path: Path) -> None:
    path = tmp_path / "state/gatepass/terminals" / f"{'0' * 32}.json"
    path.parent.mkdir(parents=True)
    path.write_text(TYPED_ID, encoding="utf-8")
    path.chmod(0o600)

    (found,) = leaks_in_files(tmp_path, {EXTERNAL: (TYPED_ID,)}, PLACES)

    assert found.startswith("external ID in state/gatepass/terminals/")


def test_the_watch_sees_what_a_process_is_given() -> None:
    with Watch() as watch:
        subprocess.run(["/bin/sleep", "0.2"], env={"MARK": TYPED_ID}, check=True)

    assert b"/bin/sleep\x000.2\x00" in watch.arguments
    assert f"MARK={TYPED_ID}".encode() in watch.environments


def test_the_watch_saw_the_day(day: Day) -> None:
    seen = b"\n".join(day.watch.arguments)

    for words in ("creds\0load", "sudo\0acme-prod", f"sudo\0{BARE}", "list\0s3bucket", "whoami"):
        assert b"-m\0gatepass\0" + words.encode() in seen
    assert day.sessions


def test_no_secret_is_in_an_argument_of_any_process(day: Day) -> None:
    # Typed there by the engineer, in the place of a role.
    ours = [line for line in day.watch.arguments if f"sudo\0{TYPED_ID}".encode() not in line]

    assert kinds_in(b"\n".join(ours), day.secrets) == set()


def test_an_environment_holds_at_most_the_session_that_was_asked_for(day: Day) -> None:
    assert kinds_in(b"\n".join(day.watch.environments), day.secrets) <= {SESSION}


def test_no_command_prints_an_external_id_or_the_own_secret_key(day: Day) -> None:
    """That each prints no session's key that it is not for is looked at while the day goes on."""
    everything = "\n".join(day.printed.values()).encode()

    assert kinds_in(everything, {EXTERNAL: SECRETS_OF_ROLES, BASE: (day.keys[1],)}) == set()
    assert "Traceback" not in everything.decode()


def test_every_file_of_ours_is_its_owners_alone(day: Day) -> None:
    for folder in ("state/gatepass", "cache/gatepass", "run"):
        assert open_to_others(day.engineer.home / folder) == []
    assert list((day.engineer.home / "tmp").iterdir()) == []


def test_after_forgetting_no_key_is_left(day: Day) -> None:
    left = leaks_in_files(day.engineer.home, {BASE: (day.keys[1],)}, ())

    assert left == []
