"""The public keys between the two sides: the customer's, in files and in the register, and the one to be sealed to."""

from __future__ import annotations

import re

from gatepass.domain.errors import InvalidInput

# Random enough to be unique in every register; it is no secret.
CUSTOMER_KEY_BITS = 50
# External IDs of ours have at most 64 characters, 31 of them taken by the rest.
_CUSTOMER_KEY = re.compile(r"[0-9A-Z]{8,32}", re.ASCII)
# Of IDs that others chose the register has a keyed digest, which in hexadecimal has up to 64.
_REGISTER_KEY = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
# https://age-encryption.org/v1: an X25519 recipient, 32 bytes in Bech32.
_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}", re.ASCII)


def is_customer_key(text: str) -> bool:
    """Say whether the text can be the customer's part of an external ID."""
    return _CUSTOMER_KEY.fullmatch(text) is not None


def demand_customer_key(text: str) -> str:
    """Let only a customer key pass, and return it.

    Raises:
        InvalidInput: it is none; the text is not repeated, it could be an external ID in the wrong place.
    """
    if not is_customer_key(text):
        raise InvalidInput(
            "that is not a customer key",
            why="a customer key has 8 to 32 capital letters and digits, as the provider's offer has it",
            next_step="copy it from the offer: gatepass review OFFER",
        )
    return text


def demand_register_key(text: str) -> str:
    """Let only a customer key of the register pass, a keyed digest included, and return it.

    Raises:
        InvalidInput: it is none; the text is not repeated, it could be an external ID in the wrong place.
    """
    if not _REGISTER_KEY.fullmatch(text):
        raise InvalidInput(
            "that is not a customer key",
            why="a key has 8 to 64 letters, digits and hyphens; it is the middle part of an external ID, not all of it",
            next_step="copy the key from the offer, or let gatepass customers import draw one",
        )
    return text


def demand_recipient(text: str) -> str:
    """Let only an age recipient pass, and return it; that nobody mistyped it, sealing finds out.

    Raises:
        InvalidInput: it is none; the text is not repeated, it could be a secret key in the wrong place.
    """
    if not _RECIPIENT.fullmatch(text):
        raise InvalidInput(
            "that is not an age recipient",
            why="a recipient reads age1 and 58 small letters and digits; it is the public half of the provider's key",
            next_step="copy it from the offer: gatepass review OFFER",
        )
    return text
