"""Killed before or after any call, and run again: the same end, nothing twice, every external ID drawn once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from gatepass.adapters.memory_faults import Calls
from gatepass.domain.errors import Conflict, GatepassError, NotAnswered
from gatepass.domain.trust import accepted_external_id
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.usecases.remove_workspace import plan_removal, remove_workspace
from gatepass.usecases.run_workspace import run_workspace
from gatepass.usecases.set_up_workspace import plan_workspace, set_up_workspace
from tests.usecases.platform_scene import HCP_SETUP, SETUP, Killed, Scene, kill_points, killing


def set_up_and_run(scene: Scene) -> None:
    """Do all that a person does."""
    list(set_up_workspace(plan_workspace(scene.desk()), scene.desk()))
    run_workspace(scene.moves())


def remove(scene: Scene, *, leave_roles: bool = False) -> None:
    """Take it away again, roles included."""
    planned = plan_removal(scene.moves(), destroy=not leave_roles, leave_roles=leave_roles)
    list(remove_workspace(planned, scene.moves()))


def kinds(scene: Scene) -> list[str]:
    return sorted(type(found.what).__name__ for found in scene.platform.objects.values())


@pytest.mark.parametrize("setup", [SETUP, HCP_SETUP], ids=["scalr", "hcp"])
@pytest.mark.parametrize("error", [Killed(), NotAnswered("no answer")], ids=["killed", "answer lost"])
def test_set_up_ends_the_same_wherever_it_was_stopped(setup: WorkspaceSetup, error: BaseException) -> None:
    whole = Scene(setup)
    set_up_and_run(whole)

    for call, after in kill_points():
        scene = Scene(setup)
        killing(scene, call, after=after, error=error)
        try:
            set_up_and_run(scene)
        except type(error):
            stopped_with = scene.ids()
        else:
            break
        set_up_and_run(scene)

        assert kinds(scene) == kinds(whole), (call, after)
        assert set(scene.ids()) >= set(stopped_with), (call, after)
        assert len(scene.ids()) == len(whole.ids()), (call, after)
        assert set(scene.roles.roles) == set(whole.roles.roles), (call, after)
        assert not plan_workspace(scene.desk()).pending, (call, after)
        well = [run for run in scene.platform.runs.values() if run.shown().went_well]
        assert len(scene.platform.runs) == len(well) <= 2, (call, after)
        first = [run for run in scene.platform.runs.values() if run.reason.startswith("gatepass setup-")]
        assert len(first) == 1, (call, after)
    assert call > 20


@pytest.mark.parametrize("setup", [SETUP, HCP_SETUP], ids=["scalr", "hcp"])
def test_removal_ends_the_same_wherever_it_was_stopped(setup: WorkspaceSetup) -> None:
    for call, after in kill_points():
        scene = Scene(setup)
        set_up_and_run(scene)
        opened = set(scene.ids())
        killing(scene, call, after=after)
        try:
            remove(scene)
        except Killed:
            doors_stand = len(scene.roles.roles) > 1
        else:
            break
        # As long as a door is there, the store remembers what opens it.
        assert not doors_stand or set(scene.ids()) == opened, (call, after)
        remove(scene)

        destroying = [run for run in scene.platform.runs.values() if run.is_destroy]
        assert len(destroying) == 1, (call, after)
        assert not scene.platform.objects, (call, after)
        assert list(scene.roles.roles) == [scene.enters_by], (call, after)
        assert not scene.store.inner.secrets, (call, after)
    assert call > 10


@dataclass
class Meanwhile(Calls):
    """Calls between which somebody else does something, once."""

    before: int = 0
    then: Callable[[], None] = lambda: None
    is_due: bool = True

    @contextlib.contextmanager
    def call(self, method: str) -> Iterator[None]:
        """Let the other one do it before that call."""
        if self.is_due and len(self.made) == self.before:
            self.is_due = False
            self.then()
        with super().call(method):
            yield


@pytest.mark.parametrize("setup", [SETUP, HCP_SETUP], ids=["scalr", "hcp"])
def test_two_who_set_the_same_up_at_once_end_with_one_of_everything(setup: WorkspaceSetup) -> None:
    whole = Scene(setup)
    set_up_and_run(whole)

    for before in range(200):
        scene = Scene(setup)

        def second(scene: Scene = scene) -> None:
            with contextlib.suppress(Conflict):
                set_up_and_run(scene)

        calls = Meanwhile(before=before, then=second)
        scene.platform.calls = scene.store.calls = calls
        with contextlib.suppress(GatepassError):
            set_up_and_run(scene)
        if calls.is_due:
            break
        set_up_and_run(scene)

        assert kinds(scene) == kinds(whole), before
        trusts = [role.trust for name, role in scene.roles.roles.items() if name != scene.enters_by]
        assert {accepted_external_id(trust) for trust in trusts} == set(scene.ids()), before
        assert not plan_workspace(scene.desk()).pending, before
    assert before > 20
