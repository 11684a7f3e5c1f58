"""Seals, locks and keys, twin and real alike; and that the standard age tool reads what we seal."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatepass.adapters.handed_files import write_new_file
from gatepass.adapters.locksmith import AgeLocksmith
from gatepass.adapters.memory_keys import (
    MemoryLocksmith,
    MemoryOffers,
    MemoryOpener,
    MemoryPins,
    MemorySealer,
    MemoryStrongbox,
)
from gatepass.adapters.memory_requests import MemorySignatures
from gatepass.adapters.offer_book import FileOfferBook
from gatepass.adapters.pinned_keys import FileProviderPins
from gatepass.adapters.sealing import AgeOpener, AgeSealer, AgeStrongbox
from gatepass.adapters.signing_keys import Ed25519Signatures
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.offer import OFFER as OFFER_KIND
from gatepass.domain.offer_body import offer_body
from gatepass.domain.provider_keys import SecretHalves
from gatepass.domain.signed_file import PublicKey, SignedFile
from gatepass.ports.books import OfferBook, ProviderPins
from gatepass.ports.secrets import Opener, Sealer, Strongbox
from gatepass.ports.signatures import Locksmith, SignatureChecker
from tests.domain.test_offer import OFFER
from tests.people import OTHER_PROVIDER, PROVIDER
from tests.programs import demand_program

TEXT = "gp1.7KQ2M9XW4T.CODE with an ü"
PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True)
class Craft:
    """Everything about keys by one maker."""

    locksmith: Locksmith
    sealer: Sealer
    opener: Callable[[Sequence[str]], Opener]
    strongbox: Strongbox
    checker: SignatureChecker


@pytest.fixture(params=["memory", "age"])
def craft(request: pytest.FixtureRequest) -> Craft:
    if request.param == "memory":
        return Craft(MemoryLocksmith(), MemorySealer(), MemoryOpener, MemoryStrongbox(), MemorySignatures())
    return Craft(AgeLocksmith(), AgeSealer(), AgeOpener, AgeStrongbox(), Ed25519Signatures())


def recipient(craft: Craft, keys: SecretHalves) -> str:
    return craft.locksmith.public_halves(keys).seal_to


def test_what_is_sealed_to_one_opens_for_nobody_else(craft: Craft) -> None:
    ours, theirs = craft.locksmith.make(), craft.locksmith.make()
    sealed = craft.sealer.seal(TEXT, recipient(craft, ours))

    with pytest.raises(InvalidInput):
        craft.opener([theirs.identity]).open(sealed)
    assert TEXT not in sealed
    assert craft.opener([theirs.identity, ours.identity]).open(sealed) == TEXT


@pytest.mark.parametrize(
    "change", [lambda _: "", lambda text: text[:-40], lambda text: text.replace("a", "b"), lambda _: "hello"]
)
def test_what_is_no_whole_seal_is_refused(craft: Craft, change: Callable[[str], str]) -> None:
    keys = craft.locksmith.make()
    sealed = craft.sealer.seal(TEXT, recipient(craft, keys))

    with pytest.raises(InvalidInput) as caught:
        craft.opener([keys.identity]).open(change(sealed))
    assert TEXT not in str(vars(caught.value))


@pytest.mark.parametrize("wrong", ["", "age1", "AGE-SECRET-KEY-1QQ", "ssh-ed25519 AAAA"])
def test_nothing_is_sealed_to_what_is_no_recipient(craft: Craft, wrong: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        craft.sealer.seal(TEXT, wrong)
    assert "SECRET" not in str(vars(caught.value))


def test_a_mistyped_recipient_is_noticed() -> None:
    """Age's own check sum; a seal that nobody can open would only be found out by the provider."""
    right = recipient(
        Craft(AgeLocksmith(), AgeSealer(), AgeOpener, AgeStrongbox(), Ed25519Signatures()), AgeLocksmith().make()
    )
    wrong = right[:-1] + ("q" if right[-1] != "q" else "p")

    with pytest.raises(InvalidInput):
        AgeSealer().seal(TEXT, wrong)


def test_another_passphrase_opens_no_backup(craft: Craft) -> None:
    locked = craft.strongbox.lock(TEXT, PASSPHRASE)

    for wrong in (PASSPHRASE.upper(), ""):
        with pytest.raises(InvalidInput):
            craft.strongbox.unlock(locked, wrong)
    with pytest.raises(InvalidInput):
        craft.strongbox.unlock("no backup", PASSPHRASE)
    assert TEXT not in locked
    assert craft.strongbox.unlock(locked, PASSPHRASE) == TEXT


