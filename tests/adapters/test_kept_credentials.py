"""Where own keys are kept: a long-lived one's secret in a keyring where one protects, everything else in a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import keyring.backends.fail
import keyring.core
import pytest

from gatepass.adapters.kept_credentials import KeptCredentials, keys_kept
from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.session import Caller, Credentials
from gatepass.private_files import write_private
from tests.adapters.test_secret_stores import DesktopKeyring
from tests.adapters.test_secrets_at_home import PlainTextKeyring, TalkativeKeyring

LONG = Credentials("AKIAEXAMPLEEXAMPLE00", "secret/MARKER")
OTHER = Credentials("AKIAEXAMPLEEXAMPLE11", "other/MARKER")
SHORT = Credentials("ASIAEXAMPLEEXAMPLE00", "secret/MARKER", "token", datetime(2026, 11, 22, 18, tzinfo=UTC))
CALLER = Caller(AccountId("111122223333"), "arn:aws:iam::111122223333:user/ann")


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> DesktopKeyring:
    found = DesktopKeyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", found)
    return found


def text_in(folder: Path) -> str:
    return (folder / "credentials.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring, PlainTextKeyring, TalkativeKeyring])
def test_without_a_keyring_that_protects_the_file_holds_everything(
    backend: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend())
    kept = KeptCredentials(tmp_path)

    kept.keep(LONG, "pasted", CALLER)

    loaded = kept.loaded()
    assert loaded is not None
    assert (loaded.credentials, loaded.origin, loaded.caller, loaded.in_keyring) == (LONG, "pasted", CALLER, False)


def test_where_a_keyring_protects_no_long_lived_secret_is_in_a_file(tmp_path: Path, desktop: DesktopKeyring) -> None:
    kept = KeptCredentials(tmp_path)

    kept.keep(LONG)

    assert "MARKER" not in text_in(tmp_path)
    assert kept.load() == LONG
    assert "long-lived ones are kept in the keyring" in keys_kept()
    kept.clear()
    assert kept.load() is None
    assert LONG.secret_access_key not in desktop.kept.values()


def test_a_short_lived_key_never_waits_for_a_keyring(tmp_path: Path, desktop: DesktopKeyring) -> None:
    kept = KeptCredentials(tmp_path)

    kept.keep(SHORT)

    assert (kept.load(), desktop.kept) == (SHORT, {})


def test_the_keys_id_is_told_without_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", DesktopKeyring())
    KeptCredentials(tmp_path).keep(LONG)
    monkeypatch.setattr(keyring.core, "_keyring_backend", TalkativeKeyring())

    assert KeptCredentials(tmp_path).key_id() == LONG.access_key_id
    with pytest.raises(GatepassError, match="could not be read"):
        KeptCredentials(tmp_path).load()


@pytest.mark.parametrize("after", [OTHER, SHORT])
def test_what_is_replaced_leaves_the_keyring(tmp_path: Path, desktop: DesktopKeyring, after: Credentials) -> None:
    kept = KeptCredentials(tmp_path)
    kept.keep(LONG)

    kept.keep(after)

    assert LONG.secret_access_key not in desktop.kept.values()
    assert kept.load() == after


def test_a_secret_that_left_the_keyring_is_told(tmp_path: Path, desktop: DesktopKeyring) -> None:
    kept = KeptCredentials(tmp_path)
    kept.keep(LONG)
    desktop.kept.clear()

    with pytest.raises(GatepassError, match="not in the keyring any more"):
        kept.load()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "{}",
        '{"access_key_id": "x"}',
        '{"access_key_id": "A", "secret_access_key": "s", "expires_at": "x"}',
    ],
)
def test_a_damaged_file_is_told_and_can_be_cleared(tmp_path: Path, text: str) -> None:
    kept = KeptCredentials(tmp_path)
    write_private(tmp_path / "credentials.json", text.encode())

    with pytest.raises(InvalidInput, match="cannot be read"):
        kept.load()
    kept.clear()
    assert kept.load() is None
