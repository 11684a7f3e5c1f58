"""What the threads of a run share mixes nobody up, and accounts are entered by the role that they have for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.memory import MemoryClock
from gatepass.adapters.renewed_credentials import RenewedTokens
from gatepass.domain.session import Credentials
from gatepass.wiring import fleet, fleet_rotation
from tests.cli.handover import ACCESS, EXTERNAL_ID, ROLE_NAME, done
from tests.conftest import CUSTOMER, PROVIDER, Cloud
from tests.fleet.stub import RECIPIENT

THREADS, CALLS = 24, 40


class _Echo(BaseHTTPRequestHandler):
    """An AWS that answers every question with what was asked, or with who asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        if "GetParameter" in self.headers.get("x-amz-target", ""):
            name = json.loads(asked)["Name"]
            answer = json.dumps({"Parameter": {"Name": name, "Value": f"of {name}"}})
        else:
            key = re.findall(r"Credential=([A-Z0-9]+)", self.headers["authorization"])[0]
            answer = f"<r><Account>{PROVIDER}</Account><Arn>arn:aws:iam::{PROVIDER}:user/{key}</Arn></r>"
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
        del format, arguments


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    serving = Thread(target=server.serve_forever, daemon=True)
    serving.start()
    for name, text in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
        "AWS_ACCESS_KEY_ID": "AKIAOWN",
        "AWS_SECRET_ACCESS_KEY": "own",
        "AWS_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }.items():
        monkeypatch.setenv(name, text)
    yield
    server.shutdown()
    server.server_close()
    serving.join()


@pytest.mark.usefixtures("echo")
def test_each_thread_hears_the_answer_to_its_own_question(tmp_path: Path) -> None:
    """One customer's second factor sent to another's role would be the worst that this program can do."""
    (tmp_path / "credentials").write_text(
        "[lead]\naws_access_key_id=AKIALEAD\naws_secret_access_key=x\n", encoding="utf-8"
    )
    store, tray = fleet.shared_store("ssm"), fleet_rotation.tray("ssm:handover")
    of_profile = fleet_rotation.tray("ssm:handover", "lead")

    def asks(number: int) -> list[tuple[str, str | None]]:
        names = [f"acme-{number}/grant-{call}" for call in range(CALLS)]
        kept = [(f"of /gatepass/netops/{name}", store.get(f"netops/{name}")) for name in names]
        handed = [name.replace("/", "-") for name in names]
        both = [(name, place) for name in handed for place in (tray, of_profile)]
        return [*kept, *((f"of /gatepass/handover/{name}", place.get(name)) for name, place in both)]

    with ThreadPoolExecutor(THREADS) as pool:
        heard = [pair for pairs in pool.map(asks, range(THREADS)) for pair in pairs]

    assert [theirs for _, theirs in heard] == [own for own, _ in heard]
    assert len(heard) == 3 * THREADS * CALLS


@pytest.mark.usefixtures("echo")
def test_callers_who_share_connections_stay_who_they_are_also_while_keys_are_exchanged() -> None:
    """Every credential here is about to end, so each call exchanges it."""
    pool, now = ConnectionPool(), datetime(2026, 11, 22, tzinfo=UTC)

    def keys(name: str) -> Credentials:
        return Credentials(name, "secret", "token", now + timedelta(minutes=1))

    callers = {
        name: RenewedTokens(lambda name=name: keys(name), "us-east-1", pool, MemoryClock(now))  # type: ignore[misc]
        for name in (f"ASIA{number}" for number in range(6))
    }

    def asks(number: int) -> list[tuple[str, str]]:
        name = f"ASIA{number % 6}"
        return [(name, callers[name].caller().arn.rpartition("/")[2]) for _ in range(CALLS)]

    with ThreadPoolExecutor(THREADS) as threads:
        heard = [pair for pairs in threads.map(asks, range(THREADS)) for pair in pairs]

    assert all(own == told for own, told in heard)
    assert len(heard) == THREADS * CALLS


def test_an_account_is_entered_by_the_role_that_organizations_makes(cloud: Cloud, tmp_path: Path) -> None:
    """That role trusts sts:AssumeRole alone, so a source identity, even one that is only kept, is refused."""
    enter = '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}'
    admin = cloud.person(tmp_path / "admin", cloud.user(PROVIDER, "admin", enter))
    own = cloud.administrator(tmp_path / "own")
    text = ACCESS.format(account=CUSTOMER, more=f"seal_to: {RECIPIENT}").replace(PROVIDER, "222233334444")
    for person in (own, admin):
        (person.home / "access.yml").write_text(text, encoding="utf-8")
    done(own, "gatepass apply --yes --wait 0s")
    iam = cloud.client("iam", cloud.aws.root_credentials(CUSTOMER))
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"}}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.create_role(RoleName="OrganizationAccountAccessRole", AssumeRolePolicyDocument=trust)
    administer = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_role_policy(RoleName="OrganizationAccountAccessRole", PolicyArn=administer)
    (admin.home / "out").mkdir()

    done(admin, "gatepass fleet rotate --files access.yml --passes out --via-role OrganizationAccountAccessRole")

    name = ROLE_NAME.replace(PROVIDER, "222233334444")
    role = iam.get_role(RoleName=name)["Role"]
    assert len(set(EXTERNAL_ID.findall(json.dumps(role["AssumeRolePolicyDocument"])))) == 2
