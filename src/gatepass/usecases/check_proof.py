"""Check alone what a provider signed to prove that it left: with the file, and what is known of the provider's key."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.errors import InvalidInput
from gatepass.domain.parting_proof import PARTING, PartingProof, parse_parting_proof
from gatepass.domain.signed_file import PublicKey, parse_signed_file
from gatepass.usecases.know_signer import Known, Standing, standing_of


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """What came of checking.

    Attributes:
        key: the key that signed.
        standing: what is known of it.
    """

    proof: PartingProof
    key: PublicKey
    standing: Standing

    @property
    def is_sound(self) -> bool:
        """Whether the provider itself says so, and says that it is proved."""
        return self.proof.holds and self.standing in (Standing.GIVEN, Standing.PINNED)


def check_proof(text: str, known: Known) -> CheckedProof:
    """Check everything that the file alone can show: that it is as its signer wrote it, and who that is.

    That the provider's account is as the proof says, it cannot show.

    Args:
        text: the file.
        known: what is known of providers' keys.

    Raises:
        InvalidInput: it is no such proof, or was changed after it was signed.
    """
    signed = parse_signed_file(text, PARTING)
    if not known.signatures.is_signed_by(signed.key, signed.message, signed.signature):
        raise InvalidInput(
            "the signature of the proof is not right",
            why="the file was changed after it was signed, or was never signed with that key",
            next_step="believe nothing of it; ask the provider, by another way, to send it again",
        )
    proof = parse_parting_proof(signed.body)
    return CheckedProof(proof, signed.key, standing_of(signed.key, proof.rotations, proof.provider, known))
