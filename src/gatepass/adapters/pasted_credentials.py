"""Credentials as people paste them: shell exports, PowerShell, an INI profile, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from gatepass.domain.errors import InvalidInput
from gatepass.domain.session import Credentials

# One assignment: export NAME=value, set NAME=value, $env:NAME = "value", name = value, NAME: value.
_ASSIGNMENT = re.compile(
    r"""^\s*(?:export\s+|set\s+(?:-\w+\s+)*|setx\s+|\$env:)?["']?(?P<name>[A-Za-z_]\w*)["']?\s*(?:[=:]|\s)\s*"""
    r"""["']?(?P<value>[^"'\s;,]+)["']?\s*[;,]?\s*$""",
    re.IGNORECASE,
)
_KEY_ID = re.compile(r"[A-Z0-9]{16,128}", re.ASCII)
_MEANINGS = {
    "awsaccesskeyid": "key",
    "accesskeyid": "key",
    "awssecretaccesskey": "secret",
    "secretaccesskey": "secret",
    "awssessiontoken": "token",
    "sessiontoken": "token",
    "awssecuritytoken": "token",
    "awscredentialexpiration": "expiry",
    "awssessionexpiration": "expiry",
    "expiration": "expiry",
}


def parse_credentials(text: str) -> Credentials:
    """Return the credentials in the text; nothing of the text is ever repeated in an error.

    Raises:
        InvalidInput: a part is missing, half-pasted or expired, or two different keys are in it.
    """
    found = _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    missing = [name for part, name in (("key", "access key ID"), ("secret", "secret access key")) if part not in found]
    if missing:
        raise _unusable(f"no {' and no '.join(missing)} in what was pasted", "the paste may be cut off")
    if not _KEY_ID.fullmatch(found["key"]):
        raise _unusable("the access key ID is not one", "it has 16 or more capital letters and digits")
    if found["key"].startswith("ASIA") and "token" not in found:
        raise _unusable("the session token is missing", "keys that begin with ASIA are short-lived and come with one")
    return Credentials(found["key"], found["secret"], found.get("token"), _instant(found.get("expiry")))


def _from_json(text: str) -> dict[str, str]:
    try:
        loaded = json.loads(text)
    except json.JSONDecodeError:
        raise _unusable("what was pasted is not whole JSON", "it begins like JSON and does not end so") from None
    inner = loaded.get("Credentials") or loaded.get("AccessKey") or loaded if isinstance(loaded, dict) else {}
    pairs = inner.items() if isinstance(inner, dict) else ()
    return _meant((str(name), str(value)) for name, value in pairs if isinstance(value, str))


def _from_lines(text: str) -> dict[str, str]:
    matches = (_ASSIGNMENT.match(line) for line in text.splitlines())
    return _meant((match["name"], match["value"]) for match in matches if match)


def _meant(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keep the pairs that mean something, and refuse two answers to one question."""
    found: dict[str, str] = {}
    for name, value in pairs:
        meaning = _MEANINGS.get(name.replace("_", "").lower())
        if meaning is None:
            continue
        if found.get(meaning, value) != value:
            raise _unusable("two different sets of credentials were pasted", "it is not clear which one you mean")
        found[meaning] = value
    return found


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _unusable("the expiry is not a date", "it should read like 2026-11-23T08:00:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _unusable(what: str, why: str) -> InvalidInput:
    return InvalidInput(what, why=why, next_step="copy all of it again and paste it into: gatepass creds load")
