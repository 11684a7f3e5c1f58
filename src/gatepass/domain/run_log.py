"""What a failed run said, fit to be shown: its last lines, without what a terminal obeys, without what is secret."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gatepass.domain.identifiers import ExternalId

_MOST_LINES = 20
_LONGEST_LINE = 400
# ECMA-48: control sequences such as colours, and those that name windows or links.
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[@-Z\\-_])"
)
# External IDs of ours, older ones than anybody remembers included.
_OURS = re.compile(r"gp1\.[A-Za-z0-9-]{1,64}\.[A-Za-z0-9-]{8,}", re.ASCII)
_MASK = "****"


def shown_log(log: str, masks: Iterable[ExternalId]) -> str:
    """Return the last lines of the log.

    Args:
        log: what Terraform said.
        masks: what must not be shown, wherever it stands; a sensitive value can come back in an error of AWS.
    """
    text = _SEQUENCE.sub("", log)
    # The longest first: of two that begin alike the shorter would leave the other's end.
    for secret in sorted({each.reveal() for each in masks}, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    text = _OURS.sub(_MASK, text)
    lines = [_plain(line) for line in text.splitlines()]
    return "\n".join([line for line in lines if line.strip()][-_MOST_LINES:])


def _plain(line: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in line.rstrip())
    return shown if len(shown) <= _LONGEST_LINE else f"{shown[:_LONGEST_LINE]}..."
