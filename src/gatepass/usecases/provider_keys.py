"""Make, find, exchange and back up the provider's own keys."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.identifiers import AccountId
from gatepass.domain.offer import LONGEST_PROVIDER_NAME
from gatepass.domain.plain_lines import demand_line
from gatepass.domain.provider_keys import ProviderKeys, keys_name, keys_text, parse_keys
from gatepass.domain.rotation_statement import RotationStatement, rotation_message
from gatepass.ports.secrets import SecretStore, Strongbox
from gatepass.ports.signatures import Locksmith

# What a person can remember and no machine guesses against scrypt.
SHORTEST_PASSPHRASE = 12


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Where one provider account's keys lie, and who knows how to make such keys."""

    account: AccountId
    store: SecretStore
    locksmith: Locksmith

    def put(self, keys: ProviderKeys) -> None:
        """Keep the keys instead of those that were there."""
        self.store.put(keys_name(self.account), keys_text(keys))


def load_keys(ring: KeyRing) -> ProviderKeys:
    """Return the provider's keys.

    Raises:
        NotThere: the store has none.
        InvalidInput: they are not as Gatepass writes them.
    """
    text = ring.store.get(keys_name(ring.account))
    if text is None:
        raise NotThere(
            f"there are no keys of account {ring.account} in {ring.store.title}",
            why="offers are signed with them, and customers' second factors are sealed to them",
            next_step="gatepass keys init; or name the store that has them with --store",
        )
    return _completed(text, ring)


def init_keys(ring: KeyRing, name: str) -> ProviderKeys:
    """Make the first keys of the account and keep them.

    Args:
        ring: where they are to lie.
        name: what the provider calls itself; customers read it in offers.

    Raises:
        InvalidInput: the name is none that a customer can be shown.
        Conflict: the store has keys already; they are never overwritten.
    """
    demand_line(name, "name of the provider", LONGEST_PROVIDER_NAME)
    _demand_none(ring)
    secret = ring.locksmith.make()
    keys = ProviderKeys(ring.account, name, secret, ring.locksmith.public_halves(secret))
    ring.put(keys)
    return keys


def rotate_keys(ring: KeyRing) -> ProviderKeys:
    """Put new keys in use; the old signing key vouches for them, the old identity still opens older passes.

    Raises:
        NotThere: there are none yet.
    """
    old = load_keys(ring)
    secret = ring.locksmith.make()
    public = ring.locksmith.public_halves(secret)
    signer = ring.locksmith.signing_key(old.secret)
    message = rotation_message(ring.account, old.public.key, public.key, public.seal_to)
    statement = RotationStatement(ring.account, old.public.key, public.key, public.seal_to, signer.sign(message))
    keys = old.rotated(secret, public, statement)
    ring.put(keys)
    return keys


def export_keys(ring: KeyRing, strongbox: Strongbox, passphrase: str) -> str:
    """Return a backup of all keys, locked with the passphrase.

    Raises:
        NotThere: there are none.
        InvalidInput: the passphrase is too short.
    """
    keys = load_keys(ring)
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise InvalidInput(
            f"the passphrase is shorter than {SHORTEST_PASSPHRASE} characters",
            why="whoever has the backup and guesses it is you to all your customers",
            next_step="take five or six random words",
        )
    return strongbox.lock(keys_text(keys), passphrase)


def restore_keys(ring: KeyRing, strongbox: Strongbox, backup: str, passphrase: str) -> ProviderKeys:
    """Put the keys of a backup into the store.

    Raises:
        Conflict: the store has keys already, or the backup is of another account.
        InvalidInput: the passphrase is another, or it is no backup.
    """
    _demand_none(ring)
    keys = _completed(strongbox.unlock(backup, passphrase), ring)
    ring.put(keys)
    return keys


def _completed(text: str, ring: KeyRing) -> ProviderKeys:
    kept = parse_keys(text)
    if kept.account != ring.account:
        raise Conflict(
            f"these are the keys of account {kept.account}",
            why=f"you act for account {ring.account}",
            next_step="load the credentials of the account whose keys they are: gatepass creds load",
        )
    public = ring.locksmith.public_halves(kept.secret)
    return ProviderKeys(kept.account, kept.name, kept.secret, public, kept.older_identities, kept.rotations)


def _demand_none(ring: KeyRing) -> None:
    if ring.store.get(keys_name(ring.account)) is not None:
        raise Conflict(
            f"there are keys of account {ring.account} in {ring.store.title} already",
            why="customers know you by them, and they open the passes that you were sent",
            next_step="gatepass keys show; to exchange them: gatepass keys rotate",
        )
