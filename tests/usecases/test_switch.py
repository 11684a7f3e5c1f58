"""The switch: close, open, withdraw and hand over, with everything that can go wrong in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemoryRoles, MemoryTokens
from gatepass.domain.change import Change, PutInline, ReplaceTrust
from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import AccessRefused, Conflict, NotThere
from gatepass.domain.grant import Grant, PrincipalPattern, Window
from gatepass.domain.identifiers import AccountId, GrantName, RoleName
from gatepass.domain.role import ENGINE_TAG, SWITCH_POLICY, Role
from gatepass.domain.session import Caller, Credentials, Entry, Session
from gatepass.domain.switch import Position, deny_sessions_from_before, doors
from gatepass.domain.trust import accepted_external_id, closed_trust
from gatepass.ports.roles import Sighting
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.close_door import close_door
from gatepass.usecases.end_sessions import end_sessions
from gatepass.usecases.hand_over import hand_over
from gatepass.usecases.open_door import open_door
from gatepass.usecases.plan_grants import plan_account
from gatepass.usecases.withdraw_grant import plan_withdraw, withdraw_changes
from tests.people import CUSTOMER, GRANT, MORNING, SUPPORT, declaration, memory_roles, randomness

WAIT = timedelta(seconds=5)
PROVIDERS_ENGINEER = Caller(AccountId("111122223333"), "arn:aws:iam::111122223333:user/netops-1")


def applied(*grants: Grant) -> MemoryRoles:
    roles = memory_roles()
    planned = plan_account(declaration(*grants), roles, roles.clock, randomness())
    list(apply_changes(planned.changes, roles, roles.clock, WAIT))
    roles.made.clear()
    return roles


def the_role(roles: MemoryRoles) -> Role:
    (role,) = roles.roles.values()
    return role


def retag(roles: MemoryRoles, engine: str) -> None:
    role = the_role(roles)
    roles.roles[role.name] = replace(role, tags={**role.tags, ENGINE_TAG: engine})


def test_closing_denies_live_sessions_before_it_closes_the_trust() -> None:
    roles = applied()

    close_door(SUPPORT, roles, roles.clock, WAIT)

    assert [type(change) for change in roles.made] == [PutInline, ReplaceTrust]
    assert doors(the_role(roles)).position is Position.CLOSED


def test_closing_says_what_was_shown_and_how_long_it_waited() -> None:
    roles = applied()

    (closed,) = close_door(SUPPORT, roles, roles.clock, WAIT)

    assert closed.evidence == "written, read back, waited 5 s"
    assert roles.clock.slept >= WAIT


def test_closing_what_is_closed_writes_nothing() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)
    roles.made.clear()

    (closed,) = close_door(SUPPORT, roles, roles.clock, WAIT)

    assert not closed.changed
    assert roles.made == []


def test_if_one_half_of_closing_fails_the_other_is_still_done() -> None:
    roles = applied()

    class DeniesPut(MemoryRoles):
        def make(self, change: Change) -> None:
            if isinstance(change, PutInline):
                raise AccessRefused("iam:PutRolePolicy")
            super().make(change)

    broken = DeniesPut(CUSTOMER, roles.clock, roles.policies, roles.roles)

    with pytest.raises(AccessRefused, match="PutRolePolicy"):
        close_door(SUPPORT, broken, roles.clock, WAIT)
    assert doors(the_role(roles)).trust_is_closed


def test_a_close_that_somebody_undoes_at_once_is_not_reported_as_closed() -> None:
    roles = applied()
    opened = the_role(roles).trust

    class Undone(MemoryRoles):
        def sight(self, name: RoleName) -> Sighting:
            del name
            return Sighting(opened, None, MORNING)

    with pytest.raises(Conflict, match="is not closed"):
        close_door(SUPPORT, Undone(CUSTOMER, roles.clock, roles.policies, roles.roles), roles.clock, WAIT)


def test_a_probe_that_is_refused_proves_it() -> None:
    roles = applied()
    probe = MemoryTokens(PROVIDERS_ENGINEER, roles)
    last_id = accepted_external_id(the_role(roles).trust)

    (closed,) = close_door(SUPPORT, roles, roles.clock, WAIT, probe)

    assert closed.evidence.startswith("proved")
    assert [entry.external_id for entry in probe.entries] == [last_id]


def test_a_probe_that_gets_in_is_a_failure() -> None:
    roles = applied()

    class AlwaysIn(MemoryTokens):
        def enter(self, entry: Entry) -> Session:
            return Session(entry.role, entry.engineer, MORNING, Credentials("ASIA", "", "", MORNING))

    with pytest.raises(Conflict, match="still let the provider in"):
        close_door(SUPPORT, roles, roles.clock, WAIT, AlwaysIn(PROVIDERS_ENGINEER, roles))


def test_a_probe_that_cannot_ask_proves_nothing() -> None:
    """A time-out or a throttle is not a refusal."""
    roles = applied()

    class Throttled(MemoryTokens):
        def enter(self, entry: Entry) -> Session:
            raise Conflict("AWS is too busy", why=str(type(entry)))

    with pytest.raises(Conflict, match="too busy"):
        close_door(SUPPORT, roles, roles.clock, WAIT, Throttled(PROVIDERS_ENGINEER, roles))


def test_another_engines_role_can_be_closed_and_names_what_to_do_there() -> None:
    roles = applied()
    retag(roles, "terraform")

    (closed,) = close_door(SUPPORT, roles, roles.clock, WAIT)

    assert "terraform" in closed.next_step
    assert doors(the_role(roles)).position is Position.CLOSED


def test_closing_a_grant_that_is_not_there_names_what_is() -> None:
    with pytest.raises(NotThere) as caught:
        close_door(GrantName("audit"), applied(), memory_roles().clock, WAIT)

    assert "support" in caught.value.why


def test_opening_draws_a_new_id_under_the_same_customer_key_and_writes_the_trust_first() -> None:
    roles = applied()
    before = accepted_external_id(the_role(roles).trust)
    close_door(SUPPORT, roles, roles.clock, WAIT)
    roles.made.clear()
    draws = randomness()
    draws.drawn = 5

    opened = open_door(declaration(), SUPPORT, roles, roles.clock, draws)

    after = accepted_external_id(the_role(roles).trust)
    assert opened.has_new_id
    assert after not in (None, before)
    assert before is not None
    assert after is not None
    assert after.customer_key == before.customer_key
    assert [type(change) for change in roles.made] == [ReplaceTrust, PutInline]


def test_sessions_from_before_stay_ended_when_the_door_opens() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)
    moment = roles.clock.now()

    open_door(declaration(), SUPPORT, roles, roles.clock, randomness())

    assert the_role(roles).inline[SWITCH_POLICY] == deny_sessions_from_before(moment)


def test_a_session_of_the_very_second_before_is_ended_too() -> None:
    """AWS's header and aws:TokenIssueTime count whole seconds; the line is drawn behind that second."""
    line = deny_sessions_from_before(MORNING.replace(microsecond=999_999)).text

    assert "2026-11-22T08:00:01Z" in line


