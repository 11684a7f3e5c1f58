"""Anchors and inboxes: memory, files, S3 in the sandbox, and a git repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from gatepass.adapters.audit_anchors import FileAnchor, GitAnchor, S3Anchor
from gatepass.adapters.audit_inboxes import FolderInbox, S3Inbox
from gatepass.adapters.memory_audit import MemoryAnchor, MemoryAuditLog, MemoryInbox
from gatepass.domain.errors import AccessRefused, GatepassError, InvalidInput, NotThere
from gatepass.ports.audit import Anchor, Inbox
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.usecases.checkpoint_log import checkpoint_log
from gatepass.usecases.verify_log import verify_log
from tests.adapters.audit_logs import records, signer
from tests.conftest import PROVIDER, Cloud

GIT = shutil.which("git") or "git"
NAME = f"{'0' * 64}.jsonl"


@pytest.fixture(scope="module")
def aws() -> Iterator[Cloud]:
    with EmbeddedAws() as embedded:
        cloud = Cloud(embedded)
        keys = embedded.root_credentials(PROVIDER)
        for bucket in ("anchors", "inbox"):
            cloud.client("s3", keys).create_bucket(Bucket=bucket)
        yield cloud


@pytest.fixture
def session(aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.aws.endpoint)
    keys = aws.aws.root_credentials(PROVIDER)
    return boto3.Session(aws_access_key_id=keys[0], aws_secret_access_key=keys[1], region_name="us-east-1")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    subprocess.run([GIT, "init", "--quiet", str(folder)], check=True)
    for name, value in (("user.name", "Example"), ("user.email", "log@example.com")):
        subprocess.run([GIT, "-C", str(folder), "config", name, value], check=True)
    return folder


@pytest.fixture(params=["memory", "file", "s3", "git"])
def anchor(request: pytest.FixtureRequest, tmp_path: Path) -> Anchor:
    match request.param:
        case "s3":
            return S3Anchor(request.getfixturevalue("session"), "us-east-1", "anchors", f"log/{tmp_path.name}")
        case "git":
            return GitAnchor(request.getfixturevalue("repository"))
        case "file":
            return FileAnchor(tmp_path / "anchor.txt")
        case _:
            return MemoryAnchor()


@pytest.fixture(params=["memory", "folder", "s3"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path) -> Inbox:
    match request.param:
        case "s3":
            return S3Inbox(request.getfixturevalue("session"), "us-east-1", "inbox", f"from/{tmp_path.name}")
        case "folder":
            return FolderInbox(tmp_path)
        case _:
            return MemoryInbox()


def test_an_anchor_holds_every_checkpoint_once_and_finds_a_log_that_was_cut(anchor: Anchor) -> None:
    log = MemoryAuditLog()
    assert list(anchor.notes()) == []
    for size in (3, 5):
        log.append(records(size))
        for _ in range(2):
            checkpoint_log(log, signer(), [anchor])

    assert sorted(anchor.notes()) == sorted(log.checkpoints())
    assert verify_log(log, signer().notary, [anchor]).witnesses == 4

    log.kept, log.notes = log.kept[:4], {}
    assert "was cut" in verify_log(log, signer().notary, [anchor]).flaws[0].what


def test_git_keeps_what_somebody_cuts_from_the_file(repository: Path) -> None:
    anchor, log = GitAnchor(repository), MemoryAuditLog()
    log.append(records(3))
    checkpoint_log(log, signer(), [anchor])
    (file,) = repository.glob("*.txt")
    file.write_text("")
    subprocess.run([GIT, "-C", str(repository), "commit", "--quiet", "-am", "cut"], check=True)

    assert list(anchor.notes()) == list(log.checkpoints())


def test_git_commits_the_checkpoints_alone(repository: Path) -> None:
    (repository / "other.txt").write_text("somebody's work")
    subprocess.run([GIT, "-C", str(repository), "add", "other.txt"], check=True)
    log = MemoryAuditLog()
    log.append(records(3))

    checkpoint_log(log, signer(), [GitAnchor(repository)])

    listed = subprocess.run(
        [GIT, "-C", str(repository), "ls-tree", "--name-only", "HEAD"], check=True, text=True, stdout=subprocess.PIPE
    )
    assert listed.stdout == "gatepass-audit-checkpoints.txt\n"


def test_a_folder_that_is_no_repository_is_no_anchor(tmp_path: Path) -> None:
    with pytest.raises(NotThere):
        GitAnchor(tmp_path / "none").notes()
    with pytest.raises(GatepassError, match="cannot be used"):
        GitAnchor(tmp_path).put(3, "note")


def test_an_object_of_s3_is_never_written_over(session: boto3.Session) -> None:
    anchor = S3Anchor(session, "us-east-1", "anchors", "once")
    anchor.put(3, "note")
    (name,) = [
        each["Key"] for each in session.client("s3").list_objects_v2(Bucket="anchors", Prefix="once/")["Contents"]
    ]
    session.client("s3").put_object(Bucket="anchors", Key=name, Body=b"what somebody else wrote")

    with pytest.raises(GatepassError):
        anchor.put(3, "note")


def test_a_bucket_that_refuses_is_told(aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.aws.endpoint)
    keys = aws.user(PROVIDER, "nobody", '{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}')
    session = boto3.Session(aws_access_key_id=keys[0], aws_secret_access_key=keys[1], region_name="us-east-1")

    with pytest.raises(AccessRefused):
        S3Anchor(session, "us-east-1", "anchors", "log").put(3, "note")
    with pytest.raises(AccessRefused):
        S3Inbox(session, "us-east-1", "inbox", "from").put(NAME, "x")


def test_an_inbox_gives_back_what_was_left_until_it_is_done(inbox: Inbox) -> None:
    assert list(inbox.names()) == []
    for _ in range(2):
        inbox.put(NAME, "one\ntwo\n")

    assert list(inbox.names()) == [NAME]
    assert inbox.take(NAME) == "one\ntwo\n"
    assert list(inbox.names()) == [NAME]
    for _ in range(2):
        inbox.done(NAME)
    assert list(inbox.names()) == []


def test_what_others_put_into_a_folder_is_no_batch(tmp_path: Path) -> None:
    inbox = FolderInbox(tmp_path)
    for name in ("notes.txt", f".{NAME}.1", "x.jsonl"):
        (tmp_path / name).write_text("x")
    assert list(inbox.names()) == []

    (tmp_path / NAME).write_bytes(b"\xff")
    with pytest.raises(InvalidInput):
        inbox.take(NAME)
    (tmp_path / NAME).unlink()
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(InvalidInput):
        inbox.take(NAME)
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).symlink_to("notes.txt")
    with pytest.raises(GatepassError):
        inbox.take(NAME)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(GatepassError, match="cannot be used for delivery"):
        FolderInbox(tmp_path / "none").put(NAME, "x")
