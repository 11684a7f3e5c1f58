"""The proof that a customer's role cannot be misused: what was tried, what was expected, what was seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, RoleArn, external_id
from gatepass.domain.limits import VERIFIER
from gatepass.domain.offered_keys import CUSTOMER_KEY_BITS
from gatepass.domain.session import Caller

# As many random bits as the IDs that Gatepass draws have, so that no probe can hit another customer's.
_CODE_BITS = 128
_VERIFIER_ARN = re.compile(
    rf"arn:aws[a-z-]*:(?:iam::[0-9]{{12}}:user/(?:[!-~]+/)?{VERIFIER}|sts::[0-9]{{12}}:assumed-role/{VERIFIER}/[!-~]+)",
    re.ASCII,
)


class Trial(Enum):
    """What was tried at the door."""

    RIGHT = "the right external ID"
    TAGS = "the same, with session tags"
    ACT = "a call inside, which our roles refuse to the verifier"
    WITHOUT = "no external ID"
    RANDOM = "a random external ID"
    CASE = "the right external ID with its case swapped"
    FRESH_CODE = "its customer key with a fresh code"
    INVENTED_KEY = "an invented customer key with its code"
    LONGER = "the right external ID and something after it"
    STRANGER = "the same, by somebody of the provider who should not get in"


class Answer(Enum):
    """What AWS said."""

    OPENED = "opened"
    REFUSED = "refused"


class Verdict(Enum):
    """What a handshake shows."""

    SOUND = "sound"
    # Nothing opened that should not, but nobody can work either.
    SHUT = "shut"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Probe:
    """One trial with what was expected of it and what was seen."""

    trial: Trial
    expected: Answer
    seen: Answer

    @property
    def is_as_expected(self) -> bool:
        """Whether AWS said what it should."""
        return self.seen is self.expected


@dataclass(frozen=True, slots=True)
class Handshake:
    """Every probe of one role.

    Attributes:
        at: when it was made, by the provider's clock.
        has_second_factor: whether the role was expected to ask for an external ID.
    """

    role: RoleArn
    at: datetime
    has_second_factor: bool
    probes: tuple[Probe, ...]

    @property
    def surprises(self) -> tuple[Probe, ...]:
        """The probes that AWS answered otherwise than expected."""
        return tuple(probe for probe in self.probes if not probe.is_as_expected)

    @property
    def verdict(self) -> Verdict:
        """Unsafe when anything opened that should not; shut when what should open did not; else sound."""
        if any(probe.seen is Answer.OPENED for probe in self.surprises):
            return Verdict.UNSAFE
        return Verdict.SHUT if self.surprises else Verdict.SOUND


@dataclass(frozen=True, slots=True)
class Subject:
    """What a receipt is about, beside the role.

    Attributes:
        pass_id: the pass that it answers, if any.
    """

    provider: AccountId
    grant: GrantName
    pass_id: str | None = None


def surprises_text(handshake: Handshake) -> str:
    """Return in words what AWS answered otherwise than it should, a line for each."""
    return "\n".join(
        f"{probe.trial.value}: {probe.seen.value}, and should have been {probe.expected.value}"
        for probe in handshake.surprises
    )


def wrong_ids(right: ExternalId, word: Callable[[int], str]) -> dict[Trial, ExternalId]:
    """Return IDs that must not open what the right one opens; each is drawn here, none is anybody's.

    Args:
        right: the role's own external ID.
        word: draws letters that carry at least so many random bits.
    """
    text, key = right.reveal(), right.customer_key
    wrong = {
        Trial.RANDOM: external_id(word(CUSTOMER_KEY_BITS), word(_CODE_BITS)),
        Trial.CASE: ExternalId(text.swapcase()),
    }
    if key is not None:
        wrong[Trial.FRESH_CODE] = external_id(key, word(_CODE_BITS))
        wrong[Trial.INVENTED_KEY] = external_id(word(CUSTOMER_KEY_BITS), text.rpartition(".")[2])
    else:
        wrong[Trial.LONGER] = ExternalId(f"{text[:1200]}{word(CUSTOMER_KEY_BITS)}")
    # An ID without letters has no case to swap.
    return {trial: wrong_id for trial, wrong_id in wrong.items() if wrong_id != right}


def is_verifier(caller: Caller) -> bool:
    """Say whether the principal is the provider's own for handshakes: a user or a role of that name."""
    return _VERIFIER_ARN.fullmatch(caller.arn) is not None


def probe_facts(probe: Probe) -> dict[str, object]:
    """Return one probe as plain facts."""
    return {"tried": probe.trial.value, "expected": probe.expected.value, "seen": probe.seen.value}
