"""Read a provider's receipt on the customer's side: only what the provider's own key signed is believed."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.receipt import RECEIPT, Receipt, parse_receipt
from gatepass.domain.signed_file import PublicKey, parse_signed_file
from gatepass.usecases.review_offer import OfferDesk, is_vouched


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """A receipt that is whole, and signed by the provider that it names.

    Attributes:
        key: the key that signed it.
    """

    receipt: Receipt
    key: PublicKey


def read_receipt(text: str, own: AccountId | None, desk: OfferDesk) -> ReadReceipt:
    """Return what the file tells.

    Args:
        text: the file's content.
        own: the customer's account; None when nobody can say which it is.
        desk: which key each provider is known by, and the mathematics.

    Raises:
        InvalidInput: it is no receipt, or was changed after it was signed.
        Conflict: its provider is not known here, is known by another key, or it is about another account.
    """
    signed = parse_signed_file(text, RECEIPT)
    if not desk.signatures.is_signed_by(signed.key, signed.message, signed.signature):
        raise InvalidInput(
            "the signature of the receipt is not right",
            why="the file was changed after it was signed, or was never signed with that key",
            next_step="believe nothing of it; ask the provider, by another way, to send it again",
        )
    receipt = parse_receipt(signed.body)
    provider, account = receipt.subject.provider, receipt.handshake.role.account
    known = desk.pins.known_key(provider)
    if known is None:
        raise Conflict(
            f"nobody here knows the key of account {provider}, which the receipt says it is from",
            why=f"a key is known once an offer was accepted here; it is signed with {signed.key.fingerprint}",
            next_step="look at it where the offer was accepted; if you know no such provider, believe nothing of it",
        )
    if not is_vouched(provider, signed.key, known, receipt.rotations, desk.signatures):
        raise Conflict(
            f"the receipt is not signed by account {provider}, which it says it is from",
            why=f"you know the provider by: {known.fingerprint}\nit is signed with:       {signed.key.fingerprint}",
            next_step="believe nothing of it; call the provider on a number you know. After a lost key its new offer "
            "is accepted first",
        )
    if own not in (None, account):
        raise Conflict(
            f"the receipt is about a role of account {account}",
            why=f"your credentials are of account {own}",
            next_step="load the credentials of that account, or leave it to whom it is for",
        )
    return ReadReceipt(receipt, signed.key)
