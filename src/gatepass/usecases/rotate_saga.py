"""The customer's half of a rotation between two parties, in steps that can each be repeated.

The order is what keeps the right factor: the new one lies in the store before AWS knows it; the trust takes both
before the provider is told; the previous one goes only on the provider's signed receipt. Stopped anywhere, the one
that the provider holds still opens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from gatepass.domain.change import ReplaceTrust, TagRole
from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.role import CUSTOMER_KEY_TAG, SWITCH_POLICY
from gatepass.domain.rotation import rotated, without_old
from gatepass.domain.rotation_record import RotationRecord, record_text, rotation_secret_name, trust_digest
from gatepass.domain.switch import read_doors
from gatepass.domain.trust import accepted_external_id, closed_trust, instant_text, retiring_external_id
from gatepass.ports.machine import Randomness
from gatepass.ports.roles import StandingRole
from gatepass.usecases.customer_half import (
    CustomerHalf,
    demand_record,
    edited,
    pass_name,
    rotation_record,
    standing_role,
)
from gatepass.usecases.keep_second_factor import keep_role_factor
from gatepass.usecases.plan_grants import draw_external_id
from gatepass.usecases.write_pass import pass_of

_PASS_BITS = 130
# So much of the overlap must be left when the trust is written, or the provider's time would be cut short.
_LEAST_OVERLAP_LEFT = 0.9


class Beginning(Enum):
    """What a rotation finds when it begins."""

    DRAWN = "drawn"
    GOES_ON = "goes on"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Begun:
    """How the rotation began.

    Attributes:
        until: until when the previous second factor opens, where both do already.
    """

    beginning: Beginning
    until: datetime | None = None


def begin(half: CustomerHalf, token: str) -> Begun:
    """Draw the new second factor into the store, or find the rotation that is under way; AWS is only read.

    What an earlier run drew and never wrote is used; nothing is drawn twice.

    Raises:
        NotThere: the role is gone.
        Conflict: it is no open door of ours, or somebody edited its trust in the middle of a rotation.
    """
    seen = standing_role(half)
    current, record = _current(half, seen), rotation_record(half)
    until = _running_until(seen)
    if record is not None and record.new == current and until is not None:
        if trust_digest(seen.role.trust) != record.both:
            raise edited(half, f"both second factors open until {instant_text(until)}")
        return Begun(Beginning.DRAWN if record.token == token else Beginning.GOES_ON, until)
    if until is not None:
        return Begun(Beginning.BY_HAND, until)
    if record is not None and record.new == current and record.token == token:
        # This very unit did all of it, and was stopped before it could say so.
        return Begun(Beginning.DRAWN)
    unused = record if record is not None and record.previous == current else None
    _put(half, _planned(half, seen, token, unused))
    return Begun(Beginning.DRAWN)


def open_with_both(half: CustomerHalf, token: str) -> RotationRecord:
    """Let the role open with the new second factor, and with the previous one until its date.

    Raises:
        NotThere: the role, or the record of the rotation, is gone.
        Conflict: somebody closed, edited or rotated it meanwhile; nothing is overwritten.
    """
    record = demand_record(half)
    seen = standing_role(half)
    if trust_digest(seen.role.trust) in {record.both, record.only_new}:
        return record
    if record.token != token:
        raise Conflict(
            f"another run rotates the grant {half.grant}",
            why="the store keeps what that run drew",
            next_step="let it finish: gatepass fleet status",
        )
    key = record.new.customer_key
    if key and seen.role.tags.get(CUSTOMER_KEY_TAG) != key:
        half.roles.make(TagRole(half.role, {CUSTOMER_KEY_TAG: key}))
        seen = standing_role(half)
    if trust_digest(seen.role.trust) != record.before:
        raise edited(half, "nothing was written, and the second factor is the one from before")
    if record.until - seen.aws_time < half.overlap * _LEAST_OVERLAP_LEFT:
        # It was stopped for long; the provider gets the whole time all the same.
        record = _planned(half, seen, token, record)
        _put(half, record)
    _write(half, rotated(seen.role.trust, record.new, record.until))
    return record


@dataclass(frozen=True, slots=True)
class Sent:
    """A pass in the outbox.

    Attributes:
        was_there: whether this very pass had been written before.
    """

    pass_id: str
    was_there: bool


def send_pass(half: CustomerHalf) -> Sent:
    """Write the pass, sealed to the provider, into the outbox; what lay there of an earlier rotation is replaced.

    Raises:
        NotThere: the role, or the record of the rotation, is gone.
        Conflict: the role does not open with the new second factor.
    """
    record = demand_record(half)
    seen = standing_role(half)
    _demand_new(half, seen, record)
    name = pass_name(half.account, half.grant)
    was_there = f'"{record.pass_id}"' in (half.outbox.get(name) or "")
    tools = replace(half.tools, randomness=_Word(record.pass_id))
    handed, signed = pass_of(half.grant, half.recipient, [(seen.arn, seen.role)], tools, half.offer)
    half.outbox.put(name, signed.text)
    return Sent(handed.id, was_there)


def open_with_new_only(half: CustomerHalf) -> RotationRecord:
    """Let the previous second factor open no more; what says that the provider holds the new one is read before.

    Raises:
        NotThere: the role, or the record of the rotation, is gone.
        Conflict: somebody closed, edited or rotated it meanwhile; nothing is overwritten.
    """
    record = demand_record(half)
    seen = standing_role(half)
    standing = trust_digest(seen.role.trust)
    if standing == record.only_new:
        return record
    if standing != record.both:
        raise edited(half, f"both second factors may open until {instant_text(record.until)}")
    _write(half, without_old(seen.role.trust))
    return record


def settle(half: CustomerHalf) -> None:
    """Keep what AWS holds now as the grant's second factor; the record stays until the next rotation."""
    seen = standing_role(half)
    keep_role_factor(half.grant, seen.arn, seen.role, half.store)


