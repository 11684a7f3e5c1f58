"""Find the receipt that answers a rotation's pass, and believe only what the provider's own key signed."""

from __future__ import annotations

from gatepass.domain.errors import Conflict
from gatepass.domain.handshake import Verdict, surprises_text
from gatepass.domain.identifiers import AccountId, GrantName, RoleName
from gatepass.domain.receipt import Receipt
from gatepass.ports.trays import Tray
from gatepass.usecases.customer_half import CustomerHalf, receipt_name, rotation_record
from gatepass.usecases.read_receipt import read_receipt
from gatepass.usecases.review_offer import OfferDesk


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
    return receipt_of_pass(record.pass_id, half.account, half.grant, record.role.name, half.inbox, half.desk)


def receipt_of_pass(  # noqa: PLR0913, PLR0917 - which pass, of what, and where to look with what
    pass_id: str, account: AccountId, grant: GrantName, role: RoleName, inbox: Tray, desk: OfferDesk
) -> Receipt | None:
    """Return the receipt that says the provider opened the role with what this pass hands over, or None.

    Args:
        pass_id: of the pass; a receipt of another is left where it lies.
        account: whose role it is.
        grant: the role's grant.
        role: the role, by the name that is its account's only one.
        inbox: where receipts come in.
        desk: which key the provider is known by.

    Raises:
        InvalidInput: what lies there is no receipt, or was changed.
        Conflict: it is not the known provider's, or says that the handshake failed.
    """
    text = inbox.get(receipt_name(account, grant))
    if text is None:
        return None
    receipt = read_receipt(text, account, desk).receipt
    subject, handshake = receipt.subject, receipt.handshake
    if subject.pass_id != pass_id:
        return None
    is_same = handshake.role.name == role and str(subject.grant).lower() == str(grant).lower()
    if not is_same or handshake.verdict is not Verdict.SOUND or not handshake.has_second_factor:
        raise Conflict(
            f"the receipt for {grant} does not say that the new second factor opens the role {role}",
            why=surprises_text(handshake) or "it is about something else",
            next_step="both second factors open until the previous one's date; ask the provider what it saw",
        )
    return receipt
