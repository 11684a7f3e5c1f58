"""Secrets in a real Vault's language: what is refused, and what a person is told; the promises of every store aside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from gatepass.adapters.secret_vault import VaultSecrets
from gatepass.adapters.vault_place import VaultPlace, vault_place
from gatepass.domain.errors import AccessRefused, Conflict, GatepassError, NotAnswered, NotThere
from gatepass.wiring import stores
from tests.adapters.vault_server import ROOT_TOKEN, Vault, running_vault

NAME, VALUE = "netops/acme-prod/support", "gp1.KEY.MARKER"
ADDRESS = "http://127.0.0.1:8200"

# How one gets in.


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "not known where Vault is"),
        ({"VAULT_ADDR": ADDRESS}, "no token for Vault"),
        ({"VAULT_ADDR": "vault.example.com:8200"}, "no address of a Vault"),
        ({"VAULT_ADDR": "https://"}, "no address of a Vault"),
        ({"VAULT_ADDR": "https://host:port"}, "no address of a Vault"),
        ({"VAULT_ADDR": "https://me:MARKER@vault.example.com"}, "no address of a Vault"),
        ({"VAULT_ADDR": f"{ADDRESS}/v1"}, "no address of a Vault"),
        ({"VAULT_ADDR": "http://vault.example.com:8200"}, "not asked over plain HTTP"),
        ({"VAULT_ADDR": ADDRESS, "VAULT_TOKEN": "MARKER\r\nX-Other: header"}, "token of Vault cannot be used"),
        ({"VAULT_ADDR": ADDRESS, "VAULT_NAMESPACE": "a b"}, "VAULT_NAMESPACE is no path"),
        ({"VAULT_ADDR": ADDRESS, "GATEPASS_VAULT_MOUNT": "secret?x"}, "GATEPASS_VAULT_MOUNT is no path"),
        ({"VAULT_ADDR": ADDRESS, "VAULT_CACERT": "/nonexistent"}, "no file of certificates"),
    ],
)
def test_a_wrong_environment_is_told_before_anybody_is_asked(
    tmp_path: Path, environment: dict[str, str], words: str
) -> None:
    token = {} if "no token" in words else {"VAULT_TOKEN": ROOT_TOKEN}

    with pytest.raises(GatepassError, match=words) as caught:
        vault_place({**token, **environment}, tmp_path)

    assert caught.value.next_step
    assert "MARKER" not in words_of(caught.value)


def test_a_token_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    kept = tmp_path / ".vault-token"
    kept.write_text(f"{ROOT_TOKEN}\n", encoding="utf-8")
    kept.chmod(0o644)
    with pytest.raises(Conflict, match="is not used"):
        vault_place({"VAULT_ADDR": ADDRESS}, tmp_path)

    kept.chmod(0o600)
    found = vault_place({"VAULT_ADDR": f"{ADDRESS}/", "VAULT_NAMESPACE": "team/", "VAULT_TOKEN": ""}, tmp_path)

    assert found == VaultPlace(ADDRESS, ROOT_TOKEN, namespace="team")
    assert ROOT_TOKEN not in repr(found) + VaultSecrets(found).title


def test_the_command_line_finds_it_by_the_environment(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mount = vault.mounts()
    for name, value in {
        "VAULT_ADDR": vault.address,
        "VAULT_TOKEN": ROOT_TOKEN,
        "GATEPASS_VAULT_MOUNT": mount,
        "HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)

    stores.secret_store("vault").put(NAME, VALUE)

    assert vault.does("GET", f"{mount}/data/gatepass/{NAME}")["data"]["data"] == {"value": VALUE}


# What Vault refuses.

RULES = {
    "create": 'path "{mount}/data/gatepass/*" {{ capabilities = ["create"] }}',
    "read": 'path "{mount}/data/gatepass/*" {{ capabilities = ["read"] }}',
    "update": 'path "{mount}/data/gatepass/*" {{ capabilities = ["update"] }}',
    "delete": 'path "{mount}/metadata/gatepass/*" {{ capabilities = ["delete"] }}',
    "list": 'path "{mount}/metadata/gatepass/*" {{ capabilities = ["list"] }}',
}


def words_of(error: BaseException) -> str:
    """Return everything that an error could show."""
    return "\n".join([repr(error), str(error), *(str(value) for value in vars(error).values())])


def round_trip(store: VaultSecrets) -> None:
    """Use every call that a store can make."""
    store.put(NAME, "first")
    store.put(NAME, VALUE)
    assert store.get(NAME) == VALUE
    assert store.names("netops") == {NAME}
    store.delete(NAME)


@pytest.mark.parametrize("lacking", RULES)
def test_a_missing_capability_is_told_with_the_policy_to_ask_for(vault: Vault, lacking: str) -> None:
    mount = vault.mounts()
    # One path, one rule: Vault joins the capabilities of rules in one policy for one path itself.
    token = vault.token(*(rule.format(mount=mount) for name, rule in RULES.items() if name != lacking))

    with pytest.raises(AccessRefused, match="Vault at 127") as caught:
        round_trip(VaultSecrets(vault.place(mount, token)))

    assert lacking in caught.value.next_step
    assert "MARKER" not in words_of(caught.value)
    assert token not in words_of(caught.value)


def test_no_more_capabilities_are_needed_than_these(vault: Vault) -> None:
    mount = vault.mounts()

    round_trip(VaultSecrets(vault.place(mount, vault.token(*(rule.format(mount=mount) for rule in RULES.values())))))


def test_a_team_that_may_read_its_own_prefix_reads_no_other(vault: Vault) -> None:
    mount = vault.mounts()
    lead = VaultSecrets(vault.place(mount))
    for name in (NAME, "helpdesk/acme-prod/support"):
        lead.put(name, VALUE)
    netops = VaultSecrets(
        vault.place(mount, vault.token(f'path "{mount}/data/gatepass/netops/*" {{ capabilities = ["read"] }}'))
    )

    with pytest.raises(AccessRefused):
        netops.get("helpdesk/acme-prod/support")
    with pytest.raises(AccessRefused):
        netops.put(NAME, VALUE)
    assert netops.get(NAME) == VALUE


def test_a_token_that_vault_does_not_know_is_refused_and_not_repeated(vault: Vault) -> None:
    store = VaultSecrets(vault.place(token="s.MARKER"))

    for call in calls(store):
        with pytest.raises(AccessRefused) as caught:
            call()
        assert "MARKER" not in words_of(caught.value)


def calls(store: VaultSecrets) -> tuple[Callable[[], object], ...]:
    return (
        partial(store.get, NAME),
        partial(store.put, NAME, VALUE),
        partial(store.delete, NAME),
        partial(store.names, "netops"),
    )


def test_a_mount_or_a_namespace_that_is_not_there_is_no_empty_store(vault: Vault) -> None:
    for place in (vault.place("nowhere"), vault.place(namespace="nowhere")):
        for call in calls(VaultSecrets(place)):
            with pytest.raises(NotThere, match="has no KV store"):
                call()


def test_a_store_of_version_1_is_refused_and_keeps_nothing(vault: Vault) -> None:
    mount = vault.mounts(version="1")

    with pytest.raises(Conflict, match="not of version 2"):
        VaultSecrets(vault.place(mount)).put(NAME, VALUE)

    assert vault.asks("GET", f"{mount}/data/gatepass/{NAME}").status == 404


def test_deleting_leaves_no_older_version(vault: Vault) -> None:
    mount = vault.mounts()
    store = VaultSecrets(vault.place(mount))
    store.put(NAME, "first")
    store.put(NAME, VALUE)

    store.delete(NAME)

    assert vault.asks("GET", f"{mount}/metadata/gatepass/{NAME}").status == 404


def test_what_somebody_deleted_or_wrote_otherwise_is_no_second_factor(vault: Vault) -> None:
    mount = vault.mounts()
    store = VaultSecrets(vault.place(mount))
    store.put(NAME, VALUE)
    vault.does("DELETE", f"{mount}/data/gatepass/{NAME}")
    assert store.get(NAME) is None

    vault.does("POST", f"{mount}/data/gatepass/{NAME}", {"data": {"other": "field"}})
    assert store.get(NAME) is None


def test_a_sealed_vault_says_so(vault: Vault) -> None:
    mount = vault.mounts()
    vault.does("PUT", "sys/seal")
    try:
        for call in calls(VaultSecrets(vault.place(mount))):
            with pytest.raises(NotAnswered, match="is sealed, or not ready"):
                call()
    finally:
        vault.does("PUT", "sys/unseal", {"key": vault.unseal_key})


# Whether it is Vault at all.


class NoVault(BaseHTTPRequestHandler):
    """Something else that speaks HTTP, and answers as its path says: /v1/status/..."""

    def do_GET(self) -> None:
        status = int(self.path.split("/")[2])
        body = b"<html>hello</html>" if status != 200 else b'{"data": 7}'
        self.send_response(status)
        self.send_header("Location", "https://example.com/MARKER")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def do_LIST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - the standard library's signature
        """Say nothing."""


@contextmanager
def something_else() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), NoVault) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (200, GatepassError, "does not answer as Vault does"),
        (307, GatepassError, "does not answer as Vault does"),
        (404, GatepassError, "does not answer as Vault does"),
        (418, GatepassError, "does not answer as Vault does"),
        (429, NotAnswered, "could not answer"),
        (500, NotAnswered, "could not answer"),
    ],
)
def test_what_is_no_vault_is_not_taken_for_an_empty_one(status: int, error: type[GatepassError], words: str) -> None:
    with something_else() as address:
        for call in calls(VaultSecrets(VaultPlace(address, ROOT_TOKEN, str(status)))):
            with pytest.raises(error, match=words) as caught:
                call()
            assert "MARKER" not in words_of(caught.value)
            assert ROOT_TOKEN not in words_of(caught.value)


def test_where_nobody_answers_that_is_told() -> None:
    with something_else() as address:
        pass

    with pytest.raises(NotAnswered, match="cannot be reached") as caught:
        VaultSecrets(VaultPlace(address, ROOT_TOKEN)).get(NAME)
    assert "VAULT_ADDR" in caught.value.next_step


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(tmp_path: Path) -> None:
    with running_vault(tmp_path, tls=True) as vault:
        with pytest.raises(NotAnswered, match="cannot be reached") as caught:
            VaultSecrets(vault.place(certificates=None)).put(NAME, VALUE)
        assert "VAULT_CACERT" in caught.value.next_step

        VaultSecrets(vault.place()).put(NAME, VALUE)
        assert VaultSecrets(vault.place()).get(NAME) == VALUE
