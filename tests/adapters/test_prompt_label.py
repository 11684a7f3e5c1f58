"""What the prompt is made of: the environment's session, or the label of this terminal; never somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatepass.adapters.kept_sessions import KeptSessions
from gatepass.adapters.prompt_label import place_here, seconds_of
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.session import Credentials, Session

ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/Support")
END = datetime(2026, 11, 22, 18, tzinfo=UTC)
SESSION = Session(
    ROLE, EngineerName("maria"), END, Credentials("ASIAOURS", "SECRET", "TOKEN", END), "acme-prod", "support"
)
THERE = ("acme-prod/support", str(ROLE), END.timestamp())


@pytest.fixture(autouse=True)
def own_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SESSION.environment("eu-west-1"), "AWS_PROFILE", "GATEPASS_STACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMINE")


def test_in_ones_own_account_there_is_no_place() -> None:
    assert place_here() is None


def test_the_session_of_the_environment_is_the_place_while_its_keys_are_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SESSION.environment("eu-west-1").items():
        monkeypatch.setenv(name, value)
    assert place_here() == THERE

    monkeypatch.setenv("AWS_SESSION_EXPIRATION", "soon")
    assert place_here() == (*THERE[:2], None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMINE")
    assert place_here() is None


def test_a_label_is_of_this_terminal_and_these_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = KeptSessions("AKIAMINE")
    shelf.put([SESSION])
    assert place_here() == THERE
    label = next(tmp_path.rglob("*.label"))
    assert label.stat().st_mode & 0o777 == 0o600
    assert "SECRET" not in label.read_text() + label.name

    monkeypatch.setenv("GATEPASS_STACK", "another shell")
    assert place_here() is None
    monkeypatch.delenv("GATEPASS_STACK")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOTHER")
    assert place_here() is None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMINE")
    label.chmod(0o644)
    assert place_here() is None
    label.chmod(0o600)
    label.write_text(label.read_text()[:-1])
    assert place_here() is None
    shelf.put([])
    assert not label.exists()


def test_loaded_credentials_that_are_replaced_take_the_label_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    (tmp_path / "gatepass").mkdir(mode=0o700)
    (tmp_path / "gatepass" / "credentials.json").write_text("one")
    KeptSessions("AKIALOADED").put([SESSION])
    assert place_here() == THERE

    (tmp_path / "gatepass" / "credentials.json").write_text("another")

    assert place_here() is None


@pytest.mark.parametrize(
    "instant", ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-22T08:00:00Z", "2028-03-01T00:00:00+00:00", "2100-12-31T12:30:15Z"]
)  # fmt: skip
def test_instants_are_read_as_datetime_reads_them(instant: str) -> None:
    assert seconds_of(instant) == datetime.fromisoformat(instant).timestamp()


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-11-22", "2026-11-22T08:00Z", "x-11-22T08:00:00Z", "2026-11-22T08:00:00+01:00"]
)
def test_what_is_no_instant_of_ours_is_none(text: str) -> None:
    assert seconds_of(text) is None