def test_keys_differ_sign_and_are_not_shown(craft: Craft) -> None:
    one, other = craft.locksmith.make(), craft.locksmith.make()
    signature = craft.locksmith.signing_key(one).sign(b"offer")

    assert not craft.checker.is_signed_by(craft.locksmith.public_halves(other).key, b"offer", signature)
    assert craft.checker.is_signed_by(craft.locksmith.public_halves(one).key, b"offer", signature)
    assert one.seed not in repr(one)
    assert one.identity not in repr(one)
    assert one.identity not in repr(craft.opener([one.identity]))


@pytest.mark.parametrize("keys", [SecretHalves("MARKER", "???"), SecretHalves("AGE-SECRET-KEY-1", "c2hvcnQ=")])
def test_damaged_keys_are_refused_and_not_repeated(keys: SecretHalves) -> None:
    with pytest.raises(InvalidInput):
        AgeLocksmith().signing_key(keys)
    with pytest.raises(InvalidInput) as caught:
        AgeOpener([keys.identity])
    assert keys.identity not in str(vars(caught.value))


def test_the_standard_tool_opens_what_we_seal_and_seals_what_we_open(tmp_path: Path) -> None:
    age = demand_program("age", "apt-get install age")
    keys = AgeLocksmith().make()
    to = AgeLocksmith().public_halves(keys).seal_to
    (tmp_path / "identity").write_text(keys.identity + "\n", encoding="ascii")

    opened = subprocess.run(
        [age, "--decrypt", "--identity", str(tmp_path / "identity")],
        check=True, capture_output=True, input=AgeSealer().seal(TEXT, to).encode(),
    )  # fmt: skip
    sealed = subprocess.run([age, "--armor", "--recipient", to], check=True, capture_output=True, input=TEXT.encode())

    assert opened.stdout.decode() == TEXT
    assert AgeOpener([keys.identity]).open(sealed.stdout.decode()) == TEXT


KEY, OTHER_KEY = PublicKey(bytes(32)), PublicKey(bytes(31) + b"1")


@pytest.fixture(params=["memory", "file"])
def reopen_pins(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], ProviderPins]:
    memory = MemoryPins()
    return (lambda: memory) if request.param == "memory" else (lambda: FileProviderPins(tmp_path / "providers"))


def test_a_provider_is_known_by_the_key_that_was_pinned_last(reopen_pins: Callable[[], ProviderPins]) -> None:
    assert reopen_pins().known_key(PROVIDER) is None

    reopen_pins().pin(PROVIDER, KEY)
    reopen_pins().pin(OTHER_PROVIDER, KEY)
    reopen_pins().pin(PROVIDER, OTHER_KEY)

    assert reopen_pins().known_key(PROVIDER) == OTHER_KEY
    assert reopen_pins().known_key(OTHER_PROVIDER) == KEY


@pytest.mark.parametrize("content", ["", "[]", '{"111122223333": "ed25519:short"}', '{"someone": 5}', "\udcff"])
def test_damaged_pins_stop_everything(tmp_path: Path, content: str) -> None:
    """An empty book would let any key pass for the provider's first."""
    folder = tmp_path / "providers"
    FileProviderPins(folder).pin(PROVIDER, KEY)
    (folder / "keys.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(Conflict, match="is not used"):
        FileProviderPins(folder).known_key(PROVIDER)


@pytest.fixture(params=["memory", "file"])
def reopen_offers(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], OfferBook]:
    memory = MemoryOffers()
    return (lambda: memory) if request.param == "memory" else (lambda: FileOfferBook(tmp_path / "offers"))


def test_offers_that_were_made_are_known_again(reopen_offers: Callable[[], OfferBook]) -> None:
    assert not reopen_offers().made()

    reopen_offers().keep(OFFER, SignedFile(OFFER_KIND, offer_body(OFFER), KEY, bytes(64)))

    assert tuple(reopen_offers().made()) == (OFFER,)


def test_a_damaged_offer_is_told(tmp_path: Path) -> None:
    book = FileOfferBook(tmp_path / "offers")
    book.keep(OFFER, SignedFile(OFFER_KIND, offer_body(OFFER), KEY, bytes(64)))
    (path,) = (tmp_path / "offers").glob("*.json")
    path.write_text("{}", encoding="utf-8")

    with pytest.raises(Conflict, match="is not used"):
        book.made()


def test_a_private_file_is_for_its_owner_alone_and_never_written_over(tmp_path: Path) -> None:
    write_new_file(tmp_path / "backup", "one", private=True)

    with pytest.raises(Conflict):
        write_new_file(tmp_path / "backup", "two", private=True)
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    assert (tmp_path / "backup").read_text(encoding="utf-8") == "one"
