"""Steps that outlast what passes by itself: an AWS that is busy, a store that is down, a disk that is full."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta

from gatepass.domain.errors import GatepassError, NotAnswered, Overtaken
from gatepass.fleet.work import Steps

# Together more than a minute, so that a store may be down for half of one. A call itself is tried five times.
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 16, 30))

Facts = Mapping[str, str]


def patiently(steps: Steps, name: str, act: Callable[[], Facts]) -> Facts:
    """Do the step and return its facts, as often as it takes while only time can help.

    Args:
        steps: remembers what was done.
        name: the step's name.
        act: does it; may be repeated at any time. Its facts are kept, so nothing in them is secret.

    Raises:
        GatepassError: what the deed met; it is remembered, and told the same way after a crash.
    """
    told: Mapping[str, str] = {}
    for attempt, pause in enumerate((*_PAUSES, None), 1):
        told = json.loads(steps.do(name if attempt == 1 else f"{name}, try {attempt}", lambda: _outcome(act)))
        if "again" not in told or pause is None:
            break
        steps.wait(pause)
    if "what" in told:
        kind = NotAnswered if "again" in told else GatepassError
        raise kind(told["what"], why=told["why"], next_step=told["next_step"])
    return told


def _outcome(act: Callable[[], Facts]) -> str:
    """Return as text what came of the deed; whoever repeats a failure must hear the same words."""
    try:
        return json.dumps(dict(act()))
    except (NotAnswered, Overtaken) as error:
        return json.dumps({"again": "yes", **_words(error)})
    except GatepassError as error:
        return json.dumps(_words(error))
    except OSError as error:
        failure = GatepassError(
            f"this machine could not do its part: {error.strerror or type(error).__name__}",
            why="the disk is full, a folder is not writable, or a connection broke",
            next_step="mend it, then: gatepass fleet resume",
        )
        return json.dumps({"again": "yes", **_words(failure)})


def _words(error: GatepassError) -> dict[str, str]:
    return {"what": error.what, "why": error.why, "next_step": error.next_step}
