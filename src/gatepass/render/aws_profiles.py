"""Profiles for AWS's tools as a marked block of their file, and the rest of that file left byte for byte."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from gatepass.domain.errors import Conflict

_BEGIN = b"# >>> gatepass profiles: written by 'gatepass profiles sync'; what you change in here is refused >>>"
# Tells that the line break before the block was not there, so that it goes when the block goes.
_JOINED = b"# >>> gatepass profiles, after a line without an end >>>"
_END = b"# <<< gatepass profiles <<<"
_OURS = re.compile(
    rb"\s*|\[profile gatepass-[A-Za-z0-9.-]+\]|credential_process = gatepass credential-process [A-Za-z0-9./-]+"
    rb"|region = [a-z0-9-]+"
)
_HEADER = re.compile(rb"^\[\s*(?:profile\s+)?[\"']?([^\]\"']+?)[\"']?\s*\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile of AWS's tools that gets its credentials from Gatepass.

    Attributes:
        source: the customer and the grant, as ``acme-prod/support``; nothing secret.
    """

    name: str
    source: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    before: bytes
    block: bytes
    after: bytes
    is_joined: bool = False


def profiles_outside(content: bytes) -> frozenset[str]:
    """Return the names of the profiles that the file holds beside ours.

    Raises:
        Conflict: our block is damaged.
    """
    parts = _parts(content)
    rest = parts.before + b"\n" + parts.after
    return frozenset(found[1].decode("utf-8", "replace") for found in _HEADER.finditer(rest))


def profiles_inside(content: bytes) -> frozenset[str]:
    """Return the names of the profiles in our block.

    Raises:
        Conflict: our block is damaged.
    """
    return frozenset(found[1].decode("ascii", "replace") for found in _HEADER.finditer(_parts(content).block))


def with_profiles(content: bytes, profiles: Collection[Profile]) -> bytes:
    """Return the file with exactly these profiles in our block, where it stands or else at the end.

    Raises:
        Conflict: our block is damaged.
    """
    parts = _parts(content)
    if not profiles:
        return without_profiles(content)
    end_of_line = b"\r\n" if b"\r\n" in parts.before + parts.after else b"\n"
    has_block = bool(parts.block)
    is_joined = parts.is_joined if has_block else bool(parts.before) and not parts.before.endswith(b"\n")
    lines = [_JOINED if is_joined else _BEGIN, *_profile_lines(profiles), _END]
    block = b"".join(line + end_of_line for line in lines)
    return parts.before + (end_of_line if is_joined else b"") + block + parts.after


def without_profiles(content: bytes) -> bytes:
    """Return the file without our block.

    Raises:
        Conflict: our block is damaged.
    """
    parts = _parts(content)
    return parts.before + parts.after


def _profile_lines(profiles: Iterable[Profile]) -> Iterator[bytes]:
    for profile in profiles:
        yield f"[profile {profile.name}]".encode("ascii")
        yield f"credential_process = gatepass credential-process {profile.source}".encode("ascii")
        if profile.region is not None:
            yield f"region = {profile.region}".encode("ascii")


def _parts(content: bytes) -> _Parts:
    """Cut the file at the marks of our block."""
    lines = content.splitlines(keepends=True)
    begins = [place for place, line in enumerate(lines) if line.strip() in (_BEGIN, _JOINED)]
    ends = [place for place, line in enumerate(lines) if line.strip() == _END]
    looks_like = [
        place
        for place, line in enumerate(lines)
        if b">>> gatepass profiles" in line or b"<<< gatepass profiles" in line
    ]
    if not looks_like:
        return _Parts(content, b"", b"")
    if len(begins) != 1 or len(ends) != 1 or begins[0] > ends[0] or len(looks_like) != 2:
        raise _damaged(looks_like[0] + 1, "its first and its last line are not both there, once and in order")
    begin, end = begins[0], ends[0]
    for place in range(begin + 1, end):
        if not _OURS.fullmatch(lines[place].rstrip(b"\r\n")):
            raise _damaged(place + 1, "that line is not one that Gatepass wrote")
    before = b"".join(lines[:begin])
    is_joined = lines[begin].strip() == _JOINED
    if is_joined:
        before = before.removesuffix(b"\r\n" if lines[begin].endswith(b"\r\n") else b"\n")
    return _Parts(before, b"".join(lines[begin : end + 1]), b"".join(lines[end + 1 :]), is_joined)


def _damaged(line: int, why: str) -> Conflict:
    # The line itself may hold somebody's credentials.
    return Conflict(
        f"line {line}: the block of Gatepass's profiles was changed by hand",
        why=f"{why}, and writing it anew could lose what is yours",
        next_step="move what is yours out of the block, or delete the block with its marks; then sync again",
    )
