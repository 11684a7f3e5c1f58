"""What every store of secrets promises: memory, files, a keyring, AWS's two in the sandbox, and a real OpenBao."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.secret_file import FileSecrets
from gatepass.adapters.secret_keyring import KeyringSecrets
from gatepass.adapters.secret_manager import ManagerSecrets
from gatepass.adapters.secret_ssm import SsmSecrets
from gatepass.adapters.secret_vault import VaultSecrets
from gatepass.adapters.signed_client import SignedClient
from gatepass.adapters.signed_secrets import SignedParameters
from gatepass.adapters.store_keys import StoreKeys
from gatepass.domain.errors import AccessRefused, GatepassError, InvalidInput
from gatepass.domain.session import Credentials
from gatepass.ports.secrets import SecretStore
from gatepass.wiring import stores
from tests.adapters.vault_server import Vault
from tests.conftest import CUSTOMER, Cloud
from tests.local_store import store_in

NAME = "customer/444455556666/support"
VALUE = '{"roles": [{"external_id": "gp1.KEY.MARKER", "also_valid": {"until": "2026-11-22T08:00:00Z"}}]}'
REGION = "eu-west-1"
KINDS = ("memory", "file", "file by passphrase", "keyring", "ssm", "secrets-manager", "vault")
AWKWARD = (
    " leading and trailing ",
    "two\nlines\n",
    "\ttab and \r\n and 'quotes' \"both\" \\ and %s {0} $HOME",
    "Grüße, 世界, 🔑, \u202ertl",
    "https://example.com/not-a-link",
    "x" * 4096,
    "é" * 2048,
    "}}",
)
UNUSABLE = ("", "x" * 4097, "é" * 2049, "nul\x00", "{{ssm:other}}", "half \ud800")
WRONG_NAMES = (
    "",
    "/",
    "/support",
    "support/",
    "a//b",
    "Support",
    "a.b",
    "..",
    "../a",
    "a b",
    "a\n",
    "ä",
    "x" * 201,
    "gp1.KEY.MARKER",
)


class DesktopKeyring(KeyringBackend):
    """A keyring as a desktop has one, for as long as the test runs."""

    priority: float = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("no such password")
        del self.kept[service, username]


@dataclass(frozen=True)
class Place:
    """A place for secrets: every call opens the store anew."""

    open: Callable[[], SecretStore]


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    kind = request.param
    with ExitStack() as stack:
        if kind == "memory":
            memory = MemorySecrets()
            yield Place(lambda: memory)
        elif kind == "file":
            yield Place(lambda: store_in(tmp_path))
        elif kind == "file by passphrase":
            keys = StoreKeys({"GATEPASS_STORE_PASSPHRASE": "correct horse battery"})
            yield Place(lambda: FileSecrets(tmp_path / "secrets", keys))
        elif kind == "keyring":
            desktop = DesktopKeyring()
            yield Place(lambda: KeyringSecrets(desktop, tmp_path / "lock"))
        elif kind == "vault":
            vault: Vault = request.getfixturevalue("vault")
            mounted = vault.place(vault.mounts())
            yield Place(lambda: VaultSecrets(mounted))
        else:
            cloud: Cloud = request.getfixturevalue("cloud")
            stack.enter_context(pytest.MonkeyPatch.context()).setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)
            own = cloud.aws.root_credentials(CUSTOMER)
            yield Place(lambda: aws_store(kind, own))


def aws_store(kind: str, keys: tuple[str, str], region: str | None = REGION) -> SecretStore:
    session = boto3.Session(*keys)
    return SsmSecrets(session, region) if kind == "ssm" else ManagerSecrets(session, region)


def words_of(error: BaseException) -> str:
    """Return everything that an error could show."""
    return "\n".join([repr(error), str(error), *(str(value) for value in vars(error).values())])


def test_a_value_that_some_store_would_refuse_is_refused_by_all(place: Place) -> None:
    for value in UNUSABLE:
        with pytest.raises(InvalidInput, match="cannot be kept") as caught:
            place.open().put(NAME, value)
        assert not value or value not in words_of(caught.value)

    assert place.open().get(NAME) is None


def test_a_name_that_is_no_path_is_refused_and_not_repeated(place: Place) -> None:
    store = place.open()
    for name in WRONG_NAMES:
        calls: tuple[Callable[[], object], ...] = (
            partial(store.get, name),
            partial(store.put, name, VALUE),
            partial(store.delete, name),
            # No prefix at all means every name.
            *((partial(store.names, name),) if name else ()),
        )
        for call in calls:
            with pytest.raises(InvalidInput, match="cannot name a secret") as caught:
                call()
            assert "MARKER" not in words_of(caught.value)


def test_what_was_never_put_is_absent(place: Place) -> None:
    assert place.open().get(NAME) is None


def test_what_is_put_comes_back_and_the_last_one_counts(place: Place) -> None:
    place.open().put(NAME, "old")
    assert place.open().get(NAME) == "old"

    place.open().put(NAME, VALUE)
    place.open().put(NAME, VALUE)
    assert place.open().get(NAME) == VALUE


def test_deleting_what_is_gone_is_a_success(place: Place) -> None:
    place.open().delete(NAME)
    place.open().put(NAME, VALUE)
    place.open().delete(NAME)
    assert place.open().get(NAME) is None

    place.open().delete(NAME)
    assert place.open().get(NAME) is None


def test_a_deleted_secret_can_be_put_again(place: Place) -> None:
    """A door that is closed and opened again must find its place in the store."""
    place.open().put(NAME, "old")
    place.open().delete(NAME)
    place.open().put(NAME, VALUE)

    assert place.open().get(NAME) == VALUE


def test_awkward_values_come_back_as_they_were(place: Place) -> None:
    store = place.open()
    for number, value in enumerate(AWKWARD):
        store.put(f"awkward/{number}", value)

    assert [place.open().get(f"awkward/{number}") for number in range(len(AWKWARD))] == list(AWKWARD)


def test_names_that_begin_alike_are_different_secrets(place: Place) -> None:
    names = ("customer/444455556666", NAME, f"{NAME}-2", f"{NAME}/more", "customer-444455556666-support")
    for name in names:
        place.open().put(name, f"value of {name}")

    place.open().delete(NAME)

    for name in names:
        assert place.open().get(name) == (None if name == NAME else f"value of {name}")


def test_names_are_listed_below_a_prefix_and_nothing_beside_it(place: Place) -> None:
    """What is deleted is listed no more, and put again it is."""
    below = {"netops/acme/support", "netops/acme/audit", "netops/globex/support"}
    beside = {"netops-2/acme/support", "none-/acme/support", "netops"}
    for name in (*below, *beside):
        place.open().put(name, VALUE)
    place.open().delete("netops/acme/audit")
    place.open().delete("netops/globex/support")
    place.open().put("netops/globex/support", VALUE)

    left = below - {"netops/acme/audit"}
    assert place.open().names("netops") == left
    assert place.open().names("netops/acme") == {"netops/acme/support"}
    assert place.open().names("") == left | beside
    assert place.open().names("none") == frozenset()


def test_more_names_than_a_page_holds_are_all_listed(place: Place) -> None:
    names = {f"netops/customer-{number}/support" for number in range(101)}
    store = place.open()
    for name in names:
        store.put(name, "x")

    assert place.open().names("netops") == names


def test_several_are_read_at_once_and_what_is_absent_is_left_out(place: Place) -> None:
    """More than AWS takes with one call."""
    names = [f"netops/customer-{number}/support" for number in range(21)]
    for name in names[:-1]:
        place.open().put(name, f"value of {name}")

    with pytest.raises(InvalidInput, match="cannot name a secret"):
        place.open().get_all([*names, "gp1.KEY.MARKER"])
    assert place.open().get_all([]) == {}
    assert place.open().get_all(names) == {name: f"value of {name}" for name in names[:-1]}


def test_no_store_shows_what_it_keeps(place: Place) -> None:
    store = place.open()
    store.put(NAME, VALUE)

    assert "MARKER" not in repr(store) + str(store) + store.title


def test_every_store_says_where_it_is(place: Place, tmp_path: Path) -> None:
    titles = {
        MemorySecrets: "memory of this process",
        FileSecrets: str(tmp_path / "secrets"),
        KeyringSecrets: "DesktopKeyring",
        SsmSecrets: f"SSM Parameter Store of account {CUSTOMER} in {REGION}",
        ManagerSecrets: f"AWS Secrets Manager of account {CUSTOMER} in {REGION}",
        VaultSecrets: "Vault at 127.0.0.1:",
    }
    store = place.open()

    assert titles[type(store)] in store.title


RIGHTS = {
    "ssm": ("ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter", "ssm:AddTagsToResource"),
    "secrets-manager": (
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
        "secretsmanager:CreateSecret",
        "secretsmanager:PutSecretValue",
        "secretsmanager:RestoreSecret",
        "secretsmanager:DeleteSecret",
        "secretsmanager:TagResource",
    ),
}


def round_trip(store: SecretStore) -> None:
    """Use every call that a store can make."""
    store.put(NAME, "first")
    store.put(NAME, VALUE)
    assert store.get(NAME) == VALUE
    store.delete(NAME)
    store.put(NAME, VALUE)
    store.delete(NAME)


def statement(actions: tuple[str, ...]) -> str:
    """Return a policy statement for the secrets of ours and nothing else."""
    listed = ", ".join(f'"{action}"' for action in actions)
    ours = '"arn:aws:ssm:*:*:parameter/gatepass/*", "arn:aws:secretsmanager:*:*:secret:gatepass/*"'
    return f'{{"Effect": "Allow", "Action": [{listed}], "Resource": [{ours}]}}'


@pytest.mark.parametrize(("kind", "right"), [(kind, right) for kind, rights in RIGHTS.items() for right in rights])
def test_a_missing_right_is_told_with_the_next_step(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, kind: str, right: str
) -> None:
    """Each right of the list is needed, and a user who lacks it is told what to ask for, never the value."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)
    lacking = cloud.user(CUSTOMER, "admin", statement(tuple(other for other in RIGHTS[kind] if other != right)))

    with pytest.raises(AccessRefused) as caught:
        round_trip(aws_store(kind, lacking))

    assert "MARKER" not in words_of(caught.value)
    assert "gatepass/" in caught.value.next_step
    assert "another store" in caught.value.next_step
    # Tags are asked for by the call that makes the secret, and AWS names the right that lacks.
    assert right in caught.value.next_step + caught.value.why


