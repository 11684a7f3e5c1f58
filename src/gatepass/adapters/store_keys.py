"""Where the key of the sealed store comes from: the desktop's keyring, a private file of its own, or a passphrase."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from gatepass.adapters.lasting_files import keep_names, write_lasting
from gatepass.adapters.sealed_values import KEY_BYTES, key_id
from gatepass.adapters.store_note import SALT_BYTES, Keeper, KeyNote
from gatepass.adapters.typed_passphrase import PASSPHRASE, PASSPHRASE_FILE, typed_passphrase
from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.private_files import make_private_folder, read_private

CHOICE = "GATEPASS_STORE_KEY"
# hashlib refuses to take more; 128 * N * r bytes are what scrypt needs, and a little for itself.
_SPARE_BYTES = 2**20


def usual_key_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of keys, apart from the state: ``$XDG_CONFIG_HOME/gatepass/store-keys``."""
    given = environment.get("XDG_CONFIG_HOME", "")
    # The XDG specification has relative paths ignored.
    base = Path(given) if Path(given).is_absolute() else Path.home() / ".config"
    return base / "gatepass" / "store-keys"


class StoreKeys:
    """The keys of sealed stores; one that was found is remembered as long as the process lives, and nowhere else."""

    def __init__(self, environment: Mapping[str, str] | None = None, folder: Path | None = None) -> None:
        """Look in the environment for what was chosen, and in the folder for keys.

        Args:
            environment: by default the process's own.
            folder: of the key files, by default in the user's configuration.
        """
        self._environment = os.environ if environment is None else environment
        self._given_folder = folder
        self._known: dict[str, bytes] = {}
        # A passphrase is asked for once, however many threads want the key.
        self._lock = Lock()

    @property
    def _folder(self) -> Path:
        return self._given_folder or usual_key_folder(self._environment)

    def chosen(self) -> Keeper | None:
        """Return where somebody wants keys to be kept; None when nobody said.

        Raises:
            InvalidInput: it is none of the places.
        """
        said = self._environment.get(CHOICE)
        if said:
            try:
                return Keeper(said)
            except ValueError:
                raise InvalidInput(
                    f"{CHOICE} says {said!r}",
                    why="the key of the local store is kept in one of: " + ", ".join(each.value for each in Keeper),
                    next_step=f"set one of these, or unset {CHOICE}",
                ) from None
        given = self._environment.get(PASSPHRASE) or self._environment.get(PASSPHRASE_FILE)
        return Keeper.PASSPHRASE if given else None

    def key(self, note: KeyNote) -> bytes:
        """Return the key.

        Raises:
            GatepassError: it is not where it was, or the passphrase is another.
            Conflict: its file is not for its owner alone.
        """
        with self._lock:
            found = self._known.get(note.key_id)
            if found is None:
                found = self._fetched(note)
                if key_id(found) != note.key_id:
                    raise _another(note, self.place(note))
                self._known[note.key_id] = found
            return found

    def make(self, keeper: Keeper | None) -> KeyNote:
        """Keep a new key there, or where there is a place for it, and return what is to be noted of it.

        Raises:
            GatepassError: there is no such place, or the passphrase is too short.
        """
        with self._lock:
            if keeper is Keeper.PASSPHRASE:
                words, salt = typed_passphrase(self._environment, is_new=True), os.urandom(SALT_BYTES).hex()
                draft = KeyNote("", keeper, salt)
                key = _derived(words, draft)
                note = KeyNote(key_id(key), keeper, salt)
            else:
                key = os.urandom(KEY_BYTES)
                note = KeyNote(key_id(key), self._put(key, keeper))
            self._known[note.key_id] = key
            return note

    def forget(self, note: KeyNote) -> None:
        """Delete a key that nothing is sealed by any more."""
        if note.keeper is Keeper.KEYRING:
            from gatepass.adapters.secret_keyring import KeyringSecrets  # noqa: PLC0415 - optional, a tenth of a second

            KeyringSecrets().delete(_name_of(note))
        elif note.keeper is Keeper.FILE:
            self._path(note).unlink(missing_ok=True)
            keep_names(self._folder)

    def place(self, note: KeyNote) -> str:
        """Return where the key is, in words."""
        match note.keeper:
            case Keeper.KEYRING:
                return "the keyring of this desktop"
            case Keeper.FILE:
                return str(self._path(note))
            case Keeper.PASSPHRASE:
                return "a passphrase"

    def is_there(self, note: KeyNote) -> bool:
        """Say whether the file of the key is there; what else keeps one is not asked."""
        return note.keeper is not Keeper.FILE or self._path(note).exists()

    def _put(self, key: bytes, keeper: Keeper | None) -> Keeper:
        """Keep the key, and return where; the keyring is taken where one protects, unless a place was chosen."""
        note = KeyNote(key_id(key), keeper or Keeper.KEYRING)
        if note.keeper is Keeper.KEYRING:
            try:
                from gatepass.adapters.secret_keyring import KeyringSecrets  # noqa: PLC0415 - as above

                store = KeyringSecrets()
                store.put(_name_of(note), key.hex())
                if store.get(_name_of(note)) == key.hex():
                    return Keeper.KEYRING
            except GatepassError:
                if keeper is not None:
                    raise
        make_private_folder(self._folder)
        write_lasting(self._path(note), f"{key.hex()}\n".encode())
        return Keeper.FILE

    def _fetched(self, note: KeyNote) -> bytes:
        if note.keeper is Keeper.PASSPHRASE:
            return _derived(typed_passphrase(self._environment, is_new=False), note)
        try:
            return bytes.fromhex(self._from_keyring(note) if note.keeper is Keeper.KEYRING else self._from_file(note))
        except ValueError:
            return b""

    def _from_keyring(self, note: KeyNote) -> str:
        from gatepass.adapters.secret_keyring import KeyringSecrets  # noqa: PLC0415 - as above

        try:
            found = KeyringSecrets().get(_name_of(note))
        except GatepassError as error:
            raise GatepassError(
                "the key of the local store cannot be had from the keyring",
                why=f"{error.what}: {error.why}; nothing was changed",
                next_step="run it where the desktop's keyring is unlocked; for work without a desktop, take the key "
                f"out of it there: {CHOICE}=file with any command that writes, such as gatepass apply",
            ) from None
        if found is None:
            raise _gone(note, "the keyring of this desktop")
        return found

    def _from_file(self, note: KeyNote) -> str:
        try:
            return read_private(self._path(note)).decode(errors="replace")
        except FileNotFoundError:
            raise _gone(note, str(self._path(note))) from None

    def _path(self, note: KeyNote) -> Path:
        return self._folder / f"{note.key_id}.key"


