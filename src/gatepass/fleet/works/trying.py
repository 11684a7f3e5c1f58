"""Ask AWS again until it says what was written, for AWS takes some seconds to go by a new trust."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from gatepass.domain.errors import GatepassError
from gatepass.fleet.patient import patiently
from gatepass.fleet.work import Steps

# Measured: about 4 s.
_FIRST, _THEN, _GIVE_UP = timedelta(seconds=3), timedelta(seconds=1), timedelta(seconds=60)


def until_it(steps: Steps, name: str, claim: Callable[[], bool], otherwise: GatepassError) -> None:
    """Wait until the claim holds; each asking is a step of its own.

    Raises:
        GatepassError: ``otherwise``, when it does not hold after a minute; or what the asking met.
    """
    steps.wait(_FIRST)
    for attempt in range(1, (_GIVE_UP - _FIRST) // _THEN + 2):
        if attempt > 1:
            steps.wait(_THEN)
        if patiently(steps, f"{name}, {attempt}", lambda: {"holds": "yes" if claim() else ""})["holds"]:
            return
    raise otherwise
