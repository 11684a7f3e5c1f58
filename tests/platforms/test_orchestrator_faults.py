"""Every fault at every request of every method: it comes to the right end, and nothing is doubled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gatepass.domain.errors import AccessRefused, Conflict, CredentialsRefused, GatepassError, NotAnswered, NotThere
from gatepass.domain.platform_run import Run, RunStage
from gatepass.domain.workspace_objects import Schedule, Standing, Workspace
from tests.platforms.fake.faults import Fault
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.orchestrators import (
    DOOR_IDS,
    FIRST_ID,
    NEXT_ID,
    Side,
    doors,
    fake_side,
    own_access,
    several,
    wanted,
)

# Busy, done although it failed, not done although nobody knows; the others differ from these in a word alone.
PASSING = (Fault.TOO_MANY, Fault.ERROR_AFTER, Fault.LOST_BEFORE)
PASSING_TOO = (Fault.ERROR_BEFORE, Fault.LOST)
SECRETS = (*DOOR_IDS, FIRST_ID.reveal(), NEXT_ID.reveal())


@dataclass(frozen=True)
class Deed:
    """One method of the port.

    Attributes:
        prepare: brings the platform to where it can be done, and returns what it needs.
        do: does it.
        go_on: does it after an error, as a second command would; by default the same.
    """

    prepare: Callable[[Side], Any]
    do: Callable[[Side, Any], object]
    go_on: Callable[[Side, Any], object] | None = None


def made(kind: str) -> Deed:
    def make(side: Side, standing: Standing) -> object:
        return side.orchestrator.make(side.setup, wanted(side.setup)[kind], standing)

    def make_unless_there(side: Side, _: Standing) -> object:
        standing = side.orchestrator.standing(side.setup)
        return make(side, standing) if getattr(standing, kind) is None else None

    return Deed(lambda side: side.set_up(until=kind), make, make_unless_there)


def changed(kind: str, change: Callable[[Side], Any]) -> Deed:
    return Deed(
        lambda side: side.set_up(),
        lambda side, standing: side.orchestrator.change(side.setup, change(side), getattr(standing, kind)),
    )


def removed(kind: str) -> Deed:
    return Deed(lambda side: _left(side, kind), lambda side, standing: _remove(side, standing, kind))


def _left(side: Side, kind: str) -> Standing:
    """Return what stands when the other objects that would be in the way are gone."""
    standing = side.set_up()
    if kind in {"environment", "own_access"}:
        for other in ("link", "workspace") if kind == "environment" or side.name == "scalr" else ():
            _remove(side, standing, other)
    return side.orchestrator.standing(side.setup)


def _remove(side: Side, standing: Standing, kind: str) -> None:
    side.orchestrator.remove(side.setup, getattr(standing, kind), leave_roles=True)


def _ran(side: Side) -> Any:  # noqa: ANN401 - what a deed needs
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    return side.finished(side.orchestrator.start_run(at.workspace, "gatepass first")), at


def _waits(side: Side) -> Any:  # noqa: ANN401 - what a deed needs
    side.set_up()
    at = side.orchestrator.our_workspace(side.setup)
    return side.waiting(side.orchestrator.run(side.begin_by_somebody(at.workspace, "by ann")))


def _confirm(side: Side, run: Run) -> None:
    if side.orchestrator.run(run.id).stage is RunStage.NEEDS_CONFIRMATION:
        side.orchestrator.confirm(run)


def _at(side: Side) -> Any:  # noqa: ANN401 - what a deed needs
    side.set_up()
    return side.orchestrator.our_workspace(side.setup)


def _moved_workspace(side: Side) -> Workspace:
    assert side.setup.repository is not None
    return Workspace(side.setup.workspace, replace(side.setup.repository, branch="release"), "1.11.5")


DEEDS: dict[str, Deed] = {
    "standing": Deed(lambda side: side.set_up(), lambda side, _: side.orchestrator.standing(side.setup)),
    **{f"make {kind}": made(kind) for kind in ("environment", "own_access", "workspace", "link", "doors", "schedule")},
    "change own_access": changed("own_access", lambda side: own_access(side.setup, NEXT_ID)),
    "change workspace": changed("workspace", _moved_workspace),
    "change doors": changed("doors", lambda _: doors(1)),
    "change schedule": changed("schedule", lambda _: Schedule("30 4 * * *")),
    **{
        f"remove {kind}": removed(kind)
        for kind in ("schedule", "doors", "link", "own_access", "workspace", "environment")
    },
    "our_workspace": Deed(lambda side: side.set_up(), lambda side, _: side.again().our_workspace(side.setup)),
    "write_doors": Deed(_at, lambda side, at: side.orchestrator.write_doors(at, doors(1))),
    "write_own_access": Deed(
        _at, lambda side, _: side.orchestrator.write_own_access(side.setup, own_access(side.setup, NEXT_ID))
    ),
    "start_run": Deed(_at, lambda side, at: side.orchestrator.start_run(at.workspace, "gatepass rotate-1")),
    "start_run dry": Deed(_at, lambda side, at: side.orchestrator.start_run(at.workspace, "gatepass try", dry=True)),
    "run": Deed(_ran, lambda side, ran: side.orchestrator.run(ran[0].id)),
    "latest_run": Deed(_ran, lambda side, ran: side.orchestrator.latest_run(ran[1].workspace)),
    "log": Deed(_ran, lambda side, ran: side.orchestrator.log(ran[0])),
    "outputs": Deed(_ran, lambda side, ran: side.orchestrator.outputs(ran[1].workspace)),
    "confirm": Deed(_waits, lambda side, run: side.orchestrator.confirm(run), _confirm),
    "discard": Deed(_waits, lambda side, run: side.orchestrator.discard(run)),
}
ONLY_SCALR = {"make link", "make schedule", "change schedule", "remove schedule", "remove link"}
CASES = [(api, name) for api in Api for name in DEEDS if api is Api.SCALR or name not in ONLY_SCALR]


@dataclass(frozen=True)
class Result:
    """How a platform stands after a deed, told without ids and instants, which no two platforms share."""

    counted: dict[str, int]
    contents: list[tuple[str, str]]
    statuses: list[str]


def played(
    fake: FakePlatform, deed: Deed, cache: Path, fault: tuple[Fault, int] | None = None
) -> tuple[Result, int, bool]:
    """Do a deed on a new platform with a fault, and return how it stands, its requests, and whether it was hit."""
    side = fake_side(fake, cache)
    needed = deed.prepare(side)
    # Whatever was made last might be run without looking for it; here it is looked for.
    side.orchestrator = side.again()
    fake.forget_requests()
    staged = fake.fail(fault[0], after=fault[1]) if fault is not None else None
    deed.do(side, needed)
    requests = len(fake.requests)
    fake.wait_for_runs()
    return result(fake), requests, staged is not None and bool(staged.hit)


def result(fake: FakePlatform) -> Result:
    with fake.objects.changed:
        things = list(fake.objects)
        kept = ("name", "key", "description", "schedule", "message", "auto-apply", "aws-role-arn", "vcs-repo")
        contents = sorted(
            (each.type, str([_plain(each.attributes.get(name)) for name in kept] + [each.kept.get("value")]))
            for each in things
        )
        counted = {kind: sum(each.type == kind for each in things) for kind in {each.type for each in things}}
        return Result(
            counted, contents, sorted(str(each.attributes.get("status")) for each in fake.objects.all("runs"))
        )


def _plain(value: object) -> object:
    return {name: each for name, each in value.items() if "id" not in name} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("api", "name"),
    [pytest.param(*case, marks=[] if case[0] is Api.SCALR else [pytest.mark.thorough]) for case in CASES],
    ids=[f"{api.value} {name}" for api, name in CASES],
)
def test_a_fault_that_passes_changes_nothing_of_the_end(api: Api, name: str, tmp_path: Path) -> None:
    """Each request of the deed is hit by each fault in turn."""
    try_faults(api, name, tmp_path, PASSING)


@pytest.mark.thorough
@pytest.mark.parametrize(("api", "name"), CASES, ids=[f"{api.value} {name}" for api, name in CASES])
def test_the_other_faults_that_pass_change_nothing_of_the_end(api: Api, name: str, tmp_path: Path) -> None:
    """The same with every other fault."""
    try_faults(api, name, tmp_path, PASSING_TOO)


def try_faults(api: Api, name: str, folder: Path, faults: tuple[Fault, ...]) -> None:
    deed = DEEDS[name]
    with several() as begin:
        clean, requests, _ = played(begin(api), deed, folder / "clean")
        assert requests

        for fault in faults:
            for at in range(requests):
                after, _, was_hit = played(begin(api), deed, folder / f"{fault.name}{at}", (fault, at))
                assert was_hit, (fault, at)
                assert after == clean, (fault, at)


@pytest.mark.parametrize(("api", "name"), CASES, ids=[f"{api.value} {name}" for api, name in CASES])
def test_a_fault_that_stays_is_told_and_the_same_deed_goes_on_after_it(api: Api, name: str, tmp_path: Path) -> None:
    """The error names the platform, and holds nothing secret; then it comes to the end that it would have come to."""
    deed = DEEDS[name]
    staying = {
        Fault.TOKEN_EXPIRED: CredentialsRefused,
        Fault.FORBIDDEN: AccessRefused if api is Api.SCALR else NotThere,
        Fault.LOCKED: Conflict,
        Fault.ERROR_BEFORE: NotAnswered,
        Fault.LOST: NotAnswered,
    }
    with several() as begin:
        clean, _, _ = played(begin(api), deed, tmp_path / "clean")
        for fault, error in staying.items():
            fake = begin(api)
            side = fake_side(fake, tmp_path / fault.name)
            needed = deed.prepare(side)
            side.orchestrator = side.again()
            fake.fail(fault, times=1000)

            with pytest.raises(GatepassError) as told:
                deed.do(side, needed)

            raised = told.value
            assert isinstance(raised, error), (fault, raised)
            said = f"{raised!r} {raised.what} {raised.why} {raised.next_step}"
            assert fake.host in said, fault
            assert raised.next_step, fault
            assert not [each for each in (*SECRETS, fake.token) if each in said]
            fake.clear_faults()
            (deed.go_on or deed.do)(side, needed)
            fake.wait_for_runs()
            assert result(fake) == clean, fault
