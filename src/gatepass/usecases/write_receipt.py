"""Write what a handshake showed as a signed file that the customer can read."""

from __future__ import annotations

from gatepass.domain.handshake import Handshake, Subject
from gatepass.domain.receipt import RECEIPT, Receipt, receipt_body
from gatepass.domain.rotation_statement import RotationStatement
from gatepass.domain.signed_file import SignedFile, message_to_sign
from gatepass.ports.machine import Randomness
from gatepass.ports.signatures import SigningKey

_ID_BITS = 130


def write_receipt(
    handshake: Handshake,
    subject: Subject,
    key: SigningKey,
    randomness: Randomness,
    rotations: tuple[RotationStatement, ...] = (),
) -> SignedFile:
    """Return the receipt; nothing that opens anything is in it.

    Args:
        handshake: what was seen.
        subject: what it was about.
        key: the provider's signing key, which the customer knows from the offer.
        randomness: for the receipt's id.
        rotations: how the key came after older ones, one of which the customer may know.
    """
    body = receipt_body(Receipt(randomness.word(_ID_BITS), subject, handshake, rotations))
    public = key.public_key
    return SignedFile(RECEIPT, body, public, key.sign(message_to_sign(RECEIPT, body, public)))
