"""What requests need from outside, twin and real alike: keys, signatures, the customer's book, handed files."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatepass.adapters.handed_files import read_handed_file, write_new_file
from gatepass.adapters.memory_requests import MemoryRequestBook, MemorySignatures, MemorySigningKey
from gatepass.adapters.request_book import FileRequestBook
from gatepass.adapters.signing_keys import Ed25519Signatures, FileSigningKey
from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.identifiers import EngineerName
from gatepass.domain.signed_file import LARGEST_FILE, PublicKey
from gatepass.ports.books import RequestBook
from gatepass.ports.signatures import SignatureChecker, SigningKey
from gatepass.private_files import write_private
from tests.domain.test_access_request import REQUEST
from tests.people import MORNING, OTHER_PROVIDER, PROVIDER

KEY, OTHER_KEY = PublicKey(bytes(32)), PublicKey(bytes(31) + b"1")


@dataclass(frozen=True)
class Pens:
    """Two people's keys, and who checks their signatures."""

    one: SigningKey
    other: SigningKey
    checker: SignatureChecker


@pytest.fixture(params=["memory", "file"])
def pens(request: pytest.FixtureRequest, tmp_path: Path) -> Pens:
    if request.param == "memory":
        return Pens(MemorySigningKey("one"), MemorySigningKey("other"), MemorySignatures())
    return Pens(FileSigningKey(tmp_path / "one"), FileSigningKey(tmp_path / "other"), Ed25519Signatures())


@pytest.fixture(params=["memory", "file"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], RequestBook]:
    """Return what opens the book anew."""
    memory = MemoryRequestBook()
    return (lambda: memory) if request.param == "memory" else (lambda: FileRequestBook(tmp_path))


def test_a_signature_over_anything_else_or_by_anybody_else_is_refused(pens: Pens) -> None:
    signature, key = pens.one.sign(b"open"), pens.one.public_key

    assert not pens.checker.is_signed_by(key, b"open ", signature)
    assert not pens.checker.is_signed_by(key, b"", signature)
    assert not pens.checker.is_signed_by(pens.other.public_key, b"open", signature)
    assert not pens.checker.is_signed_by(key, b"open", pens.other.sign(b"open"))
    for wrong in (b"", bytes(64), signature[:-1], signature + b"0", bytes([signature[0] ^ 1]) + signature[1:]):
        assert not pens.checker.is_signed_by(key, b"open", wrong)


def test_a_signature_is_known_by_the_public_key(pens: Pens) -> None:
    assert pens.checker.is_signed_by(pens.one.public_key, b"open", pens.one.sign(b"open"))
    assert pens.one.public_key != pens.other.public_key


def test_the_signature_is_the_ed25519_of_everybody_else(tmp_path: Path) -> None:
    key = FileSigningKey(tmp_path)

    Ed25519PublicKey.from_public_bytes(key.public_key.raw).verify(key.sign(b"open"), b"open")


def test_a_key_that_is_no_point_of_the_curve_signs_nothing() -> None:
    assert not Ed25519Signatures().is_signed_by(PublicKey(b"\xff" * 32), b"open", bytes(64))


def test_a_key_is_made_once_and_stays(tmp_path: Path) -> None:
    assert FileSigningKey(tmp_path).public_key == FileSigningKey(tmp_path).public_key


def test_first_uses_at_the_same_time_end_with_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from gatepass.adapters.signing_keys import FileSigningKey;"
        "print(FileSigningKey(Path(sys.argv[1])).public_key)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "keys")], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    assert len({process.communicate()[0] for process in running}) == 1


def test_the_private_half_is_for_its_owner_alone_and_never_shown(tmp_path: Path) -> None:
    key = FileSigningKey(tmp_path / "keys")

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == {"signing-key.pem": 0o600, ".lock": 0o600}
    assert repr(key) == f"FileSigningKey({key.public_key.fingerprint})"


def another_algorithm() -> bytes:
    return X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("content", [b"", b"key", another_algorithm()], ids=["empty", "no key", "another algorithm"])
def test_a_damaged_key_is_told_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    """Customers know the engineer by the old one; a new key in silence would be refused everywhere."""
    FileSigningKey(tmp_path)
    write_private(tmp_path / "signing-key.pem", content)

    with pytest.raises(Conflict, match="is not used") as caught:
        FileSigningKey(tmp_path)

    assert "backup" in caught.value.next_step
    assert (tmp_path / "signing-key.pem").read_bytes() == content


def test_a_key_that_others_may_read_or_that_is_a_link_is_not_used(tmp_path: Path) -> None:
    FileSigningKey(tmp_path / "one")
    (tmp_path / "one" / "signing-key.pem").chmod(0o640)
    FileSigningKey(tmp_path / "two")
    (tmp_path / "two" / "signing-key.pem").replace(tmp_path / "elsewhere")
    (tmp_path / "two" / "signing-key.pem").symlink_to(tmp_path / "elsewhere")

    for folder in ("one", "two"):
        with pytest.raises(Conflict, match="is not used"):
            FileSigningKey(tmp_path / folder)


def test_a_book_knows_nobody_at_first(reopen: Callable[[], RequestBook]) -> None:
    assert reopen().known_key(PROVIDER, EngineerName("netops-1")) is None
    assert not reopen().was_used(REQUEST.id)