def test_opening_returns_only_when_new_sessions_are_younger_than_the_line() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)
    began = roles.clock.now()

    open_door(declaration(), SUPPORT, roles, roles.clock, randomness())

    assert roles.clock.now() >= began + timedelta(seconds=1)


def test_opening_what_is_open_draws_nothing() -> None:
    roles = applied()
    before = the_role(roles)

    opened = open_door(declaration(), SUPPORT, roles, roles.clock, randomness())

    assert not opened.changed
    assert the_role(roles) == before


def test_opening_never_changes_what_is_granted() -> None:
    """The file may have been edited since: then it is planned and applied first."""
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)
    edited = declaration(replace(GRANT, principals=(PrincipalPattern("user/*"),)))

    with pytest.raises(Conflict, match="is not what was applied"):
        open_door(edited, SUPPORT, roles, roles.clock, randomness())
    assert doors(the_role(roles)).position is Position.CLOSED


def test_opening_with_a_file_of_another_account_is_refused() -> None:
    roles = applied()

    with pytest.raises(Conflict, match="the file is for account"):
        open_door(replace(declaration(), account=AccountId("111122223333")), SUPPORT, roles, roles.clock, randomness())


def test_another_engines_role_is_not_opened() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)
    retag(roles, "cloudformation")

    with pytest.raises(Conflict, match="kept by cloudformation"):
        open_door(declaration(), SUPPORT, roles, roles.clock, randomness())


def test_a_door_whose_live_sessions_still_act_is_closed_fully_before_it_opens() -> None:
    roles = applied()
    role = the_role(roles)
    roles.roles[role.name] = replace(role, trust=closed_trust())

    with pytest.raises(Conflict, match="half closed"):
        open_door(declaration(), SUPPORT, roles, roles.clock, randomness())


