"""What the two sides hand to each other: requests, offers and passes, signed and sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepass.domain.identifiers import AccountId, RoleArn
from gatepass.ports.books import OfferBook
from gatepass.ports.secrets import Opener, Sealer, Strongbox
from gatepass.ports.signatures import SigningKey
from gatepass.wiring.machine import clock, randomness
from gatepass.wiring.own_account import own_tokens, tokens_of
from gatepass.wiring.stores import secret_store

if TYPE_CHECKING:
    from gatepass.domain.provider_keys import ProviderKeys
    from gatepass.usecases.provider_keys import KeyRing
    from gatepass.usecases.read_pass import AdmissionDesk
    from gatepass.usecases.read_request import Desk
    from gatepass.usecases.review_offer import OfferDesk
    from gatepass.usecases.shake_hands import Probers
    from gatepass.usecases.write_pass import PassTools


def signing_key() -> SigningKey:
    """Return the person's own key, made at its first use.

    Raises:
        Conflict: its file is not for its owner alone, or damaged.
    """
    from gatepass.adapters.signing_keys import FileSigningKey

    return FileSigningKey()


def request_desk() -> Desk:
    """Return what reading engineers' requests needs."""
    from gatepass.adapters.request_book import FileRequestBook
    from gatepass.adapters.signing_keys import Ed25519Signatures
    from gatepass.usecases.read_request import Desk

    return Desk(FileRequestBook(), Ed25519Signatures(), clock())


def pass_tools() -> PassTools:
    """Return what a customer writes a pass with: the person's own key, and a seal."""
    from gatepass.adapters.sealing import AgeSealer
    from gatepass.usecases.write_pass import PassTools

    return PassTools(signing_key(), AgeSealer(), clock(), randomness())


def admission_desk(opener: Opener) -> AdmissionDesk:
    """Return what reading customers' passes needs, with the key that unseals them."""
    from gatepass.adapters.signing_keys import Ed25519Signatures
    from gatepass.usecases.read_pass import AdmissionDesk

    return AdmissionDesk(Ed25519Signatures(), opener, clock())


def probers(verifier: str, stranger: str | None) -> Probers:
    """Return who makes handshakes.

    Args:
        verifier: an AWS profile, or the ARN of a role that the person's own credentials may enter.
        stranger: an AWS profile of somebody who should reach no customer, if any.
    """
    from gatepass.adapters.act_trial import AwsActTrial
    from gatepass.usecases.shake_hands import Probers, as_verifier

    is_role = verifier.startswith("arn:")
    tokens = as_verifier(RoleArn(verifier), own_tokens(), tokens_of) if is_role else own_tokens(verifier)
    return Probers(tokens, AwsActTrial(), clock(), randomness(), own_tokens(stranger) if stranger else None)


def key_ring(kind: str, account: AccountId) -> KeyRing:
    """Return where the provider's keys lie: in the secret store of that kind.

    Raises:
        InvalidInput: there is no such kind.
        GatepassError: it cannot be used here.
    """
    from gatepass.adapters.locksmith import AgeLocksmith
    from gatepass.usecases.provider_keys import KeyRing

    return KeyRing(account, secret_store(kind), AgeLocksmith())


def strongbox() -> Strongbox:
    """Return what locks backups behind a passphrase."""
    from gatepass.adapters.sealing import AgeStrongbox

    return AgeStrongbox()


def sealer() -> Sealer:
    """Return what seals text to a provider's key."""
    from gatepass.adapters.sealing import AgeSealer

    return AgeSealer()


def opener(keys: ProviderKeys) -> Opener:
    """Return what opens text that was sealed to the provider, older keys included.

    Raises:
        InvalidInput: the keys are not as Gatepass writes them.
    """
    from gatepass.adapters.sealing import AgeOpener

    return AgeOpener(keys.identities)


def offer_book() -> OfferBook:
    """Return the offers that were written here."""
    from gatepass.adapters.offer_book import FileOfferBook

    return FileOfferBook()


def offer_desk() -> OfferDesk:
    """Return what reading providers' offers needs."""
    from gatepass.adapters.pinned_keys import FileProviderPins
    from gatepass.adapters.signing_keys import Ed25519Signatures
    from gatepass.usecases.review_offer import OfferDesk

    return OfferDesk(FileProviderPins(), Ed25519Signatures(), clock())
