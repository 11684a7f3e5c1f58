"""How the local store of secrets stands, told without opening it: no key is fetched and no passphrase asked for."""

from __future__ import annotations

from pathlib import Path

from gatepass.adapters.secret_file import NOTE, FileSecrets
from gatepass.adapters.store_keys import StoreKeys
from gatepass.adapters.store_note import Keeper, StoreNote, read_note
from gatepass.adapters.typed_passphrase import PASSPHRASE_FILE
from gatepass.domain.errors import Conflict
from gatepass.ports.machine import StoreStanding
from gatepass.private_files import read_private

_BETTER = (
    f"if that is not enough: a passphrase in a file that {PASSPHRASE_FILE} names, or a keyring with GATEPASS_STORE_KEY"
    "=keyring; the next write moves everything"
)


def store_standing(folder: Path, keys: StoreKeys) -> StoreStanding | None:
    """Return how the store in the folder stands; None when nothing is kept there.

    Args:
        folder: of the values.
        keys: where its key would be.
    """
    try:
        count = len(FileSecrets(folder, keys).names(""))
        try:
            text = read_private(folder / NOTE)
        except FileNotFoundError:
            return _in_clear(folder, count) if count else None
        note = read_note(text)
    except Conflict as error:
        return StoreStanding(f"{error.what}: {error.why}", error.next_step, is_wrong=True)
    except OSError as error:
        return StoreStanding(f"{folder} cannot be read: {error.strerror}", f"ls -ld {folder}", is_wrong=True)
    if note is None:
        why = "was altered, or a later version of Gatepass wrote it"
        return StoreStanding(f"{folder / NOTE} {why}", "put it back from a backup", is_wrong=True)
    return _sealed(folder, count, note, keys)


def _in_clear(folder: Path, count: int) -> StoreStanding:
    text = f"{_counted(count)} in {folder} in clear, as an earlier version wrote them; the next write seals them all"
    return StoreStanding(text, "run any command that writes there, such as gatepass apply")


def _sealed(folder: Path, count: int, note: StoreNote, keys: StoreKeys) -> StoreStanding:
    place, sealed = keys.place(note.key), f"{_counted(count)} in {folder}, each sealed with AES-256-GCM"
    if not keys.is_there(note.key):
        advice = "put it back from a backup; nothing can be read without it"
        return StoreStanding(f"{sealed}; the key is not where it was: {place}", advice, is_wrong=True)
    text = f"{sealed}; the key is in {place}"
    if note.is_moving:
        return StoreStanding(f"{text}; moving to it was stopped half-way", "the next write ends it")
    if note.key.keeper is Keeper.FILE:
        text += "; a copy of one folder alone is useless, but whoever acts as you here, or has both, reads all"
        return StoreStanding(text, _BETTER)
    if note.key.keeper is Keeper.PASSPHRASE:
        return StoreStanding(f"{sealed} by a key from a passphrase")
    return StoreStanding(text)


def _counted(count: int) -> str:
    return f"{count} secret" if count == 1 else f"{count} secrets"
