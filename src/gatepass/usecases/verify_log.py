"""Verify a log: its chain, and every checkpoint of it that is kept beside it or anchored elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gatepass.domain.checkpoint import SignedCheckpoint, parse_checkpoint
from gatepass.domain.errors import InvalidInput
from gatepass.domain.signed_file import PublicKey
from gatepass.ports.audit import Anchor, AuditLog
from gatepass.ports.signatures import SignatureChecker
from gatepass.usecases.read_log import Flaw, LogReading, read_log


@dataclass(frozen=True, slots=True)
class Witness:
    """A checkpoint, and where it was found."""

    place: str
    note: str


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """What came of verifying a log.

    Attributes:
        size: how many records there are.
        head: the head of their tree, hexadecimal.
        witnesses: how many checkpoints it agrees with.
        signed_size: the largest size that one of these is of; what came later nobody has signed for.
        flaws: what is wrong, the first ones.
        flaw_count: how many there are.
    """

    size: int
    head: str
    witnesses: int
    signed_size: int
    flaws: tuple[Flaw, ...]
    flaw_count: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.flaw_count == 0


@dataclass(frozen=True, slots=True)
class Notary:
    """Whose checkpoints count, and the mathematics.

    Attributes:
        known: the keys that sign for this log, older ones included.
    """

    known: Collection[PublicKey]
    signatures: SignatureChecker


def verify_log(log: AuditLog, notary: Notary, anchors: Sequence[Anchor] = ()) -> LogVerdict:
    """Read the whole log and compare it with every checkpoint.

    The chain finds what was edited, deleted in the middle or moved. That the end was cut off, or everything
    written anew, only a checkpoint shows that whoever did it could not change: one that is anchored outside.
    """
    return verdict_on(read_log(log), log, notary, anchors)


def verdict_on(reading: LogReading, log: AuditLog, notary: Notary, anchors: Sequence[Anchor] = ()) -> LogVerdict:
    """Compare what was read with every checkpoint."""
    agreeing, signed_size = 0, 0
    for witness in _witnesses(log, anchors):
        found = _judged(witness, reading, notary)
        if isinstance(found, Flaw):
            reading.add_flaw(found)
        else:
            agreeing, signed_size = agreeing + 1, max(signed_size, found)
    for anchor in anchors:
        if not anchor.notes():
            reading.add_flaw(Flaw(f"no checkpoint is anchored at {anchor.title}, so a log that was cut is not found"))
    tree = reading.tree
    return LogVerdict(len(tree), tree.root().hex(), agreeing, signed_size, tuple(reading.flaws), reading.flaw_count)


def _witnesses(log: AuditLog, anchors: Sequence[Anchor]) -> Iterable[Witness]:
    for note in log.checkpoints():
        yield Witness("beside the log", note)
    for anchor in anchors:
        for note in anchor.notes():
            yield Witness(f"at {anchor.title}", note)


def _judged(witness: Witness, reading: LogReading, notary: Notary) -> Flaw | int:
    """Return the size that the checkpoint speaks for, or what is wrong."""
    try:
        signed = parse_checkpoint(witness.note)
    except InvalidInput as error:
        return Flaw(f"a checkpoint {witness.place} cannot be read: {error.why}")
    size, tree = signed.checkpoint.size, reading.tree
    if not is_signed_by_any(signed, notary):
        return Flaw(f"the checkpoint of {size} records {witness.place} is not signed by a key of yours")
    if size > len(tree):
        return Flaw(
            f"the log was cut: it has {len(tree)} records, and {size} were signed for by the checkpoint {witness.place}"
        )
    if tree.root(size) != signed.checkpoint.head:
        return Flaw(f"the first {size} records are not those that the checkpoint {witness.place} was signed over")
    return size


def is_signed_by_any(signed: SignedCheckpoint, notary: Notary) -> bool:
    """Say whether one of the known keys signed the checkpoint."""
    message = signed.checkpoint.text.encode()
    return any(
        signed.names(key) and notary.signatures.is_signed_by(key, message, signed.signature) for key in notary.known
    )
