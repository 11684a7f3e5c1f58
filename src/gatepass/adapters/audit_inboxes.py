"""Where machines leave their records for whoever keeps the log: a folder that they share, or a prefix in S3."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import GatepassError, InvalidInput

if TYPE_CHECKING:
    import boto3

_NAME = re.compile(r"[0-9a-f]{64}\.jsonl", re.ASCII)
# More than any batch of ours, and little enough to read whole from anybody.
_MOST_BYTES = 16_000_000


class FolderInbox:
    """A folder; each batch is a file that is written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        """Use this folder, which must be there: a share that is not mounted is no empty inbox."""
        self._folder = folder

    @property
    def title(self) -> str:
        """The folder."""
        return f"the folder {self._folder}"

    def put(self, name: str, text: str) -> None:
        """Leave a batch; who collects is another user, so the folder's group may read it."""
        temporary = self._folder / f".{name}.{os.getpid()}"
        try:
            temporary.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(temporary, flags, 0o640), "wb") as file:
                file.write(text.encode("ascii"))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._folder / name)
        except OSError as error:
            raise self._unusable(error) from None

    def names(self) -> Sequence[str]:
        """Return what waits."""
        try:
            return sorted(each.name for each in self._folder.iterdir() if _NAME.fullmatch(each.name))
        except OSError as error:
            raise self._unusable(error) from None

    def take(self, name: str) -> str:
        """Return a batch."""
        try:
            # O_NONBLOCK: a pipe that somebody put there would be waited for without end.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            with os.fdopen(os.open(self._folder / name, flags), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise _no_batch()
                return _text(file.read(_MOST_BYTES + 1))
        except OSError as error:
            raise self._unusable(error) from None

    def done(self, name: str) -> None:
        """Delete a batch."""
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> GatepassError:
        return GatepassError(
            f"{self._folder} cannot be used for delivery: {error.strerror}",
            why="it must be a folder that you may write and the log's keeper may empty",
            next_step="make it, or mount it, and run it again; what was not delivered is kept",
        )


class S3Inbox:
    """A prefix in a bucket; each batch is a new object."""

    def __init__(self, session: boto3.Session, region: str | None, bucket: str, prefix: str) -> None:
        """Use this place."""
        self._s3 = client(session, "s3", region)
        self._bucket, self._prefix = bucket, f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""

    @property
    def title(self) -> str:
        """The place."""
        return f"s3://{self._bucket}/{self._prefix}"

    def put(self, name: str, text: str) -> None:
        """Leave a batch."""
        with in_our_words("s3:PutObject"):
            self._s3.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=text.encode("ascii"))

    def names(self) -> Sequence[str]:
        """Return what waits."""
        found = []
        with in_our_words("s3:ListBucket"):
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix):
                found += [each["Key"].removeprefix(self._prefix) for each in page.get("Contents", ())]
        return sorted(name for name in found if _NAME.fullmatch(name))

    def take(self, name: str) -> str:
        """Return a batch."""
        with in_our_words("s3:GetObject"):
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + name)
            return _text(answer["Body"].read(_MOST_BYTES + 1))

    def done(self, name: str) -> None:
        """Delete a batch."""
        with in_our_words("s3:DeleteObject"):
            self._s3.delete_object(Bucket=self._bucket, Key=self._prefix + name)


def _text(content: bytes) -> str:
    if len(content) > _MOST_BYTES or not content.isascii():
        raise _no_batch()
    return content.decode("ascii")


def _no_batch() -> InvalidInput:
    return InvalidInput(
        "it is larger than 16 MB, or no text",
        why="it is none that Gatepass wrote",
        next_step="look who left it there, and take it away",
    )
