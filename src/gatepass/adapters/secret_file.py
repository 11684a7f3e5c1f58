"""Secrets in private files of this machine, one file each, sealed by a key that lies elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from gatepass.adapters.lasting_files import keep_names, replace_lasting, write_lasting
from gatepass.adapters.private_lock import one_of_writers, sole_writer
from gatepass.adapters.sealed_values import DoesNotOpen, is_sealed, opened, sealed, sealed_by
from gatepass.adapters.store_keys import StoreKeys
from gatepass.adapters.store_note import StoreNote, is_genuine, note_text, read_note
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.domain.kept_secrets import demand_secret_name, demand_secret_value, is_secret_name, names_under
from gatepass.private_files import make_private_folder, read_private, state_folder

# What a store says of itself; no secret of ours can have such a name.
NOTE, _LOCK = ".store", ".lock"


class FileSecrets:
    """A folder that only its owner may enter, with one file for each secret, which opens under its own name only.

    Reading takes no lock. Writers of single files work side by side; making the store, and moving its values to
    another key, is done by one alone. A store from before values were sealed is moved at its first write.
    """

    def __init__(self, folder: Path | None = None, keys: StoreKeys | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder.

        Args:
            folder: of the values.
            keys: where the key is; by default as the environment says.
        """
        self._folder = folder or state_folder() / "secrets"
        self._keys = keys or StoreKeys()

    @property
    def title(self) -> str:
        """Where the secrets lie."""
        return str(self._folder)

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name."""
        path = self._path(name)
        if not os.path.lexists(self._folder):
            return None
        make_private_folder(self._folder)
        note = self._note()
        while True:
            try:
                content = read_private(path)
            except FileNotFoundError:
                return None
            try:
                return self._value(name, content, note)
            except GatepassError:
                # Between the two readings somebody may have moved the values, and taken the key before away.
                before, note = note, self._note()
                if note == before:
                    raise

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, one after the other."""
        return {name: value for name in names if (value := self.get(name)) is not None}

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        path = self._path(name)
        demand_secret_value(value)
        with self._settled() as key:
            write_lasting(path, sealed(name, value.encode(), key))

    def delete(self, name: str) -> None:
        """Forget the secret; no key is needed for it."""
        path = self._path(name)
        with one_of_writers(self._folder):
            path.unlink(missing_ok=True)
            keep_names(self._folder)

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names under the prefix."""
        if not os.path.lexists(self._folder):
            return names_under(prefix, ())
        make_private_folder(self._folder)
        return names_under(prefix, self._entries())

    def _entries(self) -> list[str]:
        # What has no name of ours is the lock, the note, or what a writing that was stopped left.
        return sorted(filter(is_secret_name, (path.name.replace(".", "/") for path in self._folder.iterdir())))

    def _path(self, name: str) -> Path:
        demand_secret_name(name)
        # No name holds a dot, so no two names make one file.
        return self._folder / name.replace("/", ".")

    def _note(self) -> StoreNote | None:
        """Return by which key values are sealed; None in a store where none is.

        Raises:
            Conflict: the note was altered, or is of a later version.
            GatepassError: the key is not there, or the passphrase is another.
        """
        text = self._note_text()
        while text is not None:
            try:
                return self._checked(text)
            except GatepassError:
                # Somebody may just have moved the values to another key, and taken the one before away.
                before, text = text, self._note_text()
                if text == before:
                    raise
        return None

    def _note_text(self) -> bytes | None:
        try:
            return read_private(self._folder / NOTE)
        except FileNotFoundError:
            return None

    def _checked(self, text: bytes) -> StoreNote:
        note = read_note(text)
        if note is None or not is_genuine(text, note, self._keys.key(note.key)):
            raise Conflict(
                f"{self._folder / NOTE} is not used",
                why="it was altered, or a later version of Gatepass wrote it; nothing was changed",
                next_step="look who else writes there, and put the file back from a backup",
            )
        return note

    def _value(self, name: str, content: bytes, note: StoreNote | None) -> str:
        if not is_sealed(content):
            if content and (note is None or note.from_plain):
                try:
                    return content.decode()
                except UnicodeDecodeError:
                    pass
            raise self._unusable(name, "it is not as Gatepass writes it")
        if note is None:
            raise self._unusable(name, f"it is sealed, and {self._folder / NOTE}, which says by which key, is gone")
        by = sealed_by(content)
        for key_note in filter(None, (note.key, note.before)):
            if by == key_note.key_id:
                try:
                    return opened(name, content, self._keys.key(key_note)).decode()
                except (DoesNotOpen, UnicodeDecodeError):
                    raise self._unusable(name, "it was altered, or moved here from another entry") from None
        if by is None:
            raise self._unusable(name, "it is cut off, or a later version of Gatepass wrote it")
        raise self._unusable(name, "it was altered, or another store's key sealed it")

    def _unusable(self, name: str, why: str) -> Conflict:
        path = self._path(name)
        return Conflict(
            f"{path} is not used",
            why=f"{why}; nothing was changed",
            next_step=f"put it back from a backup; or fill it anew, after: rm {path}",
        )

    @contextmanager
    def _settled(self) -> Iterator[bytes]:
        """Hold the store among its writers, with the key to seal by; make or move it before where that is due."""
        while True:
            with one_of_writers(self._folder):
                note = self._note()
                if note is not None and not note.is_moving and self._keys.chosen() in (None, note.key.keeper):
                    yield self._keys.key(note.key)
                    return
            with sole_writer(self._folder):
                self._settle()

    def _settle(self) -> None:
        """Seal every value by the key that is wanted; stopped anywhere, each opens by one of the two that are noted."""
        note = self._note()
        if note is not None and note.is_moving:
            note = self._move(note)
        wanted = self._keys.chosen()
        if note is None or wanted not in (None, note.key.keeper):
            before = note.key if note is not None else None
            # Whoever cannot open what is there may not give it a new key.
            for name in self._entries():
                self._value(name, read_private(self._path(name)), note)
            self._move(self._written(StoreNote(self._keys.make(wanted), before, from_plain=note is None)))

    def _move(self, note: StoreNote) -> StoreNote:
        key, moved = self._keys.key(note.key), {}
        for name in self._entries():
            path = self._path(name)
            content = read_private(path)
            if sealed_by(content) != note.key.key_id:
                moved[path.name] = sealed(name, self._value(name, content, note).encode(), key)
        replace_lasting(self._folder, moved)
        self._sweep()
        done = self._written(StoreNote(note.key))
        if note.before is not None:
            self._keys.forget(note.before)
        return done

    def _written(self, note: StoreNote) -> StoreNote:
        write_lasting(self._folder / NOTE, note_text(note, self._keys.key(note.key)))
        return note

    def _sweep(self) -> None:
        """Take away what writings left that were stopped, in clear perhaps; nobody else writes now."""
        for path in self._folder.iterdir():
            if path.name.startswith(".") and path.name not in (NOTE, _LOCK):
                path.unlink()
