"""The offers that were written here, each in a private file, so that an answer to one is known again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from gatepass.adapters.private_lock import sole_writer
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.offer import OFFER, Offer
from gatepass.domain.offer_body import parse_offer
from gatepass.domain.signed_file import SignedFile, parse_signed_file
from gatepass.private_files import make_private_folder, read_private, state_folder, write_private


class FileOfferBook:
    """A folder in the user's own state folder, one file for each offer."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder."""
        self._folder = folder or state_folder() / "offers"

    def made(self) -> Sequence[Offer]:
        """Return the offers, in the order of their ids."""
        if not self._folder.exists():
            return ()
        make_private_folder(self._folder)
        return tuple(_read(path) for path in sorted(self._folder.glob("*.json")))

    def keep(self, offer: Offer, signed: SignedFile) -> None:
        """Keep one more."""
        with sole_writer(self._folder):
            write_private(self._folder / f"{offer.id}.json", json.dumps(signed.tree).encode())


def _read(path: Path) -> Offer:
    try:
        return parse_offer(parse_signed_file(read_private(path).decode(), OFFER).body)[0]
    except (InvalidInput, UnicodeDecodeError):
        raise Conflict(
            f"{path} is not used", why="it is no offer as Gatepass writes it", next_step=f"look at it, then: rm {path}"
        ) from None
