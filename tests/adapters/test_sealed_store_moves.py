"""The local store from clear to sealed and from key to key, while others write and while it is killed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.core
import pytest

from gatepass.adapters.secret_file import FileSecrets
from gatepass.adapters.store_keys import StoreKeys
from gatepass.adapters.store_standing import store_standing
from gatepass.domain.errors import GatepassError, InvalidInput
from tests.adapters.sealed_scene import (
    AUDIT,
    ID,
    NEW_ID,
    OTHER_ID,
    ROTATION,
    SUPPORT,
    WORDS,
    contents,
    filled,
    in_clear,
    key_file,
)
from tests.adapters.test_secret_stores import DesktopKeyring
from tests.local_store import store_in


def test_a_store_from_before_is_read_and_sealed_at_its_first_write(tmp_path: Path) -> None:
    in_clear(tmp_path)
    store = store_in(tmp_path)
    assert (store.get(SUPPORT), store.get(AUDIT)) == (ID, OTHER_ID)
    assert not (tmp_path / "keys").exists()

    store.put(SUPPORT, NEW_ID)

    assert (store.get(SUPPORT), store_in(tmp_path).get(AUDIT)) == (NEW_ID, OTHER_ID)
    assert not [name for name, text in contents(tmp_path).items() if b"MARKER" in text]


def test_a_store_moves_to_a_passphrase_and_back_when_that_is_chosen(tmp_path: Path) -> None:
    filled(tmp_path)
    old = key_file(tmp_path)

    store_in(tmp_path, WORDS).put(ROTATION, NEW_ID)

    assert not old.exists()
    both = StoreKeys({"GATEPASS_STORE_PASSPHRASE": WORDS, "GATEPASS_STORE_KEY": "file"}, tmp_path / "keys")
    assert FileSecrets(tmp_path / "secrets", both).get(SUPPORT) == ID
    FileSecrets(tmp_path / "secrets", both).delete(ROTATION)
    FileSecrets(tmp_path / "secrets", both).put(AUDIT, NEW_ID)
    assert (store_in(tmp_path).get(SUPPORT), store_in(tmp_path).get(AUDIT)) == (ID, NEW_ID)


def test_a_choice_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="GATEPASS_STORE_KEY says 'drawer'") as caught:
        FileSecrets(tmp_path / "secrets", StoreKeys({"GATEPASS_STORE_KEY": "drawer"})).put(SUPPORT, ID)

    assert "keyring, file, passphrase" in caught.value.why


def test_the_key_is_in_the_keyring_where_one_protects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desktop, nothing = DesktopKeyring(), keyring.backends.fail.Keyring()  # type: ignore[no-untyped-call]
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(keyring.core, "_keyring_backend", desktop)
    filled_by = FileSecrets(tmp_path / "secrets", StoreKeys({}, tmp_path / "keys"))
    filled_by.put(SUPPORT, ID)

    assert not (tmp_path / "keys").exists()
    assert next(name for service, name in desktop.kept if service == "gatepass").startswith("store-key/")
    assert FileSecrets(tmp_path / "secrets", StoreKeys({}, tmp_path / "keys")).get(SUPPORT) == ID

    # The same person's timer has no desktop: nothing is lost, and no second key is made.
    monkeypatch.setattr(keyring.core, "_keyring_backend", nothing)
    without = FileSecrets(tmp_path / "secrets", StoreKeys({}, tmp_path / "keys"))
    with pytest.raises(GatepassError, match="cannot be had from the keyring"):
        without.get(SUPPORT)
    with pytest.raises(GatepassError, match="cannot be had from the keyring"):
        without.put(SUPPORT, NEW_ID)
    monkeypatch.setattr(keyring.core, "_keyring_backend", desktop)
    store_in(tmp_path).put(AUDIT, OTHER_ID)
    assert not [name for service, name in desktop.kept if service == "gatepass"]
    monkeypatch.setattr(keyring.core, "_keyring_backend", nothing)
    assert FileSecrets(tmp_path / "secrets", StoreKeys({}, tmp_path / "keys")).get(SUPPORT) == ID


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Do the work in a process that is killed before its change of that number to the disk; say whether it was."""
    child = os.fork()
    if child == 0:
        left = number

        def watch(event: str, _: object) -> None:
            nonlocal left
            if event in {"os.rename", "os.remove", "open", "os.mkdir"}:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(watch)
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


# Each place costs a second where keys come from passphrases.
MOVES = [pytest.param(None, id="sealed"), pytest.param(WORDS, id="to a passphrase", marks=pytest.mark.thorough)]


