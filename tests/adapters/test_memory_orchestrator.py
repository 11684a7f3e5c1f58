"""The platform in memory does what its port says, so that use-cases can be tried on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.adapters.memory_faults import Fault
from gatepass.adapters.memory_orchestrator import MemoryOrchestrator
from gatepass.adapters.memory_runs import Outcome, Running
from gatepass.domain.errors import Conflict, NotAnswered, NotThere
from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.domain.platform_run import Output, RunStage
from gatepass.domain.workspace_objects import (
    Doors,
    Environment,
    Found,
    Link,
    OwnAccess,
    PlatformObject,
    Standing,
    Workspace,
)
from gatepass.domain.workspace_plan import with_found
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.ports.orchestrators import Orchestrator, OurWorkspace
from tests.usecases.platform_scene import HCP_SETUP, SETUP

ACCESS = OwnAccess(
    SETUP.access_name, RoleArn("arn:aws:iam::444455556666:role/gatepass/scalr"), ExternalId("own-id"), "own-seal"
)
WHOLE: tuple[PlatformObject, ...] = (
    Environment(SETUP.environment),
    Workspace(SETUP.workspace, None, None),
    ACCESS,
    Doors("{}", "seal"),
)


def made(platform: Orchestrator, setup: WorkspaceSetup = SETUP) -> OurWorkspace:
    """Return a workspace with all its parts."""
    standing = Standing()
    for what in (*WHOLE, Link()) if setup is SETUP else WHOLE:
        standing = with_found(standing, platform.make(setup, what, standing))
    return platform.our_workspace(setup)


def test_what_belongs_to_something_is_not_made_before_it() -> None:
    for what in (*WHOLE[1:], Link()):
        with pytest.raises(NotThere):
            MemoryOrchestrator().make(SETUP, what, Standing())


def test_a_name_is_taken_once() -> None:
    platform = MemoryOrchestrator()
    platform.make(SETUP, WHOLE[0], Standing())

    with pytest.raises(Conflict):
        platform.make(SETUP, WHOLE[0], Standing())


@pytest.mark.parametrize("setup", [SETUP, HCP_SETUP])
def test_it_tells_no_value_of_the_variable_and_of_the_access_only_what_the_platform_tells(
    setup: WorkspaceSetup,
) -> None:
    platform = MemoryOrchestrator()
    at = made(platform, setup)
    platform.write_doors(at, Doors('{"a": 1}', "new"))
    platform.write_own_access(setup, ACCESS)

    found = platform.standing(setup)

    assert found.doors is not None
    assert found.own_access is not None
    assert (found.doors.what.value, found.doors.what.seal) == ("", "new")
    told = (found.own_access.what.external_id, found.own_access.what.seal)
    assert told == ((ExternalId("own-id"), "") if setup is SETUP else (None, "own-seal"))
    assert platform.doors_value(setup) == '{"a": 1}'


def test_what_is_not_ours_is_not_touched() -> None:
    platform = MemoryOrchestrator()
    at = made(platform)
    for key, each in platform.objects.items():
        platform.objects[key] = replace(each, is_ours=False)
    found: Found[PlatformObject] = Found(at.workspace, is_ours=True, what=WHOLE[1])

    for call in (
        lambda: platform.our_workspace(SETUP),
        lambda: platform.write_own_access(SETUP, ACCESS),
        lambda: platform.change(SETUP, WHOLE[1], found),
        lambda: platform.remove(SETUP, found),
    ):
        with pytest.raises(Conflict):
            call()


def test_a_run_works_with_what_stood_when_it_began_to_plan_and_begins_once_for_each_reason() -> None:
    seen: list[Running] = []

    def runs(running: Running) -> Outcome:
        seen.append(running)
        return Outcome(outputs=(Output("secret", "x", is_sensitive=True),))

    platform = MemoryOrchestrator(runs)
    at = made(platform)
    run = platform.start_run(at.workspace, "gatepass run-1")
    assert platform.start_run(at.workspace, "gatepass run-1") == run
    platform.write_doors(at, Doors("before", "s"))
    stages = [platform.run(run.id).stage]
    platform.write_doors(at, Doors("after", "s"))
    stages += [platform.run(run.id).stage for _ in range(3)]

    assert stages == [RunStage.PLANNING, RunStage.APPLYING, RunStage.APPLIED, RunStage.APPLIED]
    assert [(each.doors, each.own_access and each.own_access.external_id) for each in seen] == [
        ("before", ExternalId("own-id"))
    ]
    assert platform.outputs(at.workspace) == (Output("secret", None, is_sensitive=True),)


def test_runs_go_one_after_the_other_and_none_begins_where_it_is_locked() -> None:
    platform = MemoryOrchestrator()
    at = made(platform)
    first = platform.start_run(at.workspace, "one")
    second = platform.start_run(at.workspace, "two", dry=True)
    platform.run(second.id)
    assert platform.latest_run(at.workspace) == second
    platform.discard(first)
    platform.discard(first)
    for _ in range(3):
        second = platform.run(second.id)
    platform.locked.add(at.workspace)

    assert second.stage is RunStage.PLANNED_ONLY
    assert platform.our_workspace(SETUP).is_locked
    with pytest.raises(Conflict):
        platform.start_run(at.workspace, "three")


def test_a_full_environment_a_linked_access_and_a_workspace_with_roles_are_not_removed() -> None:
    platform = MemoryOrchestrator(lambda _: Outcome(outputs=(Output("role_arns", {"a": "b"}, is_sensitive=False),)))
    at = made(platform)
    run = platform.start_run(at.workspace, "one")
    while not run.is_over:
        run = platform.run(run.id)
    found = platform.standing(SETUP)
    parts: tuple[Found[PlatformObject] | None, ...] = (found.environment, found.own_access, found.workspace)

    for part in parts:
        assert part is not None
        with pytest.raises(Conflict):
            platform.remove(SETUP, part)
    assert found.workspace is not None
    platform.remove(SETUP, found.workspace, leave_roles=True)
    platform.remove(SETUP, found.workspace, leave_roles=True)

    assert {type(each.what) for each in platform.objects.values()} == {Environment, OwnAccess}


@pytest.mark.parametrize("after", [False, True])
def test_a_fault_comes_once_at_its_call_before_or_after_the_work(*, after: bool) -> None:
    platform = MemoryOrchestrator()
    platform.fail(Fault("make", 1, NotAnswered("no answer"), after))
    platform.standing(SETUP)
    environment = platform.make(SETUP, WHOLE[0], Standing())
    standing = with_found(Standing(), environment)

    with pytest.raises(NotAnswered):
        platform.make(SETUP, WHOLE[1], standing)

    assert len(platform.objects) == (2 if after else 1)
    assert platform.calls.made == ["standing", "make", "make"]
    platform.standing(SETUP)
