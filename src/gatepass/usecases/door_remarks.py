"""What there is to say about a door beyond what lint says of its policies."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gatepass.domain.doors import Asking, DoorState, Entrant, EntrantKind, SecondFactor
from gatepass.domain.findings import Finding, Remark, Severity
from gatepass.domain.id_strength import IdStrength

_ID_GUESSABLE = Remark(
    "id-guessable",
    Severity.MEDIUM,
    "others can know or guess the external ID",
    "it is made of words or numbers; a provider that takes such IDs from its customers can be made to act for others",
    "ask the provider for a random one, unique for you",
)
_ID_SHORT = Remark(
    "id-short",
    Severity.LOW,
    "the external ID is short",
    "it carries fewer than 64 random bits",
    "ask the provider for a longer one, unique for you",
)
_ID_KNOWN_TO_OTHERS = Remark(
    "id-known-to-others",
    Severity.MEDIUM,
    "roles for other accounts take the same external ID",
    "each of these providers knows what the others are asked for",
    "give each provider an external ID of its own",
)
_HALF_CLOSED = Remark(
    "half-closed",
    Severity.MEDIUM,
    "only half of the switch is closed",
    "a close was stopped half-way, or somebody changed the role beside Gatepass",
    "close it again: gatepass close GRANT",
)
_CHANGING = Remark(
    "changing",
    Severity.MEDIUM,
    "an apply that changes who may enter is under way, or was stopped",
    "until it is done no session can act",
    "finish it: gatepass apply",
)
_WINDOW_OVER = Remark(
    "window-over",
    Severity.LOW,
    "nobody gets in any more: its time is over",
    "whoever changes the date opens it again",
    "delete the role when it is not needed again; one of Gatepass with: gatepass withdraw GRANT",
)
_PRINCIPAL_DELETED = Remark(
    "principal-deleted",
    Severity.LOW,
    "the trust names a user or role that was deleted",
    "AWS shows it by the unique id it had; a new one of the same name does not get in",
    "take it out of the trust policy, or name its successor",
)


def door_remarks(
    arn: str,
    state: DoorState,
    entrants: Collection[Entrant],
    factor: SecondFactor,
    *,
    id_is_known_to_others: bool,
) -> Iterator[Finding]:
    """Yield what is worth saying about a door as a whole."""
    if state is DoorState.HALF_CLOSED:
        yield _HALF_CLOSED.on(arn)
    if state is DoorState.CHANGING:
        yield _CHANGING.on(arn)
    if state is DoorState.OVER:
        yield _WINDOW_OVER.on(arn)
    if any(each.kind is EntrantKind.DELETED for each in entrants):
        yield _PRINCIPAL_DELETED.on(arn)
    if not state.lets_in or factor.asking is not Asking.ALWAYS:
        return
    if factor.strength is IdStrength.WORD:
        yield _ID_GUESSABLE.on(arn)
    if factor.strength is IdStrength.SHORT:
        yield _ID_SHORT.on(arn)
    if id_is_known_to_others:
        yield _ID_KNOWN_TO_OTHERS.on(arn)
