"""What every orchestrator promises: Scalr's and HCP Terraform's clients over the fakes, and the twin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from gatepass.domain.errors import Conflict, GatepassError, NotThere
from gatepass.domain.platform_run import RunStage
from gatepass.domain.workspace_objects import Doors, Found, OwnAccess, PlatformObject, Schedule, Standing, Workspace
from gatepass.domain.workspace_setup import Platform
from tests.platforms.fake.platform import Api
from tests.platforms.orchestrators import (
    ARNS,
    DOOR_IDS,
    FIRST_ID,
    LOG,
    NEXT_ID,
    Side,
    doors,
    fake_side,
    own_access,
    started,
    twin_side,
    wanted,
)

KINDS = ("environment", "own_access", "workspace", "link", "doors", "schedule")


@pytest.fixture(params=["scalr", "hcp", "twin of scalr", "twin of hcp"])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    """Return each implementation."""
    with ExitStack() as stack:
        if request.param.startswith("twin"):
            yield twin_side(Platform(request.param.removeprefix("twin of ")))
        else:
            yield fake_side(stack.enter_context(started(Api(request.param))), tmp_path / "cache")


def found(standing: Standing, kind: str) -> Found[PlatformObject] | None:
    """Return what stands there of a kind."""
    return getattr(standing, kind)  # type: ignore[no-any-return]


def as_told(side: Side, what: PlatformObject) -> PlatformObject:
    """Return an object as the platform tells it: some keep what is secret to themselves."""
    if isinstance(what, OwnAccess):
        return replace(what, seal="") if side.setup.platform is Platform.SCALR else replace(what, external_id=None)
    return what


def test_where_nothing_is_there_is_no_workspace_of_ours(side: Side) -> None:
    with pytest.raises(NotThere):
        side.orchestrator.our_workspace(side.setup)


def test_a_workspace_without_its_variable_is_not_used(side: Side) -> None:
    side.set_up(until="doors")

    with pytest.raises(NotThere):
        side.orchestrator.our_workspace(side.setup)


def test_a_workspace_that_is_not_ours_is_not_used(side: Side) -> None:
    standing = side.set_up()
    side.orchestrator.our_workspace(side.setup)
    assert standing.workspace is not None
    side.disown(standing.workspace)

    with pytest.raises(Conflict) as refused:
        side.orchestrator.our_workspace(side.setup)

    assert "not ours" in f"{refused.value} {refused.value.why}"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_ours_is_neither_changed_nor_removed(kind: str, side: Side) -> None:
    standing = side.set_up()
    before = found(standing, kind)
    if before is None or not before.id:
        return
    owner = {"environment": "environment", "own_access": "own_access"}.get(kind, "workspace")
    if owner == "own_access" and side.setup.platform is Platform.HCP:
        owner = "workspace"
    held = found(standing, owner)
    assert held is not None
    side.disown(held)
    if side.fake is None and owner != kind:
        # The twin marks each object by itself.
        side.disown(before)
    now = found(side.orchestrator.standing(side.setup), kind)
    assert now is not None
    assert not now.is_ours

    with pytest.raises(Conflict):
        side.orchestrator.remove(side.setup, now, leave_roles=True)
    with pytest.raises(Conflict):
        side.orchestrator.change(side.setup, wanted(side.setup)[kind], now)

    assert found(side.orchestrator.standing(side.setup), kind) == now


def test_an_access_that_is_not_there_is_not_written(side: Side) -> None:
    side.set_up(until="own_access")

    with pytest.raises(NotThere):
        side.orchestrator.write_own_access(side.setup, own_access(side.setup))


def test_an_access_that_is_not_ours_is_not_written(side: Side) -> None:
    standing = side.set_up()
    held = standing.own_access if side.setup.platform is Platform.SCALR else standing.workspace
    assert held is not None
    side.disown(held)
    if side.fake is None and standing.own_access is not held:
        assert standing.own_access is not None
        side.disown(standing.own_access)

    with pytest.raises(Conflict):
        side.orchestrator.write_own_access(side.setup, own_access(side.setup, NEXT_ID))


@pytest.mark.parametrize("kind", KINDS[1:])
def test_nothing_is_made_where_what_it_lies_in_is_missing(kind: str, side: Side) -> None:
    if kind not in wanted(side.setup) or (kind == "link" and side.setup.platform is Platform.HCP):
        return

    with pytest.raises(NotThere):
        side.orchestrator.make(side.setup, wanted(side.setup)[kind], Standing())

    assert found(side.orchestrator.standing(side.setup), kind) is None


def test_a_run_that_is_not_there_is_told_so(side: Side) -> None:
    with pytest.raises(NotThere):
        side.orchestrator.run("run-ABCDEFGHIJKLMNOP")


def test_a_run_that_does_not_wait_is_not_confirmed(side: Side) -> None:
    standing = side.set_up()
    assert standing.workspace is not None
    run = side.finished(side.orchestrator.start_run(standing.workspace.id, "gatepass first"))

    with pytest.raises(Conflict):
        side.orchestrator.confirm(run)


def test_a_workspace_that_keeps_roles_is_removed_only_on_purpose(side: Side) -> None:
    standing = side.set_up()
    assert standing.workspace is not None
    side.finished(side.orchestrator.start_run(standing.workspace.id, "gatepass first"))

    with pytest.raises(Conflict):
        side.orchestrator.remove(side.setup, standing.workspace)
    assert side.orchestrator.standing(side.setup).workspace is not None

    side.orchestrator.remove(side.setup, standing.workspace, leave_roles=True)
    assert side.orchestrator.standing(side.setup).workspace is None


def test_an_environment_that_holds_workspaces_is_not_removed(side: Side) -> None:
    standing = side.set_up()
    assert standing.environment is not None

    with pytest.raises(Conflict):
        side.orchestrator.remove(side.setup, standing.environment)

    assert side.orchestrator.standing(side.setup) == standing


def test_what_was_made_stands_as_it_was_wanted_and_is_ours(side: Side) -> None:
    nothing = side.orchestrator.standing(side.setup)
    assert not any(each for kind in KINDS if (each := found(nothing, kind)) and each.id)

    standing = side.set_up()

    for kind, what in wanted(side.setup).items():
        made = found(standing, kind)
        assert made is not None, kind
        assert made.is_ours, kind
        assert made.what == as_told(side, what), kind
    before = side.counted()
    side.orchestrator.standing(side.setup)
    assert side.counted() == before, "to look changes nothing"


def test_what_is_changed_stands_as_it_is_wanted(side: Side) -> None:
    standing, before = side.set_up(), side.counted()
    repository = replace(side.setup.repository, branch="release", directory="other") if side.setup.repository else None
    changes: dict[str, PlatformObject] = {
        "workspace": Workspace(side.setup.workspace, repository, "1.11.5"),
        "own_access": replace(own_access(side.setup, NEXT_ID), seal="f" * 24),
        "doors": doors(1),
    }
    if side.setup.platform is Platform.SCALR:
        changes["schedule"] = Schedule("30 4 * * 1")
    for kind, what in changes.items():
        there = found(standing, kind)
        assert there is not None
        side.orchestrator.change(side.setup, what, there)

    now = side.orchestrator.standing(side.setup)

    for kind, what in changes.items():
        there = found(now, kind)
        assert there is not None
        assert there.what == as_told(side, what)
    assert side.counted() == before


def test_what_is_removed_is_gone_and_may_be_removed_again(side: Side) -> None:
    standing = side.set_up()
    for kind in ("schedule", "doors", "link", "own_access", "workspace", "environment"):
        there = found(standing, kind)
        if there is not None:
            for _ in range(2):
                side.orchestrator.remove(side.setup, there, leave_roles=True)

    now = side.orchestrator.standing(side.setup)

    assert not any(each for kind in KINDS if (each := found(now, kind)) and each.id)


def test_the_variable_is_written_whole_and_known_by_its_seal(side: Side) -> None:
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    assert at.seal == doors().seal
    assert not at.is_locked

    side.orchestrator.write_doors(at, doors(1))

    for client in (side.orchestrator, side.again()):
        assert client.our_workspace(side.setup) == replace(at, seal=doors(1).seal)


def test_the_platform_enters_with_what_was_written(side: Side) -> None:
    side.set_up()

    side.orchestrator.write_own_access(side.setup, replace(own_access(side.setup, NEXT_ID), seal="f" * 24))

    standing = side.orchestrator.standing(side.setup)
    assert standing.own_access is not None
    told = standing.own_access.what
    assert told.external_id == NEXT_ID if side.setup.platform is Platform.SCALR else told.seal == "f" * 24


def test_a_run_is_begun_once_for_each_reason(side: Side) -> None:
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    assert side.orchestrator.latest_run(at.workspace) is None
    side.orchestrator.write_doors(at, doors(1))

    first = side.orchestrator.start_run(at.workspace, "gatepass rotate-1")
    assert side.orchestrator.start_run(at.workspace, "gatepass rotate-1").id == first.id
    assert side.again().start_run(at.workspace, "gatepass rotate-1").id == first.id
    ended = side.finished(first)
    assert side.orchestrator.start_run(at.workspace, "gatepass rotate-1").id == first.id
    other = side.orchestrator.start_run(at.workspace, "gatepass rotate-2")

    assert (ended.stage, ended.reason, ended.went_well) == (RunStage.APPLIED, "gatepass rotate-1", True)
    assert other.id != first.id
    latest = side.orchestrator.latest_run(at.workspace)
    assert latest is not None
    assert latest.id == other.id


def test_a_dry_run_applies_nothing_and_is_begun_once_too(side: Side) -> None:
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)

    first = side.orchestrator.start_run(at.workspace, "gatepass proves", dry=True)
    ended = side.finished(first)

    assert ended.stage is RunStage.PLANNED_ONLY
    assert side.orchestrator.start_run(at.workspace, "gatepass proves", dry=True).id == first.id
    assert side.orchestrator.outputs(at.workspace) == ()


def test_outputs_come_from_what_was_applied_and_secret_ones_are_not_told(side: Side) -> None:
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    assert side.orchestrator.outputs(at.workspace) == ()

    run = side.finished(side.orchestrator.start_run(at.workspace, "gatepass first"))

    told = {each.name: (each.value, each.is_sensitive) for each in side.orchestrator.outputs(at.workspace)}
    assert told == {"role_arns": (ARNS, False), "hidden": (None, True)}
    assert LOG in side.orchestrator.log(run)
    assert "\x1b" not in side.orchestrator.log(run)


def test_a_run_that_deletes_leaves_no_outputs(side: Side) -> None:
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    side.finished(side.orchestrator.start_run(at.workspace, "gatepass first"))
    if side.fake is None:
        return

    ended = side.finished(side.orchestrator.start_run(at.workspace, "gatepass removes", destroy=True))

    assert ended.stage is RunStage.APPLIED
    assert side.orchestrator.outputs(at.workspace) == ()
    standing = side.orchestrator.standing(side.setup)
    assert standing.workspace is not None
    side.orchestrator.remove(side.setup, standing.workspace)


def test_a_run_that_waits_goes_on_by_a_persons_word(side: Side) -> None:
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    run = side.orchestrator.run(side.begin_by_somebody(at.workspace, "by ann"))

    waiting = side.waiting(run)
    assert not waiting.is_over
    side.orchestrator.confirm(waiting)

    assert side.finished(waiting).stage is RunStage.APPLIED


def test_a_run_that_waits_is_dropped_and_one_that_is_over_is_left(side: Side) -> None:
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    waiting = side.waiting(side.orchestrator.run(side.begin_by_somebody(at.workspace, "by ann")))

    side.orchestrator.discard(waiting)
    side.orchestrator.discard(waiting)

    assert side.orchestrator.run(waiting.id).stage is RunStage.STOPPED
    assert side.orchestrator.outputs(at.workspace) == ()


def test_a_workspace_that_somebody_locked_is_told_so(side: Side) -> None:
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    if side.fake is None:
        return
    side.fake.lock(at.workspace, "ann looks into it")

    assert side.orchestrator.our_workspace(side.setup) == replace(at, is_locked=True)
    side.fake.unlock(at.workspace)
    assert side.orchestrator.our_workspace(side.setup) == at


def test_a_lock_that_a_run_holds_keeps_nobody_from_anything(side: Side) -> None:
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    if side.fake is None:
        return
    side.fake.hold_runs("planning")
    run = side.orchestrator.start_run(at.workspace, "gatepass first")
    (workspace,) = side.fake.objects.all("workspaces")
    side.fake.wait(lambda: bool(workspace.attributes["locked"]))

    assert side.orchestrator.our_workspace(side.setup) == at

    side.fake.let_runs_go()
    assert side.finished(run).stage is RunStage.APPLIED


def test_no_external_id_stands_in_an_address_or_in_what_is_returned(side: Side) -> None:
    standing = side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    side.orchestrator.write_doors(at, doors(1))
    side.orchestrator.write_own_access(side.setup, own_access(side.setup, NEXT_ID))

    secrets = (*DOOR_IDS, FIRST_ID.reveal(), NEXT_ID.reveal())
    shown = f"{standing!r} {at!r} {side.orchestrator!r}" if side.fake is not None else f"{standing!r} {at!r}"
    assert not [each for each in secrets if each in shown]
    if side.fake is not None:
        assert not [each for each in (*secrets, side.fake.token) if side.fake.urls_with(each)]
        assert side.fake.token not in f"{side.orchestrator!r} {vars(side.orchestrator)!r}"


def test_it_says_in_its_title_where_it_is(side: Side) -> None:
    assert side.orchestrator.title
    if side.fake is not None:
        assert side.fake.host in side.orchestrator.title
        assert side.fake.owner in side.orchestrator.title


def test_the_refusal_of_what_is_not_ours_names_it(side: Side) -> None:
    standing = side.set_up()
    assert standing.workspace is not None
    side.disown(standing.workspace)

    with pytest.raises(GatepassError) as refused:
        side.orchestrator.our_workspace(side.setup)

    named = side.setup.workspace if side.fake is not None else standing.workspace.id
    assert named in f"{refused.value}"


def test_a_value_that_lies_there_is_found_without_being_told(side: Side) -> None:
    standing = side.set_up()
    assert standing.doors is not None
    assert standing.doors.what == Doors("", doors().seal)
    assert standing.doors.what.value == ""
