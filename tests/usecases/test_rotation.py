"""Rotation: one more external ID for a while, then one fewer; at every moment one that was handed out opens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.adapters.memory import MemoryEntries, MemoryRandomness, MemoryRoles
from gatepass.domain.change import Change, ReplaceTrust
from gatepass.domain.errors import AccessRefused, Conflict, NotThere
from gatepass.domain.grant import Grant, PrincipalPattern, Window
from gatepass.domain.identifiers import ExternalId, GrantName, Partition
from gatepass.domain.role import ENGINE_TAG
from gatepass.domain.rotation import rotated, without_old
from gatepass.domain.trust import Retiring, accepted_external_id, open_trust, retiring_external_id
from gatepass.ports.entries import EntryRecord
from gatepass.usecases.close_door import close_door
from gatepass.usecases.last_uses import last_uses
from gatepass.usecases.plan_grants import plan_account
from gatepass.usecases.rotate_factor import Rotated, finish_rotation, rotate_factor
from tests.people import GRANT, MORNING, SUPPORT, declaration, randomness
from tests.usecases.applied import WAIT, applied, apply_file, the_role
from tests.usecases.judge import may_enter

ENGINEER = "arn:aws:iam::111122223333:user/netops-1"
DAY = timedelta(days=1)
OLD, NEW = ExternalId("gp1.KEY.OLD"), ExternalId("gp1.KEY.NEW")


def rotate(roles: MemoryRoles, overlap: timedelta = DAY) -> Rotated:
    (done,) = rotate_factor(SUPPORT, roles, MemoryRandomness(drawn=10), overlap)
    return done


def the_id(roles: MemoryRoles) -> ExternalId:
    found = accepted_external_id(the_role(roles).trust)
    assert found is not None
    return found


def enters(roles: MemoryRoles, external_id: ExternalId, at: datetime) -> bool:
    return may_enter(the_role(roles), ENGINEER, external_id, at)


def test_the_old_id_is_refused_from_the_end_of_the_overlap_on_though_nobody_came_back() -> None:
    roles = applied()
    old = the_id(roles)

    done = rotate(roles)

    assert done.old_until is not None
    assert not enters(roles, old, done.old_until)
    assert enters(roles, old, done.old_until - timedelta(seconds=1))
    assert enters(roles, the_id(roles), done.old_until)
    assert the_id(roles) != old


def test_without_an_overlap_the_old_id_is_refused_at_once() -> None:
    roles = applied()
    old = the_id(roles)

    done = rotate(roles, timedelta())

    assert done == Rotated(done.arn, changed=True, old_until=None)
    assert not enters(roles, old, roles.clock.now())


def test_a_rotation_is_one_write_so_that_it_is_made_or_not_made() -> None:
    roles = applied()

    rotate(roles)

    assert [type(change) for change in roles.made] == [ReplaceTrust]


def test_a_second_run_during_the_overlap_draws_nothing() -> None:
    roles = applied()
    done = rotate(roles)
    roles.made.clear()

    again = rotate(roles)

    assert again == replace(done, changed=False)
    assert roles.made == []


def test_after_the_overlap_the_next_rotation_drops_the_id_that_ended() -> None:
    roles = applied()
    first = the_id(roles)
    rotate(roles)
    second = the_id(roles)
    roles.clock.instant += 2 * DAY

    rotate_factor(SUPPORT, roles, MemoryRandomness(drawn=20), DAY)

    assert first.reveal() not in the_role(roles).trust.text
    assert enters(roles, second, roles.clock.now())


def test_finishing_ends_the_overlap_and_finishing_again_writes_nothing() -> None:
    roles = applied()
    old = the_id(roles)
    rotate(roles)

    (finished,) = finish_rotation(SUPPORT, roles)
    roles.made.clear()
    (again,) = finish_rotation(SUPPORT, roles)

    assert (finished.changed, again.changed) == (True, False)
    assert roles.made == []
    assert not enters(roles, old, roles.clock.now())
    assert enters(roles, the_id(roles), roles.clock.now())


def test_a_plan_during_and_after_the_overlap_changes_nothing() -> None:
    roles = applied()
    rotate(roles)

    assert plan_account(declaration(), roles, roles.clock, randomness()).changes == ()
    roles.clock.instant += 2 * DAY
    assert plan_account(declaration(), roles, roles.clock, randomness()).changes == ()


def test_an_apply_during_the_overlap_keeps_both_ids() -> None:
    roles = applied()
    old = the_id(roles)
    rotate(roles)
    new = the_id(roles)

    apply_file(declaration(replace(GRANT, principals=(PrincipalPattern("user/netops-*"),))), roles)

    assert enters(roles, old, roles.clock.now())
    assert enters(roles, new, roles.clock.now())


def test_a_closed_door_is_not_rotated() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)
    roles.made.clear()

    with pytest.raises(Conflict, match="nothing to rotate"):
        rotate(roles)

    assert roles.made == []


def test_a_grant_without_a_second_factor_has_nothing_to_rotate() -> None:
    with pytest.raises(Conflict, match="asks for no second factor"):
        rotate(applied(replace(GRANT, needs_second_factor=False)))


def test_another_engines_role_is_not_rotated() -> None:
    roles = applied()
    role = the_role(roles)
    roles.roles[role.name] = replace(role, tags={**role.tags, ENGINE_TAG: "terraform"})

    with pytest.raises(Conflict, match="kept by terraform"):
        rotate(roles)
    with pytest.raises(Conflict, match="kept by terraform"):
        finish_rotation(SUPPORT, roles)


def test_a_grant_that_is_not_there_is_named() -> None:
    with pytest.raises(NotThere, match="audit"):
        rotate_factor(GrantName("audit"), applied(), randomness(), DAY)


def test_a_refused_rotation_leaves_the_old_id_as_it_was() -> None:
    roles = applied()
    old, roles.failures = the_id(roles), 0

    with pytest.raises(AccessRefused):
        rotate(roles)

    assert the_id(roles) == old


def test_the_loser_of_two_runs_at_once_is_told() -> None:
    roles = applied()
    winner = open_trust(GRANT, Partition(), NEW)

    class Overtaken(MemoryRoles):
        def make(self, change: Change) -> None:
            super().make(change)
            super().make(ReplaceTrust(change.name, winner))

    with pytest.raises(Conflict, match="not as it was just read or written"):
        rotate(Overtaken(roles.account, roles.clock, roles.policies, roles.roles))


def test_the_status_tells_which_id_was_last_used_and_never_the_id() -> None:
    roles = applied()
    old = the_id(roles)
    rotate(roles)
    log = MemoryEntries((EntryRecord(MORNING, ENGINEER, old), EntryRecord(MORNING - DAY, ENGINEER, NEW)))

    (uses,) = last_uses(SUPPORT, roles, log)

    assert uses.old is not None
    assert (uses.old.at, uses.old.who) == (MORNING, ENGINEER)
    assert uses.current is None
    assert "gp1" not in repr(uses)


def test_a_rotation_that_ended_is_not_called_one_that_runs() -> None:
    roles = applied()
    rotate(roles)
    roles.clock.instant += 2 * DAY

    (uses,) = last_uses(SUPPORT, roles, MemoryEntries())

    assert uses.rotation.old_until is None


GRANTS = st.builds(
    Grant,
    name=st.just(SUPPORT),
    provider=st.just(GRANT.provider),
    permissions=st.just(("SecurityAudit",)),
    principals=st.sampled_from([(), (PrincipalPattern("role/engineers/*"),)]),
    window=st.sampled_from([Window(), Window(MORNING, MORNING + 2 * DAY), Window(None, MORNING + DAY / 2)]),
    requires_source_identity=st.booleans(),
)


@given(GRANTS, st.sampled_from([None, MORNING + timedelta(hours=3), MORNING + 30 * DAY]))
def test_rotating_what_stands_gives_what_planning_would_write(grant: Grant, until: datetime | None) -> None:
    """The switch works on AWS's documents, the plan on the file's; they must never disagree."""
    before = open_trust(grant, Partition(), OLD, until=until)
    retiring = Retiring(OLD, MORNING + DAY)

    during = rotated(before, NEW, retiring.until)

    assert during == open_trust(grant, Partition(), NEW, retiring=retiring, until=until)
    assert without_old(during) == rotated(before, NEW, None) == open_trust(grant, Partition(), NEW, until=until)
    read = retiring_external_id(during)
    assert read is not None
    assert read.external_id == OLD