@dataclass(frozen=True, slots=True)
class _Word(Randomness):
    """The id of a pass that was drawn when the rotation began, so that a pass written twice is one pass."""

    drawn: str

    def word(self, bits: int) -> str:
        del bits
        return self.drawn


def _current(half: CustomerHalf, seen: StandingRole) -> ExternalId:
    current = accepted_external_id(seen.role.trust)
    if current is None:  # ``demand_rotatable`` lets no such role pass
        raise edited(half, "it asks for no second factor")
    return current


def _running_until(seen: StandingRole) -> datetime | None:
    retiring = retiring_external_id(seen.role.trust)
    return retiring.until if retiring is not None and retiring.until > seen.aws_time else None


def _planned(half: CustomerHalf, seen: StandingRole, token: str, drawn: RotationRecord | None) -> RotationRecord:
    """Return the whole rotation before AWS knows of it, with what was drawn for one that was never written."""
    trust, until = seen.role.trust, seen.aws_time + half.overlap
    new = drawn.new if drawn is not None else draw_external_id(seen.role, half.tools.randomness)
    both = rotated(trust, new, until)
    return RotationRecord(
        token=token,
        role=seen.arn,
        new=new,
        previous=_current(half, seen),
        pass_id=drawn.pass_id if drawn is not None else half.tools.randomness.word(_PASS_BITS),
        before=trust_digest(trust),
        both=trust_digest(both),
        only_new=trust_digest(without_old(both)),
        until=until.replace(microsecond=0),
    )


def _put(half: CustomerHalf, record: RotationRecord) -> None:
    """Keep the record and read it back: of two runs that draw at once, one learns that it lost."""
    name, text = rotation_secret_name(half.account, half.grant), record_text(record)
    half.store.put(name, text)
    if half.store.get(name) != text:
        raise Conflict(
            f"the store keeps another rotation of {half.grant} than was just written",
            why="another run rotates the same grant, or the store lost it; the role was left as it is",
            next_step="let one run finish, then start the other again",
        )


def _demand_new(half: CustomerHalf, seen: StandingRole, record: RotationRecord) -> None:
    if accepted_external_id(seen.role.trust) != record.new:
        raise edited(half, "no pass was written, because the role does not open with the new second factor")


def _write(half: CustomerHalf, trust: Document) -> None:
    """Write the trust and read it back; a door that somebody closed just before is closed again."""
    half.roles.make(ReplaceTrust(half.role, trust))
    seen = half.roles.standing_role(half.role)
    if seen is not None and read_doors(seen.role.trust, seen.role.inline.get(SWITCH_POLICY)).role_is_denied:
        half.roles.make(ReplaceTrust(half.role, closed_trust()))
        raise edited(half, "somebody closed the door at the same time, and it is closed")
    if seen is None or seen.role.trust != trust:
        raise edited(half, "it is not as it was just written")
