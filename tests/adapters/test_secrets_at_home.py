"""Secrets on one's own machine: a keyring that protects, and files that nobody else can read or turn."""

from __future__ import annotations

import stat
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.backends.null
import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordSetError

from gatepass.adapters.secret_file import FileSecrets
from gatepass.adapters.secret_keyring import KeyringSecrets
from gatepass.adapters.store_keys import StoreKeys
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.wiring import stores
from tests.adapters.test_secret_stores import NAME, VALUE, DesktopKeyring, words_of
from tests.local_store import store_in


class TalkativeKeyring(DesktopKeyring):
    """A keyring that refuses, and quotes what it refuses."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError(f"cannot keep {password} for {username} in {service}")

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f"{service} {username} is locked")


class QuotingKeyring(TalkativeKeyring):
    """One that can be read, keeps names, and quotes the secret that it refuses to keep."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if service == "gatepass":
            super().set_password(service, username, password)

    def get_password(self, service: str, username: str) -> str | None:
        return None if service else username


class PlainTextKeyring(DesktopKeyring):
    """A makeshift of the kind that writes plain text, with the low priority of one."""

    priority = 0.5


def test_a_value_that_a_keyring_quotes_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(GatepassError) as caught:
        KeyringSecrets(QuotingKeyring(), tmp_path / "lock").put(NAME, VALUE)

    assert "MARKER" not in words_of(caught.value)
    assert caught.value.__suppress_context__
    assert "unlock" in caught.value.next_step


def test_a_locked_keyring_is_told(tmp_path: Path) -> None:
    for call, name in (("get", NAME), ("delete", NAME), ("names", "")):
        with pytest.raises(GatepassError, match="could not be read"):
            getattr(KeyringSecrets(TalkativeKeyring(), tmp_path / "lock"), call)(name)


@pytest.mark.parametrize("backend", [PlainTextKeyring, keyring.backends.null.Keyring, keyring.backends.fail.Keyring])
def test_a_keyring_that_protects_nothing_is_not_used(
    backend: Callable[[], KeyringBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would keep the secret in plain text, or forget it, and nobody would know."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend())

    with pytest.raises(GatepassError, match="no keyring here that protects") as caught:
        stores.secret_store("keyring")

    assert "file, ssm or secrets-manager" in caught.value.next_step


def test_the_keyring_that_is_configured_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = DesktopKeyring()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(keyring.core, "_keyring_backend", desktop)

    stores.secret_store("keyring").put(NAME, VALUE)

    assert desktop.kept == {("gatepass", NAME): VALUE, ("gatepass-names", "names"): NAME}


def test_a_configured_keyring_that_does_not_load_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "nowhere.Keyring")

    with pytest.raises(GatepassError, match="configured cannot be used"):
        stores.secret_store("keyring")


def test_without_the_package_the_keyring_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(GatepassError, match="cannot be kept in a keyring") as caught:
        stores.secret_store("keyring")

    assert "pip install 'gatepass[keyring]'" in caught.value.next_step


def test_files_are_for_their_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GATEPASS_STORE_KEY", "file")
    stores.secret_store("file").put(NAME, VALUE)

    found = list(tmp_path.rglob("*"))

    assert {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_file()} == {0o600}
    assert {path.parent.name for path in found if path.is_file()} == {"secrets", "store-keys"}
    assert not [path for path in found if path.is_file() and b"MARKER" in path.read_bytes()]
    assert stores.secret_store("file").get(NAME) == VALUE


def test_a_file_that_others_could_read_is_not_used(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.put(NAME, VALUE)
    (tmp_path / "secrets" / "customer.444455556666.support").chmod(0o640)

    with pytest.raises(Conflict, match="is not used"):
        store.get(NAME)


def test_a_folder_that_others_could_enter_is_not_used(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.put(NAME, VALUE)
    (tmp_path / "secrets").chmod(0o750)

    calls: tuple[Callable[[], object], ...] = (
        partial(store.get, NAME),
        partial(store.put, NAME, VALUE),
        partial(store.delete, NAME),
    )
    for call in calls:
        with pytest.raises(Conflict, match="is not used"):
            call()


def test_links_are_neither_read_nor_written_through(tmp_path: Path) -> None:
    store, theirs = store_in(tmp_path), tmp_path / "theirs"
    store.put("other", VALUE)
    theirs.write_text("untouched", encoding="utf-8")
    theirs.chmod(0o600)
    link = tmp_path / "secrets" / "customer.444455556666.support"
    link.symlink_to(theirs)

    with pytest.raises(Conflict, match="is not used"):
        store.get(NAME)
    store.put(NAME, VALUE)
    store.delete(NAME)

    assert theirs.read_text(encoding="utf-8") == "untouched"
    assert store.get(NAME) is None


def test_a_link_in_place_of_the_lock_or_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / ".lock").symlink_to(tmp_path / "theirs")
    (tmp_path / "linked").symlink_to(tmp_path / "secrets")

    for folder in ("secrets", "linked"):
        keys = StoreKeys({"GATEPASS_STORE_KEY": "file"}, tmp_path / "keys")
        with pytest.raises(GatepassError):
            FileSecrets(tmp_path / folder, keys).put(NAME, VALUE)

    assert not (tmp_path / "theirs").exists()


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.put(NAME, VALUE)
    (tmp_path / "secrets" / "customer.444455556666.support").write_bytes(b"\xff\xfe")

    with pytest.raises(Conflict, match="is not used"):
        store.get(NAME)


def test_many_writers_at_once_leave_one_whole_value(tmp_path: Path) -> None:
    values = [str(number) * 4000 for number in range(8)]
    failures: list[BaseException] = []

    def write(value: str) -> None:
        try:
            for _ in range(20):
                store_in(tmp_path).put(NAME, value)
        except BaseException as error:  # noqa: BLE001 - a thread's error is looked at below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(value,)) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert store_in(tmp_path).get(NAME) in values
