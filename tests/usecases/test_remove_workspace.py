"""Removing a workspace: roles are never left without a keeper by accident, and nothing of others goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.adapters.memory_runs import Outcome
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration
from gatepass.domain.platform_run import Output
from gatepass.domain.workspace_objects import Environment, OwnAccess, PlatformObject, Workspace
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.usecases.remove_workspace import (
    Destroyed,
    Left,
    RemovalStep,
    Removed,
    Roles,
    plan_removal,
    remove_workspace,
    step_words,
)
from gatepass.usecases.run_workspace import run_workspace
from gatepass.usecases.set_up_workspace import plan_workspace
from gatepass.usecases.watch_run import RunFailed
from tests.people import CUSTOMER, GRANT
from tests.usecases.platform_scene import AUDIT, HCP_SETUP, SETUP, Scene, facts


def ready(setup: WorkspaceSetup = SETUP) -> Scene:
    """Return a workspace that keeps its roles."""
    scene = Scene(setup)
    scene.set_up()
    run_workspace(scene.moves())
    return scene


def removed(scene: Scene, *, destroy: bool = False, leave_roles: bool = False) -> list[RemovalStep]:
    """Remove it."""
    planned = plan_removal(scene.moves(), destroy=destroy, leave_roles=leave_roles)
    return list(remove_workspace(planned, scene.moves()))


def names(scene: Scene) -> list[str]:
    return sorted(type(found.what).__name__ for found in scene.platform.objects.values())


def test_while_roles_stand_nothing_goes_unless_somebody_says_what_becomes_of_them() -> None:
    scene = ready()
    before = scene.lying()

    with pytest.raises(Conflict) as caught:
        removed(scene)

    assert "--destroy" in facts(caught.value)
    assert scene.lying() == before


def test_outputs_that_cannot_be_read_count_as_roles() -> None:
    scene = ready()
    at = scene.platform.our_workspace(SETUP)
    scene.platform.in_state[at.workspace] = (Output("other", 1, is_sensitive=False),)

    assert plan_removal(scene.moves()).roles is Roles.IN_THE_WAY


def test_a_run_that_failed_half_way_may_have_made_roles_though_nothing_was_given_out() -> None:
    scene = Scene()
    scene.set_up()
    scene.terraform.fails = "quota"
    with pytest.raises(RunFailed):
        run_workspace(scene.moves())

    assert plan_removal(scene.moves()).roles is Roles.IN_THE_WAY


def test_a_workspace_that_is_not_ours_stays() -> None:
    scene = Scene()
    scene.platform.place(SETUP, Environment(SETUP.environment))
    others = scene.platform.place(SETUP, Workspace(SETUP.workspace, None, None))

    with pytest.raises(Conflict) as caught:
        plan_removal(scene.moves(), destroy=True)

    assert others.id in facts(caught.value)


def test_a_run_of_somebody_that_is_under_way_is_waited_for() -> None:
    scene = ready()
    scene.platform.begin_by_somebody(scene.platform.our_workspace(SETUP).workspace, "Triggered by Ann")

    with pytest.raises(Conflict) as caught:
        plan_removal(scene.moves(), destroy=True)

    assert "run-2" in facts(caught.value)


def test_when_the_roles_cannot_be_deleted_the_workspace_stays_and_so_do_the_records() -> None:
    scene = ready()
    opened = scene.ids()
    scene.terraform.fails = "DeleteConflict"

    with pytest.raises(RunFailed):
        removed(scene, destroy=True)

    assert names(scene) == ["Doors", "Environment", "Link", "OwnAccess", "Workspace"]
    assert scene.ids() == opened
    assert len(scene.roles.roles) == 3


def test_a_run_that_ended_well_and_left_roles_is_not_believed() -> None:
    scene = ready()
    opened = scene.ids()
    left = Outcome(outputs=(Output("role_arns", {"support": "arn"}, is_sensitive=False),))
    scene.platform.runs_terraform = lambda _: left

    with pytest.raises(Conflict) as caught:
        removed(scene, destroy=True)

    assert "after the run run-2" in facts(caught.value)
    assert scene.ids() == opened


@pytest.mark.parametrize("setup", [SETUP, HCP_SETUP], ids=["scalr", "hcp"])
def test_the_clock_stops_first_the_roles_go_next_and_the_rest_from_inside_out(setup: WorkspaceSetup) -> None:
    scene = ready(setup)

    steps = removed(scene, destroy=True)

    words = [type(step.found.what).__name__ for step in steps if isinstance(step, Removed)]
    inner = ["Link", "Doors", "Workspace", "OwnAccess"] if setup is SETUP else ["Doors", "OwnAccess", "Workspace"]
    assert words == (["Schedule"] if setup is SETUP else []) + inner + ["Environment"]
    place = next(index for index, step in enumerate(steps) if isinstance(step, Destroyed))
    assert place == (1 if setup is SETUP else 0)
    assert not scene.platform.objects
    assert list(scene.roles.roles) == [scene.enters_by]
    assert not scene.store.inner.secrets
    assert all(step_words(step, setup).startswith("- ") for step in steps)


def test_roles_that_are_left_keep_their_records() -> None:
    scene = ready()
    opened = scene.ids()

    steps = removed(scene, leave_roles=True)

    assert not scene.platform.objects
    assert len(scene.roles.roles) == 3
    assert scene.ids() == opened
    assert not [step for step in steps if isinstance(step, Destroyed)]
    assert plan_removal(scene.moves()).is_empty


def test_a_workspace_that_never_ran_goes_with_what_the_store_kept() -> None:
    scene = Scene()
    scene.set_up()

    removed(scene)

    assert not scene.platform.objects
    assert not scene.store.inner.secrets
    assert not scene.platform.runs


@pytest.mark.parametrize("what", [Environment(SETUP.environment), "own access"])
def test_what_others_made_or_use_stays_and_is_told(what: PlatformObject | str) -> None:
    scene = Scene()
    if isinstance(what, Environment):
        scene.platform.place(SETUP, what)
    scene.set_up()
    if what == "own access":
        scene.setup = replace(SETUP, workspace="second", declaration=Declaration(CUSTOMER, (AUDIT,)))
        scene.set_up()
        scene.setup = replace(SETUP, declaration=Declaration(CUSTOMER, (GRANT,)))

    left = [step for step in removed(scene) if isinstance(step, Left)]

    kinds = [type(step.found.what) for step in left]
    assert kinds == ([Environment] if what != "own access" else [OwnAccess, Environment])
    assert all(step_words(step, SETUP).startswith("= ") for step in left)
    if what == "own access":
        scene.setup = replace(SETUP, workspace="second", declaration=Declaration(CUSTOMER, (AUDIT,)))
        assert not plan_workspace(scene.desk()).pending


def test_what_is_gone_is_a_success() -> None:
    scene = ready()
    removed(scene, destroy=True)

    assert plan_removal(scene.moves()).is_empty
    assert removed(scene) == []
