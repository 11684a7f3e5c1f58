"""What a customer remembers of engineers' requests, in a private file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from gatepass.adapters.kept_book import KeptBook
from gatepass.domain.access_request import AccessRequest
from gatepass.domain.identifiers import AccountId, EngineerName
from gatepass.domain.signed_file import PublicKey
from gatepass.private_files import state_folder


class FileRequestBook:
    """A book in the user's own state folder: another user, or another machine, has another one."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep it in the folder, by default in the user's state folder."""
        self._book = KeptBook(
            (folder or state_folder() / "requests") / "book.json",
            "which requests were used and whose key is whose",
            "to trust everybody anew after a day",
        )

    def known_key(self, provider: AccountId, engineer: EngineerName) -> PublicKey | None:
        """Return the key that this engineer's first request came with, or None."""
        return self._book.known_key(_person(provider, engineer))

    def was_used(self, request_id: str) -> bool:
        """Say whether a request was acted upon already."""
        return self._book.was_used(request_id)

    def remember(self, request: AccessRequest, key: PublicKey, now: datetime) -> None:
        """Keep whose key it is, and that the request was used, until nobody could use it any more."""
        self._book.remember(_person(request.provider, request.engineer), key, request.id, request.usable_until, now)


def _person(provider: AccountId, engineer: EngineerName) -> str:
    # IAM keeps user names without regard to case, and so should a person's key be known.
    return f"{provider}/{str(engineer).lower()}"