@pytest.mark.parametrize("kind", RIGHTS)
def test_no_more_rights_are_needed_than_these(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)

    round_trip(aws_store(kind, cloud.user(CUSTOMER, "admin", statement(RIGHTS[kind]))))


def readers(keys: tuple[str, str]) -> tuple[SecretStore, SecretStore]:
    """Return the parameters as both ways to AWS read them."""
    whole = aws_store("ssm", keys)
    return whole, SignedParameters(SignedClient(Credentials(*keys), REGION, lambda _: None), lambda: whole)


def test_parameters_are_read_with_one_call_and_one_by_one_where_only_that_is_allowed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten at once are ten times as many a second; rights from an earlier version do not hold the call."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)
    root = cloud.aws.root_credentials(CUSTOMER)
    for name in (NAME, f"{NAME}-2"):
        aws_store("ssm", root).put(name, VALUE)
    wanted = {NAME: VALUE, f"{NAME}-2": VALUE}
    asked = [*wanted, f"{NAME}-3"]

    for reader in readers(root):
        before = called(cloud)
        assert reader.get_all(asked) == wanted
        assert called(cloud) - before == {"GetParameters": 1}
    for reader in readers(cloud.user(CUSTOMER, "earlier", statement(("ssm:GetParameter",)))):
        before = called(cloud)
        assert [reader.get_all(asked) for _ in range(2)] == [wanted, wanted]
        assert called(cloud) - before == {"GetParameters": 1, "GetParameter": 6}
    for reader in readers(cloud.user(CUSTOMER, "nobody", statement(("ssm:PutParameter",)))):
        with pytest.raises(AccessRefused, match="ssm:GetParameter on"):
            reader.get_all(asked)


