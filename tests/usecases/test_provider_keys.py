"""The provider's keys: made once, exchanged with the old one's word, backed up and restored."""

from __future__ import annotations

import pytest

from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.memory_keys import MemoryLocksmith, MemoryOpener, MemorySealer, MemoryStrongbox
from gatepass.adapters.memory_requests import MemorySignatures
from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.kept_secrets import LARGEST_SECRET
from gatepass.domain.provider_keys import KEPT_IDENTITIES, KEPT_ROTATIONS, keys_name, keys_text
from gatepass.domain.rotation_statement import successors
from gatepass.usecases.provider_keys import KeyRing, export_keys, init_keys, load_keys, restore_keys, rotate_keys
from tests.people import OTHER_PROVIDER, PROVIDER

NAME = "Example Consulting"
PASSPHRASE = "correct horse battery staple"


def ring() -> KeyRing:
    return KeyRing(PROVIDER, MemorySecrets(), MemoryLocksmith())


def test_without_keys_nothing_is_shown_exchanged_or_backed_up() -> None:
    for act in (load_keys, rotate_keys, lambda bare: export_keys(bare, MemoryStrongbox(), PASSPHRASE)):
        with pytest.raises(NotThere, match="no keys of account 111122223333"):
            act(ring())


def test_keys_that_are_there_are_never_overwritten() -> None:
    mine = ring()
    made = init_keys(mine, NAME)
    backup = export_keys(mine, MemoryStrongbox(), PASSPHRASE)

    with pytest.raises(Conflict, match="already"):
        init_keys(mine, NAME)
    with pytest.raises(Conflict, match="already"):
        restore_keys(mine, MemoryStrongbox(), backup, PASSPHRASE)
    assert load_keys(mine) == made


@pytest.mark.parametrize("name", ["", " Example", "Example\u202e", "two\nlines", "x" * 81])
def test_a_name_that_could_deceive_makes_no_keys(name: str) -> None:
    mine = ring()

    with pytest.raises(InvalidInput):
        init_keys(mine, name)
    assert mine.store.get(keys_name(PROVIDER)) is None


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON: MARKER", '{"gatepass": "keys", "version": 2}'])
def test_damaged_keys_are_told_and_not_repeated(text: str) -> None:
    mine = ring()
    mine.store.put(keys_name(PROVIDER), text)

    with pytest.raises(InvalidInput) as caught:
        load_keys(mine)
    assert "MARKER" not in str(vars(caught.value))


def test_keys_of_another_account_are_refused() -> None:
    mine, others = ring(), KeyRing(OTHER_PROVIDER, MemorySecrets(), MemoryLocksmith())
    init_keys(others, NAME)
    backup = export_keys(others, MemoryStrongbox(), PASSPHRASE)

    with pytest.raises(Conflict, match="keys of account 999900001111"):
        restore_keys(mine, MemoryStrongbox(), backup, PASSPHRASE)


def test_a_short_passphrase_makes_no_backup() -> None:
    mine = ring()
    init_keys(mine, NAME)

    with pytest.raises(InvalidInput, match="shorter than 12"):
        export_keys(mine, MemoryStrongbox(), "hunter2")


def test_after_a_loss_the_backup_gives_the_same_keys() -> None:
    mine = ring()
    init_keys(mine, NAME)
    kept = rotate_keys(mine)
    backup = export_keys(mine, MemoryStrongbox(), PASSPHRASE)
    mine.store.delete(keys_name(PROVIDER))

    with pytest.raises(InvalidInput):
        restore_keys(mine, MemoryStrongbox(), backup, PASSPHRASE.upper())
    assert mine.store.get(keys_name(PROVIDER)) is None
    assert restore_keys(mine, MemoryStrongbox(), backup, PASSPHRASE) == kept == load_keys(mine)


def test_the_old_key_vouches_for_the_new_and_older_passes_still_open() -> None:
    mine = ring()
    old = init_keys(mine, NAME)
    sealed = MemorySealer().seal("a second factor", old.public.seal_to)

    new = rotate_keys(mine)

    (statement,) = new.rotations
    assert (new.public.key, new.public.seal_to) != (old.public.key, old.public.seal_to)
    assert MemorySignatures().is_signed_by(old.public.key, statement.message, statement.signature)
    assert (statement.new, statement.seal_to) == (new.public.key, new.public.seal_to)
    assert new.public.key in successors(old.public.key, new.rotations)
    assert MemoryOpener(new.identities).open(sealed) == "a second factor"


def test_however_often_keys_are_exchanged_every_store_can_hold_them() -> None:
    mine = ring()
    init_keys(mine, "ü" * 80)

    for _ in range(30):
        rotate_keys(mine)

    keys = load_keys(mine)
    assert len(keys.older_identities) == KEPT_IDENTITIES
    assert len(keys.rotations) == KEPT_ROTATIONS
    # Real identities are that much longer than those of the twin.
    assert len(keys_text(keys).encode()) + (74 - 11) * (KEPT_IDENTITIES + 1) + 44 <= LARGEST_SECRET


def test_no_secret_is_in_a_repr() -> None:
    mine = ring()
    init_keys(mine, NAME)
    keys = rotate_keys(mine)

    assert not [text for text in (*keys.identities, keys.secret.seed) if text in repr(keys)]