@pytest.mark.parametrize("stop", [0, 1])
def test_an_open_that_was_killed_is_finished_by_the_next(stop: int) -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)
    roles.failures = stop
    with pytest.raises(AccessRefused):
        open_door(declaration(), SUPPORT, roles, roles.clock, randomness())
    assert doors(the_role(roles)).role_is_denied
    roles.failures = None

    assert open_door(declaration(), SUPPORT, roles, roles.clock, randomness()).changed

    assert doors(the_role(roles)).position is Position.OPEN


def test_the_loser_of_two_runs_is_told() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)

    class SomebodyElseWins(MemoryRoles):
        def sight(self, name: RoleName) -> Sighting:
            del name
            other: Document = policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
            return Sighting(other, None, MORNING)

    other = SomebodyElseWins(CUSTOMER, roles.clock, roles.policies, roles.roles)
    with pytest.raises(Conflict, match="is not as it was just written"):
        open_door(declaration(), SUPPORT, other, roles.clock, randomness())


def test_a_window_that_is_over_is_said_when_opening() -> None:
    over = replace(GRANT, window=Window(None, MORNING + timedelta(minutes=1)))
    roles = applied(over)
    close_door(SUPPORT, roles, roles.clock, timedelta(hours=1))

    assert open_door(declaration(over), SUPPORT, roles, roles.clock, randomness()).window_is_over


def test_revoking_ends_older_sessions_and_leaves_the_door_as_it_is() -> None:
    roles = applied()
    before = the_role(roles)
    moment = roles.clock.now()

    (ended,) = end_sessions(SUPPORT, roles, roles.clock)

    after = the_role(roles)
    assert ended.changed
    assert after.trust == before.trust
    assert after.inline[SWITCH_POLICY] == deny_sessions_from_before(moment)
    assert roles.clock.now() >= moment + timedelta(seconds=1)
    assert plan_account(declaration(), roles, roles.clock, randomness()).changes == ()


def test_revoking_never_loosens_a_closed_door() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)
    closed = the_role(roles)

    (ended,) = end_sessions(SUPPORT, roles, roles.clock)

    assert not ended.changed
    assert the_role(roles) == closed


def test_a_revocation_that_somebody_undoes_at_once_is_not_reported_as_done() -> None:
    roles = applied()

    class Undone(MemoryRoles):
        def sight(self, name: RoleName) -> Sighting:
            return replace(super().sight(name), switch=None)

    with pytest.raises(Conflict, match="may still act"):
        end_sessions(SUPPORT, Undone(CUSTOMER, roles.clock, roles.policies, roles.roles), roles.clock)


def test_withdrawing_closes_first_and_leaves_nothing() -> None:
    roles = applied()

    changes = plan_withdraw(SUPPORT, roles)
    list(withdraw_changes(changes, roles))

    assert [type(change) for change in changes[:2]] == [PutInline, ReplaceTrust]
    assert roles.roles == {}


@pytest.mark.parametrize("stop", range(8))
def test_a_withdrawal_that_was_refused_in_the_middle_leaves_the_door_shut_and_is_finished_by_the_next(
    stop: int,
) -> None:
    roles = applied(replace(GRANT, custom_policy=policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})))
    changes = plan_withdraw(SUPPORT, roles)
    roles.failures = stop
    if stop < len(changes):
        with pytest.raises(AccessRefused):
            list(withdraw_changes(changes, roles))
        if stop >= 1:
            assert doors(the_role(roles)).role_is_denied or not the_role(roles).policies
    roles.failures = None

    list(withdraw_changes(plan_withdraw(SUPPORT, roles), roles))

    assert roles.roles == {}


def test_another_engines_role_is_not_withdrawn() -> None:
    roles = applied()
    retag(roles, "terraform")

    with pytest.raises(Conflict, match="kept by terraform"):
        plan_withdraw(SUPPORT, roles)


def test_what_is_handed_over_shows_no_id_by_itself() -> None:
    (handed,) = hand_over(SUPPORT, applied())

    assert handed.external_id is not None
    assert handed.external_id.reveal() not in repr(handed)


def test_a_closed_door_has_nothing_to_hand_over() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)

    (handed,) = hand_over(SUPPORT, roles)

    assert handed.external_id is None
    assert handed.position is Position.CLOSED
