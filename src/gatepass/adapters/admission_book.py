"""What a provider remembers of customers' passes, in a private file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gatepass.adapters.private_lock import sole_writer
from gatepass.domain.access_request import CLOCK_SKEW
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.handed_pass import HandedPass
from gatepass.domain.identifiers import AccountId
from gatepass.domain.json_text import read_json
from gatepass.domain.signed_file import PublicKey, parse_public_key
from gatepass.private_files import read_private, state_folder, write_private


@dataclass
class _Pages:
    """The whole book.

    Attributes:
        keys: by customer account, the text of the key.
        admitted: by the pass's id, when nobody could admit it any more.
    """

    keys: dict[str, str] = field(default_factory=dict)
    admitted: dict[str, str] = field(default_factory=dict)


class FileAdmissionBook:
    """A book in the user's own state folder: another user, or another machine, has another one."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep it in the folder, by default in the user's state folder."""
        self._path = (folder or state_folder() / "admissions") / "book.json"

    def known_key(self, customer: AccountId) -> PublicKey | None:
        """Return the key that this customer's first pass came with, or None."""
        text = self._read().keys.get(str(customer))
        return parse_public_key(text) if text is not None else None

    def was_admitted(self, pass_id: str) -> bool:
        """Say whether a pass was admitted already."""
        return pass_id in self._read().admitted

    def remember(self, handed: HandedPass, key: PublicKey, now: datetime) -> None:
        """Keep whose key it is, and that the pass was admitted, until nobody could admit it any more."""
        with sole_writer(self._path.parent):
            pages = self._read()
            pages.keys[str(handed.customer)] = str(key)
            pages.admitted = {one: end for one, end in pages.admitted.items() if datetime.fromisoformat(end) > now}
            pages.admitted[handed.id] = (handed.usable_until + CLOCK_SKEW).astimezone(UTC).isoformat()
            text = json.dumps({"keys": pages.keys, "admitted": pages.admitted}, indent=2)
            write_private(self._path, text.encode())

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
            # Starting anew in silence would let any key pass for the first one.
            raise Conflict(
                f"{self._path} is not used",
                why="it is not as Gatepass writes it, and it says which passes were admitted and whose key is whose",
                next_step=f"look who changed it; to trust every customer's next key anew: rm {self._path}",
            )
        return pages


def _pages(tree: object) -> _Pages | None:
    match tree:
        case {"keys": dict() as keys, "admitted": dict() as admitted} if _is_text(keys) and _is_text(admitted):
            for text in keys.values():
                parse_public_key(text)
            for end in admitted.values():
                if datetime.fromisoformat(end).utcoffset() is None:
                    return None
            return _Pages(keys, admitted)
        case _:
            return None


def _is_text(entries: Mapping[object, object]) -> bool:
    return all(isinstance(value, str) for value in entries.values())
