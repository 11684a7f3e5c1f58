"""The provider's half of a rotation: take a known customer's new pass by itself, and answer with a signed receipt.

A customer or a key that nobody has vouched for is left to a person and ``gatepass admit``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.handed_pass import PASS, HandedPass, parse_pass
from gatepass.domain.handshake import Handshake, Subject
from gatepass.domain.kept_factor import KeptFactor
from gatepass.domain.receipt import RECEIPT, parse_receipt
from gatepass.domain.register import Customer, Register
from gatepass.domain.rotation_statement import RotationStatement
from gatepass.domain.signed_file import parse_signed_file
from gatepass.ports.signatures import SigningKey
from gatepass.ports.trays import Tray
from gatepass.usecases.admit_pass import Provider, Trust, admit, demand_sound, examine_pass
from gatepass.usecases.customer_half import receipt_name
from gatepass.usecases.keep_factor import places_of, what_is_kept
from gatepass.usecases.place_customer import Wish
from gatepass.usecases.read_pass import ReadPass, read_pass
from gatepass.usecases.shake_hands import demand_probers, shake_hands
from gatepass.usecases.try_entry import opens
from gatepass.usecases.write_receipt import write_receipt


@dataclass(frozen=True, slots=True)
class ProviderHalf:
    """The provider's side, and how it answers.

    Attributes:
        inbox: where customers' passes come in.
        outbox: where receipts are left for them.
        key: what receipts are signed with.
        rotations: how that key came after older ones.
    """

    provider: Provider
    inbox: Tray
    outbox: Tray
    key: SigningKey
    rotations: tuple[RotationStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file in the inbox is.

    Attributes:
        is_admitted: whether exactly this pass was admitted already.
        customer: whose it is; None for one that the register does not know.
    """

    handed: HandedPass
    is_admitted: bool
    customer: Customer | None


def look_at(text: str, half: ProviderHalf) -> Looked:
    """Return what the file says it is; nothing of it is believed yet.

    Raises:
        InvalidInput: it is no pass.
    """
    handed = parse_pass(parse_signed_file(text, PASS).body)
    known = _known(handed, half.provider.register.load())
    last = known.last_pass.get(handed.grant) if known is not None else None
    return Looked(handed, last == handed.made_at, known)


def has_answered(handed: HandedPass, half: ProviderHalf) -> bool:
    """Say whether the receipt for this very pass lies ready; one that cannot be read is none."""
    text = half.outbox.get(receipt_name(handed.customer, handed.grant))
    try:
        receipt = parse_receipt(parse_signed_file(text, RECEIPT).body) if text is not None else None
    except InvalidInput:
        return False
    return receipt is not None and receipt.subject.pass_id == handed.id


def opens_with(text: str, half: ProviderHalf) -> bool:
    """Say whether the role opens with what the pass hands over; AWS takes some seconds to let a new one in.

    Raises:
        InvalidInput: it is no pass, was changed, or is sealed to another key.
        Conflict: it is not a known customer's with the known key, not for us, or not in time.
        NotAnswered: AWS did not answer.
    """
    read = _read(text, look_at(text, half), half)
    demand_probers(half.provider.probers, read.handed.provider)
    factor = read.factor.external_id if read.factor is not None else None
    return opens(read.role.arn, factor, half.provider.probers.verifier)


def take_pass(text: str, half: ProviderHalf) -> Handshake:
    """Admit the pass, and leave the receipt for the customer; one that was admitted already is proved again.

    Raises:
        InvalidInput: it is no pass, was changed, or is sealed to another key.
        Conflict: it is not a known customer's with the known key, not newer than the last, or its door is not safe.
        GatepassError: the store or the register cannot be written; taking the pass again goes on.
    """
    looked = look_at(text, half)
    read = _read(text, looked, half)
    if looked.is_admitted:
        handshake = _proved_again(read, half)
    else:
        admission = examine_pass(text, Wish(), half.provider, Trust())
        admit(admission, half.provider)
        handshake = admission.handshake
    _answer(looked.handed, handshake, half)
    return handshake


def _read(text: str, looked: Looked, half: ProviderHalf) -> ReadPass:
    """Return the pass, as far as AWS need not be asked about it; one that was admitted may be read once more."""
    register, known = half.provider.register.load(), looked.customer
    if looked.is_admitted and known is not None:
        register = replace(register, customers={**register.customers, known.name: replace(known, last_pass={})})
    read = read_pass(text, register, half.provider.desk)
    if read.known is None:
        raise Conflict(
            f"the pass is of account {read.handed.customer}, which is no customer in the register",
            why="a first pass is admitted by a person, who compares its key with the customer",
            next_step="gatepass admit PASS --name NAME",
        )
    if read.key_is_new:
        raise Conflict(
            f"nobody has vouched for the key that signed the pass of {read.known.name}",
            why=f"the register knows no key of this customer yet; it is signed with {read.key.fingerprint}",
            next_step="have the customer read it out to you by telephone, then: gatepass admit PASS",
        )
    return read


def _proved_again(read: ReadPass, half: ProviderHalf) -> Handshake:
    """Prove what is kept, and only if it is what this pass hands over: the receipt would say so."""
    customer, handed = read.known, read.handed
    kept = what_is_kept(places_of(customer, handed.grant), half.provider.secrets) if customer is not None else {}
    found = next((each for each in kept.values() if isinstance(each, KeptFactor)), None)
    if found is None or found.factor is None or found.role != read.role.arn or read.factor is None:
        raise Conflict(
            f"{half.provider.secrets.title} keeps nothing that opens {read.role.arn}",
            why="the register has admitted the pass, and what it handed over is gone or withheld",
            next_step="ask the customer for a new pass",
        )
    if found.factor.external_id != read.factor.external_id:
        raise Conflict(
            f"the pass of account {handed.customer} is not the one that was admitted last, and not newer",
            why="it was written in the same second, and hands over another second factor",
            next_step=f"ask the customer for a new one: gatepass pass {handed.grant} -o FILE",
        )
    demand_probers(half.provider.probers, handed.provider)
    handshake = shake_hands(found.role, found.factor.external_id, half.provider.probers)
    demand_sound(handshake)
    return handshake


def _answer(handed: HandedPass, handshake: Handshake, half: ProviderHalf) -> None:
    subject = Subject(handed.provider, handed.grant, handed.id)
    receipt = write_receipt(handshake, subject, half.key, half.provider.probers.randomness, half.rotations)
    half.outbox.put(receipt_name(handed.customer, handed.grant), receipt.text)


def _known(handed: HandedPass, register: Register) -> Customer | None:
    return next((each for each in register.customers.values() if each.account == handed.customer), None)
