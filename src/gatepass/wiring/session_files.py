"""Files around a session: what narrows it, and what its person was told already."""

from __future__ import annotations

from pathlib import Path

from gatepass.adapters.told_once import ToldOnce
from gatepass.domain.documents import Document


def session_policy(path: Path) -> Document:
    """Return the session policy in the file.

    Raises:
        InvalidFile: it is none, with the line.
    """
    from gatepass.adapters.session_policy_file import load_session_policy

    return load_session_policy(path)


def is_new_here(hint: str) -> bool:
    """Say whether this person was never given the hint, and remember that it is given now."""
    return ToldOnce().is_new_here(hint)


def is_new_in_terminal(hint: str) -> bool:
    """Say whether it was not given in this terminal, and remember that it is given now."""
    return ToldOnce().is_new_in_terminal(hint)