def called(cloud: Cloud) -> Counter[str]:
    """Return how often parameters were asked for."""
    return Counter(name for each in cloud.aws.events() if (name := str(each["eventName"])).startswith("GetParam"))


@pytest.mark.parametrize("kind", RIGHTS)
def test_without_a_chosen_region_nothing_is_kept_in_aws(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(GatepassError, match="no Region is chosen") as caught:
        aws_store(kind, ("AKIAEXAMPLEEXAMPLE00", "secret"), region=None)

    assert "AWS_REGION" in caught.value.next_step


def test_a_parameter_is_encrypted_and_tagged(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)
    keys = cloud.aws.root_credentials(CUSTOMER)
    aws_store("ssm", keys).put(NAME, "old")
    aws_store("ssm", keys).put(NAME, VALUE)

    ssm = boto3.Session(*keys, region_name=REGION).client("ssm")
    (found,) = ssm.describe_parameters()["Parameters"]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=f"/gatepass/{NAME}")["TagList"]

    assert (found["Name"], found["Type"]) == (f"/gatepass/{NAME}", "SecureString")
    assert tags == [{"Key": "gatepass:holds", "Value": "external-id"}]


def test_a_deleted_secret_of_secrets_manager_waits_seven_days(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)
    keys = cloud.aws.root_credentials(CUSTOMER)
    aws_store("secrets-manager", keys).put(NAME, VALUE)
    aws_store("secrets-manager", keys).delete(NAME)

    manager = boto3.Session(*keys, region_name=REGION).client("secretsmanager")
    found = manager.describe_secret(SecretId=f"gatepass/{NAME}")

    assert "DeletedDate" in found
    assert found["Tags"] == [{"Key": "gatepass:holds", "Value": "external-id"}]


