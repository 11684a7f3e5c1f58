"""Ending one engineer's sessions: only where every session names its engineer, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import EngineerName
from gatepass.domain.role import REVOKED_POLICY
from gatepass.usecases.close_door import close_door
from gatepass.usecases.end_sessions import end_sessions
from tests.people import GRANT, SUPPORT
from tests.usecases.applied import WAIT, applied, the_role
from tests.usecases.judge import allow, may_do

NAMING = replace(GRANT, requires_source_identity=True)
NETOPS, HELPDESK = EngineerName("netops-1"), EngineerName("helpdesk-1")
MANAGED = {arn: allow("s3:*") for arn in the_role(applied()).policies}


def acts(roles: MemoryRoles, who: EngineerName, began: datetime) -> bool:
    arn = f"arn:aws:iam::111122223333:user/{who}"
    return may_do(the_role(roles), arn, "s3:GetObject", began, roles.clock.now(), MANAGED)


def test_where_sessions_need_not_name_anybody_it_is_refused_and_says_why() -> None:
    roles = applied()

    with pytest.raises(Conflict, match="cannot be told from others") as refused:
        end_sessions(SUPPORT, roles, roles.clock, NETOPS)

    assert "does not require a source identity" in refused.value.why
    assert roles.made == []


def test_it_ends_the_sessions_of_one_and_of_nobody_else() -> None:
    roles = applied(NAMING)
    began = roles.clock.now()

    end_sessions(SUPPORT, roles, roles.clock, NETOPS)

    assert not acts(roles, NETOPS, began)
    assert acts(roles, HELPDESK, began)
    assert acts(roles, NETOPS, roles.clock.now())


def test_a_second_engineer_leaves_the_first_ended() -> None:
    roles = applied(NAMING)
    began = roles.clock.now()

    end_sessions(SUPPORT, roles, roles.clock, NETOPS)
    end_sessions(SUPPORT, roles, roles.clock, HELPDESK)

    assert not acts(roles, NETOPS, began)
    assert not acts(roles, HELPDESK, began)


def test_what_ended_everybodys_sessions_stays() -> None:
    roles = applied(NAMING)
    began = roles.clock.now()
    end_sessions(SUPPORT, roles, roles.clock)

    end_sessions(SUPPORT, roles, roles.clock, NETOPS)

    assert not acts(roles, HELPDESK, began)


def test_lines_older_than_any_session_are_left_out_so_that_the_policy_does_not_grow() -> None:
    roles = applied(NAMING)
    for number in range(5):
        end_sessions(SUPPORT, roles, roles.clock, EngineerName(f"engineer-{number}"))
    roles.clock.instant += timedelta(hours=13)

    end_sessions(SUPPORT, roles, roles.clock, NETOPS)

    assert len(the_role(roles).inline[REVOKED_POLICY].statements) == 1


def test_a_closed_door_stays_closed() -> None:
    roles = applied(NAMING)
    close_door(SUPPORT, roles, roles.clock, WAIT)
    roles.made.clear()

    (ended,) = end_sessions(SUPPORT, roles, roles.clock, NETOPS)

    assert not ended.changed
    assert roles.made == []
