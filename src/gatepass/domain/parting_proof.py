"""What proves that a provider left a customer, as a signed file; no external ID is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.register import Customer, CustomerName
from gatepass.domain.rotation_statement import MOST_ROTATIONS, RotationStatement, parse_rotation_statement
from gatepass.domain.session import LONGEST_SESSION
from gatepass.domain.signed_file import demand_keys
from gatepass.domain.signed_words import read_instant
from gatepass.domain.trust import instant_text

# What a signed file that proves it calls itself.
PARTING = "offboarding"
_HOW = "every policy of the account was read and every call decided by the decision engine; no role was tried"
# A signed file has 64 KB: of more names than these, the others are counted.
_MOST_NAMES = 100
_KEYS = {
    "customer", "company", "account", "roles", "provider", "at", "holds", "statement", "how", "principals",
    "reached_by", "administrators", "policies_not_read", "second_factors_deleted", "second_factors_left",
    "ready_sessions_forgotten", "not_covered", "rotations",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartingProof:
    """What was seen after leaving a customer.

    Attributes:
        customer: who was left, with the roles that teams had entered.
        principals: how many users, roles and permission sets of the provider were asked.
        reached_by: those that still get in, administrators aside.
        administrators: those that could grant themselves the way.
        unread: policies that nobody could read, so that nothing is proved.
        deleted: the names of the second factors that were deleted.
        kept: the names of those that were not.
        forgotten: how many sessions that were ready were forgotten.
        rotations: how the key that signs came after older ones.
    """

    customer: Customer
    provider: AccountId
    at: datetime
    principals: int
    reached_by: tuple[str, ...]
    administrators: tuple[str, ...]
    unread: tuple[str, ...]
    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    forgotten: int
    rotations: tuple[RotationStatement, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it is proved that nobody gets in, and nothing is kept that opens."""
        return not (self.reached_by or self.unread or self.kept)

    @property
    def statement(self) -> str:
        """What is proved, or would be."""
        return f"no user or role of account {self.provider}, administrators aside, may enter these roles"

    @property
    def not_covered(self) -> tuple[str, ...]:
        """What it says nothing of."""
        until = instant_text(self.at + LONGEST_SESSION)
        return (
            f"sessions begun before last until {until} at the latest; gatepass revoke of the customer ends them",
            "the roles are the customer's: gatepass withdraw deletes them",
            "copies of second factors outside of the store, and sessions ready on other machines",
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """The proof as a person reads it."""
        first = "proved" if self.holds else "not proved"
        lines = [f"{first} at {instant_text(self.at)}: {self.statement}", f"  {_HOW}: {self.principals} principals"]
        lines += [f"  still gets in: {name}" for name in self.reached_by]
        lines += [f"  not read: {name}" for name in self.unread]
        lines += [f"  still kept: {name}" for name in self.kept]
        lines += [f"  administrators: {', '.join(self.administrators)}"] if self.administrators else []
        return (*lines, *(f"  not covered: {each}" for each in self.not_covered))

    @property
    def body(self) -> dict[str, object]:
        """The body of the signed file."""
        return {
            "customer": str(self.customer.name),
            "company": self.customer.company,
            "account": str(self.customer.account),
            "roles": {str(grant): str(arn) for grant, arn in self.customer.roles.items()},
            "provider": str(self.provider),
            "at": instant_text(self.at),
            "holds": self.holds,
            "statement": self.statement,
            "how": _HOW,
            "principals": self.principals,
            "reached_by": _few(self.reached_by),
            "administrators": _few(self.administrators),
            "policies_not_read": _few(self.unread),
            "second_factors_deleted": _few(self.deleted),
            "second_factors_left": _few(self.kept),
            "ready_sessions_forgotten": self.forgotten,
            "not_covered": list(self.not_covered),
            "rotations": [rotation.tree for rotation in self.rotations],
        }


def parse_parting_proof(body: Mapping[str, object]) -> PartingProof:
    """Return the proof of a file's body.

    Raises:
        InvalidInput: a key is missing, unknown or of another type, or it contradicts itself.
    """
    demand_keys(body, _KEYS)
    at = read_instant(body["at"])
    match body:
        case {
            "customer": str(customer),
            "company": str(company),
            "account": str(account),
            "roles": dict(roles),
            "provider": str(provider),
            "principals": int(principals),
            "ready_sessions_forgotten": int(forgotten),
            "rotations": list(rotations),
        } if at is not None and company.isprintable() and len(rotations) <= MOST_ROTATIONS:
            arns = {GrantName(str(grant)): RoleArn(str(arn)) for grant, arn in roles.items()}
            proof = PartingProof(
                Customer(CustomerName(customer), company, AccountId(account), "", arns),
                AccountId(provider),
                at,
                principals,
                _names(body["reached_by"]),
                _names(body["administrators"]),
                _names(body["policies_not_read"]),
                _names(body["second_factors_deleted"]),
                _names(body["second_factors_left"]),
                forgotten,
                tuple(parse_rotation_statement(each) for each in rotations),
            )
        case _:
            raise _wrong("a part of it is not as Gatepass writes it")
    # True equals 1 in Python, and is something else in JSON.
    if proof.body != dict(body) or body["holds"] is not proof.holds or isinstance(principals, bool):
        raise _wrong("it contradicts itself: what it concludes is not what it says was seen")
    return proof


def _few(names: Sequence[str]) -> list[str]:
    # One more is no more than the words would be.
    more = len(names) - _MOST_NAMES
    return [*names[:_MOST_NAMES], f"and {more} more"] if more > 1 else list(names)


def _names(found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(each, str) and each.isprintable() for each in found):
        raise _wrong("a part of it is not as Gatepass writes it")
    return tuple(found)


def _wrong(why: str) -> InvalidInput:
    return InvalidInput(
        "the proof cannot be used", why=why, next_step="believe nothing of it; ask the provider for it again"
    )
