"""What a provider remembers of customers' passes, in a private file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from gatepass.adapters.kept_book import KeptBook
from gatepass.domain.handed_pass import HandedPass
from gatepass.domain.identifiers import AccountId
from gatepass.domain.signed_file import PublicKey
from gatepass.private_files import state_folder


class FileAdmissionBook:
    """A book in the user's own state folder: another user, or another machine, has another one."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep it in the folder, by default in the user's state folder."""
        self._book = KeptBook(
            (folder or state_folder() / "admissions") / "book.json",
            "which passes were admitted and whose key is whose",
            "to trust every customer's next key anew",
        )

    def known_key(self, customer: AccountId) -> PublicKey | None:
        """Return the key that this customer's first pass came with, or None."""
        return self._book.known_key(str(customer))

    def was_admitted(self, pass_id: str) -> bool:
        """Say whether a pass was admitted already."""
        return self._book.was_used(pass_id)

    def remember(self, handed: HandedPass, key: PublicKey, now: datetime) -> None:
        """Keep whose key it is, and that the pass was admitted, until nobody could admit it any more."""
        self._book.remember(str(handed.customer), key, handed.id, handed.usable_until, now)
