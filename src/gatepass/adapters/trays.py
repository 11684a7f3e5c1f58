"""Where passes and receipts lie between the two sides: a folder, an S3 prefix, or a secret store that both reach."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.adapters.handed_files import read_handed_file
from gatepass.domain.errors import InvalidInput, NotThere
from gatepass.domain.signed_file import LARGEST_FILE
from gatepass.ports.secrets import SecretStore

# Secrets are named without dots; these ends come back when they are listed.
_ENDS = (".pass.json", ".receipt.json")


class FolderTray:
    """Files of one folder; what begins with a dot is left alone."""

    def __init__(self, folder: Path) -> None:
        """Use the folder, which must be there."""
        self._folder = folder

    @property
    def title(self) -> str:
        """The folder's path."""
        return str(self._folder)

    def names(self) -> Sequence[str]:
        """Return the files' names, in order."""
        try:
            found = [path.name for path in self._folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        except FileNotFoundError:
            raise _no_place(self.title, f"mkdir {self.title}") from None
        return sorted(found)

    def get(self, name: str) -> str | None:
        """Return the file's text."""
        path = self._folder / _plain(name)
        return read_handed_file(path) if path.exists() else None

    def put(self, name: str, text: str) -> None:
        """Write the file whole or not at all; whoever looks meanwhile sees the one before."""
        path = self._folder / _plain(name)
        if not self._folder.is_dir():
            raise _no_place(self.title, f"mkdir {self.title}")
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)


class BucketTray:
    """Objects of one S3 bucket under one prefix."""

    def __init__(self, session: boto3.Session, bucket: str, prefix: str) -> None:
        """Use the credentials of the boto3 session."""
        self._s3 = client(session, "s3")
        self._bucket, self._prefix = bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    @property
    def title(self) -> str:
        """The prefix as AWS's tools write it."""
        return f"s3://{self._bucket}/{self._prefix}"

    def names(self) -> Sequence[str]:
        """Return the names of the objects that lie right under the prefix."""
        request = {"Bucket": self._bucket, "Prefix": self._prefix, "Delimiter": "/"}
        with in_our_words(f"s3:ListBucket on {self.title}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(**request)
            keys = [str(entry["Key"]) for page in pages for entry in page.get("Contents", ())]
        return sorted(name for key in keys if (name := key.removeprefix(self._prefix)))

    def get(self, name: str) -> str | None:
        """Return the object's text."""
        key = self._prefix + _plain(name)
        with in_our_words(f"s3:GetObject on {self.title}{name}"):
            try:
                answer: dict[str, Any] = self._s3.get_object(Bucket=self._bucket, Key=key)
            except self._s3.exceptions.NoSuchKey:
                return None
            content: bytes = answer["Body"].read(LARGEST_FILE + 1)
        return _text(content, f"{self.title}{name}")

    def put(self, name: str, text: str) -> None:
        """Write the object."""
        with in_our_words(f"s3:PutObject on {self.title}{name}"):
            self._s3.put_object(Bucket=self._bucket, Key=self._prefix + _plain(name), Body=text.encode())


class SecretTray:
    """Secrets under one prefix of a store that both sides can reach; a pass has room in one."""

    def __init__(self, store: SecretStore, prefix: str) -> None:
        """Keep them under the prefix, a path such as ``handover``."""
        self._store, self._prefix = store, prefix.strip("/")

    @property
    def title(self) -> str:
        """The store and the prefix."""
        return f"{self._store.title}, {self._prefix}/"

    def names(self) -> Sequence[str]:
        """Return the secrets' names, with the ends that files have."""
        found = (name.removeprefix(f"{self._prefix}/") for name in self._store.names(self._prefix))
        return sorted(_as_file(name) for name in found)

    def get(self, name: str) -> str | None:
        """Return the secret."""
        return self._store.get(self._name(name))

    def put(self, name: str, text: str) -> None:
        """Keep the secret."""
        self._store.put(self._name(name), text)

    def _name(self, name: str) -> str:
        return f"{self._prefix}/{_plain(name).replace('.', '-')}"


def _as_file(name: str) -> str:
    for end in _ENDS:
        if name.endswith(end.replace(".", "-")):
            return name[: -len(end)] + end
    return name


def _plain(name: str) -> str:
    """Return the name, unless it leads out of the tray."""
    if "/" in name or name in {"", ".", ".."}:
        raise InvalidInput(
            "that is no name of a file that is handed over",
            why="it leads to another place",
            next_step="use names such as 444455556666-support.pass.json",
        )
    return name


def _text(content: bytes, place: str) -> str:
    try:
        if len(content) <= LARGEST_FILE:
            return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    raise InvalidInput(
        f"{place} is nothing that Gatepass hands over",
        why=f"such files are text in UTF-8 of at most {LARGEST_FILE // 1024} KB",
        next_step="take it away from there",
    )


def _no_place(title: str, next_step: str) -> NotThere:
    return NotThere(f"there is no folder {title}", why="files are handed over in it", next_step=next_step)
