"""Waiting for a run: what it said when it failed, without what is secret; whose word it waits for; and Ctrl-C."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.adapters.memory import MemoryClock
from gatepass.adapters.memory_faults import Fault
from gatepass.domain.errors import AccessRefused, Conflict, NotAnswered, NotThere
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.platform_run import Run, RunStage
from gatepass.domain.run_log import shown_log
from gatepass.usecases.run_workspace import begin_run, run_workspace
from gatepass.usecases.watch_run import Patience, RunFailed, watch_run
from tests.usecases.platform_scene import SETUP, Scene, facts

SECRET = ExternalId("gp1.7KQ2M9XW4T.ABCDEFGHIJKLMNOPQRSTUVWXYZ")
OTHERS = ExternalId("chosen-by-others")


def ready() -> Scene:
    """Return a workspace that was set up and ran."""
    scene = Scene()
    scene.set_up()
    run_workspace(scene.moves())
    scene.listener.stages.clear()
    return scene


def begun(scene: Scene) -> Run:
    """Return a run that just began."""
    return begin_run(scene.platform.our_workspace(SETUP), scene.moves())


def test_a_failed_run_is_told_with_its_last_lines_and_no_external_id() -> None:
    scene = ready()
    one, _ = scene.ids()
    lines = [f"line {number}" for number in range(200)]
    scene.terraform.fails = "\n".join(
        [*lines, f"\x1b[31mError:\x1b[0m {one.reveal()} and {SECRET.reveal()} \x07refused"]
    )

    with pytest.raises(RunFailed) as caught:
        watch_run(begun(scene), scene.watch())

    assert caught.value.why.endswith("Error: **** and ****  refused")
    assert "line 199" in caught.value.why
    assert "line 100" not in caught.value.why
    assert "platform.example/runs/run-2" in caught.value.next_step
    assert "7KQ2M9XW4T" not in facts(caught.value)


def test_a_log_that_cannot_be_read_does_not_hide_that_the_run_failed() -> None:
    scene = ready()
    scene.terraform.fails = "no"
    run = begun(scene)
    scene.platform.fail(Fault("log", 0, AccessRefused("the token may not read logs")))

    with pytest.raises(RunFailed) as caught:
        watch_run(run, scene.watch())

    assert "the token may not read logs" in caught.value.why


def test_a_log_is_not_shown_when_nobody_knows_what_to_mask() -> None:
    scene = ready()
    scene.terraform.fails = OTHERS.reveal()

    def unreadable() -> tuple[ExternalId, ...]:
        raise AccessRefused("the store said no")

    with pytest.raises(RunFailed) as caught:
        watch_run(begun(scene), replace(scene.watch(), masks=unreadable))

    assert OTHERS.reveal() not in facts(caught.value)


def test_a_run_that_somebody_stopped_is_told_so() -> None:
    scene = ready()
    run = begun(scene)
    scene.platform.discard(run)

    with pytest.raises(Conflict) as caught:
        watch_run(run, scene.watch())

    assert "somebody stopped the run run-2" in facts(caught.value)


def test_a_run_of_somebody_else_is_never_confirmed() -> None:
    scene = ready()
    scene.platform.needs_confirmation = True
    at = scene.platform.our_workspace(SETUP)
    run = scene.platform.begin_by_somebody(at.workspace, "Triggered by Ann")

    with pytest.raises(Conflict) as caught:
        watch_run(run, scene.watch())

    assert "begun by somebody else" in facts(caught.value)
    assert scene.platform.runs[run.id].stage is RunStage.NEEDS_CONFIRMATION


def test_a_run_of_ours_is_not_confirmed_where_a_person_wants_to() -> None:
    scene = ready()
    scene.platform.needs_confirmation = True

    with pytest.raises(Conflict) as caught:
        watch_run(begun(scene), replace(scene.watch(), confirms=False))

    assert "confirm or discard it" in facts(caught.value)


def test_a_run_of_ours_that_waits_is_confirmed_once() -> None:
    scene = ready()
    scene.platform.needs_confirmation = True

    ended = watch_run(begun(scene), scene.watch())

    assert ended.went_well
    assert scene.platform.calls.made.count("confirm") == 1
    assert scene.listener.stages == ["waiting", "planning", "needs confirmation", "planned"]


@pytest.mark.parametrize("is_confirmed_by_somebody", [True, False])
def test_an_objection_to_the_confirmation_counts_only_while_the_run_still_waits(
    *, is_confirmed_by_somebody: bool
) -> None:
    scene = ready()
    scene.platform.needs_confirmation = True
    run = begun(scene)
    scene.platform.fail(Fault("confirm", 0, Conflict("a policy says no"), after=is_confirmed_by_somebody))

    if is_confirmed_by_somebody:
        assert watch_run(run, scene.watch()).went_well
        return
    with pytest.raises(Conflict, match="a policy says no"):
        watch_run(run, scene.watch())


def test_ctrl_c_leaves_the_run_going_and_says_so() -> None:
    scene = ready()
    run = begun(scene)

    @dataclass
    class Pressed(MemoryClock):
        def sleep(self, duration: timedelta) -> None:
            assert duration == timedelta(seconds=2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch_run(run, replace(scene.watch(), clock=Pressed()))

    assert scene.listener.left_going == [run.id]
    assert not scene.platform.run(run.id).is_over


def test_a_run_behind_another_is_not_waited_for_without_end() -> None:
    scene = ready()
    at = scene.platform.our_workspace(SETUP)
    scene.platform.needs_confirmation = True
    scene.platform.begin_by_somebody(at.workspace, "Triggered by Ann")

    with pytest.raises(NotAnswered) as caught:
        watch_run(begun(scene), scene.watch())

    assert "60 minutes" in facts(caught.value)
    assert "another run may hold the workspace" in facts(caught.value)


def test_it_looks_soon_at_first_and_every_ten_seconds_later() -> None:
    scene = ready()
    slept: list[float] = []

    @dataclass
    class Noting(MemoryClock):
        def sleep(self, duration: timedelta) -> None:
            slept.append(duration.total_seconds())
            super().sleep(duration)

    at = scene.platform.our_workspace(SETUP)
    scene.platform.needs_confirmation = True
    run = scene.platform.begin_by_somebody(at.workspace, "gatepass run-1")
    scene.platform.fail(Fault("confirm", 0, NotAnswered("busy")))
    with pytest.raises(NotAnswered):
        watch_run(run, replace(scene.watch(), clock=Noting()))
    scene.platform.begin_by_somebody(at.workspace, "Triggered by Ann")
    behind = begun(scene)
    slept.clear()
    with pytest.raises(NotAnswered):
        watch_run(behind, replace(scene.watch(), clock=Noting(), patience=Patience(limit=timedelta(minutes=1))))

    assert slept[0] == 2
    assert slept == sorted(slept)
    assert slept[-1] == 10
    assert sum(slept) < 75


def test_a_run_of_ours_that_is_under_way_is_not_begun_twice() -> None:
    scene = ready()

    first, again = begun(scene), begun(scene)

    assert first == again
    assert len(scene.platform.runs) == 2
    watch_run(first, scene.watch())
    assert begun(scene).id != first.id


def test_a_locked_workspace_is_refused_and_it_is_said_whom_to_ask() -> None:
    scene = ready()
    at = scene.platform.our_workspace(SETUP)
    scene.platform.locked.add(at.workspace)

    with pytest.raises(Conflict) as caught:
        run_workspace(scene.moves())

    assert "ask who locked it" in facts(caught.value)
    assert len(scene.platform.runs) == 1


def test_a_workspace_that_was_never_set_up_cannot_run() -> None:
    with pytest.raises(NotThere):
        run_workspace(Scene().moves())


@given(st.text(max_size=300), st.integers(0, 3))
def test_a_log_holds_nothing_that_a_terminal_obeys(noise: str, times: int) -> None:
    shown = shown_log(f"{noise}{OTHERS.reveal() * times}\x1b]0;{noise}\x07\n{noise}", [OTHERS])

    assert all(character.isprintable() for character in shown.replace("\n", ""))
    assert OTHERS.reveal() not in shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("", ""),
        ("\x1b[1m\x1b[31m\n\n", ""),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("a\rb", "a\nb"),
        ("x" * 500, "x" * 400 + "..."),
        ("abcdef abc", "**** ****"),
    ],
)
def test_a_log_is_cleaned(said: str, shown: str) -> None:
    assert shown_log(said, [ExternalId("abc"), ExternalId("abcdef")]) == shown


def test_the_listener_hears_each_stage_once() -> None:
    scene = ready()

    watch_run(begun(scene), scene.watch())

    assert scene.listener.stages == ["waiting", "planning", "applying", "planned"]
