"""Credentials as people paste them: exports of any shell, profiles, and JSON of AWS's tools.

Nothing of the text is ever repeated: not in an error, and not in part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from gatepass.domain.errors import InvalidInput
from gatepass.domain.session import Credentials

# What editors, chats and web pages put in: a byte order mark, spaces of no width or that do not break, curly quotes.
_TYPOGRAPHY = str.maketrans(
    {"\ufeff": "", "\u200b": "", "\u2060": "", "\u00a0": " ", "\u202f": " ", "\r": "\n"}
    | dict.fromkeys("\u201c\u201d\u201e", '"')
    | dict.fromkeys("\u2018\u2019", "'")
)
# Whatever stands before the name, such as a prompt, export, set -gx or $Env:, does not matter.
_ASSIGNMENT = re.compile(
    r"""(?<![A-Za-z0-9_])
    (?P<name>(?:aws_?)?(?:access_?key_?id|secret_?(?:access_?)?key|session_?token|security_?token)
        |(?:aws_)?(?:credential_|session_)?expiration|x_security_token_expires)
    (?![A-Za-z0-9_])["']?\]?
    (?:\s*(?:=|:|,|-value\s)\s*|[ \t]+)
    (?P<value>"[^"\n]*"?|'[^'\n]*'?|[^\s"';,&|()]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_SECTION = re.compile(r"^\s*\[(?P<name>[^\]\[\n\"']+)\]\s*$", re.MULTILINE)
# The file that IAM's console hands out with a new key.
_CSV_HEAD = re.compile(r"^\s*\"?access key id\"?\s*,\s*\"?secret access key\"?\s*$", re.IGNORECASE | re.MULTILINE)
# A long word on a line of its own is the rest of a value that a terminal broke.
_BROKEN_OFF = re.compile(r"^\s*[A-Za-z0-9/+=]{16,}[\"';]*\s*$", re.MULTILINE)
_KEY_ID = re.compile(r"[A-Z0-9]{16,128}", re.ASCII)
_SECRET_WORD = re.compile(r"[!-~]+", re.ASCII)
# IAM User Guide, "Understanding unique ID prefixes"; such IDs have twenty characters.
_USUAL_PREFIXES, _USUAL_LENGTH = ("AKIA", "ASIA"), 20
_MEANINGS = {
    "accesskeyid": "key",
    "secretaccesskey": "secret",
    "secretkey": "secret",
    "sessiontoken": "token",
    "securitytoken": "token",
    "token": "token",
    "credentialexpiration": "expiry",
    "sessionexpiration": "expiry",
    "expiration": "expiry",
    "xsecuritytokenexpires": "expiry",
}
# Later than any instant in seconds that a session could end at: milliseconds, as Identity Center counts.
_MILLISECONDS = 100_000_000_000


def parse_credentials(text: str, now: datetime, section: str | None = None) -> Credentials:
    """Return the credentials in the text.

    Args:
        text: what was pasted.
        now: credentials that end before are refused.
        section: which profile is meant, where several were pasted.

    Raises:
        InvalidInput: a part is missing, half-pasted or expired, or two different keys are in it.
    """
    cleaned = text.translate(_TYPOGRAPHY)
    opening = re.search(r"^\s*\{", cleaned, re.MULTILINE)
    if opening is not None and section is None:
        return _credentials(_from_json(cleaned[opening.end() - 1 :]), now)
    profiles = [dict(pairs) for pairs in map(_from_lines, _parts(cleaned, section)) if pairs]
    if section is None and len({tuple(sorted(each.items())) for each in profiles}) > 1:
        raise InvalidInput(
            f"{len(profiles)} profiles were pasted, and their credentials differ",
            why="it is not clear which one you mean",
            next_step="paste only that one, or name it: gatepass creds load --section NAME",
        )
    return _credentials(profiles[0] if profiles else {}, now)


def _parts(text: str, section: str | None) -> Iterator[str]:
    """Yield each profile's lines, or only those of the section."""
    heads = list(_SECTION.finditer(text))
    if section is None:
        yield text[: heads[0].start()] if heads else text
    ends = [*(head.start() for head in heads[1:]), len(text)]
    found = [text[head.end() : end] for head, end in zip(heads, ends, strict=False) if section in (None, _named(head))]
    if section is not None and not found:
        raise InvalidInput(
            "no profile of that name was pasted",
            why=f"{len(heads)} profiles begin in it with a name in square brackets",
            next_step="write --section exactly as it stands between the brackets",
        )
    yield from found


