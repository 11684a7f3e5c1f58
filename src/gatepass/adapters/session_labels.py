"""Labels of the sessions that are ready for AWS profiles; their keys are not looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gatepass.adapters.warm_answers import read_own, sessions_folder
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.live_session import LiveSession

_WHERE = "AWS profiles"


def ready_sessions() -> Iterator[LiveSession]:
    """Yield the sessions that credential-process keeps; what is not as Gatepass writes it is left out."""
    for path in sorted(Path(sessions_folder()).glob("session-*")):
        # The end by this machine's clock, the keys, and whose they are.
        ends, _, facts, *_ = (read_own(str(path)) or "").split("\n") + [""] * 3
        try:
            role, engineer = json.loads(facts)
            end = datetime.fromtimestamp(int(ends), UTC)
            yield LiveSession(
                _WHERE, is_current=False, role=RoleArn(role), engineer=EngineerName(engineer), expires_at=end
            )
        except (ValueError, TypeError, InvalidInput):
            continue
