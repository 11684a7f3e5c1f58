"""What a customer remembers of engineers' requests, in a private file: whose key is whose, and what was used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gatepass.adapters.private_lock import sole_writer
from gatepass.domain.access_request import CLOCK_SKEW, AccessRequest
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.identifiers import AccountId, EngineerName
from gatepass.domain.json_text import read_json
from gatepass.domain.signed_file import PublicKey, parse_public_key
from gatepass.private_files import read_private, state_folder, write_private


@dataclass
class _Pages:
    """The whole book.

    Attributes:
        keys: the text of the key of each engineer.
        used: by the request's id, when nobody could use the request any more.
    """

    keys: dict[str, str] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)


class FileRequestBook:
    """A book in the user's own state folder: another user, or another machine, has another one."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep it in the folder, by default in the user's state folder."""
        self._path = (folder or state_folder() / "requests") / "book.json"

    def known_key(self, provider: AccountId, engineer: EngineerName) -> PublicKey | None:
        """Return the key that this engineer's first request came with, or None."""
        text = self._read().keys.get(_person(provider, engineer))
        return parse_public_key(text) if text is not None else None

    def was_used(self, request_id: str) -> bool:
        """Say whether a request was acted upon already."""
        return request_id in self._read().used

    def remember(self, request: AccessRequest, key: PublicKey, now: datetime) -> None:
        """Keep whose key it is, and that the request was used, until nobody could use it any more."""
        with sole_writer(self._path.parent):
            pages = self._read()
            pages.keys[_person(request.provider, request.engineer)] = str(key)
            pages.used = {one: end for one, end in pages.used.items() if datetime.fromisoformat(end) > now}
            pages.used[request.id] = (request.usable_until + CLOCK_SKEW).astimezone(UTC).isoformat()
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
            # Starting anew in silence would let used requests be used again, and any key pass for the first one.
            raise Conflict(
                f"{self._path} is not used",
                why="it is not as Gatepass writes it, and it says which requests were used and whose key is whose",
                next_step=f"look who changed it; to trust everybody anew after a day: rm {self._path}",
            )
        return pages


def _person(provider: AccountId, engineer: EngineerName) -> str:
    # IAM keeps user names without regard to case, and so should a person's key be known.
    return f"{provider}/{str(engineer).lower()}"


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
