"""A plan shows what apply does, converges, and is safe to stop anywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.change import (
    AttachPolicy,
    Change,
    CreateRole,
    DeleteInline,
    DetachPolicy,
    EndOlderSessions,
    LimitSessions,
    PutInline,
    ReplaceTrust,
    SetBoundary,
    TagRole,
)
from gatepass.domain.documents import policy
from gatepass.domain.errors import AccessRefused, Conflict, InvalidFile
from gatepass.domain.grant import Declaration, Grant, Naming, PrincipalPattern, Window, role_name
from gatepass.domain.identifiers import AccountId, GrantName, PolicyArn, RoleName
from gatepass.domain.role import ENGINE_TAG, LIMITS_POLICY, PERMISSIONS_POLICY, SWITCH_POLICY, Role
from gatepass.domain.switch import Position, doors
from gatepass.domain.trust import accepted_external_id, is_closed
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.close_door import close_door
from gatepass.usecases.open_door import open_door
from gatepass.usecases.plan_grants import AccountPlan, plan_account
from tests.people import (
    BOUNDARY,
    CUSTOMER,
    GRANT,
    MORNING,
    OTHER_PROVIDER,
    PROVIDER,
    SUPPORT,
    declaration,
    memory_roles,
    randomness,
)

SETTLE = timedelta(seconds=5)
ALLOW_ALL = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
ALLOW_SQS = policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
ADMINISTRATOR = PolicyArn("arn:aws:iam::aws:policy/AdministratorAccess")
ROLE_NAME = RoleName("ServiceProvider-111122223333-support")


def plan(wanted: Declaration, roles: MemoryRoles, *, prune: bool = False) -> AccountPlan:
    return plan_account(wanted, roles, roles.clock, randomness(), prune=prune)


def apply(wanted: Declaration, roles: MemoryRoles, *, prune: bool = False) -> list[Change]:
    return list(apply_changes(plan(wanted, roles, prune=prune).changes, roles, roles.clock, SETTLE))


def applied(*grants: Grant) -> MemoryRoles:
    roles = memory_roles()
    apply(declaration(*grants), roles)
    return roles


def the_role(roles: MemoryRoles) -> Role:
    (role,) = roles.roles.values()
    return role


def test_credentials_of_another_account_change_nothing() -> None:
    roles = memory_roles()
    roles.account = PROVIDER

    with pytest.raises(Conflict, match="the credentials are for 111122223333"):
        plan(declaration(), roles)


def test_every_unknown_policy_is_told_with_its_place_and_a_guess() -> None:
    grant = replace(
        GRANT,
        permissions=("AmazonS3FullAcces", "SecurityAudit", "arn:aws:iam::aws:policy/Nope"),
        boundary=PolicyArn("arn:aws:iam::444455556666:policy/None"),
    )

    with pytest.raises(InvalidFile) as caught:
        plan(declaration(grant), memory_roles())

    paths = [problem.path for problem in caught.value.problems]
    assert paths == [
        ("grants", "support", "permissions", 0),
        ("grants", "support", "permissions", 2),
        ("grants", "support", "boundary"),
    ]
    assert caught.value.problems[0].next_step == "did you mean AmazonS3FullAccess or AmazonEC2ReadOnlyAccess?"


def test_a_role_of_somebody_else_under_our_name_is_left_alone() -> None:
    roles = memory_roles()
    foreign = Role(RoleName("SERVICEPROVIDER-111122223333-SUPPORT"), ALLOW_ALL, timedelta(hours=1), path="/")
    roles.roles[foreign.name] = foreign

    with pytest.raises(Conflict, match="not one of Gatepass"):
        plan(declaration(), roles)
    assert roles.roles == {foreign.name: foreign}


def test_a_role_under_our_path_without_our_tag_is_left_alone() -> None:
    roles = memory_roles()
    roles.roles[ROLE_NAME] = Role(ROLE_NAME, ALLOW_ALL, timedelta(hours=1))

    with pytest.raises(Conflict, match="not one of Gatepass"):
        plan(declaration(), roles)


def test_another_engines_role_is_left_as_it_is() -> None:
    roles = applied()
    role = the_role(roles)
    roles.roles[role.name] = replace(role, tags={**role.tags, ENGINE_TAG: "terraform"})

    planned = plan(declaration(replace(GRANT, session_limit=timedelta(hours=4))), roles)

    assert planned.changes == ()
    assert [type(change) for change in planned.drift] == [LimitSessions]


def test_a_new_role_is_powerless_until_it_is_bound() -> None:
    """Trust and denials come before the first permission, so a half-made role can do nothing."""
    changes = plan(declaration(), memory_roles()).changes

    kinds = [type(change) for change in changes]
    assert kinds == [CreateRole, PutInline, AttachPolicy, AttachPolicy, TagRole]
    assert isinstance(changes[0], CreateRole)
    assert not changes[0].role.policies
    assert isinstance(changes[1], PutInline)
    assert changes[1].policy_name == LIMITS_POLICY


def test_applying_twice_writes_nothing_the_second_time() -> None:
    roles = applied()
    written = len(roles.made)

    assert plan(declaration(), roles).changes == ()
    assert apply(declaration(), roles) == []
    assert len(roles.made) == written


@pytest.mark.parametrize("stop", range(5))
def test_an_apply_that_was_refused_in_the_middle_is_finished_by_the_next(stop: int) -> None:
    roles = memory_roles()
    roles.failures = stop
    with pytest.raises(AccessRefused):
        apply(declaration(), roles)
    kept = accepted_external_id(the_role(roles).trust) if roles.roles else None
    roles.failures = None

    apply(declaration(), roles)

    assert plan(declaration(), roles).changes == ()
    assert kept in (None, accepted_external_id(the_role(roles).trust))


def test_an_existing_role_keeps_its_external_id() -> None:
    roles = applied()
    before = accepted_external_id(the_role(roles).trust)

    apply(declaration(replace(GRANT, permissions=("SecurityAudit",), principals=(PrincipalPattern("user/*"),))), roles)

    assert accepted_external_id(the_role(roles).trust) == before


def test_a_new_provider_never_meets_the_old_permissions_and_old_sessions_are_ended_first() -> None:
    roles = applied(replace(GRANT, name=SUPPORT))
    wanted = declaration(replace(GRANT, provider=OTHER_PROVIDER, permissions=("SecurityAudit",)))
    wanted = replace(wanted, naming=Naming(org="X"))
    roles = memory_roles()
    apply(replace(declaration(), naming=Naming(org="X")), roles)

    changes = plan(wanted, roles).changes

    kinds = [type(change) for change in changes]
    assert kinds == [
        PutInline, DetachPolicy, DetachPolicy, ReplaceTrust, AttachPolicy, EndOlderSessions, TagRole,
    ]  # fmt: skip
    assert isinstance(changes[0], PutInline)
    assert changes[0].policy_name == SWITCH_POLICY


def test_before_sessions_are_let_go_iam_gets_time_to_spread_the_new_trust() -> None:
    roles = applied()
    waited = roles.clock.slept

    apply(declaration(replace(GRANT, principals=(PrincipalPattern("user/netops-*"),))), roles)

    assert roles.clock.slept - waited == SETTLE


def test_an_apply_stopped_while_it_held_the_sessions_is_finished_by_the_next() -> None:
    roles = applied()
    wanted = declaration(replace(GRANT, principals=(PrincipalPattern("user/netops-*"),)))
    roles.failures = 2
    with pytest.raises(AccessRefused):
        apply(wanted, roles)
    assert doors(the_role(roles)).position is Position.CHANGING
    roles.failures = None

    apply(wanted, roles)

    assert doors(the_role(roles)).position is Position.OPEN
    assert plan(wanted, roles).changes == ()


def test_apply_never_opens_a_closed_door() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, SETTLE)
    wanted = declaration(replace(GRANT, permissions=("SecurityAudit",), principals=(PrincipalPattern("user/*"),)))

    apply(wanted, roles)

    assert doors(the_role(roles)).position is Position.CLOSED
    assert plan(wanted, roles).changes == ()


def test_apply_leaves_a_half_closed_door_half_closed() -> None:
    """A close that was killed after its first half must not be undone by the next apply."""
    roles = applied()
    roles.failures = 1
    with pytest.raises(AccessRefused):
        close_door(SUPPORT, roles, roles.clock, SETTLE)
    roles.failures = None

    apply(declaration(replace(GRANT, principals=(PrincipalPattern("user/*"),))), roles)

    assert doors(the_role(roles)).role_is_denied


def test_a_statement_that_somebody_added_to_the_trust_is_taken_out_and_its_sessions_end() -> None:
    roles = applied()
    role = the_role(roles)
    intruder = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    roles.roles[role.name] = replace(role, trust=policy(*role.trust.statements, intruder))

    changes = apply(declaration(), roles)

    assert [type(change) for change in changes] == [PutInline, ReplaceTrust, EndOlderSessions]
    assert the_role(roles).trust == role.trust


def test_a_trust_that_lost_its_second_factor_is_not_given_a_new_one_by_apply() -> None:
    roles = applied()
    role = the_role(roles)
    opened = policy({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"})
    roles.roles[role.name] = replace(role, trust=opened)

    with pytest.raises(Conflict, match="no second factor that could be kept") as caught:
        plan(declaration(), roles)

    assert "gatepass close support" in caught.value.next_step


def test_asking_for_a_second_factor_later_goes_by_close_apply_open() -> None:
    open_grant = replace(GRANT, needs_second_factor=False)
    roles = applied(open_grant)
    assert accepted_external_id(the_role(roles).trust) is None
    with pytest.raises(Conflict):
        apply(declaration(GRANT), roles)

    close_door(SUPPORT, roles, roles.clock, SETTLE)
    apply(declaration(GRANT), roles)
    open_door(declaration(GRANT), SUPPORT, roles, roles.clock, randomness())

    assert accepted_external_id(the_role(roles).trust) is not None
    assert plan(declaration(GRANT), roles).changes == ()


def test_undeclared_rights_are_taken_away_and_undeclared_denials_stay() -> None:
    roles = applied()
    role = the_role(roles)
    deny = policy(
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-22T08:00:00Z"}},
        }
    )
    mixed = policy(*deny.statements, *ALLOW_ALL.statements)
    inline = {**role.inline, "AWSRevokeOlderSessions": deny, "Backdoor": ALLOW_ALL, "Mixed": mixed}
    roles.roles[role.name] = replace(
        role, inline=inline, policies=role.policies | {PolicyArn("arn:aws:iam::aws:policy/AdministratorAccess")}
    )

    changes = apply(declaration(), roles)

    assert [type(change) for change in changes] == [DeleteInline, PutInline, DetachPolicy]
    left = the_role(roles).inline
    assert left["AWSRevokeOlderSessions"] == left["Mixed"] == deny
    assert "Backdoor" not in left
    assert plan(declaration(), roles).changes == ()


def test_an_allow_in_the_switch_policy_does_not_undo_its_denials() -> None:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, SETTLE)
    role = the_role(roles)
    tampered = policy(*role.inline[SWITCH_POLICY].statements, *ALLOW_ALL.statements)
    roles.roles[role.name] = replace(role, inline={**role.inline, SWITCH_POLICY: tampered})

    apply(declaration(), roles)

    assert the_role(roles) == role


def test_limits_are_never_looser_in_between_than_before_or_after() -> None:
    soon, later = Window(None, MORNING + timedelta(hours=1)), Window(None, MORNING + timedelta(hours=9))
    roles = applied(replace(GRANT, window=soon))

    changes = plan(declaration(replace(GRANT, window=later)), roles).changes

    puts = [change for change in changes if isinstance(change, PutInline) and change.policy_name == LIMITS_POLICY]
    trust = next(index for index, change in enumerate(changes) if isinstance(change, ReplaceTrust))
    assert [changes.index(put) < trust for put in puts] == [True, False]
    assert "2026-11-22T09:00:00Z" in puts[0].document.text
    assert "2026-11-22T17:00:00Z" in puts[0].document.text
    assert "2026-11-22T09:00:00Z" not in puts[1].document.text


@pytest.mark.parametrize(
    ("before", "after", "narrowing"),
    [
        (timedelta(hours=8), timedelta(hours=1), True),
        (timedelta(hours=1), timedelta(hours=8), False),
    ],
)
def test_sessions_get_shorter_before_and_longer_after_the_trust(
    before: timedelta, after: timedelta, *, narrowing: bool
) -> None:
    roles = applied(replace(GRANT, session_limit=before))
    wanted = replace(GRANT, session_limit=after, principals=(PrincipalPattern("user/*"),))

    kinds = [type(change) for change in plan(declaration(wanted), roles).changes]

    assert (kinds.index(LimitSessions) < kinds.index(ReplaceTrust)) is narrowing


def test_a_boundary_is_set_early_and_removed_late() -> None:
    roles = applied()
    bounded = replace(GRANT, boundary=BOUNDARY, principals=(PrincipalPattern("user/*"),))

    kinds = [type(change) for change in plan(declaration(bounded), roles).changes]

    assert kinds.index(SetBoundary) < kinds.index(ReplaceTrust)


def test_a_custom_policy_is_taken_away_before_the_new_one_is_put() -> None:
    roles = applied(replace(GRANT, custom_policy=ALLOW_ALL))

    changes = plan(declaration(replace(GRANT, custom_policy=ALLOW_SQS)), roles).changes

    assert [type(change) for change in changes] == [DeleteInline, PutInline, TagRole]
    assert the_role(roles).inline[PERMISSIONS_POLICY] == ALLOW_ALL


def test_a_role_the_file_no_longer_names_is_shown_and_left_unless_pruned() -> None:
    audit = replace(GRANT, name=GrantName("audit"))
    roles = applied(GRANT, audit)

    left = plan(declaration(GRANT), roles)

    assert [role.name for role in left.unnamed] == [role_name(audit, Naming())]
    assert left.changes == ()
    apply(declaration(GRANT), roles, prune=True)
    assert list(roles.roles) == [ROLE_NAME]


def test_prune_leaves_another_engines_role() -> None:
    audit = replace(GRANT, name=GrantName("audit"))
    roles = applied(GRANT, audit)
    name = role_name(audit, Naming())
    roles.roles[name] = replace(roles.roles[name], tags={**roles.roles[name].tags, ENGINE_TAG: "terraform"})

    assert plan(declaration(GRANT), roles, prune=True).pruned == ()


def test_a_name_means_aws_own_policy_before_the_accounts() -> None:
    own = PolicyArn("arn:aws:iam::444455556666:policy/SecurityAudit")
    roles = memory_roles()
    roles.policies = {own: "SecurityAudit", **roles.policies}

    (wanted,) = plan(declaration(replace(GRANT, permissions=("SecurityAudit",))), roles).grants

    assert wanted.wanted.policies == {PolicyArn("arn:aws:iam::aws:policy/SecurityAudit")}


def test_a_policy_is_found_by_its_path_and_name() -> None:
    arn = PolicyArn("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
    roles = memory_roles()
    roles.policies = {arn: "ViewOnlyAccess", **roles.policies}

    for written in ("ViewOnlyAccess", "job-function/ViewOnlyAccess", str(arn)):
        (wanted,) = plan(declaration(replace(GRANT, permissions=(written,))), roles).grants
        assert wanted.wanted.policies == {arn}
    with pytest.raises(InvalidFile):
        plan(declaration(replace(GRANT, permissions=("service-role/ViewOnlyAccess",))), roles)


def test_naming_tokens_lead_the_role_name() -> None:
    assert str(role_name(GRANT, Naming("HIO", "dev", "euw1"))) == "HIO-DEV-EUW1-ServiceProvider-support"


def test_nothing_of_a_plan_shows_an_external_id() -> None:
    roles = applied()
    secret = accepted_external_id(the_role(roles).trust)
    assert secret is not None

    shown = repr(plan(declaration(replace(GRANT, principals=(PrincipalPattern("user/*"),))), roles)) + repr(roles.made)

    assert secret.reveal() not in shown
    assert "W2X" not in repr(plan(declaration(), memory_roles()))


def test_two_customers_never_share_an_id() -> None:
    one, other = applied(), memory_roles()
    other.account = AccountId("444455556667")
    draws = randomness()
    draws.drawn = 10
    file = replace(declaration(), account=other.account)
    list(apply_changes(plan_account(file, other, other.clock, draws).changes, other, other.clock, SETTLE))

    assert accepted_external_id(the_role(one).trust) != accepted_external_id(the_role(other).trust)


def test_the_customer_account_is_the_one_of_every_example() -> None:
    assert not is_closed(the_role(applied()).trust)
    assert AccountId("444455556666") == CUSTOMER
