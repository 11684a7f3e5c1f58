"""A private file that remembers whose key is whose, and which signed files were used already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gatepass.adapters.private_lock import sole_writer
from gatepass.domain.access_request import CLOCK_SKEW
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.json_text import read_json
from gatepass.domain.signed_file import PublicKey, parse_public_key
from gatepass.private_files import read_private, write_private


@dataclass
class _Pages:
    """The whole book.

    Attributes:
        keys: the text of the key of each signer.
        used: by the file's id, when nobody could use the file any more.
    """

    keys: dict[str, str] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)


class KeptBook:
    """A book in the user's own state folder: another user, or another machine, has another one."""

    def __init__(self, path: Path, what_it_says: str, remedy: str) -> None:
        """Keep it in the file.

        Args:
            path: the file.
            what_it_says: in words, for the error when it was damaged.
            remedy: what deleting it would mean, for the same.
        """
        self._path = path
        self._what_it_says, self._remedy = what_it_says, remedy

    def known_key(self, signer: str) -> PublicKey | None:
        """Return the key that this signer's first file came with, or None."""
        text = self._read().keys.get(signer)
        return parse_public_key(text) if text is not None else None

    def was_used(self, file_id: str) -> bool:
        """Say whether a file was acted upon already."""
        return file_id in self._read().used

    def remember(self, signer: str, key: PublicKey, file_id: str, usable_until: datetime, now: datetime) -> None:
        """Keep whose key it is, and that the file was used, until nobody could use it any more."""
        with sole_writer(self._path.parent):
            pages = self._read()
            pages.keys[signer] = str(key)
            pages.used = {one: end for one, end in pages.used.items() if datetime.fromisoformat(end) > now}
            pages.used[file_id] = (usable_until + CLOCK_SKEW).astimezone(UTC).isoformat()
            write_private(self._path, json.dumps({"keys": pages.keys, "used": pages.used}, indent=2).encode())

    def _read(self) -> _Pages:
        try:
            content = read_private(self._path)
        except FileNotFoundError:
            return _Pages()
        try:
            pages = _pages(read_json(content.decode()))
        except (InvalidInput, ValueError):
            pages = None
        if pages is None:
            # Starting anew in silence would let used files be used again, and any key pass for the first one.
            raise Conflict(
                f"{self._path} is not used",
                why=f"it is not as Gatepass writes it, and it says {self._what_it_says}",
                next_step=f"look who changed it; {self._remedy}: rm {self._path}",
            )
        return pages


def _pages(tree: object) -> _Pages | None:
    match tree:
        case {"keys": dict() as keys, "used": dict() as used} if _is_text(keys) and _is_text(used):
            for text in keys.values():
                parse_public_key(text)
            for end in used.values():
                if datetime.fromisoformat(end).utcoffset() is None:
                    return None
            return _Pages(keys, used)
        case _:
            return None


def _is_text(entries: Mapping[object, object]) -> bool:
    return all(isinstance(value, str) for value in entries.values())
