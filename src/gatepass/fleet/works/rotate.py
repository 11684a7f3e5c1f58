"""Rotation as a unit of work: the customer's half, and the provider's too where both sides' credentials were given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from gatepass.domain.errors import Conflict, GatepassError
from gatepass.domain.rotation_record import rotation_token
from gatepass.domain.trust import instant_text, read_instant
from gatepass.fleet.patient import Facts, patiently
from gatepass.fleet.work import Kind, Result, Steps, Unit, UnitResult
from gatepass.fleet.works.chosen import chosen
from gatepass.fleet.works.trying import until_it
from gatepass.ports.sessions import TokenService
from gatepass.usecases.customer_half import CustomerHalf, pass_name, rotation_record
from gatepass.usecases.receive_receipt import receipt_of_rotation
from gatepass.usecases.rotate_saga import (
    Beginning,
    begin,
    open_with_both,
    open_with_new_only,
    send_pass,
    settle,
)
from gatepass.usecases.take_pass import ProviderHalf, opens_with, take_pass
from gatepass.usecases.try_entry import opens

_Thing = TypeVar("_Thing")

# How often the inbox is looked into while a receipt is awaited.
_LOOK_AGAIN = timedelta(seconds=30)
# A rotation that an earlier run handed over so long ago should have been answered.
_TIME_TO_ANSWER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BothSides:
    """The provider's side, for a process that was given its credentials as well.

    Attributes:
        half: takes the pass and answers.
        verifier: tries the door afterwards.
    """

    half: ProviderHalf
    verifier: TokenService


@dataclass(frozen=True, slots=True)
class RotationDesk:
    """What rotations need.

    Attributes:
        subjects: every grant of every customer's file, as ``444455556666/support``.
        half: the customer's half for one of them.
        provider: the other side; None where it is somebody else's, as it usually is.
        patience: how long to look for the provider's receipt; zero to look once.
    """

    subjects: Callable[[], Sequence[str]]
    half: Callable[[str], CustomerHalf]
    provider: BothSides | None = None
    patience: timedelta = timedelta()


def rotate_kind(desk: RotationDesk) -> Kind:
    """Return rotation as a kind of work."""

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        return chosen(desk.subjects(), wanted)

    def work(unit: Unit, steps: Steps) -> UnitResult:
        try:
            return _rotate(unit, steps, desk)
        except GatepassError as error:
            cause = f"{error.what}: {error.why}" if error.why else error.what
            return UnitResult(Result.FAILED, cause, error.next_step)

    return Kind("rotate", units, work)


def _rotate(unit: Unit, steps: Steps, desk: RotationDesk) -> UnitResult:
    half = desk.half(unit.subject)
    token = rotation_token(unit.run, unit.subject)
    begun = patiently(steps, "draw the new second factor", lambda: _begun(half, token))
    if begun["beginning"] == Beginning.BY_HAND.value:
        return UnitResult(Result.SKIPPED, f"a rotation by hand is under way until {begun['until']}", facts=begun)
    if begun["beginning"] == Beginning.DRAWN.value:
        begun = patiently(steps, "open with both", lambda: _opened(half, token))
    facts = begun
    if begun["beginning"] == Beginning.DRAWN.value or not _receipt_came(half, steps, "before", 1):
        facts = {**begun, **patiently(steps, "write the pass", lambda: _sent(half))}
        if desk.provider is not None:
            _hand_over(half, desk.provider, steps)
        looks = 1 + (desk.patience // _LOOK_AGAIN if desk.provider is None else 0)
        if not _receipt_came(half, steps, "after", looks):
            return _without_receipt(begun, facts, half.overlap, steps)
    facts = {**facts, **patiently(steps, "open with the new one only", lambda: _finished(half))}
    if desk.provider is not None:
        facts = {**facts, **_prove(half, desk.provider, steps)}
    patiently(steps, "keep it", lambda: _settled(half))
    return UnitResult(Result.DONE, facts={**facts, "stage": "finished"})


def _begun(half: CustomerHalf, token: str) -> Facts:
    begun = begin(half, token)
    until = {"until": instant_text(begun.until)} if begun.until is not None else {}
    return {"beginning": begun.beginning.value, **until}


def _opened(half: CustomerHalf, token: str) -> Facts:
    record = open_with_both(half, token)
    return {
        "beginning": Beginning.DRAWN.value,
        "role": str(record.role),
        "until": instant_text(record.until),
        "digest_between": record.both,
    }


def _sent(half: CustomerHalf) -> Facts:
    sent = send_pass(half)
    return {"pass": sent.pass_id, "was_there": "yes" if sent.was_there else ""}


def _finished(half: CustomerHalf) -> Facts:
    """Let only the new one open, on the receipt that is read here once more."""
    if receipt_of_rotation(half) is None:
        raise Conflict(
            "the provider's receipt is there no more",
            why="somebody took it out of the inbox, or rotated meanwhile",
            next_step="both second factors open until the previous one's date; rotate again",
        )
    record = open_with_new_only(half)
    return {"role": str(record.role), "digest_after": record.only_new}


def _settled(half: CustomerHalf) -> Facts:
    settle(half)
    return {}


def _hand_over(half: CustomerHalf, provider: BothSides, steps: Steps) -> None:
    """Play the provider's half: wait until the role opens with the new one, then take the pass."""

    def text() -> str:
        return _demand(half.outbox.get(pass_name(half.account, half.grant)))

    until_it(
        steps,
        "opens with the new one",
        lambda: opens_with(text(), provider.half),
        Conflict(
            "the role does not open with the new second factor a minute after it was written",
            why="AWS refused it each time; both second factors stay in the trust until the previous one's date",
            next_step="look who is named in the trust's principals, then rotate again",
        ),
    )
    patiently(steps, "take the pass", lambda: {"handshake": take_pass(text(), provider.half).verdict.value})


