"""What Terraform said in a run, fit for a terminal: plain lines, and the last ones only."""

from __future__ import annotations

import re
import unicodedata

from gatepass.adapters.json_api_documents import read_tree

_MOST_LINES = 200
_LONGEST_LINE = 2000
# ECMA-48: control sequences, strings that a control introduces and another ends, and two-letter escapes.
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
# Terraform hides sensitive values by itself; these are hidden where a module or a provider says them all the same.
_SECOND_FACTORS = re.compile(
    r"\bgp1\.[A-Za-z0-9]{4,}\.[A-Za-z0-9-]{4,}|(?<=ExternalId)(\W{1,8}[\[\"][^\]\n]*)", re.ASCII
)


def last_lines(text: str) -> str:
    """Return the last lines, without escapes and other characters that do not show."""
    plain = _SECOND_FACTORS.sub("****", _ESCAPES.sub("", text))
    lines = [_shown(line) for line in plain.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines[-_MOST_LINES:])


def structured_lines(text: str) -> str:
    """Return the messages of a log with one JSON object a line, as HCP Terraform keeps it; other lines as they are."""
    # It is framed with STX and ETX.
    return "\n".join(_message(line) for line in text.strip("\x02\x03").split("\n"))


def _message(line: str) -> str:
    if not line.startswith("{"):
        return line
    try:
        tree = read_tree(line.encode(errors="replace"))
    except ValueError:
        return line
    said = tree.get("@message")
    if not isinstance(said, str):
        return line
    diagnostic = tree.get("diagnostic")
    detail = diagnostic.get("detail") if isinstance(diagnostic, dict) else None
    return f"{said}\n{detail}" if isinstance(detail, str) and detail else said


def _shown(line: str) -> str:
    # What a carriage return overwrites is what a terminal would not show any more.
    last = line.rstrip("\r").rpartition("\r")[2]
    kept = (letter for letter in last if letter == "\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"})
    return "".join(kept)[:_LONGEST_LINE].rstrip()
