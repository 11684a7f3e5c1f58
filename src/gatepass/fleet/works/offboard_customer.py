"""Leaving a customer as a unit of work: shut out, forget, and write down what proves it; any step may be repeated."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.parting_proof import PARTING, PartingProof, parse_parting_proof
from gatepass.domain.register import Customer, CustomerName
from gatepass.domain.register_rules import find_customer
from gatepass.domain.rotation_statement import RotationStatement
from gatepass.domain.signed_file import SignedFile, message_to_sign, parse_signed_file
from gatepass.fleet.patient import Facts, patiently
from gatepass.fleet.work import Kind, Result, Steps, Unit, UnitResult
from gatepass.ports.machine import Clock
from gatepass.ports.signatures import SignatureChecker, SigningKey
from gatepass.usecases.depart_customer import (
    OwnSide,
    factors_of,
    plan_shut_out,
    shut_out,
    take_assignments,
    take_out,
    who_reaches,
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs the proof.

    Attributes:
        key: the provider's, which the customer knows from its offer.
        rotations: how it came after older ones.
    """

    key: SigningKey
    rotations: tuple[RotationStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class Parting:
    """What leaving one customer needs.

    Attributes:
        own: opens the provider's own side; for every step anew.
        earlier: the text of the proof that an earlier run wrote, or None.
        write: keeps the text of the proof.
        place: where that is, in words.
        signer: finds the provider's own key; for every step anew.
        signatures: the mathematics.
    """

    customer: CustomerName
    own: Callable[[], OwnSide]
    earlier: Callable[[], str | None]
    write: Callable[[str], None]
    place: str
    clock: Clock
    signer: Callable[[], Signer]
    signatures: SignatureChecker


def offboard_customer_kind(parting: Parting) -> Kind:
    """Return the leave of one customer as a kind of work with one unit."""

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        if wanted:
            raise InvalidInput("one customer is left at a time", next_step="leave --filter out")
        # Without a key to sign the proof with, nothing is begun.
        parting.signer()
        _whose(parting)
        return [str(parting.customer)]

    def work(unit: Unit, steps: Steps) -> UnitResult:
        del unit
        try:
            return _parted(parting, steps)
        except GatepassError as error:
            cause = f"{error.what}: {error.why}" if error.why else error.what
            return UnitResult(Result.FAILED, cause, error.next_step)

    return Kind("offboard", units, work)


def would_do(parting: Parting) -> tuple[str, ...]:
    """Return in words what leaving the customer would change; nothing is changed."""
    own, customer = parting.own(), _whose(parting)
    in_register = own.book.load().customers.get(customer.name)
    lines = [f"register: take out {customer.name}, account {customer.account}"] if in_register is not None else []
    teams = sorted({str(team) for some in (in_register.teams.values() if in_register else ()) for team in some})
    lines += [f"teams that may use it no more: {', '.join(teams)}"] if teams else []
    lines.append(f"changes in the provider's account: {len(plan_shut_out(customer, own).changes)}")
    lines += [f"store: delete {name}" for name in factors_of(customer.name, own)]
    lines += [f"sessions ready here: forget those of {arn}" for arn in customer.roles.values()]
    return (*lines, f"proof: {parting.place}")


def proof_lines(parting: Parting) -> tuple[str, ...]:
    """Return the written proof as a person reads it; nothing when there is none."""
    text = parting.earlier()
    try:
        return (*_read(text, parting).lines, f"  written: {parting.place}") if text is not None else ()
    except GatepassError:
        # Then the run could not begin, and has said why.
        return ()


def _parted(parting: Parting, steps: Steps) -> UnitResult:
    told = patiently(steps, "note whose it is", lambda: {"customer": json.dumps(_facts(_whose(parting)))})
    customer = _customer(json.loads(told["customer"]))
    name = customer.name

    def forget() -> Facts:
        own = parting.own()
        names = factors_of(name, own)
        for each in names:
            own.secrets.delete(each)
        return {"deleted": " ".join(names), "forgotten": str(sum(map(own.forget_sessions, customer.roles.values())))}

    patiently(steps, "take the assignments out", lambda: _done(lambda: take_assignments(name, parting.own())))
    changed = patiently(steps, "shut the teams out", lambda: {"changes": str(shut_out(customer, parting.own()))})
    gone = patiently(steps, "forget what opens it", forget)
    # The entry stays until the proof is written: whoever begins anew learns from one of them whom to leave.
    proved = patiently(steps, "prove it", lambda: _proved(customer, {**changed, **gone}, parting))
    facts = {**changed, **gone, **proved}
    if proved["holds"]:
        patiently(steps, "take it out of the register", lambda: _done(lambda: take_out(name, parting.own())))
        return UnitResult(Result.DONE, facts=facts)
    cause = f"not proved that nobody reaches {name}: {proved['speaks_against']}"
    return UnitResult(
        Result.FAILED, cause, f"see {parting.place}; narrow their sts:AssumeRole, then run it again", facts
    )


def _whose(parting: Parting) -> Customer:
    """Return the customer as the register has it, or as an earlier proof names it."""
    register = parting.own().book.load()
    text = parting.earlier()
    earlier = _read(text, parting) if text is not None else None
    if earlier is not None and parting.customer not in register.customers:
        return earlier.customer
    return find_customer(register, parting.customer)


def _proved(customer: Customer, done: Facts, parting: Parting) -> Facts:
    own, signer = parting.own(), parting.signer()
    reached, left = who_reaches(customer, own), factors_of(customer.name, own)
    proof = PartingProof(
        customer,
        own.book.load().account,
        parting.clock.now().replace(microsecond=0),
        reached.principals,
        reached.by,
        reached.administrators,
        reached.unread,
        tuple(done["deleted"].split()),
        left,
        int(done["forgotten"]),
        signer.rotations,
    )
    body, public = proof.body, signer.key.public_key
    parting.write(SignedFile(PARTING, body, public, signer.key.sign(message_to_sign(PARTING, body, public))).text)
    against = [*reached.by, *(f"not read: {each}" for each in reached.unread), *(f"kept: {each}" for each in left)]
    return {
        "holds": "yes" if proof.holds else "",
        "principals": str(reached.principals),
        "speaks_against": ", ".join(against),
        "proof": parting.place,
    }


def _facts(customer: Customer) -> dict[str, object]:
    roles = {str(grant): str(arn) for grant, arn in customer.roles.items()}
    return {
        "customer": str(customer.name),
        "company": customer.company,
        "account": str(customer.account),
        "roles": roles,
    }


def _customer(tree: Mapping[str, object]) -> Customer:
    roles = tree["roles"]
    if not isinstance(roles, dict):
        raise InvalidInput("it names no roles")
    arns = {GrantName(str(grant)): RoleArn(str(arn)) for grant, arn in roles.items()}
    account = AccountId(str(tree["account"]))
    return Customer(CustomerName(str(tree["customer"])), str(tree["company"]), account, "", arns)


def _read(text: str, parting: Parting) -> PartingProof:
    """Return what an earlier run wrote; only a proof that one's own key signed tells whom to leave."""
    try:
        signed = parse_signed_file(text, PARTING)
        mine = {parting.signer().key.public_key, *(each.old for each in parting.signer().rotations)}
        is_mine = signed.key in mine
        if is_mine and parting.signatures.is_signed_by(signed.key, signed.message, signed.signature):
            proof = parse_parting_proof(signed.body)
            if proof.customer.name == parting.customer:
                return proof
    except InvalidInput:
        # Its words are about the file; what matters here is that it is not written over.
        pass
    raise InvalidInput(
        f"{parting.place} is no proof that {parting.customer} was left",
        why="it would be written over, and your key did not sign it as it is, or it is of another customer",
        next_step="name another file with -o",
    )


def _done(deed: Callable[[], None]) -> Facts:
    deed()
    return {}
