"""Which terminal this is."""

from __future__ import annotations

import os


def this_terminal() -> str:
    """Return what tells this terminal from others: the shell whose function called, else the session leader.

    Process numbers are used again, so the number alone could revive the stack of a terminal
    that was closed long ago: when the leader began is part of it.
    """
    if stack := os.environ.get("GATEPASS_STACK"):
        return f"shell {stack}"
    leader = os.getsid(0)
    try:
        with open(f"/proc/{leader}/stat", encoding="utf-8", errors="replace") as file:
            status = file.read()
    except OSError:
        return str(leader)
    # proc(5): the 22nd field is the start time; the second may contain spaces and brackets.
    return f"{leader} {status.rpartition(')')[2].split()[19]}"
