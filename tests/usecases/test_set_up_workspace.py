"""Setting a workspace up: nothing of others is touched, no external ID is drawn twice, and a plan changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.memory_faults import Calls, Fault
from gatepass.domain.change import ReplaceTrust
from gatepass.domain.documents import policy
from gatepass.domain.engines import TERRAFORM
from gatepass.domain.errors import Conflict, GatepassError, NotAnswered, NotThere
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import GrantName, Partition, RoleArn, RoleName
from gatepass.domain.limits import limits_policy
from gatepass.domain.role import ENGINE_TAG, LIMITS_POLICY
from gatepass.domain.rotation import rotated
from gatepass.domain.trust import accepted_external_id, closed_trust
from gatepass.domain.workspace_door import DoorRecord, Step, door_record_text, door_secret_name, salt_secret_name
from gatepass.domain.workspace_objects import (
    Doors,
    Environment,
    Found,
    OwnAccess,
    PlatformObject,
    Schedule,
    Workspace,
)
from gatepass.domain.workspace_plan import Alter, Drop, Keep, Make, Refuse, WorkspaceChange
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.usecases.begin_doors import Origin
from gatepass.usecases.close_door import close_door
from gatepass.usecases.door_records import keep_door
from gatepass.usecases.platform_access import platform_access
from gatepass.usecases.run_workspace import run_workspace
from gatepass.usecases.set_up_workspace import WorkspacePlan, plan_workspace, set_up_workspace
from tests.people import CUSTOMER, GRANT, MORNING, OTHER_PROVIDER, SUPPORT
from tests.usecases.platform_scene import AUDIT, FILE, HCP_SETUP, OWN, REPOSITORY, SETUP, Killed, Scene, facts

ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/other")


def plan(scene: Scene) -> WorkspacePlan:
    """Return what set-up would do, seen to change nothing."""
    before, drawn = scene.lying(), scene.randomness.drawn
    found = plan_workspace(scene.desk())
    assert (scene.lying(), scene.randomness.drawn) == (before, drawn)
    return found


def refused(scene: Scene) -> str:
    """Return the words in which set-up is refused, seen to change nothing."""
    before = scene.lying()
    with pytest.raises(Conflict) as caught:
        list(set_up_workspace(plan(scene), scene.desk()))
    assert scene.lying() == before
    return facts(caught.value)


def kinds(changes: tuple[WorkspaceChange, ...]) -> list[type[WorkspaceChange]]:
    return [type(change) for change in changes]


def found_of(scene: Scene, kind: type[PlatformObject]) -> Found[PlatformObject]:
    (found,) = (each for each in scene.platform.objects.values() if isinstance(each.what, kind))
    return found


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (Workspace(SETUP.workspace, None, None), "workspace access-444455556666"),
        (OwnAccess(SETUP.access_name, ROLE, None), "provider configuration gatepass-444455556666-scalr"),
    ],
)
def test_what_is_not_ours_is_not_changed_and_is_named(what: PlatformObject, words: str) -> None:
    scene = Scene()
    scene.platform.place(SETUP, Environment(SETUP.environment))
    others = scene.platform.place(SETUP, what)

    told = refused(scene)

    assert words in told
    assert others.id in told


def test_everything_in_the_way_is_told_at_once() -> None:
    scene = Scene()
    for what in (Environment(SETUP.environment), Workspace(SETUP.workspace, None, None), OwnAccess("x", ROLE, None)):
        scene.platform.place(SETUP, what)

    told = refused(scene)

    assert "workspace access-444455556666" in told
    assert "also: the provider configuration" in told


def test_a_variable_of_another_store_stops_everything_without_aws() -> None:
    scene = Scene(can_read_aws=False, setup=replace(SETUP, own_access=None))
    scene.set_up()
    scene.store.inner = MemorySecrets()

    told = refused(scene)

    assert "support, audit" in told
    assert "lock the provider out" in told


def test_a_grant_more_is_begun_when_the_store_wrote_the_variable_and_refused_when_it_did_not() -> None:
    scene = Scene(can_read_aws=False, setup=replace(SETUP, own_access=None))
    scene.set_up()
    more = Grant(GrantName("more"), OTHER_PROVIDER, ("SecurityAudit",))
    scene.setup = replace(scene.setup, declaration=Declaration(CUSTOMER, (GRANT, AUDIT, more)))
    assert plan(scene).doors.origins[more.name] is Origin.DRAWN

    at = scene.platform.our_workspace(scene.setup)
    scene.platform.write_doors(at, Doors("{}", "written-elsewhere"))

    assert "more" in refused(scene)


@pytest.mark.parametrize("is_dropped", [True, False])
def test_a_grant_more_is_begun_after_an_old_id_ended_and_after_another_grant_went(*, is_dropped: bool) -> None:
    scene = Scene(can_read_aws=False, setup=replace(SETUP, own_access=None))
    scene.set_up()
    first, second = scene.ids()
    until = MORNING + timedelta(days=1)
    keep_door(CUSTOMER, AUDIT.name, DoorRecord("rotate-1", Step.APPLIED, (first, second), until), scene.store)
    list(set_up_workspace(plan(scene), scene.desk()))
    scene.clock.instant += timedelta(days=2)
    more = Grant(GrantName("more"), OTHER_PROVIDER, ("SecurityAudit",))
    grants = (more, AUDIT) if is_dropped else (GRANT, AUDIT, more)
    scene.setup = replace(scene.setup, declaration=Declaration(CUSTOMER, grants))

    assert plan(scene).doors.origins[more.name] is Origin.DRAWN
    assert not plan(scene).refusals


def test_two_grants_more_are_begun_although_a_run_was_stopped_between_them() -> None:
    scene = Scene(can_read_aws=False, setup=replace(SETUP, own_access=None))
    scene.set_up()
    run_workspace(scene.moves())
    before = scene.ids()
    more = [Grant(GrantName(name), OTHER_PROVIDER, ("SecurityAudit",)) for name in ("third", "fourth")]
    scene.setup = replace(scene.setup, declaration=Declaration(CUSTOMER, (GRANT, AUDIT, *more)))
    scene.platform.fail(Fault("put", 0, Killed(), after=True))
    with pytest.raises(Killed):
        scene.set_up()

    scene.set_up()

    assert scene.ids()[:2] == before
    assert len(set(scene.ids())) == 4


def test_without_aws_the_platforms_own_access_cannot_be_made_and_one_that_stands_is_left() -> None:
    scene = Scene(can_read_aws=False)
    assert "AWS_PROFILE" in refused(scene)

    scene.can_read_aws = True
    scene.set_up()
    scene.can_read_aws = False

    (kept,) = (change for change in plan(scene).changes if isinstance(change, Keep) and change.remark)
    assert isinstance(kept.found.what, OwnAccess)
    assert not plan(scene).pending


def _closed(scene: Scene) -> None:
    close_door(OWN.name, scene.roles, scene.clock, timedelta(seconds=5))


def _kept_by_terraform(scene: Scene) -> None:
    role = scene.roles.roles[scene.enters_by]
    scene.roles.roles[scene.enters_by] = replace(role, tags={**role.tags, ENGINE_TAG: TERRAFORM})


def _without_id(scene: Scene) -> None:
    role = scene.roles.roles[scene.enters_by]
    bare = [dict(statement) for statement in role.trust.statements]
    bare[0].pop("Condition")
    scene.roles.roles[scene.enters_by] = replace(role, trust=policy(*bare))


def _fenced(scene: Scene) -> None:
    role, fenced = scene.roles.roles[scene.enters_by], replace(OWN, keeps_roles=False)
    limits = limits_policy(fenced, Partition("aws"), CUSTOMER)
    scene.roles.roles[scene.enters_by] = replace(role, inline={**role.inline, LIMITS_POLICY: limits})


def _gone(scene: Scene) -> None:
    del scene.roles.roles[scene.enters_by]


def _twice(scene: Scene) -> None:
    role = scene.roles.roles[scene.enters_by]
    scene.roles.roles[RoleName("second")] = replace(role, name=RoleName("second"))


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (_gone, NotThere, "gatepass apply FILE"),
        (_twice, Conflict, "2 roles"),
        (_closed, Conflict, "gatepass open scalr"),
        (_kept_by_terraform, Conflict, "lock itself out"),
        (_without_id, Conflict, "without an external ID"),
        (_fenced, Conflict, "keeps_roles: true"),
    ],
)
def test_a_role_by_which_the_platform_could_not_enter_safely_is_refused(
    spoil: Callable[[Scene], None], error: type[GatepassError], words: str
) -> None:
    scene = Scene()
    spoil(scene)

    with pytest.raises(error) as caught:
        plan_workspace(scene.desk())

    assert words in facts(caught.value)
    assert not scene.platform.objects


def test_credentials_of_another_account_are_refused() -> None:
    scene = Scene()
    scene.roles.account = OTHER_PROVIDER

    with pytest.raises(Conflict) as caught:
        plan_workspace(scene.desk())

    assert str(OTHER_PROVIDER) in facts(caught.value)


@pytest.mark.parametrize("setup", [SETUP, HCP_SETUP])
def test_an_environment_of_others_is_used_and_left_as_it_is(setup: WorkspaceSetup) -> None:
    scene = Scene(setup)
    others = scene.platform.place(setup, Environment(setup.environment))

    (used, *made) = plan(scene).changes
    scene.set_up()

    assert isinstance(used, Keep)
    assert "not ours" in used.remark
    assert set(kinds(tuple(made))) == {Make}
    assert found_of(scene, Environment) == others


@pytest.mark.parametrize(
    ("setup", "made"),
    [
        (SETUP, ["Environment", "Workspace", "OwnAccess", "Link", "Doors", "Schedule"]),
        (HCP_SETUP, ["Environment", "Workspace", "OwnAccess", "Doors"]),
        (replace(SETUP, own_access=None, schedule=None), ["Environment", "Workspace", "Doors"]),
    ],
)
def test_everything_is_made_in_the_safe_order_with_the_fewest_calls(setup: WorkspaceSetup, made: list[str]) -> None:
    scene = Scene(setup)

    done = list(set_up_workspace(plan_workspace(scene.desk()), scene.desk()))

    assert [type(change.what).__name__ for change in done if isinstance(change, Make)] == made
    of_platform = [call for call in scene.platform.calls.made if call in {"standing", "make", "change"}]
    assert of_platform == ["standing"] + ["make"] * len(made)
    assert not plan(scene).pending


def test_a_door_lies_in_the_store_before_the_platform_hears_of_anything() -> None:
    scene = Scene()
    list(set_up_workspace(plan_workspace(scene.desk()), scene.desk()))

    calls = scene.platform.calls.made

    assert max(place for place, call in enumerate(calls) if call == "put") < calls.index("make")


def test_the_platform_is_given_what_aws_accepts_and_nothing_shows_it() -> None:
    scene = Scene()
    shown = plan(scene)
    scene.set_up()

    access = found_of(scene, OwnAccess).what
    wanted = accepted_external_id(scene.roles.roles[scene.enters_by].trust)

    assert isinstance(access, OwnAccess)
    assert wanted is not None
    assert access.external_id == wanted
    texts = [repr(shown), repr(plan(scene)), repr(scene.platform.objects)]
    secrets = [wanted.reveal(), *(one.reveal() for one in scene.ids())]
    assert len(secrets) == 3
    assert not [secret for secret in secrets for text in texts if secret in text]


def test_after_set_up_the_first_run_makes_the_roles_and_the_doors_count_as_applied() -> None:
    scene = Scene()
    scene.set_up()

    run = run_workspace(scene.moves())

    assert run.went_well
    trusts = [scene.roles.roles[name].trust for name in scene.roles.roles if name != scene.enters_by]
    assert {accepted_external_id(trust) for trust in trusts} == set(scene.ids())
    assert not plan(scene).pending
    assert len(scene.platform.runs) == 1


@pytest.mark.parametrize(
    ("wanted", "differing"),
    [
        (replace(SETUP, repository=replace(REPOSITORY, branch="dev")), "branch dev instead of main"),
        (replace(SETUP, repository=replace(REPOSITORY, directory="")), "directory the top instead of customer"),
        (
            replace(SETUP, repository=replace(REPOSITORY, identifier="a/b")),
            "repository a/b instead of acme/aws-access",
        ),
        (replace(SETUP, terraform_version="1.12.0"), "Terraform 1.12.0 instead of 1.11.4"),
        (replace(SETUP, schedule="0 4 * * *"), "at 0 4 * * * instead of 0 3 * * *"),
    ],
)
def test_what_differs_is_named_and_mended(wanted: WorkspaceSetup, differing: str) -> None:
    scene = Scene()
    scene.set_up()
    scene.setup = wanted

    (change,) = plan(scene).pending
    scene.set_up()

    assert isinstance(change, Alter)
    assert change.differing == (differing,)
    assert not plan(scene).pending


@pytest.mark.parametrize(
    "wanted",
    [
        replace(SETUP, terraform_version=None),
        replace(SETUP, repository=None),
        replace(SETUP, repository=replace(REPOSITORY, branch=None)),
        replace(SETUP, schedule="0  3 * * *"),
    ],
)
def test_what_the_file_does_not_say_is_left_as_it_is(wanted: WorkspaceSetup) -> None:
    scene = Scene()
    scene.set_up()
    scene.setup = wanted

    assert not plan(scene).pending


def test_a_workspace_that_somebody_made_wait_for_a_person_applies_by_itself_again() -> None:
    scene = Scene()
    scene.set_up()
    found = found_of(scene, Workspace)
    assert isinstance(found.what, Workspace)
    key = next(key for key, each in scene.platform.objects.items() if each == found)
    scene.platform.objects[key] = replace(found, what=replace(found.what, applies_by_itself=False))

    (change,) = plan(scene).pending
    scene.set_up()

    assert isinstance(change, Alter)
    assert change.differing == ("runs apply by themselves",)
    assert found_of(scene, Workspace) == found


def test_a_schedule_that_the_file_no_longer_names_is_removed() -> None:
    scene = Scene()
    scene.set_up()
    scene.setup = replace(SETUP, schedule=None)

    (change,) = plan(scene).pending
    scene.set_up()

    assert isinstance(change, Drop)
    assert not [found for found in scene.platform.objects.values() if isinstance(found.what, Schedule)]


@pytest.mark.parametrize("setup", [SETUP, HCP_SETUP])
def test_another_external_id_of_the_platforms_access_is_brought_there(setup: WorkspaceSetup) -> None:
    scene = Scene(setup)
    scene.set_up()
    role = scene.roles.roles[scene.enters_by]
    new = scene.ids()[0]
    trust = rotated(role.trust, new, MORNING + timedelta(days=1))
    scene.roles.make(ReplaceTrust(role.name, trust))

    (change,) = plan(scene).pending
    scene.set_up()

    access = found_of(scene, OwnAccess).what
    assert isinstance(change, Alter)
    assert change.differing == ("another external ID",)
    assert isinstance(access, OwnAccess)
    assert access.external_id == new


def test_what_aws_holds_wins_where_the_store_is_lost() -> None:
    scene = Scene()
    scene.set_up()
    run_workspace(scene.moves())
    held = scene.ids()
    scene.store.inner = MemorySecrets()

    assert set(plan(scene).doors.origins.values()) == {Origin.FROM_AWS}
    scene.set_up()

    assert scene.ids() == held
    assert run_workspace(scene.moves()).went_well
    trusts = [scene.roles.roles[name].trust for name in scene.roles.roles if name != scene.enters_by]
    assert {accepted_external_id(trust) for trust in trusts} == set(held)


def test_a_door_that_was_rotated_or_closed_in_aws_is_taken_as_it_is_there() -> None:
    scene = Scene()
    scene.set_up()
    run_workspace(scene.moves())
    first, second = scene.ids()
    until = MORNING + timedelta(days=7)
    support, audit = (name for name in scene.roles.roles if name != scene.enters_by)
    scene.roles.make(ReplaceTrust(support, rotated(scene.roles.roles[support].trust, second, until)))
    scene.roles.make(ReplaceTrust(audit, closed_trust()))

    scene.set_up()

    records = plan(scene).doors.records
    assert (records[SUPPORT].ids, records[SUPPORT].old_until) == ((second, first), until)
    assert records[AUDIT.name].ids == ()
    assert not plan(scene).pending


def test_an_old_id_whose_time_is_over_is_not_taken_from_aws() -> None:
    scene = Scene()
    scene.set_up()
    run_workspace(scene.moves())
    first, second = scene.ids()
    support = next(name for name in scene.roles.roles if name.text.endswith("support"))
    scene.roles.make(ReplaceTrust(support, rotated(scene.roles.roles[support].trust, second, MORNING)))
    scene.clock.instant += timedelta(seconds=1)
    scene.store.inner = MemorySecrets()

    scene.set_up()

    record = plan(scene).doors.records[SUPPORT]
    assert (record.ids, record.old_until) == ((second,), None)
    assert first not in record.ids


def test_a_role_that_opens_without_an_id_gets_one_when_its_grant_needs_it() -> None:
    bare = replace(GRANT, needs_second_factor=False)
    scene = Scene(replace(SETUP, declaration=Declaration(CUSTOMER, (bare,))))
    scene.set_up()
    run_workspace(scene.moves())
    scene.setup = replace(SETUP, declaration=Declaration(CUSTOMER, (GRANT,)))

    assert plan(scene).doors.origins == {SUPPORT: Origin.DRAWN}
    scene.set_up()

    assert len(scene.ids()) == 1


def test_the_platforms_access_is_not_read_from_another_account() -> None:
    scene = Scene()
    scene.roles.account = OTHER_PROVIDER

    with pytest.raises(Conflict):
        platform_access(SETUP, OWN.name, scene.roles, "salt")


def test_a_door_that_moves_while_a_variable_that_stood_is_written_is_written_again() -> None:
    scene = Scene()
    scene.set_up()
    keep_door(CUSTOMER, AUDIT.name, DoorRecord("close-1", Step.WRITTEN, ()), scene.store)
    moved = door_record_text(DoorRecord("close-2", Step.WRITTEN, ()))

    @dataclass
    class Moving(Calls):
        @contextlib.contextmanager
        def call(self, method: str) -> Iterator[None]:
            with super().call(method):
                yield
            if method == "change":
                scene.kept.put(door_secret_name(CUSTOMER, SUPPORT), moved)

    scene.platform.calls = scene.store.calls = Moving()
    scene.set_up()

    assert scene.platform.doors_value(SETUP) == '{"audit": {"external_ids": []}, "support": {"external_ids": []}}'


def test_a_door_that_moves_while_the_variable_is_written_is_written_again() -> None:
    scene = Scene()
    plan_workspace(scene.desk())
    done = set_up_workspace(plan_workspace(scene.desk()), scene.desk())
    changes = [next(done) for _ in range(4)]
    keep_door(CUSTOMER, SUPPORT, DoorRecord("close-1", Step.WRITTEN, ()), scene.store)
    changes += list(done)

    value = scene.platform.doors_value(SETUP)

    assert value is not None
    assert '"support": {"external_ids": []}' in value
    assert not [change for change in plan(scene).changes if not isinstance(change, Keep)]


def test_a_lost_answer_is_found_and_nothing_is_there_twice() -> None:
    scene = Scene()
    scene.platform.fail(Fault("make", 1, NotAnswered("no answer"), after=True))
    with pytest.raises(NotAnswered):
        list(set_up_workspace(plan_workspace(scene.desk()), scene.desk()))
    drawn = scene.ids()

    scene.set_up()

    assert len(scene.platform.objects) == 6
    assert scene.ids() == drawn


def test_two_setups_of_one_account_share_the_platforms_access_and_keep_their_doors_apart() -> None:
    scene = Scene(replace(SETUP, declaration=Declaration(CUSTOMER, (GRANT,))))
    scene.set_up()
    scene.setup = replace(SETUP, workspace="second", declaration=Declaration(CUSTOMER, (AUDIT,)))

    assert kinds(plan(scene).changes) == [Keep, Make, Keep, Make, Make, Make]
    scene.set_up()

    assert not plan(scene).pending
    names = {salt_secret_name(CUSTOMER), *(door_secret_name(CUSTOMER, grant.name) for grant in FILE.grants)}
    assert set(scene.store.inner.secrets) == names


def test_a_grant_without_a_second_factor_has_no_record() -> None:
    bare = replace(GRANT, needs_second_factor=False)
    scene = Scene(replace(SETUP, declaration=Declaration(CUSTOMER, (bare,))))

    scene.set_up()

    assert scene.platform.doors_value(scene.setup) == "{}"
    assert not scene.ids()
    assert run_workspace(scene.moves()).went_well
    assert not isinstance(plan(scene).changes[0], Refuse)