def _name_of(note: KeyNote) -> str:
    return f"store-key/{note.key_id}"


def _derived(passphrase: str, note: KeyNote) -> bytes:
    n, r, p = note.cost
    most = 128 * r * (n + p) + _SPARE_BYTES
    words = passphrase.encode("utf-8", "surrogateescape")
    return hashlib.scrypt(words, salt=bytes.fromhex(note.salt), n=n, r=r, p=p, maxmem=most, dklen=KEY_BYTES)


def _another(note: KeyNote, place: str) -> GatepassError:
    if note.keeper is Keeper.PASSPHRASE:
        return GatepassError(
            "the local store does not open with this passphrase",
            why="its values were sealed with another one; nothing was changed",
            next_step=f"give the right one: in {PASSPHRASE}, in the file that {PASSPHRASE_FILE} names, or when asked",
        )
    return GatepassError(
        "the local store does not open with the key that is kept for it",
        why=f"what is in {place} is not the key that its values were sealed with; nothing was changed",
        next_step="put the key back from a backup",
    )


def _gone(note: KeyNote, place: str) -> GatepassError:
    return GatepassError(
        "the key of the local store is not there",
        why=f"key {note.key_id} is looked for in {place}; without it no value can be read, and nothing was changed",
        next_step="put it back from a backup; if it is lost, docs/security-model.md says how to fill a new store",
    )
