"""What may stand in a record: shapes that cannot be an external ID or a credential, and notes from a closed list."""

from __future__ import annotations

import re

# What a note may say. AWS's and other people's words never get into a record: they may quote what was sent.
NOTES = frozenset(
    {
        "",
        "access denied",
        "credentials refused",
        "conflict",
        "no answer",
        "not there",
        "invalid input",
        "stopped by the person",
        "an error nobody foresaw",
        "quarantined",
        "not sound",
        "did not open",
        "second factor kept",
        "new role",
        "role deleted",
        "teams applied",
        "proof failed",
        "from the cache",
    }
)
_SECRETS = re.compile(
    r"gp1\.[A-Za-z0-9.-]+"  # an external ID of ours
    r"|A(?:KIA|SIA)[A-Z0-9]{12,}"  # an access key of AWS
    r"|AGE-SECRET-KEY-1[0-9A-Za-z]*"
    r"|[A-Za-z0-9+=]{40,}",  # a secret key, a session token, any long run of random letters
    re.IGNORECASE | re.ASCII,
)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]", re.ASCII)
_CUSTOMER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
_GRANT = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}", re.ASCII)
_DIGEST = re.compile(r"(?:[0-9a-f]{64})?", re.ASCII)
_LONGEST = 256


def plain_word(text: str) -> str:
    """Return the text without what looks like an external ID or a credential, printable, at most 256 characters."""
    return _SECRETS.sub("****", _UNPRINTABLE.sub("?", text))[:_LONGEST]


def customer_word(text: str) -> str:
    """Return a customer's name or account number, or nothing where it is neither."""
    return text if _CUSTOMER.fullmatch(text) and plain_word(text) == text else ""


def grant_word(text: str) -> str:
    """Return a grant's name, or nothing where it is none."""
    return text if _GRANT.fullmatch(text) and plain_word(text) == text else ""


def digest_word(text: str) -> str:
    """Return a digest, or nothing where it is none."""
    return text if _DIGEST.fullmatch(text) else ""
