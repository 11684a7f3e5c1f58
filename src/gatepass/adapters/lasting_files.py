"""Private files that are whole, or as they were before, after a crash of the program or of the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def write_lasting(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; once this returns, the new content outlives a power cut.

    Several may write the same file at once: the last one counts, and each content is whole.
    """
    draft = _draft(path)
    try:
        _write_new(draft, content, is_lasting=True)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    keep_names(path.parent)


def replace_lasting(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write many files of the folder anew; each is whole, and the disk is waited for twice and not for every one."""
    drafts = {name: _draft(folder / name) for name in contents}
    try:
        for name, draft in drafts.items():
            _write_new(draft, contents[name], is_lasting=False)
        os.sync()
        for name, draft in drafts.items():
            draft.replace(folder / name)
    except BaseException:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
        raise
    keep_names(folder)


def keep_names(folder: Path) -> None:
    """Bring to the disk which files the folder has: a renamed or deleted file is so only then for good."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.urandom(8).hex()}")


def _write_new(draft: Path, content: bytes, *, is_lasting: bool) -> None:
    # O_EXCL: nobody else's file or link is written through.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if is_lasting:
            file.flush()
            os.fsync(file.fileno())