def _named(head: re.Match[str]) -> str:
    return head["name"].strip().removeprefix("profile ").strip()


def _from_json(text: str) -> dict[str, str]:
    decoder, found, start = json.JSONDecoder(), [], 0
    while start >= 0:
        try:
            loaded, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            raise _unusable("what was pasted is not whole JSON", "it begins like JSON and does not end so") from None
        found += list(_holders(loaded))
        start = text.find("{", end)
    if any(each.get("Code", "Success") != "Success" for each in found):
        raise _unusable("the machine's role gave no credentials", "its answer has a Code other than Success")
    return _meant((name, _word(value)) for each in found for name, value in each.items())


def _holders(loaded: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - JSON of any shape
    """Yield every object that holds an access key ID, however deep; pasted text is short."""
    waiting = [loaded]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if any(_meaning(name) == "key" and isinstance(value, str) for name, value in each.items()):
                yield each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _from_lines(text: str) -> dict[str, str]:
    head = _CSV_HEAD.search(text)
    if head is not None:
        cells = [cell.strip().strip('"') for cell in text[head.end() :].strip().partition("\n")[0].split(",")]
        return dict(zip(("key", "secret"), cells, strict=False))
    matches = list(_ASSIGNMENT.finditer(text))
    if matches and _BROKEN_OFF.search(_ASSIGNMENT.sub("", text)):
        raise _unusable("a value is broken over several lines", "the terminal that it was copied from had broken it")
    return _meant((match["name"], _unquoted(match["value"])) for match in matches)


def _unquoted(value: str) -> str:
    quote = value[0]
    if quote not in "\"'":
        return value
    if len(value) == 1 or value[-1] != quote:
        raise _unusable("a value has no closing quotation mark", "the paste is cut off, or broken over several lines")
    return value[1:-1].strip()


def _meaning(name: object) -> str | None:
    plain = str(name).replace("_", "").lower()
    return _MEANINGS.get(plain.removeprefix("aws"))


def _meant(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keep the pairs that mean something, and refuse two answers to one question."""
    found: dict[str, str] = {}
    for name, value in pairs:
        meaning = _meaning(name)
        if meaning is None or not value:
            continue
        if meaning != "expiry" and found.get(meaning, value) != value:
            raise _unusable("two different sets of credentials were pasted", "it is not clear which one you mean")
        found.setdefault(meaning, value)
    return found


def _credentials(found: Mapping[str, str], now: datetime) -> Credentials:
    missing = [name for part, name in (("key", "access key ID"), ("secret", "secret access key")) if part not in found]
    if missing:
        raise _unusable(f"no {' and no '.join(missing)} in what was pasted", "the paste may be cut off")
    key = found["key"]
    usual = not key.startswith(_USUAL_PREFIXES) or len(key) == _USUAL_LENGTH
    if not _KEY_ID.fullmatch(key) or not usual:
        raise _unusable(
            "the access key ID is not one", "it has 20 capital letters and digits; the paste may be cut off or masked"
        )
    secrets = [found[part] for part in ("secret", "token") if part in found]
    if not all(_SECRET_WORD.fullmatch(each) for each in secrets) or any("..." in s or "***" in s for s in secrets):
        raise _unusable("the secret parts are not whole", "some page or program shortened or masked them")
    if key.startswith("ASIA") and "token" not in found:
        raise _unusable("the session token is missing", "keys that begin with ASIA are short-lived and come with one")
    expiry = _instant(found.get("expiry"))
    if expiry is not None and expiry <= now:
        minutes = int((now - expiry).total_seconds()) // 60
        ago = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
        raise InvalidInput(
            "these credentials have expired",
            why=f"they ended {ago} ago by this machine's clock",
            next_step="get fresh ones, and paste them into: gatepass creds load",
        )
    return Credentials(key, found["secret"], found.get("token"), expiry)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d+(?:\.\d+)?(?:e\d+)?", text, re.ASCII | re.IGNORECASE):
            seconds = float(text)
            return datetime.fromtimestamp(seconds / 1000 if seconds >= _MILLISECONDS else seconds, UTC)
        instant = datetime.fromisoformat(text)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise _unusable("the expiry is not a date", "it should read like 2026-11-23T08:00:00Z") from None


def _unusable(what: str, why: str) -> InvalidInput:
    return InvalidInput(what, why=why, next_step="copy all of it again and paste it into: gatepass creds load")
