"""Steps of one unit that DBOS remembers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dbos import DBOS

from gatepass.domain.errors import (
    AccessRefused,
    Conflict,
    CredentialsRefused,
    GatepassError,
    InvalidInput,
    NotAnswered,
    NotThere,
)

_REFUSALS: dict[str, type[AccessRefused]] = {each.__name__: each for each in (AccessRefused, CredentialsRefused)}
_OTHERS: dict[str, type[GatepassError]] = {
    each.__name__: each for each in (Conflict, InvalidInput, NotAnswered, NotThere)
}
_log = logging.getLogger("dbos.gatepass")


class Unforeseen(Exception):
    """An error that nobody foresaw; only its type is told, for its words could quote anything."""


class DurableSteps:
    """Steps inside a workflow of DBOS; they must be met in the same order each time."""

    @staticmethod
    def do(name: str, act: Callable[[], str]) -> str:
        """Do the step and have its text remembered, or return what is remembered of it; errors are remembered too."""
        kept = json.loads(DBOS.run_step({"name": name}, lambda: _guarded(act)))
        if "error" in kept:
            raise _error(kept["error"])
        return str(kept["text"])

    @staticmethod
    def wait(duration: timedelta) -> None:
        """Wait until the instant that is remembered."""
        DBOS.sleep(duration.total_seconds())

    def now(self) -> datetime:
        """Return the instant that is remembered."""
        return datetime.fromisoformat(self.do("now", lambda: datetime.now(UTC).isoformat()))


class ForgetfulSteps:
    """Steps of work that only reads: the whole batch is one step of DBOS, so nothing smaller is remembered."""

    @staticmethod
    def do(name: str, act: Callable[[], str]) -> str:
        """Do the step."""
        del name
        return act()

    @staticmethod
    def wait(duration: timedelta) -> None:
        """Refuse: a wait that is not remembered would begin again."""
        raise AssertionError(f"work that only reads does not wait {duration}")

    @staticmethod
    def now() -> datetime:
        """Return this instant."""
        return datetime.now(UTC)


def _guarded(act: Callable[[], str]) -> str:
    """Return the text or the error as JSON: what is remembered must be the same the second time."""
    try:
        return json.dumps({"text": act()})
    except GatepassError as error:
        facts = {"type": type(error).__name__, "what": error.what, "why": error.why, "next": error.next_step}
        if isinstance(error, AccessRefused):
            facts["code"] = error.code
        return json.dumps({"error": facts})
    except Exception as error:  # noqa: BLE001 - remembered by its type, and told as a fault of ours
        _log.exception("a step failed in a way that nobody foresaw")
        return json.dumps({"error": {"type": "", "what": type(error).__name__}})


def _error(kept: dict[str, str]) -> Exception:
    if not kept["type"]:
        return Unforeseen(kept["what"])
    what, why, next_step = kept["what"], kept["why"], kept["next"]
    if kept["type"] in _REFUSALS:
        return _REFUSALS[kept["type"]](what, why=why, next_step=next_step, code=kept["code"])
    return _OTHERS.get(kept["type"], GatepassError)(what, why=why, next_step=next_step)
