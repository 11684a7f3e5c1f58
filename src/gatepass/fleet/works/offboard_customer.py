"""Leaving a customer as a unit of work: shut out, forget, and write down what proves it; any step may be repeated."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.register import Customer, CustomerName
from gatepass.domain.register_rules import find_customer
from gatepass.domain.session import LONGEST_SESSION
from gatepass.domain.trust import instant_text
from gatepass.fleet.patient import Facts, patiently
from gatepass.fleet.work import Kind, Result, Steps, Unit, UnitResult
from gatepass.ports.machine import Clock
from gatepass.usecases.depart_customer import (
    OwnSide,
    Reached,
    factors_of,
    plan_shut_out,
    shut_out,
    take_assignments,
    take_out,
    who_reaches,
)

# What the file that proves it calls itself.
PROOF = "offboarding"


@dataclass(frozen=True, slots=True)
class Parting:
    """What leaving one customer needs.

    Attributes:
        own: opens the provider's own side; for every step anew.
        earlier: the text of the proof that an earlier run wrote, or None.
        write: keeps the text of the proof.
        place: where that is, in words.
    """

    customer: CustomerName
    own: Callable[[], OwnSide]
    earlier: Callable[[], str | None]
    write: Callable[[str], None]
    place: str
    clock: Clock


def offboard_customer_kind(parting: Parting) -> Kind:
    """Return the leave of one customer as a kind of work with one unit."""

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        if wanted:
            raise InvalidInput("one customer is left at a time", next_step="leave --filter out")
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
    if text is None:
        return ()
    tree = json.loads(text)
    first = "proved" if tree["holds"] else "not proved"
    lines = [f"{first} at {tree['at']}: {tree['statement']}", f"  {tree['how']}: {tree['principals']} principals"]
    lines += [f"  still gets in: {name}" for name in tree["reached_by"]]
    lines += [f"  not read: {name}" for name in tree["policies_not_read"]]
    lines += [f"  administrators: {', '.join(tree['administrators'])}"] if tree["administrators"] else []
    return (*lines, *(f"  not covered: {each}" for each in tree["not_covered"]), f"  written: {parting.place}")


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
        return earlier
    return find_customer(register, parting.customer)


def _proved(customer: Customer, done: Facts, parting: Parting) -> Facts:
    own = parting.own()
    reached, left = who_reaches(customer, own), factors_of(customer.name, own)
    parting.write(_proof_text(customer, done, reached, left, parting, str(own.book.load().account)))
    against = [*reached.by, *(f"not read: {each}" for each in reached.unread), *(f"kept: {each}" for each in left)]
    return {
        "holds": "yes" if not against else "",
        "principals": str(reached.principals),
        "speaks_against": ", ".join(against),
        "proof": parting.place,
    }


def _proof_text(  # noqa: PLR0913, PLR0917 - what a proof says
    customer: Customer, done: Facts, reached: Reached, left: Sequence[str], parting: Parting, provider: str
) -> str:
    now = parting.clock.now()
    until = instant_text(now + LONGEST_SESSION)
    tree = {
        "gatepass": PROOF,
        "version": 1,
        **_facts(customer),
        "provider": provider,
        "at": instant_text(now),
        "holds": reached.holds and not left,
        "statement": f"no user or role of account {provider}, administrators aside, may enter these roles",
        "how": "every policy of the account was read and every call decided by the decision engine; no role was tried",
        "principals": reached.principals,
        "reached_by": list(reached.by),
        "administrators": list(reached.administrators),
        "policies_not_read": list(reached.unread),
        "second_factors_deleted": done["deleted"].split(),
        "second_factors_left": list(left),
        "ready_sessions_forgotten": int(done["forgotten"]),
        "not_covered": [
            f"sessions begun before last until {until} at the latest; gatepass revoke of the customer ends them",
            "the roles are the customer's: gatepass withdraw deletes them",
            "copies of second factors outside of the store, and sessions ready on other machines",
        ],
    }
    return json.dumps(tree, indent=2) + "\n"


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


def _read(text: str, parting: Parting) -> Customer:
    try:
        tree = json.loads(text)
        found = _customer(tree) if tree["gatepass"] == PROOF else None
    except (ValueError, KeyError, TypeError, InvalidInput):
        found = None
    if found is not None and found.name == parting.customer:
        return found
    raise InvalidInput(
        f"{parting.place} is no proof that {parting.customer} was left",
        why="it would be written over, and it is not as Gatepass writes it, or of another customer",
        next_step="name another file with -o",
    )


def _done(deed: Callable[[], None]) -> Facts:
    deed()
    return {}