def _receipt_came(half: CustomerHalf, steps: Steps, when: str, looks: int) -> bool:
    for look in range(1, looks + 1):
        if look > 1:
            steps.wait(_LOOK_AGAIN)
        if patiently(steps, f"look for the receipt {when}, {look}", lambda: _receipt(half))["receipt"]:
            return True
    return False


def _receipt(half: CustomerHalf) -> Facts:
    receipt = receipt_of_rotation(half)
    return {"receipt": receipt.id if receipt is not None else ""}


def _without_receipt(begun: Facts, facts: Facts, overlap: timedelta, steps: Steps) -> UnitResult:
    """Tell that the provider has yet to answer; as a failure if it had the time to."""
    until, now = begun["until"], steps.now()
    end = read_instant(until)
    is_old = facts["was_there"] == "yes" or (end is not None and now - (end - overlap) > _TIME_TO_ANSWER)
    facts = {**facts, "stage": "handed over"}
    if begun["beginning"] == Beginning.DRAWN.value or not is_old:
        return UnitResult(Result.DONE, f"handed over; both open until {until}", facts=facts)
    return UnitResult(
        Result.FAILED,
        "the provider has sent no receipt since an earlier run",
        f"ask the provider to admit the pass: from {until} on only the new second factor opens",
        facts,
    )


def _prove(half: CustomerHalf, provider: BothSides, steps: Steps) -> Facts:
    """Prove that only the new second factor is left, as far as AWS's own refusals prove it."""

    def opens_with_previous() -> bool:
        record = _demand(rotation_record(half))
        return opens(record.role, record.previous, provider.verifier)

    until_it(
        steps,
        "refuses the previous one",
        lambda: not opens_with_previous(),
        Conflict(
            "the previous second factor still opens a minute after it was taken out",
            why="AWS let the verifier in each time",
            next_step="look at the role's trust: gatepass rotate GRANT --status",
        ),
    )
    patiently(steps, "refuses none", lambda: _refuses_none(half, provider))
    return {"proved": "the previous one and none are refused"}


def _refuses_none(half: CustomerHalf, provider: BothSides) -> Facts:
    if opens(_demand(rotation_record(half)).role, None, provider.verifier):
        raise Conflict(
            "the role opens without a second factor",
            why="somebody changed its trust",
            next_step="close the door, and look at the trust: gatepass close GRANT",
        )
    return {}


def _demand(found: _Thing | None) -> _Thing:
    if found is None:
        raise Conflict(
            "what the rotation wrote is there no more",
            why="somebody removed the pass from the outbox, or the record from the store",
            next_step="both second factors open until the previous one's date; rotate again",
        )
    return found
