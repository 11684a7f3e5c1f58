"""Hand a customer's credentials to AWS's tools; on the hot path, without the command line's libraries."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gatepass.cli.registered_entry import entered_way, tell
from gatepass.domain.errors import NotAnswered, NotThere
from gatepass.domain.identifiers import RoleArn
from gatepass.usecases.find_way_in import WayIn, way_in, way_of_role
from gatepass.wiring import ready_sessions, registers

if TYPE_CHECKING:
    from gatepass.wiring.registers import Found


def handed_out(target: str, duration: timedelta, register: str, store: str, asked: str) -> str:
    """Return credentials for the target, as AWS's tools want them: ready ones, or those of a new session.

    However many ask the same at once, one of them enters; the others wait for it and get what it got.

    Raises:
        NotThere: nobody of that name, or the register does not know the role.
        Conflict: the name is of several; they are listed.
        AccessRefused: AWS said no.
        NotAnswered: AWS does not answer, and no session from before is left.
    """
    cache, began = ready_sessions.session_cache(), time.time()
    with cache.sole(asked):
        answer = ready_sessions.answer_since(asked, began)
        if answer is not None:
            return answer
        try:
            found, way = _way(target, Path(register))
            names: list[str] = []
            session = entered_way(
                way, duration, store, by_way_of=lambda tokens: ready_sessions.shared(tokens, cache, names.append)
            )
        except NotAnswered as error:
            answer = ready_sessions.ready_answer(asked, 0.0)
            if answer is None:
                raise
            tell(f"gatepass: {error.what}; handed out the session from before, which lasts less than 15 minutes")
            return answer
        if found.rests_on:
            cache.point(asked, names[-1], found.rests_on)
    if cache.trouble:
        tell(f"gatepass: nothing is kept for the next call: {cache.trouble}")
    return ready_sessions.as_handed_out(session)


def _way(target: str, register: Path) -> tuple[Found, WayIn]:
    if not target.startswith("arn:"):
        found = registers.customers_called(register, target.partition("/")[0])
        return found, way_in(target, found.register)
    role = RoleArn(target)
    found = registers.owner_of(register, role)
    way = way_of_role(role, found.register)
    if way is None:
        raise NotThere(
            f"no register knows the role {role.name} in account {role.account}",
            why="AWS's tools cannot be asked for an external ID, so only registered customers are handed out",
            next_step=f"gatepass exec {role} -- COMMAND",
        )
    return found, way
