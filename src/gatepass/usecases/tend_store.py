"""Bring the shared store to what the register says: each team reads its own second factors, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gatepass.domain.errors import InvalidInput
from gatepass.domain.kept_factor import KeptFactor, Quarantine, parse_kept
from gatepass.domain.kept_secrets import UNASSIGNED, WITHHELD, is_of_customer
from gatepass.domain.register import Customer, Register
from gatepass.domain.store_changes import HandFactor, StoreChange, StorePlan, TakeFactor, plan_store
from gatepass.ports.secrets import SecretStore


@dataclass(frozen=True, slots=True)
class LeftFactor:
    """A change that was not made, because nobody can tell that it would be right.

    Attributes:
        change: what was planned.
        why: what stood in the way.
    """

    change: StoreChange
    why: str


def plan_store_of(register: Register, secrets: SecretStore) -> StorePlan:
    """Return what applying the register would change in the store; no secret is read and nothing changed.

    Raises:
        AccessRefused: the credentials may not list what lies there.
    """
    if not any(customer.roles for customer in register.customers.values()):
        return StorePlan("")
    return plan_store(register, secrets.names(""), secrets.title)


def tend_store(changes: Iterable[StoreChange], secrets: SecretStore) -> Iterator[StoreChange | LeftFactor]:
    """Make each change in order, yielding it once it is made, or why it was left.

    Raises:
        AccessRefused: the credentials may not make a change; those already yielded stand, and another run finishes.
    """
    for change in changes:
        why = _hand(change, secrets) if isinstance(change, HandFactor) else _take(change, secrets)
        yield LeftFactor(change, why) if why else change


def forget_customer(customer: Customer, secrets: SecretStore) -> tuple[str, ...]:
    """Delete everything that the store keeps of a customer, where nobody reads it too; return the names.

    Raises:
        AccessRefused: the credentials may not list or delete it.
    """
    names = sorted(name for name in secrets.names("") if is_of_customer(name, customer.name))
    for name in names:
        secrets.delete(name)
    return tuple(names)


def _hand(change: HandFactor, secrets: SecretStore) -> str:
    """Copy it; return why it is not copied."""
    why = "it is gone since the plan was made"
    for name in change.sources:
        text = secrets.get(name)
        if text is None:
            continue
        # What is set aside is kept as it is, whatever it is.
        is_free = change.team == UNASSIGNED and not change.is_withheld
        why = "" if is_free else _why_not(change, text)
        if not why:
            secrets.put(change.name, text)
            return ""
    return why


def _why_not(change: HandFactor, text: str) -> str:
    try:
        kept = parse_kept(text)
    except InvalidInput as error:
        return error.what
    if isinstance(kept, KeptFactor) and change.is_withheld:
        return "it is in quarantine, and what lies where it was does not say so"
    if isinstance(kept, KeptFactor) and kept.role != change.role:
        return "it is for another role than the register's"
    if isinstance(kept, Quarantine) and not change.is_withheld:
        return "it is in quarantine, and what was withheld is gone"
    return ""


def _take(change: TakeFactor, secrets: SecretStore) -> str:
    """Delete it, so that no second factor is lost; return why it stays."""
    text = secrets.get(change.name)
    if text is not None and not _is_kept_elsewhere(text, change, secrets):
        if not change.spare:
            return "it lies nowhere else"
        secrets.put(change.spare, text)
    secrets.delete(change.name)
    return ""


def _is_kept_elsewhere(text: str, change: TakeFactor, secrets: SecretStore) -> bool:
    """Say whether it lies somewhere else too; a note of a quarantine need not, while the second factor is withheld."""
    found = {name: kept for name in change.others if (kept := secrets.get(name)) is not None}
    is_withheld = any(name.startswith(f"{WITHHELD}/") for name in found)
    return text in found.values() or (is_withheld and _is_note(text))


def _is_note(text: str) -> bool:
    try:
        return isinstance(parse_kept(text), Quarantine)
    except InvalidInput:
        return False
