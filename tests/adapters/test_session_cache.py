"""Sessions that are ready to hand out: for their owner alone, for the same question alone, and gone when they must be."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatepass.adapters.cached_tokens import CachedTokens
from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.purging_secrets import PurgingSecrets
from gatepass.adapters.session_cache import SessionCache, session_name
from gatepass.adapters.warm_answers import question, ready_answer
from gatepass.domain.documents import policy
from gatepass.domain.identifiers import AccountId, EngineerName, ExternalId, PolicyArn, RoleArn
from gatepass.domain.session import Caller, Credentials, Entry, Session

ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/Support")
OTHER_ROLE = RoleArn("arn:aws:iam::777788889999:role/gatepass/Support")
MARIA = Caller(AccountId("111122223333"), "arn:aws:iam::111122223333:user/maria")
ENTRY = Entry(ROLE, EngineerName("maria"), timedelta(hours=1), ExternalId("gp1.KEY.MARKER"))
OTHERS: dict[str, tuple[Entry, Caller, str]] = {
    "another partition": (replace(ENTRY, role=RoleArn(str(ROLE).replace("arn:aws:", "arn:aws-cn:"))), MARIA, ""),
    "another endpoint": (ENTRY, MARIA, "http://127.0.0.1:1"),
    "another person": (ENTRY, replace(MARIA, arn=MARIA.arn + "2"), ""),
    "another role": (replace(ENTRY, role=OTHER_ROLE), MARIA, ""),
    "another external ID": (replace(ENTRY, external_id=ExternalId("gp1.KEY.OTHER")), MARIA, ""),
    "no external ID": (replace(ENTRY, external_id=None), MARIA, ""),
    "another name": (replace(ENTRY, name=EngineerName("maria+ABC")), MARIA, ""),
    "another duration": (replace(ENTRY, duration=timedelta(hours=2)), MARIA, ""),
    "a policy": (replace(ENTRY, policy=policy({"Effect": "Allow", "Action": "*", "Resource": "*"})), MARIA, ""),
    "a managed policy": (replace(ENTRY, policy_arns=(PolicyArn("arn:aws:iam::aws:policy/X"),)), MARIA, ""),
    "a tag": (replace(ENTRY, tags={"gatepass:ticket": "ABC"}), MARIA, ""),
    "another source identity": (replace(ENTRY, engineer=EngineerName("olaf")), MARIA, ""),
    "a name that is kept": (replace(ENTRY, keeps_name=True), MARIA, ""),
}


class Sts:
    """A token service that counts."""

    def __init__(self) -> None:
        self.entered = 0

    def caller(self) -> Caller:
        return MARIA

    def enter(self, entry: Entry) -> Session:
        self.entered += 1
        expiry = datetime.now(UTC).replace(microsecond=0) + entry.duration
        keys = Credentials(f"ASIA{self.entered}", "SECRET", "TOKEN", expiry)
        return Session(entry.role, entry.engineer, expiry, keys)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "gatepass" / "sessions"


def entered(sts: Sts, entry: Entry = ENTRY) -> tuple[Session, str]:
    """Enter by way of a cache that is opened anew, and return the session and its name."""
    names: list[str] = []
    session = CachedTokens(sts, SessionCache(), names.append).enter(entry)
    return session, names[0]


def test_whatever_is_asked_differently_is_another_session() -> None:
    names = {session_name(*asked) for asked in OTHERS.values()}

    assert len(names) == len(OTHERS)
    assert session_name(ENTRY, MARIA, "") not in names
    assert session_name(ENTRY, MARIA, "") == session_name(replace(ENTRY), MARIA, "")


def test_every_field_of_an_entry_is_part_of_the_key() -> None:
    """A new field has to be thought of here."""
    known = {
        "role", "engineer", "duration", "external_id", "tags", "name", "policy", "policy_arns", "keeps_name",
    }  # fmt: skip
    assert set(Entry.__dataclass_fields__) == known


def test_the_second_caller_gets_what_the_first_got(folder: Path) -> None:
    sts = Sts()

    first, second = entered(sts)[0], entered(sts)[0]

    assert first == second
    assert sts.entered == 1
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_no_file_and_no_name_holds_the_external_id(folder: Path) -> None:
    entered(Sts())

    assert all(b"MARKER" not in path.read_bytes() and "MARKER" not in path.name for path in folder.iterdir())


def test_less_than_fifteen_minutes_are_not_handed_out(folder: Path) -> None:
    sts = Sts()

    entered(sts, replace(ENTRY, duration=timedelta(minutes=15)))
    entered(sts, replace(ENTRY, duration=timedelta(minutes=15)))

    assert sts.entered == 2
    assert len(list(folder.glob("session-*"))) == 1


def spoil_mode(path: Path) -> None:
    path.chmod(0o644)


def spoil_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def spoil_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def spoil_all(path: Path) -> None:
    path.write_bytes(b"")


def spoil_words(path: Path) -> None:
    path.write_bytes(b"\xff\n\n\n")


def spoil_kind(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize("spoil", [spoil_mode, spoil_link, spoil_end, spoil_all, spoil_words, spoil_kind])
def test_a_file_that_is_not_as_it_was_written_is_not_used(folder: Path, spoil: Callable[[Path], None]) -> None:
    sts = Sts()
    _, name = entered(sts)
    asked = question("x")
    SessionCache().point(asked, name, [])
    assert ready_answer(asked) is not None

    spoil(folder / name)

    assert ready_answer(asked) is None
    entered(sts)
    assert sts.entered == 2


def test_a_file_of_somebody_else_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, name = entered(Sts())
    asked = question("x")
    SessionCache().point(asked, name, [])

    # For whoever has another number, everything here is somebody else's.
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)

    assert ready_answer(asked) is None
    sts = Sts()
    entered(sts)
    assert sts.entered == 1


@pytest.mark.parametrize("kind", ["open", "link", "file", "above"])
def test_a_folder_that_cannot_be_used_is_done_without(folder: Path, tmp_path: Path, kind: str) -> None:
    folder.parent.parent.mkdir()
    if kind == "above":
        folder.parent.write_text("a file")
    else:
        folder.parent.mkdir()
        if kind == "open":
            folder.mkdir(mode=0o755)
        elif kind == "file":
            folder.write_text("a file")
        else:
            (tmp_path / "elsewhere").mkdir(mode=0o700)
            folder.symlink_to(tmp_path / "elsewhere")
    sts, cache = Sts(), SessionCache()

    session = CachedTokens(sts, cache, lambda _: None).enter(ENTRY)

    assert session.role == ROLE
    assert str(folder.parent) in cache.trouble
    assert not any((tmp_path / "elsewhere").glob("*"))


def test_an_interrupt_leaves_no_draft(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        entered(Sts())

    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_what_ended_and_what_was_never_finished_is_taken_away(folder: Path) -> None:
    _, name = entered(Sts())
    lines = (folder / name).read_text().split("\n")
    (folder / name).write_text("\n".join([str(int(time.time()) - 1), *lines[1:]]))
    draft = folder / f".{name}.0123"
    draft.touch(0o600)
    os.utime(draft, (0, 0))

    _, other = entered(Sts(), OTHERS["a tag"][0])

    assert {path.name for path in folder.iterdir()} == {".lock", other}


def test_a_question_is_asked_anew_when_what_its_answer_rests_on_has_changed(folder: Path, tmp_path: Path) -> None:
    from gatepass.adapters.warm_answers import mark  # noqa: PLC0415 - beside its use

    register = tmp_path / "customers.yml"
    register.write_text("one")
    _, name = entered(Sts())
    asked = question("acme")
    SessionCache().point(asked, name, [mark(str(register))])
    assert json.loads(ready_answer(asked) or "")["AccessKeyId"] == "ASIA1"

    register.write_text("another")

    assert ready_answer(asked) is None
    assert folder.exists()


def test_other_own_keys_ask_another_question(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {question("acme")}
    (tmp_path / "state" / "gatepass").mkdir(parents=True)
    (tmp_path / "state" / "gatepass" / "credentials.json").write_text("{}")
    asked.add(question("acme"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "GATEPASS_REGISTER", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "x")
        asked.add(question("acme"))
    asked.add(question("acme", "more"))

    assert len(asked) == 8
    assert not folder.exists()


def test_forgetting_takes_the_role_and_no_other(folder: Path) -> None:
    _, name = entered(Sts())
    _, other = entered(Sts(), OTHERS["another role"][0])
    cache = SessionCache()
    for place, each in enumerate((name, other)):
        cache.point(question(str(place)), each, [])

    assert cache.purge(ROLE) == 1
    assert ready_answer(question("0")) is None
    assert ready_answer(question("1")) is not None
    assert cache.purge() == 1
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_a_second_factor_that_is_replaced_lets_the_sessions_go(folder: Path) -> None:
    entered(Sts())
    secrets = PurgingSecrets(MemorySecrets(), lambda: SessionCache().purge())

    assert secrets.get("netops/acme-prod/support") is None
    assert len(list(folder.glob("session-*"))) == 1
    secrets.put("netops/acme-prod/support", "{}")

    assert list(folder.glob("session-*")) == []
    assert secrets.names("netops") == {"netops/acme-prod/support"}
    entered(Sts())
    secrets.delete("netops/acme-prod/support")
    assert list(folder.glob("session-*")) == []
