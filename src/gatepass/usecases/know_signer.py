"""Whose key signed a file that anybody may have handed over, as far as it can be known here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from gatepass.domain.identifiers import AccountId
from gatepass.domain.rotation_statement import RotationStatement
from gatepass.domain.signed_file import PublicKey
from gatepass.ports.books import ProviderPins
from gatepass.ports.signatures import SignatureChecker
from gatepass.usecases.review_offer import is_vouched


class Standing(Enum):
    """What is known of the key that signed."""

    GIVEN = "it is the key that you gave"
    PINNED = "it is the provider's, as you know it from its offer"
    UNKNOWN = "nobody here knows it: compare its fingerprint with the provider, by telephone"
    ANOTHER = "it is not the key that you know of this provider"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known here.

    Attributes:
        pins: which key is known of each provider.
        signatures: the mathematics.
        given: the key, or its fingerprint, as the provider told it; None when nobody gave one.
    """

    pins: ProviderPins
    signatures: SignatureChecker
    given: str | None = None


def standing_of(
    key: PublicKey, rotations: Sequence[RotationStatement], provider: AccountId | None, known_here: Known
) -> Standing:
    """Return what is known of the key that signed.

    Args:
        key: the key that is said to have signed.
        rotations: how it came after older ones.
        provider: whose it is said to be, or None where nothing says so.
        known_here: what is known.
    """
    given, signatures = known_here.given, known_here.signatures
    if given is not None:
        is_it = given.strip().upper() == key.fingerprint or given.strip() == str(key)
        return Standing.GIVEN if is_it else Standing.ANOTHER
    known = known_here.pins.known_key(provider) if provider is not None else None
    if provider is None or known is None:
        return Standing.UNKNOWN
    is_it = is_vouched(provider, key, known, tuple(rotations), signatures)
    # Who accepted an offer after the rotation knows a younger key than an older file was signed with.
    is_older = any(
        each.old == key
        and each.provider == provider
        and signatures.is_signed_by(each.old, each.message, each.signature)
        and is_vouched(provider, known, key, tuple(rotations), signatures)
        for each in rotations
    )
    return Standing.PINNED if is_it or is_older else Standing.ANOTHER
