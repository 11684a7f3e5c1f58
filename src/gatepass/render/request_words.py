"""An engineer's request in plain words, for the customer who is to decide and for the engineer who sends it."""

from __future__ import annotations

from gatepass.domain.access_request import AccessRequest
from gatepass.domain.signed_file import PublicKey
from gatepass.domain.signed_words import duration_text


def request_lines(request: AccessRequest) -> list[str]:
    """Return what is asked, one fact a line, so that no text can pass for another's line."""
    return [
        f"engineer:  {request.engineer} of account {request.provider}",
        f"asks for:  the grant {request.grant} in account {request.account}",
        f"how long:  {duration_text(request.duration)}, from when the door is opened",
        f"reason:    {request.reason}",
        f"ticket:    {request.ticket}" if request.ticket is not None else "ticket:    none",
        f"made at:   {request.made_at:%Y-%m-%d %H:%M:%SZ}, to be used by {request.usable_until:%Y-%m-%d %H:%M:%SZ}",
    ]


def key_lines(request: AccessRequest, key: PublicKey, known: PublicKey | None) -> list[str]:
    """Return how far the customer may believe who wrote it.

    Args:
        request: what was asked.
        key: the key that signed it.
        known: the key of this engineer's requests before, or None at the first one.
    """
    lines = [f"key:       {key.fingerprint}"]
    if known == key:
        return [*lines, f"           the same as in {request.engineer}'s requests before"]
    why = "the first request under this name" if known is None else f"another key than before ({known.fingerprint})"
    return [
        *lines,
        f"           {why}: nothing shows yet that it is {request.engineer}'s",
        "           before you open, call the engineer on a number you know and have it read out;",
        "           the engineer sees it with: gatepass request --fingerprint",
    ]
