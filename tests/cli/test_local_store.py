"""The local store as somebody meets it at a terminal: nothing to set up, and a passphrase for who wants one."""

from __future__ import annotations

from pathlib import Path

import pexpect

from tests.cli.handover import done, refused
from tests.cli.person import Person
from tests.conftest import PROVIDER

WORDS = "correct horse battery staple"
SHOWS = f"gatepass keys show --account {PROVIDER}"
INIT = f"gatepass keys init --name Harbour --account {PROVIDER}"


def answered(terminal: pexpect.spawn[str], *answers: str) -> str:
    """Return what is printed once the passphrase was typed, which nothing of it shows."""
    told = ""
    for answer in answers:
        terminal.expect(["Passphrase of the local store: ", "The same again: "])
        told += str(terminal.before)
        terminal.sendline(answer)
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert WORDS not in told + str(terminal.before)
    return str(terminal.before)


def test_with_nothing_set_up_it_is_sealed_and_the_doctor_says_what_that_is_worth(tmp_path: Path) -> None:
    person = Person(tmp_path)
    done(person, INIT)
    (key,) = (tmp_path / ".config" / "gatepass" / "store-keys").iterdir()

    told = person.types("gatepass doctor").stdout

    assert f"note  local store: 1 secret in {tmp_path}/state/gatepass/secrets, each sealed with AES-256-GCM" in told
    assert f"the key is in {key}; a copy of one folder alone is useless, but whoever acts as you here" in told
    assert (
        "harbour" not in (tmp_path / "state/gatepass/secrets" / f"provider.{PROVIDER}.keys").read_text("latin1").lower()
    )
    key.unlink()
    refused(person, SHOWS, "the key of the local store is not there", 1)
    assert "wrong local store" in person.types("gatepass doctor").stdout


def test_a_passphrase_is_asked_for_at_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    person = Person(tmp_path, {"GATEPASS_STORE_KEY": "passphrase"})
    assert "differ" in answered(person.at_terminal(INIT), WORDS, "another horse battery")
    assert "shorter than 12" in answered(person.at_terminal(INIT), "hunter2", "hunter2")
    assert "fingerprint" in answered(person.at_terminal(INIT), WORDS, WORDS)

    # Whoever comes later need not know how it was chosen.
    later = Person(tmp_path)
    assert "fingerprint" in answered(later.at_terminal(SHOWS), WORDS)
    assert "does not open with this passphrase" in answered(later.at_terminal(SHOWS), "another horse battery")
    assert "by a key from a passphrase" in later.types("gatepass doctor").stdout
    done(Person(tmp_path, {"GATEPASS_STORE_PASSPHRASE": WORDS}), SHOWS)