@pytest.mark.parametrize("words", MOVES)
def test_killed_anywhere_while_the_store_is_moved_nothing_is_lost(tmp_path: Path, words: str | None) -> None:
    """Before each change to the disk once; whoever comes next reads everything, and ends the moving."""
    original = tmp_path / "original"
    if words is None:
        in_clear(original)
    else:
        filled(original)
    number, was_killed = 0, True
    while was_killed:
        place = tmp_path / str(number)
        shutil.copytree(original, place)
        was_killed = killed_at(number, partial(store_in(place, words).put, SUPPORT, NEW_ID))
        store = store_in(place, words)
        assert store.get(SUPPORT) in ((ID, NEW_ID) if was_killed else (NEW_ID,)), number
        assert store.get(AUDIT) == OTHER_ID, number
        store.put(ROTATION, NEW_ID)
        assert (store.get(AUDIT), store.get(ROTATION)) == (OTHER_ID, NEW_ID), number
        assert not [name for name, text in contents(place).items() if b"MARKER" in text], number
        number += 1
    assert number > 10


def test_processes_and_threads_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """All of them find the store in clear, and one of them makes its key."""
    in_clear(tmp_path)
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                store = store_in(tmp_path)
                write_all = [
                    threading.Thread(target=write, args=(store, f"team/c{number}-{thread}/support"))
                    for thread in range(4)
                ]
                for thread in write_all:
                    thread.start()
                for thread in write_all:
                    thread.join()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4

    store = store_in(tmp_path)
    assert len(list((tmp_path / "keys").iterdir())) == 1
    assert (store.get(SUPPORT), store.get(AUDIT)) == (ID, OTHER_ID)
    assert {store.get(name) for name in store.names("team")} == {"19"}
    assert len(store.names("team")) == 16
    assert not [path for path in (tmp_path / "secrets").iterdir() if path.name.startswith(".c")]


def test_who_reads_while_others_move_the_store_to_and_fro_is_never_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    children = []
    for number, keeper in enumerate(("file", "passphrase")):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                for turn in range(3):
                    store = FileSecrets(tmp_path / "secrets", both_ways(tmp_path, keeper))
                    store.put(f"team/c{number}-{turn}/support", str(turn))
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    keys, codes = both_ways(tmp_path, ""), list[int]()
    while children:
        store = FileSecrets(tmp_path / "secrets", keys)
        assert (store.get(SUPPORT), store.get(AUDIT)) == (ID, OTHER_ID)
        ended, status = os.waitpid(children[0], os.WNOHANG)
        if ended:
            codes.append(os.waitstatus_to_exitcode(status))
            children.pop(0)

    assert codes == [0, 0]
    store = FileSecrets(tmp_path / "secrets", keys)
    assert {name: store.get(name) for name in store.names("team")} == {
        f"team/c{number}-{turn}/support": str(turn) for number in range(2) for turn in range(3)
    }


def both_ways(folder: Path, keeper: str) -> StoreKeys:
    """Return keys of somebody who can open either."""
    return StoreKeys({"GATEPASS_STORE_PASSPHRASE": WORDS, "GATEPASS_STORE_KEY": keeper}, folder / "keys")


def write(store: FileSecrets, name: str) -> None:
    for number in range(20):
        store.put(name, str(number))


def test_what_is_no_folder_is_told_by_the_doctor(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("", encoding="utf-8")

    found = store_standing(tmp_path / "secrets", StoreKeys({}, tmp_path / "keys"))

    assert found is not None
    assert found.is_wrong


def test_the_standing_of_a_store_is_told_without_opening_it(tmp_path: Path) -> None:
    keys = StoreKeys({}, tmp_path / "keys")
    assert store_standing(tmp_path / "secrets", keys) is None
    in_clear(tmp_path)
    clear = store_standing(tmp_path / "secrets", keys)
    assert clear is not None
    assert "in clear" in clear.text
    assert clear.advice

    store_in(tmp_path).put(SUPPORT, ID)
    sealed = store_standing(tmp_path / "secrets", keys)
    assert sealed is not None
    assert str(key_file(tmp_path)) in sealed.text
    assert "whoever acts as you here" in sealed.text
    assert not sealed.is_wrong

    key_file(tmp_path).unlink()
    gone = store_standing(tmp_path / "secrets", keys)
    assert gone is not None
    assert gone.is_wrong
    (tmp_path / "secrets" / ".store").write_text("{}", encoding="utf-8")
    altered = store_standing(tmp_path / "secrets", keys)
    assert altered is not None
    assert altered.is_wrong
