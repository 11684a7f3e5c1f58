"""gatepass request as an engineer types it, and its file as the customer's side reads it, with real keys."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.usecases.read_request import ReadRequest, read_request, remember_request
from gatepass.wiring import file_access, handover, own_account
from tests.cli.person import Person
from tests.cli.test_choosing import REGISTER
from tests.conftest import CUSTOMER, PROVIDER, Cloud

ACCESS = f"""\
gatepass: customer
version: 1
account: "{CUSTOMER}"
grants:
  support:
    provider: "{PROVIDER}"
    permissions: [SecurityAudit]
"""
ASKS = f'gatepass request {CUSTOMER}/support --for 4h --reason "The nightly backup fails"'


@dataclass(frozen=True)
class Scene:
    """An engineer at a terminal, and the customer's administrator, whose access.yml was applied."""

    engineer: Person
    admin: Person

    def reads(self, path: Path, *, trust_key: bool = False) -> ReadRequest:
        """Read as gatepass open --request does."""
        declared = file_access.load_customer_file(self.admin.home / "access.yml").declaration
        text = file_access.read_handed_file(path)
        return read_request(text, declared, own_account.own_roles(), handover.request_desk(), trust_key=trust_key)


@pytest.fixture
def scene(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Return the two people; this process is the administrator."""
    keys = cloud.user(PROVIDER, "netops-1", '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}')
    engineer, admin = cloud.person(tmp_path / "engineer", keys), cloud.administrator(tmp_path / "admin")
    (admin.home / "access.yml").write_text(ACCESS, encoding="utf-8")
    applied = admin.types("gatepass apply --yes")
    assert applied.returncode == 0, applied.stdout
    state = {"XDG_STATE_HOME": str(admin.home / "state"), "AWS_REGION": "us-east-1"}
    for name, value in (admin.environment | state).items():
        monkeypatch.setenv(name, value)
    return Scene(engineer, admin)


WRONG = (
    ("gatepass request", 2),
    (f"gatepass request {CUSTOMER}/support --for 4h", 2),
    (f"gatepass request {CUSTOMER}/support --reason backup", 2),
    (f"gatepass request {CUSTOMER} --for 4h --reason backup", 2),
    (f"gatepass request {CUSTOMER}/support --for 4 --reason backup", 2),
    ("gatepass request 44445555666/support --for 4h --reason backup", 1),
    (f"gatepass request {CUSTOMER}/support/audit --for 4h --reason backup", 1),
    (f"gatepass request {CUSTOMER}/support --for 1m --reason backup", 1),
    (f"gatepass request {CUSTOMER}/support --for 4h --reason ''", 1),
    (f"gatepass request {CUSTOMER}/support --for 4h --reason 'two\nlines'", 1),
    (f"gatepass request {CUSTOMER}/support --for 4h --reason backup --ticket '\u202e321-CBA'", 1),
    (f"gatepass request {CUSTOMER}/support --for 4h --reason backup -o nowhere/request.json", 1),
)


def test_a_wrong_request_is_told_and_nothing_is_written(scene: Scene) -> None:
    for command, code in WRONG:
        refused = scene.engineer.types(command)

        assert refused.returncode == code, command
        assert "gatepass: error:" in refused.stdout, command
        assert "next:" in refused.stdout, command
        assert "Traceback" not in refused.stdout, command
        assert "\u202e" not in refused.stdout, command
        assert [path.name for path in scene.engineer.home.iterdir() if path.name != "state"] == [], command


def test_a_customer_of_the_register_is_asked_by_name(scene: Scene) -> None:
    home = scene.engineer.home
    home.joinpath("customers.yml").write_text(REGISTER.replace("444455556660", CUSTOMER), encoding="utf-8")
    asks = 'gatepass request {} --for 4h --reason "The nightly backup fails"'

    unknown = scene.engineer.types(asks.format("nobody/support"))
    several = scene.engineer.types(asks.format("acme"))
    written = scene.engineer.types(asks.format("acme-dev/support") + " -o request.json")
    alike = scene.engineer.types(asks.format("acme-dev") + " --json")
    (home / "customers.yml").write_text(REGISTER.replace(PROVIDER, "777788889999"), encoding="utf-8")
    stranger = scene.engineer.types(asks.format("acme-dev"))

    assert [each.returncode for each in (unknown, several, stranger)] == [1, 1, 1]
    assert "has no customer nobody" in unknown.stdout
    assert "acme-prod" in several.stdout
    assert "and the customer trusts 777788889999" in stranger.stdout
    assert written.returncode == 0, written.stdout
    assert str(scene.reads(home / "request.json").request.grant) == "support"
    assert json.loads(alike.stdout)["request"]["account"] == CUSTOMER


def test_what_is_there_is_never_overwritten(scene: Scene) -> None:
    home = scene.engineer.home
    (home / "mine").write_text("mine", encoding="utf-8")
    (home / "link").symlink_to(home / "mine")
    (home / "dangling").symlink_to(home / "elsewhere")

    for name in ("mine", "link", "dangling"):
        refused = scene.engineer.types(f"{ASKS} -o {name}")
        assert refused.returncode == 1
        assert "is there already" in refused.stdout

    assert (home / "mine").read_text(encoding="utf-8") == "mine"
    assert not (home / "elsewhere").exists()


def test_a_customers_own_credentials_write_no_request(scene: Scene) -> None:
    refused = scene.admin.types(ASKS)

    assert refused.returncode == 1
    assert "goes from a service provider's account to a customer's" in refused.stdout


def test_dead_credentials_write_no_request(cloud: Cloud, tmp_path: Path) -> None:
    refused = cloud.person(tmp_path / "nobody", ("AKIAEXAMPLEEXAMPLE00", "wrong")).types(f"{ASKS} -o request.json")

    assert refused.returncode == 1
    assert "does not accept the credentials" in refused.stdout
    assert not (tmp_path / "nobody" / "request.json").exists()


def test_a_request_is_written_shown_and_read(scene: Scene) -> None:
    written = scene.engineer.types(f"{ASKS} --ticket ABC-123 -o request.json")
    assert written.returncode == 0
    assert "written: request.json" in written.stdout
    assert "gatepass open --request request.json" in written.stdout
    fingerprint = scene.engineer.types("gatepass request --fingerprint").stdout.strip()

    read = scene.reads(scene.engineer.home / "request.json")

    assert read.request.engineer.text == "netops-1"
    assert read.request.provider.digits == PROVIDER
    assert read.request.ticket == "ABC-123"
    assert str(read.role) == f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support"
    assert read.key_is_new
    assert read.key.fingerprint == fingerprint
    assert fingerprint in written.stdout


def test_what_is_printed_can_be_sent_as_it_is(scene: Scene, tmp_path: Path) -> None:
    """Only the file is on standard output; what a person reads beside it is on standard error."""
    printed = subprocess.run(
        [sys.executable, "-m", "gatepass", "request", f"{CUSTOMER}/support", "--for", "4h", "--reason", "backup"],
        check=True, capture_output=True, text=True, cwd=scene.engineer.home, env=scene.engineer._environment(),  # noqa: SLF001 - the other way to type
    )  # fmt: skip
    (tmp_path / "pasted").write_text("\n" + printed.stdout + "\n", encoding="utf-8")

    assert scene.reads(tmp_path / "pasted").request.reason == "backup"
    assert "send it to the customer" in printed.stderr


def test_the_facts_are_the_same_as_json(scene: Scene, tmp_path: Path) -> None:
    alone = json.loads(scene.engineer.types(f"{ASKS} --json").stdout)
    beside = json.loads(scene.engineer.types(f"{ASKS} --json -o request.json").stdout)

    (tmp_path / "request.json").write_text(json.dumps(alone["signed_file"]), encoding="utf-8")
    assert scene.reads(tmp_path / "request.json").request.id == alone["request"]["id"]
    assert beside["file"] == "request.json"
    assert scene.reads(scene.engineer.home / "request.json").request.id == beside["request"]["id"]
    assert alone["fingerprint"] == beside["fingerprint"]


def changed(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def apply(text: str) -> str:
        tree = json.loads(text)
        change(tree)
        return json.dumps(tree)

    return apply


TAMPERING: dict[str, Callable[[str], str]] = {
    "a longer time": changed(lambda tree: tree["request"].update({"for": "168h"})),
    "another grant": changed(lambda tree: tree["request"].update(grant="audit")),
    "another reason": lambda text: text.replace("backup", "restore"),
    "the reason in other letters": lambda text: text.replace("backup", "b\\u0430ckup"),
    "an added key": changed(lambda tree: tree["request"].update(approved="yes")),
    "a key given twice": lambda text: text.replace('"for": "4h"', '"for": "4h", "for": "168h"'),
    "a broken signature": changed(lambda tree: tree.update(signature="A" * 86 + "==")),
    "no JSON": lambda text: text[:-5],
    "prose around it": lambda text: f"Dear customer,\n{text}",
    "too much": lambda text: text + " " * 65_536,
}


def test_a_file_that_was_changed_on_the_way_is_refused(scene: Scene, tmp_path: Path) -> None:
    scene.engineer.types(f"{ASKS} -o request.json")
    text = (scene.engineer.home / "request.json").read_text(encoding="utf-8")

    for name, tamper in TAMPERING.items():
        (tmp_path / "tampered").write_text(tamper(text), encoding="utf-8")
        with pytest.raises(InvalidInput):
            scene.reads(tmp_path / "tampered", trust_key=True)
        assert tamper(text) != text, name

    scene.reads(scene.engineer.home / "request.json")


def test_a_request_is_used_once_and_its_key_known_from_then_on(scene: Scene) -> None:
    scene.engineer.types(f"{ASKS} -o first.json")
    first = scene.reads(scene.engineer.home / "first.json")
    remember_request(first, handover.request_desk())

    with pytest.raises(Conflict, match="used already"):
        scene.reads(scene.engineer.home / "first.json")
    scene.engineer.types(f"{ASKS} -o second.json")
    assert not scene.reads(scene.engineer.home / "second.json").key_is_new


def test_another_machine_under_the_same_name_is_refused_until_somebody_vouches_for_it(scene: Scene) -> None:
    scene.engineer.types(f"{ASKS} -o first.json")
    remember_request(scene.reads(scene.engineer.home / "first.json"), handover.request_desk())
    (scene.engineer.home / "state" / "gatepass" / "keys").rename(scene.engineer.home / "lost")
    scene.engineer.types(f"{ASKS} -o second.json")

    with pytest.raises(Conflict, match="another key than before"):
        scene.reads(scene.engineer.home / "second.json")
    assert scene.reads(scene.engineer.home / "second.json", trust_key=True).key_is_new


def test_help_does_not_wait_for_cryptography() -> None:
    program = "import sys; from gatepass.cli.main import run; run(['request', '--help']); print('cryptography' in sys.modules)"

    finished = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert finished.stdout.endswith("False\n")
