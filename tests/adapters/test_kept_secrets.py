"""Private files, kept credentials and kept sessions: read whole, kept private, never shown."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatepass.adapters.kept_credentials import KeptCredentials
from gatepass.adapters.kept_sessions import KeptSessions
from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.session import Credentials, Session
from gatepass.private_files import read_private, write_private

KEY, SECRET, TOKEN = "ASIAEXAMPLEEXAMPLE00", "secret/MARKER+one", "token//MARKER=="
SHORT_LIVED = Credentials(KEY, SECRET, TOKEN)
ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support")
EVENING = datetime(2026, 11, 22, 18, tzinfo=UTC)


def test_credentials_and_sessions_never_show_their_secrets() -> None:
    session = Session(ROLE, EngineerName("netops-1"), EVENING, SHORT_LIVED)

    assert "MARKER" not in f"{session!r} {session} {SHORT_LIVED!r}"


def test_a_kept_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "gatepass"

    KeptCredentials(folder).keep(SHORT_LIVED)

    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [stat.S_IMODE(made.stat().st_mode) for made in (folder, folder.parent)] == [0o700, 0o700]


def test_a_folder_that_others_may_enter_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    with pytest.raises(Conflict, match="is not used"):
        KeptCredentials(tmp_path).keep(SHORT_LIVED)


def test_a_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    write_private(path, b"text")
    path.chmod(0o640)

    with pytest.raises(Conflict, match="is not used"):
        read_private(path)


def test_a_link_is_neither_read_nor_followed_when_writing(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    write_private(target, b"untouched")
    link.symlink_to(target)

    with pytest.raises(Conflict, match="is not used"):
        read_private(link)
    write_private(link, b"new")
    assert target.read_text(encoding="utf-8") == "untouched"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")

    with pytest.raises(GatepassError, match="cannot be written"):
        KeptCredentials(blocked / "deeper").keep(SHORT_LIVED)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    session = Session(ROLE, EngineerName("netops-1"), EVENING, Credentials(KEY, SECRET, TOKEN, EVENING))
    KeptCredentials(tmp_path).keep(SHORT_LIVED)
    KeptSessions("base", tmp_path).put([session, session])

    assert KeptCredentials(tmp_path).load() == SHORT_LIVED
    assert KeptSessions("base", tmp_path).sessions() == (session, session)
    KeptSessions("base", tmp_path).put([])
    KeptCredentials(tmp_path).clear()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_other_credentials_do_not_find_themselves_in_the_session(tmp_path: Path) -> None:
    session = Session(ROLE, EngineerName("netops-1"), EVENING, SHORT_LIVED)
    KeptSessions("netops", tmp_path).put([session])

    assert KeptSessions("helpdesk", tmp_path).sessions() == ()


def test_another_terminal_does_not_find_itself_in_the_session(tmp_path: Path) -> None:
    session = Session(ROLE, EngineerName("netops-1"), EVENING, SHORT_LIVED)
    KeptSessions("base", tmp_path).put([session])
    program = (
        "import sys; from pathlib import Path; from gatepass.adapters.kept_sessions import KeptSessions;"
        "print(len(KeptSessions('base', Path(sys.argv[1])).sessions()))"
    )

    counts = [
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            check=True, capture_output=True, text=True, start_new_session=other, env=dict(os.environ),
        ).stdout.strip()
        for other in (False, True)
    ]  # fmt: skip

    assert counts == ["1", "0"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"sessions": 1}', '{"sessions": [{}]}'])
def test_a_damaged_file_is_told_and_not_trusted(tmp_path: Path, text: str) -> None:
    shelf = KeptSessions("base", tmp_path)
    shelf.put([Session(ROLE, EngineerName("netops-1"), EVENING, SHORT_LIVED)])
    (file,) = (tmp_path / "terminals").glob("*.json")
    write_private(file, text.encode())

    with pytest.raises(InvalidInput, match="cannot be read"):
        shelf.sessions()


def test_a_session_knows_when_it_has_expired() -> None:
    session = Session(ROLE, EngineerName("netops-1"), EVENING, SHORT_LIVED)

    assert not session.has_expired(EVENING - timedelta(seconds=1))
    assert session.has_expired(EVENING)
