"""What each side remembers of what was handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gatepass.domain.access_request import AccessRequest
from gatepass.domain.identifiers import AccountId, EngineerName
from gatepass.domain.offer import Offer
from gatepass.domain.signed_file import PublicKey, SignedFile


class ProviderPins(Protocol):
    """Which signing key a customer knows of each provider, since it accepted a first offer."""

    def known_key(self, provider: AccountId) -> PublicKey | None:
        """Return the key, or None of a provider that nobody accepted anything from."""

    def pin(self, provider: AccountId, key: PublicKey) -> None:
        """Know the provider by this key from now on."""


class OfferBook(Protocol):
    """The offers that a provider made, so that an answer to one is known again and no customer key is drawn twice."""

    def made(self) -> Sequence[Offer]:
        """Return them, expired ones too."""

    def keep(self, offer: Offer, signed: SignedFile) -> None:
        """Keep one more."""


class RequestBook(Protocol):
    """What the customer remembers of engineers' requests: whose key is whose, and what was acted upon."""

    def known_key(self, provider: AccountId, engineer: EngineerName) -> PublicKey | None:
        """Return the key that this engineer's first request came with, or None."""

    def was_used(self, request_id: str) -> bool:
        """Say whether a request was acted upon already."""

    def remember(self, request: AccessRequest, key: PublicKey, now: datetime) -> None:
        """Keep whose key it is, and that the request was used, until nobody could use it any more."""
