"""Sign what a log is at this size, after showing that it continues what was signed before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gatepass.domain.checkpoint import Checkpoint, SignedCheckpoint, key_id, parse_checkpoint
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.identifiers import AccountId
from gatepass.domain.merkle import is_consistent
from gatepass.domain.rotation_statement import RotationStatement
from gatepass.domain.signed_file import PublicKey
from gatepass.ports.audit import Anchor, AuditLog
from gatepass.ports.signatures import SignatureChecker, SigningKey
from gatepass.usecases.provider_keys import KeyRing, load_keys
from gatepass.usecases.read_log import LogReading, read_log
from gatepass.usecases.verify_log import Notary, verdict_on


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs for a log.

    Attributes:
        account: whose log it is.
        key: the key in use.
        known: that key and those before it.
        rotations: how the keys came one after the other, for customers who know an older one.
        signatures: the mathematics.
    """

    account: AccountId
    key: SigningKey
    known: Collection[PublicKey]
    rotations: tuple[RotationStatement, ...]
    signatures: SignatureChecker

    @property
    def origin(self) -> str:
        """What the log is called in its checkpoints."""
        return log_origin(self.account)

    @property
    def notary(self) -> Notary:
        """Whose checkpoints count."""
        return Notary(self.known, self.signatures)


def log_origin(account: AccountId) -> str:
    """Return what the log of that account is called."""
    return f"gatepass/{account}"


def provider_signer(ring: KeyRing, signatures: SignatureChecker) -> Signer:
    """Return the provider as one who signs, with the keys that also sign its offers.

    Raises:
        NotThere: there are no keys yet.
    """
    keys = load_keys(ring)
    key = ring.locksmith.signing_key(keys.secret)
    older = {side for each in keys.rotations for side in (each.old, each.new)}
    return Signer(keys.account, key, frozenset(older | {key.public_key}), keys.rotations, signatures)


def own_signer(account: AccountId, key: SigningKey, signatures: SignatureChecker) -> Signer:
    """Return a person as one who signs with the key of this machine, as customers do."""
    return Signer(account, key, frozenset({key.public_key}), (), signatures)


def checkpoint_log(log: AuditLog, signer: Signer, anchors: Sequence[Anchor] = ()) -> SignedCheckpoint:
    """Sign the log as it is, keep the checkpoint beside it, and put it to the anchors.

    Raises:
        NotThere: the log is empty.
        Conflict: the log is not sound, or does not continue what was signed before; nothing was signed.
    """
    return checkpoint_reading(read_log(log), log, signer, anchors)


def checkpoint_reading(
    reading: LogReading, log: AuditLog, signer: Signer, anchors: Sequence[Anchor] = ()
) -> SignedCheckpoint:
    """Do the same with what was read already."""
    verdict = verdict_on(reading, log, signer.notary)
    if verdict.flaws:
        raise Conflict(
            f"the log in {log.title} is not signed for: {verdict.flaws[0].what}",
            why="a signature would vouch for what somebody changed",
            next_step="see everything that is wrong: gatepass audit verify",
        )
    if not verdict.size:
        raise NotThere(
            f"the log in {log.title} is empty", why="nothing was recorded yet", next_step="gatepass audit log"
        )
    signed = _standing(log, verdict.size) or _signed(reading, log, signer)
    for anchor in anchors:
        anchor.put(signed.checkpoint.size, signed.text)
    return signed


def _standing(log: AuditLog, size: int) -> SignedCheckpoint | None:
    """Return the checkpoint of this very size; it was found right by now."""
    kept = (parse_checkpoint(note) for note in log.checkpoints())
    return next((each for each in kept if each.checkpoint.size == size), None)


def _signed(reading: LogReading, log: AuditLog, signer: Signer) -> SignedCheckpoint:
    checkpoint = Checkpoint(signer.origin, len(reading.tree), reading.tree.root())
    notes = log.checkpoints()
    if notes:
        _demand_continues(reading, parse_checkpoint(notes[-1]).checkpoint, checkpoint)
    signature = signer.key.sign(checkpoint.text.encode())
    signed = SignedCheckpoint(checkpoint, key_id(checkpoint.origin, signer.key.public_key), signature)
    log.keep_checkpoint(checkpoint.size, signed.text)
    return signed


def _demand_continues(reading: LogReading, older: Checkpoint, newer: Checkpoint) -> None:
    proof = reading.tree.consistency_proof(older.size, newer.size)
    is_sound = is_consistent(older.size, older.head, newer.size, newer.head, proof)
    if older.origin != newer.origin or not is_sound:
        raise Conflict(
            f"the log of {newer.size} records does not continue the one of {older.size} that was signed before",
            why=f"that one was called {older.origin}, this one would be {newer.origin}"
            if older.origin != newer.origin
            else "its first records are not those that were signed",
            next_step="sign with the keys of the account whose log it is; else: gatepass audit verify",
        )
