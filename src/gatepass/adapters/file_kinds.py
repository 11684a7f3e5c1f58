"""Which kind of file somebody named, by how it begins."""

from __future__ import annotations

import re
from pathlib import Path

from gatepass.adapters.provider_file import HEAD_FILE

_WORKSPACE = re.compile(r"^gatepass:[ ]*[\"']?workspace\b", re.MULTILINE)
_PROVIDER = re.compile(r"^gatepass:[ ]*[\"']?provider\b", re.MULTILINE)
# The first keys stand at the beginning, behind some remarks at most.
_BEGINNING = 20_000


def is_register(path: Path) -> bool:
    """Say whether that is a provider's file, or a folder of such files; what cannot be read is none."""
    try:
        if path.is_dir():
            return (path / HEAD_FILE).exists()
        return _begins(path, _PROVIDER)
    except OSError:
        return False


def is_workspace(path: Path) -> bool:
    """Say whether that is a workspace's file; what cannot be read is none."""
    try:
        return path.is_file() and _begins(path, _WORKSPACE)
    except OSError:
        return False


def _begins(path: Path, kind: re.Pattern[str]) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return kind.search(file.read(_BEGINNING)) is not None