def test_a_book_remembers_whose_key_it_is_and_what_was_used(reopen: Callable[[], RequestBook]) -> None:
    reopen().remember(REQUEST, KEY, MORNING)

    assert reopen().known_key(PROVIDER, EngineerName("netops-1")) == KEY
    assert reopen().was_used(REQUEST.id)
    assert not reopen().was_used("A" + REQUEST.id[1:])


def test_an_engineer_is_one_of_a_provider(reopen: Callable[[], RequestBook]) -> None:
    reopen().remember(REQUEST, KEY, MORNING)
    reopen().remember(replace(REQUEST, provider=OTHER_PROVIDER, id="A" + REQUEST.id[1:]), OTHER_KEY, MORNING)

    assert reopen().known_key(PROVIDER, EngineerName("netops-1")) == KEY
    assert reopen().known_key(OTHER_PROVIDER, EngineerName("netops-1")) == OTHER_KEY
    assert reopen().known_key(PROVIDER, EngineerName("netops-2")) is None
    assert reopen().known_key(PROVIDER, EngineerName("NetOps-1")) == KEY


def test_the_last_key_that_was_vouched_for_counts(reopen: Callable[[], RequestBook]) -> None:
    reopen().remember(REQUEST, KEY, MORNING)
    reopen().remember(replace(REQUEST, id="A" + REQUEST.id[1:]), OTHER_KEY, MORNING)

    assert reopen().known_key(PROVIDER, REQUEST.engineer) == OTHER_KEY


def test_a_used_request_is_forgotten_only_when_nobody_could_use_it_any_more(reopen: Callable[[], RequestBook]) -> None:
    later = replace(REQUEST, id="A" + REQUEST.id[1:])
    end = REQUEST.usable_until + timedelta(minutes=5)
    reopen().remember(REQUEST, KEY, MORNING)

    reopen().remember(later, KEY, end - timedelta(seconds=1))
    assert reopen().was_used(REQUEST.id)

    reopen().remember(later, KEY, end)
    assert not reopen().was_used(REQUEST.id)
    assert reopen().known_key(PROVIDER, REQUEST.engineer) == KEY


DAMAGED = (
    "", "[]", "{}", '{"keys": {}, "used": []}', '{"keys": {"a/b": "ed25519:short"}, "used": {}}',
    '{"keys": {"a/b": 1}, "used": {}}', '{"keys": {}, "used": {"ID": "tomorrow"}}',
    '{"keys": {}, "used": {"ID": "2026-11-22T08:00:00"}}', '{"keys": {}, "keys": {}, "used": {}}',
)  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_book_is_told_and_not_begun_anew(tmp_path: Path, text: str) -> None:
    """An empty one would let used requests be used again, and any key pass for a first one."""
    FileRequestBook(tmp_path).remember(REQUEST, KEY, MORNING)
    write_private(tmp_path / "book.json", text.encode())

    book = FileRequestBook(tmp_path)
    calls: tuple[Callable[[], object], ...] = (
        partial(book.was_used, REQUEST.id),
        partial(book.known_key, PROVIDER, REQUEST.engineer),
        partial(book.remember, REQUEST, KEY, MORNING),
    )
    for call in calls:
        with pytest.raises(Conflict, match="is not used"):
            call()


def test_a_book_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    FileRequestBook(tmp_path).remember(REQUEST, KEY, MORNING)
    (tmp_path / "book.json").chmod(0o620)

    with pytest.raises(Conflict, match="is not used"):
        FileRequestBook(tmp_path).was_used(REQUEST.id)


def test_what_is_too_large_or_no_text_is_not_read(tmp_path: Path) -> None:
    large, binary, fitting = tmp_path / "large", tmp_path / "binary", tmp_path / "fitting"
    large.write_bytes(b" " * (LARGEST_FILE + 1))
    binary.write_bytes(b"\xff\xfe\x00")
    fitting.write_bytes(b" " * LARGEST_FILE)

    with pytest.raises(InvalidInput, match="larger than 64 KB"):
        read_handed_file(large)
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_handed_file(binary)
    with pytest.raises(InvalidInput, match="larger than 64 KB"):
        read_handed_file(Path("/dev/zero"))
    for missing in (tmp_path / "missing", tmp_path):
        with pytest.raises(GatepassError, match="cannot be read"):
            read_handed_file(missing)
    assert len(read_handed_file(fitting)) == LARGEST_FILE


def test_standard_input_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xef\xbb\xbf{}")))

    assert read_handed_file(Path("-")) == "{}"


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    there, target = tmp_path / "there", tmp_path / "target"
    there.write_text("mine", encoding="utf-8")
    links = {"to a file": there, "to nothing": target}
    for name, to in links.items():
        (tmp_path / name).symlink_to(to)

    for path in (there, *(tmp_path / name for name in links), tmp_path):
        with pytest.raises(Conflict, match="is there already"):
            write_new_file(path, "new")
    with pytest.raises(GatepassError, match="cannot be written"):
        write_new_file(tmp_path / "nowhere" / "file", "new")

    assert there.read_text(encoding="utf-8") == "mine"
    assert not target.exists()


def test_a_new_file_holds_what_was_written(tmp_path: Path) -> None:
    write_new_file(tmp_path / "new", "Grüße")

    assert (tmp_path / "new").read_text(encoding="utf-8") == "Grüße"
