"""What is there of a workspace, and what its runs gave out; neither tells an external ID, and neither believes much."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemorySecrets
from gatepass.domain.errors import Conflict, GatepassError, NotThere
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import ExternalId, GrantName
from gatepass.domain.platform_run import Output
from gatepass.domain.workspace_door import DoorRecord, Step
from gatepass.domain.workspace_objects import Environment, Workspace
from gatepass.usecases.door_records import keep_door
from gatepass.usecases.run_workspace import run_workspace
from gatepass.usecases.watch_run import RunFailed
from gatepass.usecases.workspace_outputs import has_roles, roles_in, workspace_roles
from gatepass.usecases.workspace_status import DoorState, Variable, WorkspaceStatus, workspace_status
from tests.people import CUSTOMER, MORNING, SUPPORT
from tests.usecases.platform_scene import AUDIT, SETUP, Scene, facts

SUPPORT_ROLE = "arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support"
AUDIT_ROLE = "arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-audit"


def status(scene: Scene) -> WorkspaceStatus:
    before = scene.lying()
    found = workspace_status(scene.setup, scene.platform, scene.store, scene.clock)
    assert scene.lying() == before
    return found


def test_nothing_is_there_before_set_up() -> None:
    found = status(Scene())

    assert (found.variable, found.latest) == (Variable.NOT_THERE, None)
    assert {door.state for door in found.doors} == {DoorState.NOT_BEGUN}
    assert not found.is_well


def test_a_workspace_of_others_is_not_well() -> None:
    scene = Scene()
    scene.platform.place(SETUP, Environment(SETUP.environment))
    scene.platform.place(SETUP, Workspace(SETUP.workspace, None, None))

    found = status(scene)

    assert found.standing.workspace is not None
    assert not found.standing.workspace.is_ours
    assert not found.is_well


def test_after_its_first_run_all_is_well_and_no_external_id_is_told() -> None:
    scene = Scene()
    scene.set_up()
    assert not status(scene).is_well
    assert all(door.is_ahead for door in status(scene).doors)
    run_workspace(scene.moves())

    found = status(scene)

    assert found.is_well
    assert {door.state for door in found.doors} == {DoorState.OPEN}
    assert not [one for one in scene.ids() if one.reveal() in repr(found)]


@pytest.mark.parametrize(
    ("record", "state", "is_ended"),
    [
        (DoorRecord("close-1", Step.WRITTEN, ()), DoorState.CLOSED, False),
        (
            DoorRecord("rotate-1", Step.APPLIED, (ExternalId("new"), ExternalId("old")), MORNING + timedelta(days=7)),
            DoorState.ROTATING,
            False,
        ),
        (
            DoorRecord("rotate-1", Step.APPLIED, (ExternalId("new"), ExternalId("old")), MORNING + timedelta(days=7)),
            DoorState.OPEN,
            True,
        ),
    ],
)
def test_a_door_is_told_as_the_store_says_and_a_variable_that_says_else_is_told(
    record: DoorRecord, state: DoorState, *, is_ended: bool
) -> None:
    scene = Scene()
    scene.set_up()
    keep_door(CUSTOMER, SUPPORT, record, scene.store)
    if is_ended:
        scene.clock.instant += timedelta(days=8)

    found = status(scene)

    (support, _) = found.doors
    assert support.state is state
    assert support.until == (record.old_until if state is DoorState.ROTATING else None)
    assert found.variable is Variable.DIFFERS


def test_a_last_run_that_failed_is_not_well_although_the_doors_are() -> None:
    scene = Scene()
    scene.set_up()
    run_workspace(scene.moves())
    scene.terraform.fails = "no"
    with pytest.raises(RunFailed):
        run_workspace(scene.moves())

    found = status(scene)

    assert not any(door.is_ahead for door in found.doors)
    assert found.variable is Variable.AS_KEPT
    assert not found.is_well


def test_a_grant_that_was_added_to_the_file_is_not_begun_and_not_well() -> None:
    scene = Scene()
    scene.set_up()
    run_workspace(scene.moves())
    more = replace(AUDIT, name=GrantName("more"))
    scene.setup = replace(SETUP, declaration=Declaration(CUSTOMER, (*SETUP.declaration.grants, more)))

    found = status(scene)

    assert found.doors[-1].state is DoorState.NOT_BEGUN
    assert not found.is_well


def test_without_its_store_nobody_knows_what_the_variable_says() -> None:
    scene = Scene()
    scene.set_up()
    scene.store.inner = MemorySecrets()

    assert status(scene).variable is Variable.UNKNOWN


def outputs(**roles: object) -> tuple[Output, ...]:
    return (Output("role_arns", {"support": SUPPORT_ROLE, "audit": AUDIT_ROLE} | roles, is_sensitive=False),)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ((), NotThere),
        ((Output("other", "x", is_sensitive=False),), Conflict),
        ((Output("role_arns", None, is_sensitive=True),), Conflict),
        ((Output("role_arns", "arn", is_sensitive=False),), Conflict),
        ((Output("role_arns", {"support": SUPPORT_ROLE}, is_sensitive=False),), Conflict),
        (outputs(support=None), Conflict),
        (outputs(support=["x"]), Conflict),
        (outputs(support="gp1.7KQ2M9XW4T.SECRETSECRET"), Conflict),
        (outputs(support=SUPPORT_ROLE.replace("444455556666", "999900001111")), Conflict),
        (outputs(support=AUDIT_ROLE), Conflict),
        (outputs(other=SUPPORT_ROLE), Conflict),
    ],
)
def test_outputs_that_are_not_the_files_roles_are_refused_and_not_repeated(
    given: tuple[Output, ...], error: type[GatepassError]
) -> None:
    with pytest.raises(error) as caught:
        roles_in(given, SETUP)

    assert "SECRETSECRET" not in facts(caught.value)
    assert ("sensitive" in facts(caught.value)) == any(one.is_sensitive for one in given)


def test_the_role_of_each_grant_is_given_out() -> None:
    scene = Scene()
    scene.set_up()
    with pytest.raises(NotThere):
        workspace_roles(SETUP, scene.platform)
    run_workspace(scene.moves())

    found = workspace_roles(SETUP, scene.platform)

    assert {str(name): str(arn) for name, arn in found.items()} == {"support": SUPPORT_ROLE, "audit": AUDIT_ROLE}
    assert AUDIT.name in found


def test_outputs_of_a_workspace_that_is_not_ours_are_not_read() -> None:
    scene = Scene()
    scene.set_up()
    for key, found in scene.platform.objects.items():
        scene.platform.objects[key] = replace(found, is_ours=False)

    with pytest.raises(Conflict):
        workspace_roles(SETUP, scene.platform)


def test_only_an_empty_map_of_roles_is_no_role() -> None:
    assert not has_roles(())
    assert not has_roles((Output("role_arns", {}, is_sensitive=False), Output("closed", [], is_sensitive=False)))
    assert has_roles((Output("role_arns", None, is_sensitive=True),))
    assert has_roles((Output("closed", [], is_sensitive=False),))
    assert has_roles(outputs())
