"""What the customer's half of a rotation works on: one role, the record of its rotation, and the files it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.identifiers import AccountId, GrantName, RoleName
from gatepass.domain.rotation_record import RotationRecord, parse_record, rotation_secret_name
from gatepass.ports.roles import StandingRole, SwitchDirectory
from gatepass.ports.secrets import SecretStore
from gatepass.ports.trays import Tray
from gatepass.usecases.review_offer import OfferDesk
from gatepass.usecases.rotate_factor import demand_rotatable
from gatepass.usecases.write_pass import PassTools

# With what the names of receipts end.
RECEIPT_END = ".receipt.json"


@dataclass(frozen=True, slots=True)
class CustomerHalf:
    """One grant of one customer, and what its half of a rotation needs.

    Attributes:
        account: whose role it is; credentials of another account change nothing.
        role: the grant's role.
        recipient: the provider's age recipient, to whom the pass is sealed.
        offer: the id of the offer that the customer accepted, if any.
        roles: the customer's account.
        store: where the customer keeps its second factors.
        outbox: where passes are left for the provider.
        inbox: where the provider's receipts come in.
        desk: which key the provider is known by.
        overlap: how long the previous second factor still opens if no receipt comes.
    """

    account: AccountId
    grant: GrantName
    role: RoleName
    recipient: str
    offer: str | None
    roles: SwitchDirectory
    store: SecretStore
    tools: PassTools
    outbox: Tray
    inbox: Tray
    desk: OfferDesk
    overlap: timedelta = field(default=timedelta(days=7))


def standing_role(half: CustomerHalf) -> StandingRole:
    """Return the role as it stands now, an open door of ours in the half's own account.

    Raises:
        NotThere: it is gone.
        Conflict: it is another account's, closed, or kept by another engine.
    """
    seen = half.roles.standing_role(half.role)
    if seen is None:
        raise NotThere(
            f"the role {half.role} of the grant {half.grant} is gone",
            why="somebody deleted it, or it was never applied",
            next_step="gatepass plan, then gatepass apply, if the provider should still get in",
        )
    if seen.arn.account != half.account:
        raise Conflict(
            f"the role {half.role} was found in account {seen.arn.account}",
            why=f"the file is for account {half.account}, and the credentials are for the other",
            next_step="name credentials of the file's account",
        )
    demand_rotatable(half.grant, seen.arn, seen.role)
    return seen


def rotation_record(half: CustomerHalf) -> RotationRecord | None:
    """Return what the store remembers of the last rotation of this role, or None.

    Raises:
        InvalidInput: it is not as Gatepass writes it.
    """
    text = half.store.get(rotation_secret_name(half.account, half.grant))
    record = parse_record(text) if text is not None else None
    is_same = record is not None and (record.role.account, record.role.name) == (half.account, half.role)
    return record if is_same else None


def pass_name(account: AccountId, grant: GrantName) -> str:
    """Return the name of a pass's file."""
    return f"{account}-{str(grant).lower()}.pass.json"


def receipt_name(account: AccountId, grant: GrantName) -> str:
    """Return the name of the file of the receipt that answers a pass."""
    return f"{account}-{str(grant).lower()}{RECEIPT_END}"


def demand_record(half: CustomerHalf) -> RotationRecord:
    """Return what the store remembers of the rotation that is under way.

    Raises:
        NotThere: it remembers none.
    """
    record = rotation_record(half)
    if record is None:
        raise NotThere(
            f"{half.store.title} keeps nothing of the rotation of {half.grant}",
            why="somebody removed it, or it is another store than when the rotation began",
            next_step=f"gatepass rotate {half.grant} --status shows how the role stands",
        )
    return record


def edited(half: CustomerHalf, how_it_stands: str) -> Conflict:
    """Return the error for a trust that is not as the rotation left it."""
    return Conflict(
        f"somebody changed the trust of the role {half.role} during its rotation",
        why=how_it_stands,
        next_step=f"gatepass rotate {half.grant} --status; once it is as it should be, rotate again",
    )
