"""Attacks on the local store: whatever is altered, moved, cut off or gone is refused, and nothing is lost by it."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from gatepass.adapters.secret_file import FileSecrets
from gatepass.adapters.store_keys import StoreKeys
from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from tests.adapters.sealed_scene import (
    AUDIT,
    ID,
    NEW_ID,
    OTHER_ID,
    ROTATION,
    SUPPORT,
    WORDS,
    contents,
    file_of,
    filled,
    key_file,
)
from tests.adapters.test_secret_stores import words_of
from tests.local_store import store_in


def refused(folder: Path, name: str = SUPPORT, words: str | None = None) -> GatepassError:
    """Demand that a value is not handed out, and that nobody is told any of it."""
    before = contents(folder)
    with pytest.raises(GatepassError) as caught:
        store_in(folder, words).get(name)
    assert contents(folder) == before
    assert "MARKER" not in words_of(caught.value)
    assert caught.value.why
    assert caught.value.next_step
    return caught.value


def test_a_value_that_was_moved_to_another_entry_is_refused(tmp_path: Path) -> None:
    """Else whoever writes there could have one customer's role entered with another's second factor."""
    filled(tmp_path).put(ROTATION, NEW_ID)
    first, second = file_of(tmp_path, SUPPORT), file_of(tmp_path, AUDIT)
    mine, theirs = first.read_bytes(), second.read_bytes()
    first.write_bytes(theirs)
    second.write_bytes(mine)

    for name in (SUPPORT, AUDIT):
        assert "moved here from another entry" in refused(tmp_path, name).why
    shutil.copy(file_of(tmp_path, ROTATION), first)
    assert "moved here from another entry" in refused(tmp_path).why


def test_a_single_bit_that_is_flipped_anywhere_is_noticed(tmp_path: Path) -> None:
    filled(tmp_path)
    path = file_of(tmp_path, SUPPORT)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        with pytest.raises(Conflict):
            store_in(tmp_path).get(SUPPORT)

    path.write_bytes(whole)
    assert store_in(tmp_path).get(SUPPORT) == ID


def test_a_value_that_is_cut_off_or_longer_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    path = file_of(tmp_path, SUPPORT)
    whole = path.read_bytes()
    for spoiled in (*(whole[:length] for length in range(len(whole))), whole + b"x", whole + whole):
        path.write_bytes(spoiled)
        refused(tmp_path)


def test_a_value_in_clear_is_refused_once_the_store_is_sealed(tmp_path: Path) -> None:
    """Sealing would protect from nobody if what is not sealed were taken too."""
    filled(tmp_path)
    file_of(tmp_path, SUPPORT).write_text(NEW_ID, encoding="utf-8")

    assert "not as Gatepass writes it" in refused(tmp_path).why
    assert store_in(tmp_path).get(AUDIT) == OTHER_ID


def test_what_the_store_says_of_itself_cannot_be_altered(tmp_path: Path) -> None:
    filled(tmp_path)
    note = tmp_path / "secrets" / ".store"
    whole = note.read_bytes()
    altered = (
        whole.replace(b'"from_plain": false', b'"from_plain": true'),
        whole.replace(b"[32768, 8, 3]", b"[16384, 8, 3]"),
        whole.replace(b"[32768, 8, 3]", b"[1073741824, 8, 3]"),
        whole.replace(b'"id": "', b'"id": "../../'),
        whole.replace(b'"version": 1', b'"version": 2'),
        whole[:40],
        b"",
        b"[]",
    )
    for each in altered:
        assert each != whole
        note.write_bytes(each)
        assert "is not used" in refused(tmp_path).what
        with pytest.raises(Conflict):
            store_in(tmp_path).put(SUPPORT, NEW_ID)

    note.unlink()
    assert "which says by which key, is gone" in refused(tmp_path).why
    with pytest.raises(Conflict):
        store_in(tmp_path).put(SUPPORT, NEW_ID)
    note.write_bytes(whole)
    note.chmod(0o600)
    assert store_in(tmp_path).get(SUPPORT) == ID


def test_without_its_key_nothing_is_read_and_nothing_is_written_over(tmp_path: Path) -> None:
    filled(tmp_path)
    away = key_file(tmp_path).rename(tmp_path / "away")
    before = contents(tmp_path / "secrets")

    error = refused(tmp_path)
    assert "is not there" in error.what
    assert str(tmp_path / "keys") in error.why
    with pytest.raises(GatepassError, match="is not there"):
        store_in(tmp_path).put("customer/444455556666/third", NEW_ID)
    # Neither may a passphrase take the place of a key that is missing.
    with pytest.raises(GatepassError, match="is not there"):
        store_in(tmp_path, WORDS).put(SUPPORT, NEW_ID)

    assert {name: text for name, text in contents(tmp_path / "secrets").items() if name != ".lock"} == {
        name: text for name, text in before.items() if name != ".lock"
    }
    assert list((tmp_path / "keys").iterdir()) == []
    away.rename(tmp_path / "keys" / f"{before_id(before)}.key")
    assert store_in(tmp_path).get(SUPPORT) == ID


def before_id(files: dict[str, bytes]) -> str:
    return files[".store"].decode().partition('"id": "')[2][:16]


@pytest.mark.parametrize("spoiled", ["another key", "no key", "empty", "not hexadecimal"])
def test_another_key_in_its_place_is_told_from_an_altered_value(tmp_path: Path, spoiled: str) -> None:
    filled(tmp_path)
    texts = {"another key": "00" * 32, "no key": "00", "empty": "", "not hexadecimal": "x" * 64}
    key_file(tmp_path).write_text(texts[spoiled], encoding="utf-8")

    error = refused(tmp_path)

    assert "does not open with the key that is kept for it" in error.what
    assert "backup" in error.next_step


def test_a_key_that_others_may_read_or_that_is_a_link_is_not_used(tmp_path: Path) -> None:
    filled(tmp_path)
    key = key_file(tmp_path)
    key.chmod(0o640)
    error = refused(tmp_path)
    assert isinstance(error, Conflict)
    assert error.next_step == f"chmod 600 {key}"

    key.chmod(0o600)
    moved = key.rename(tmp_path / "elsewhere")
    key.symlink_to(moved)
    assert isinstance(refused(tmp_path), Conflict)


def test_the_key_lies_apart_from_the_values_for_its_owner_alone(tmp_path: Path) -> None:
    filled(tmp_path)

    key = key_file(tmp_path)

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert not any(key.read_bytes().strip() in text for text in contents(tmp_path / "secrets").values())


def test_the_same_value_never_looks_the_same(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    seen = set()
    for _ in range(50):
        store.put(SUPPORT, ID)
        seen.add(file_of(tmp_path, SUPPORT).read_bytes()[27:39])

    assert len(seen) == 50


def test_a_wrong_passphrase_is_told_and_opens_nothing(tmp_path: Path) -> None:
    filled(tmp_path, WORDS)
    assert not (tmp_path / "keys").exists()

    error = refused(tmp_path, words="another horse battery")
    assert "does not open with this passphrase" in error.what
    assert "another horse" not in words_of(error)
    with pytest.raises(GatepassError, match="does not open with this passphrase"):
        store_in(tmp_path, "another horse battery").put(SUPPORT, NEW_ID)

    assert store_in(tmp_path, WORDS).get(SUPPORT) == ID
    assert "nobody is at a terminal" in told_without_terminal(tmp_path)


def told_without_terminal(folder: Path) -> str:
    """Return what a process of its own says that has no terminal to ask at."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            FileSecrets(folder / "secrets", StoreKeys({}, folder / "keys")).get(SUPPORT)
        except GatepassError as error:
            os.write(write, error.what.encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as words:
        return words.read()


def test_a_passphrase_is_long_or_not_taken(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="shorter than 12"):
        store_in(tmp_path, "hunter2").put(SUPPORT, ID)

    assert store_in(tmp_path).get(SUPPORT) is None


def test_a_passphrase_comes_from_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    given = tmp_path / "passphrase"
    given.write_text(f"{WORDS}\nanything else\n", encoding="utf-8")
    chosen = {"GATEPASS_STORE_PASSPHRASE_FILE": str(given)}
    for mode in (0o644, 0o620, 0o604):
        given.chmod(mode)
        with pytest.raises(Conflict) as caught:
            FileSecrets(tmp_path / "secrets", StoreKeys(chosen)).put(SUPPORT, ID)
        assert caught.value.next_step == f"chmod 600 {given}"
    given.chmod(0o600)

    FileSecrets(tmp_path / "secrets", StoreKeys(chosen)).put(SUPPORT, ID)

    assert store_in(tmp_path, WORDS).get(SUPPORT) == ID
    with pytest.raises(GatepassError, match="cannot be read"):
        FileSecrets(tmp_path / "secrets", StoreKeys({**chosen, "GATEPASS_STORE_PASSPHRASE_FILE": "gone"})).get(SUPPORT)
