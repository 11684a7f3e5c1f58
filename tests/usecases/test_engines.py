"""One engine a role: what the direct verbs do at a role that another engine keeps, and what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.change import Change, DetachPolicy, LimitSessions, PutInline, ReplaceTrust, TagRole
from gatepass.domain.documents import Document, policy
from gatepass.domain.engines import Deed, what_to_change
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import ExternalId, Partition, PolicyArn
from gatepass.domain.role import DIGEST_TAG, ENGINE_TAG, SWITCH_POLICY, Role
from gatepass.domain.switch import Position, doors
from gatepass.domain.trust import Retiring, accepted_external_id, closed_trust, open_trust
from gatepass.usecases.close_door import close_door
from gatepass.usecases.end_sessions import end_sessions
from gatepass.usecases.engine_bounds import demand_own_work
from gatepass.usecases.open_door import open_door
from gatepass.usecases.plan_grants import AccountPlan, plan_account
from gatepass.usecases.rotate_factor import rotate_factor
from gatepass.usecases.withdraw_grant import plan_withdraw
from tests.people import GRANT, OTHER_PROVIDER, SUPPORT, declaration, randomness
from tests.usecases.applied import WAIT, applied, the_role

HOUR = timedelta(hours=1)


def kept_by(engine: str, *grants: Grant) -> MemoryRoles:
    """Return an account whose role stands as another engine makes it: the same but for its tags."""
    roles = applied(*grants)
    for name, role in roles.roles.items():
        tags = {key: text for key, text in role.tags.items() if key != DIGEST_TAG}
        roles.roles[name] = replace(role, tags={**tags, ENGINE_TAG: engine})
    return roles


def put(roles: MemoryRoles, **what: Any) -> None:  # noqa: ANN401 - a field by its name
    """Change the role as its own engine, or somebody in the console, does."""
    role = the_role(roles)
    roles.roles[role.name] = replace(role, **what)


def plan(roles: MemoryRoles, *grants: Grant) -> AccountPlan:
    return plan_account(declaration(*grants), roles, roles.clock, randomness())


def opens(roles: MemoryRoles, until: timedelta | None = None) -> bool:
    return open_door(declaration(), SUPPORT, roles, roles.clock, randomness(), until=until).changed


@pytest.mark.parametrize(
    ("engine", "deed", "told"),
    [
        ("terraform", Deed.OPEN, 'external_ids["support"]'),
        ("terraform", Deed.CLOSE, 'empty external_ids["support"]'),
        ("terraform", Deed.ROTATE, 'first in external_ids["support"]'),
        ("terraform", Deed.WITHDRAW, "terraform apply"),
        ("cloudformation", Deed.CLOSE, "empty the parameter ...ExternalId of the grant support in the stack access"),
        ("cloudformation", Deed.CHANGE, "the template of the stack access"),
        ("pulumi", Deed.CHANGE, "change the grant support there"),
        ("pulumi", Deed.CLOSE, "external IDs of the grant support"),
    ],
)
def test_each_engine_is_told_in_its_own_words(engine: str, deed: Deed, told: str) -> None:
    role = the_role(kept_by(engine))
    tagged = replace(role, tags={**role.tags, "aws:cloudformation:stack-name": "access"})

    assert told in what_to_change(tagged, deed)


def test_every_deed_has_words_for_every_engine() -> None:
    for engine in ("terraform", "cloudformation", "pulumi"):
        role = the_role(kept_by(engine))

        assert all("{" not in what_to_change(role, deed) for deed in Deed)


def test_rotating_names_the_variable_that_rotates() -> None:
    with pytest.raises(Conflict, match="kept by terraform") as refused:
        rotate_factor(SUPPORT, kept_by("terraform"), randomness(), HOUR)

    assert 'external_ids["support"]' in refused.value.next_step


def test_withdrawing_is_refused_and_closing_is_named() -> None:
    with pytest.raises(Conflict, match="kept by terraform") as refused:
        plan_withdraw(SUPPORT, kept_by("terraform"))

    assert "gatepass close support" in refused.value.next_step


def test_closing_in_an_emergency_writes_both_halves_and_says_what_terraform_does_next() -> None:
    roles = kept_by("terraform")

    (closed,) = close_door(SUPPORT, roles, roles.clock, WAIT)

    assert doors(the_role(roles)).position is Position.CLOSED
    assert 'empty external_ids["support"]' in closed.next_step
    assert "gatepass open support" in closed.next_step


def test_sessions_are_ended_whatever_engine_keeps_the_role() -> None:
    roles = kept_by("terraform")

    (ended,) = end_sessions(SUPPORT, roles, roles.clock)

    assert ended.changed
    assert [type(change) for change in roles.made] == [PutInline]


def test_while_terraforms_trust_is_closed_opening_is_refused() -> None:
    roles = kept_by("terraform")
    close_door(SUPPORT, roles, roles.clock, WAIT)
    roles.made.clear()

    with pytest.raises(Conflict, match="kept by terraform") as refused:
        opens(roles)

    assert 'external_ids["support"]' in refused.value.next_step
    assert roles.made == []


def test_once_terraform_restored_its_trust_opening_lifts_the_denial_and_nothing_else() -> None:
    roles = kept_by("terraform")
    trust = the_role(roles).trust
    close_door(SUPPORT, roles, roles.clock, WAIT)
    put(roles, trust=trust)
    assert doors(the_role(roles)).role_is_denied
    roles.made.clear()

    assert opens(roles)

    assert [type(change) for change in roles.made] == [PutInline]
    assert the_role(roles).trust == trust
    assert doors(the_role(roles)).position is Position.OPEN
    # Sessions from before the close, and those that began before the denial was lifted, stay ended.
    assert "aws:TokenIssueTime" in the_role(roles).inline[SWITCH_POLICY].text
    assert not opens(roles)


def test_a_trust_that_is_not_the_files_is_never_opened() -> None:
    roles = kept_by("terraform")
    role = the_role(roles)
    close_door(SUPPORT, roles, roles.clock, WAIT)
    other = replace(GRANT, provider=OTHER_PROVIDER)
    put(roles, trust=open_trust(other, Partition(), accepted_external_id(role.trust)))

    with pytest.raises(Conflict, match="not as the file says"):
        opens(roles)

    assert doors(the_role(roles)).role_is_denied


def test_another_engines_role_is_not_opened_for_a_time() -> None:
    with pytest.raises(Conflict, match="not opened for a time"):
        opens(kept_by("terraform"), HOUR)


def test_a_role_that_changes_while_its_denial_is_lifted_is_denied_again() -> None:
    roles = kept_by("terraform")
    trust = the_role(roles).trust
    close_door(SUPPORT, roles, roles.clock, WAIT)
    put(roles, trust=trust)

    class Raced(MemoryRoles):
        def make(self, change: Change) -> None:
            super().make(change)
            role = self.roles[change.name]
            self.roles[change.name] = replace(role, trust=policy(*trust.statements[:1]))

    raced = Raced(roles.account, roles.clock, roles.policies, roles.roles)

    with pytest.raises(Conflict, match="changed while its denial was lifted"):
        opens(raced)
    assert doors(the_role(raced)).role_is_denied


ROTATED = ExternalId("gp1.KEY.NEWCODE")


@pytest.mark.parametrize(
    "trust",
    [
        closed_trust(),
        open_trust(GRANT, Partition(), ROTATED),
        open_trust(
            GRANT,
            Partition(),
            ROTATED,
            retiring=Retiring(ExternalId("gp1.KEY.OLD"), applied().clock.now().replace(microsecond=0)),
        ),
    ],
    ids=["closed", "another external ID", "a rotation that runs"],
)
def test_what_terraform_decides_is_no_drift(trust: Document) -> None:
    roles = kept_by("terraform")
    put(roles, trust=trust)

    planned = plan(roles)

    assert (planned.changes, planned.drift) == ((), ())
    assert planned.grants[0].keeper == "terraform"
    demand_own_work(planned)


@pytest.mark.parametrize(
    "trust",
    [
        open_trust(replace(GRANT, provider=OTHER_PROVIDER), Partition(), ROTATED),
        open_trust(replace(GRANT, needs_second_factor=False), Partition(), None),
    ],
    ids=["somebody else", "no external ID"],
)
def test_a_trust_that_drifted_is_told_and_never_changed(trust: Document) -> None:
    roles = kept_by("terraform")
    put(roles, trust=trust)

    planned = plan(roles)

    assert planned.changes == ()
    assert [type(change) for change in planned.drift] == [ReplaceTrust]
    with pytest.raises(Conflict, match="not as the file says"):
        demand_own_work(planned)


def test_permissions_that_drifted_are_told() -> None:
    roles = kept_by("terraform")
    extra = PolicyArn("arn:aws:iam::aws:policy/AdministratorAccess")
    put(roles, policies=the_role(roles).policies | {extra}, session_limit=timedelta(hours=12))

    planned = plan(roles)

    assert planned.changes == ()
    assert [type(change) for change in planned.drift] == [LimitSessions, DetachPolicy]


def test_a_close_in_an_emergency_is_no_drift() -> None:
    roles = kept_by("terraform")
    close_door(SUPPORT, roles, roles.clock, WAIT)

    planned = plan(roles)

    assert (planned.changes, planned.drift) == ((), ())
    assert planned.grants[0].position is Position.CLOSED


def taken(role: Role) -> Grant:
    return replace(GRANT, adopted=role.name)


def test_naming_the_role_takes_it_over_by_its_tags_alone() -> None:
    roles = kept_by("terraform")

    planned = plan(roles, taken(the_role(roles)))

    assert [type(change) for change in planned.changes] == [TagRole]
    assert planned.grants[0].taken_from == "terraform"
    demand_own_work(planned)


def test_a_role_of_a_stack_is_not_taken_over() -> None:
    roles = kept_by("cloudformation")

    with pytest.raises(Conflict, match="kept by cloudformation"):
        plan(roles, taken(the_role(roles)))
