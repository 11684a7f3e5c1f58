"""Places outside the log where its checkpoints stay: a file, objects of S3, a git repository."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import AccessRefused, Conflict, GatepassError, NotThere

if TYPE_CHECKING:
    import boto3

_MOST_BYTES = 16_000_000
_FILE = "gatepass-audit-checkpoints.txt"
_NAME = re.compile(r"[0-9]{15}-[0-9a-f]{8}\.checkpoint", re.ASCII)


class FileAnchor:
    """A file to which each checkpoint is added; best one on another machine, or a medium that is written once."""

    def __init__(self, path: Path) -> None:
        """Use this file, which is made at the first checkpoint."""
        self._path = path

    @property
    def title(self) -> str:
        """The file."""
        return str(self._path)

    def put(self, size: int, note: str) -> None:
        """Add a checkpoint at the end."""
        del size
        if note in self.notes():
            return
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            with os.fdopen(os.open(self._path, flags, 0o644), "ab") as file:
                file.write(_joined(note))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unusable(self.title, error.strerror or "") from None

    def notes(self) -> Sequence[str]:
        """Return those in the file; none where there is no file yet."""
        try:
            with self._path.open("rb") as file:
                return _split(file.read(_MOST_BYTES))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise _unusable(self.title, error.strerror or "") from None


class S3Anchor:
    """A new object for each checkpoint; with Object Lock on the bucket nobody can take one away before its time."""

    def __init__(self, session: boto3.Session, region: str | None, bucket: str, key: str) -> None:
        """Use objects under this key."""
        self._s3 = client(session, "s3", region)
        self._bucket, self._prefix = bucket, f"{key.rstrip('/')}/" if key.strip("/") else ""

    @property
    def title(self) -> str:
        """The place."""
        return f"s3://{self._bucket}/{self._prefix}"

    def put(self, size: int, note: str) -> None:
        """Write a new object; one that is there is never overwritten."""
        key = self._prefix + _object_name(size, note)
        try:
            with in_our_words("s3:PutObject"):
                self._s3.put_object(Bucket=self._bucket, Key=key, Body=note.encode(), IfNoneMatch="*")
        except AccessRefused:
            raise
        except (Conflict, GatepassError):
            if note not in self.notes():
                raise

    def notes(self) -> Sequence[str]:
        """Return every object's note."""
        names = []
        with in_our_words("s3:ListBucket"):
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix):
                names += [each["Key"] for each in page.get("Contents", ())]
        names = [name for name in names if _NAME.fullmatch(name.removeprefix(self._prefix))]
        with in_our_words("s3:GetObject"):
            bodies = [self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read(4096) for name in names]
        return [body.decode("utf-8", "replace") for body in bodies]


class GitAnchor:
    """A file in a git repository, a commit for each checkpoint; whoever pulls it has a copy that nobody can cut."""

    def __init__(self, repository: Path) -> None:
        """Use the repository whose working tree is here."""
        self._repository = repository

    @property
    def title(self) -> str:
        """The repository."""
        return f"git:{self._repository}"

    def put(self, size: int, note: str) -> None:
        """Add a checkpoint to the file and commit the file alone."""
        self._demand_repository()
        if note in self.notes():
            return
        FileAnchor(self._repository / _FILE).put(size, note)
        self._git("add", "--", _FILE)
        self._git("commit", "--quiet", "-m", f"gatepass audit checkpoint, {size} records", "--", _FILE)

    def notes(self) -> Sequence[str]:
        """Return those of every commit of the file that is reachable here, cut later or not."""
        self._demand_repository()
        shown = self._git(
            "log", "-p", "--no-color", "--no-ext-diff", "--no-textconv", "--format=", "--", _FILE, may_fail=True
        )
        added = [line[1:] for line in shown.split("\n") if line.startswith("+") and not line.startswith("+++")]
        return list(dict.fromkeys(_split("\n".join(added).encode("utf-8", "surrogateescape"))))

    def _demand_repository(self) -> None:
        if not self._repository.is_dir():
            raise NotThere(
                f"there is no folder {self._repository}",
                why="checkpoints are committed to a git repository that is there",
                next_step=f"git init {self._repository}",
            )
        self._git("rev-parse", "--is-inside-work-tree")

    def _git(self, *words: str, may_fail: bool = False) -> str:
        command = ["git", "-C", str(self._repository), *words]
        try:
            done = subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)
        except FileNotFoundError:
            raise _unusable(self.title, "there is no git on this machine") from None
        if done.returncode and not may_fail:
            last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise _unusable(self.title, f"git {words[0]}: {last[0][:200] if last else 'it failed'}")
        return done.stdout.decode("utf-8", "surrogateescape") if not done.returncode else ""


def _object_name(size: int, note: str) -> str:
    import hashlib  # noqa: PLC0415 - beside its one use

    return f"{size:015}-{hashlib.sha256(note.encode()).hexdigest()[:8]}.checkpoint"


def _joined(note: str) -> bytes:
    return f"{note}\n".encode()


def _split(content: bytes) -> list[str]:
    """Return the notes of a file; a note is five lines, the fourth empty, and an empty line follows it."""
    lines = content.decode("utf-8", "replace").split("\n")
    starts = [place for place, line in enumerate(lines) if line.startswith("— ") and place >= 4]
    return ["\n".join([*lines[place - 4 : place + 1], ""]) for place in starts]


def _unusable(title: str, why: str) -> GatepassError:
    return GatepassError(
        f"{title} cannot be used as an anchor",
        why=why,
        next_step="mend that, then: gatepass audit checkpoint --anchor PLACE",
    )
