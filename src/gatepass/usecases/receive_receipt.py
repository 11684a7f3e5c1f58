"""Find the receipt that answers a rotation's pass, and believe only what the provider's own key signed."""

from __future__ import annotations

from gatepass.domain.errors import Conflict
from gatepass.domain.handshake import Verdict, surprises_text
from gatepass.domain.receipt import Receipt
from gatepass.usecases.customer_half import CustomerHalf, receipt_name, rotation_record
from gatepass.usecases.read_receipt import read_receipt


def receipt_of_rotation(half: CustomerHalf) -> Receipt | None:
    """Return the receipt that says the provider holds the new second factor, or None while there is none.

    One that answers an earlier pass is left where it lies.

    Raises:
        InvalidInput: what lies there is no receipt, or was changed.
        Conflict: it is not the known provider's, or says that the handshake failed.
    """
    record = rotation_record(half)
    if record is None:
        return None
    text = half.inbox.get(receipt_name(half.account, half.grant))
    if text is None:
        return None
    receipt = read_receipt(text, half.account, half.desk).receipt
    subject, handshake = receipt.subject, receipt.handshake
    if subject.pass_id != record.pass_id:
        return None
    is_same = handshake.role == record.role and str(subject.grant).lower() == str(half.grant).lower()
    if not is_same or handshake.verdict is not Verdict.SOUND or not handshake.has_second_factor:
        raise Conflict(
            f"the receipt for {half.grant} does not say that the new second factor opens {record.role}",
            why=surprises_text(handshake) or "it is about something else",
            next_step="both second factors open until the previous one's date; ask the provider what it saw",
        )
    return receipt