class Echo(BaseHTTPRequestHandler):
    """An AWS that refuses every write and quotes what was sent, as it does with values it cannot read."""

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        there = b'{"Name": "x", "ARN": "x"}'
        body = there if "DescribeSecret" in self.headers["X-Amz-Target"] else refusal(sent)
        self.send_response(200 if body is there else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - the standard library's signature
        """Say nothing."""


def refusal(sent: str) -> bytes:
    quoted = "gp1.KEY.MARKER" if "gp1.KEY.MARKER" in sent else "nothing"
    return f'{{"__type": "ValidationException", "message": "Value {quoted} at value is invalid"}}'.encode()


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("echo")
@pytest.mark.parametrize("kind", RIGHTS)
def test_a_value_that_aws_quotes_is_masked(kind: str) -> None:
    with pytest.raises(GatepassError) as caught:
        aws_store(kind, ("AKIAEXAMPLEEXAMPLE00", "secret")).put(NAME, "gp1.KEY.MARKER")

    assert "****" in caught.value.why
    assert "MARKER" not in words_of(caught.value)


def test_a_store_that_does_not_exist_is_told() -> None:
    with pytest.raises(InvalidInput, match="no secret store 'drawer'") as caught:
        stores.secret_store("drawer")

    assert "file, keyring, ssm, secrets-manager, vault" in caught.value.why


@pytest.mark.parametrize("kind", RIGHTS)
def test_the_stores_of_aws_use_the_persons_own_credentials(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    key, secret = cloud.aws.root_credentials(CUSTOMER)
    for name, value in {
        "AWS_ENDPOINT_URL": cloud.aws.endpoint,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
    }.items():
        monkeypatch.setenv(name, value)

    store = stores.secret_store(kind)
    store.put(NAME, VALUE)

    assert f"account {CUSTOMER} in {REGION}" in store.title
    assert stores.secret_store(kind).get(NAME) == VALUE
