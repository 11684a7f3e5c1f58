"""For anything that can stand on a platform: what is not ours is never changed, the order is safe, and it ends."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.workspace_objects import (
    Doors,
    Environment,
    Found,
    Link,
    OwnAccess,
    PlatformObject,
    Schedule,
    Standing,
    Workspace,
)
from gatepass.domain.workspace_plan import (
    Alter,
    Drop,
    Keep,
    Make,
    Refuse,
    Wanted,
    WorkspaceChange,
    object_words,
    plan_workspace_changes,
    with_found,
)
from gatepass.domain.workspace_setup import Platform, Repository, WorkspaceSetup
from tests.people import CUSTOMER, GRANT

NEW, OLD = ExternalId("gp1.KEY.new-id-new-id"), ExternalId("gp1.KEY.old-id-old-id")
ROLE, OTHER = (RoleArn(f"arn:aws:iam::444455556666:role/gatepass/{name}") for name in ("scalr", "other"))
REPOSITORIES = st.builds(
    Repository,
    st.sampled_from(["github", "vcs-1"]),
    st.sampled_from(["acme/a", "acme/b"]),
    st.sampled_from([None, "main"]),
    st.sampled_from(["", "customer"]),
)
SETUPS = st.builds(
    WorkspaceSetup,
    st.sampled_from(Platform),
    st.just("example.scalr.io"),
    st.just("acc-1"),
    st.just("aws-access"),
    st.just("access"),
    st.one_of(st.none(), REPOSITORIES),
    st.just(Declaration(CUSTOMER, (GRANT,))),
    st.sampled_from([None, GrantName("scalr")]),
    st.sampled_from([None, "0 3 * * *"]),
    st.sampled_from([None, "1.11.4"]),
).map(lambda setup: replace(setup, schedule=None) if setup.platform is Platform.HCP else setup)
ACCESSES = st.one_of(
    st.builds(OwnAccess, st.just("x"), st.sampled_from([ROLE, OTHER]), st.sampled_from([NEW, OLD]), st.just("")),
    st.builds(OwnAccess, st.just("x"), st.sampled_from([ROLE, OTHER]), st.none(), st.sampled_from(["", "new", "old"])),
)
WORKSPACES = st.builds(
    Workspace, st.just("access"), st.one_of(st.none(), REPOSITORIES), st.sampled_from([None, "1.11.4", "1.12.0"]), st.booleans()
)  # fmt: skip


def found(what: st.SearchStrategy[PlatformObject]) -> st.SearchStrategy[Found[PlatformObject] | None]:
    return st.one_of(st.none(), st.builds(Found, st.just("id-1"), st.booleans(), what))


STANDINGS = st.builds(
    Standing,
    found(st.just(Environment("aws-access"))),
    found(ACCESSES),
    found(WORKSPACES),
    found(st.just(Link())),
    found(st.builds(Doors, st.just(""), st.sampled_from(["", "seal", "other"]))),
    found(st.builds(Schedule, st.sampled_from(["0 3 * * *", "0 4 * * *"]))),
)
WANTED = st.builds(
    Wanted,
    st.one_of(st.none(), st.just(OwnAccess("x", ROLE, NEW, "new"))),
    st.one_of(st.none(), st.just(Doors("{}", "seal"))),
)
ORDER = (Environment, Workspace, OwnAccess, Link, Doors, Schedule)


def what_of(change: WorkspaceChange) -> PlatformObject | None:
    match change:
        case Make(what) | Alter(what):
            return what
        case Keep(standing) | Drop(standing):
            return standing.what
        case Refuse():
            return None


@settings(max_examples=150, deadline=None)
@given(SETUPS, STANDINGS, WANTED)
def test_what_is_not_ours_is_never_changed(setup: WorkspaceSetup, standing: Standing, wanted: Wanted) -> None:
    for change in plan_workspace_changes(setup, standing, wanted):
        if isinstance(change, Alter | Drop):
            assert change.found.is_ours
        if standing.workspace is not None and not standing.workspace.is_ours:
            assert not isinstance(what_of(change), Link | Doors | Schedule)
        if isinstance(change, Make):
            there = {type(each.what) for each in _all(standing)}
            assert type(change.what) not in there


@settings(max_examples=150, deadline=None)
@given(SETUPS, STANDINGS, WANTED)
def test_the_order_is_the_safe_one_and_no_external_id_is_in_any_word(
    setup: WorkspaceSetup, standing: Standing, wanted: Wanted
) -> None:
    changes = plan_workspace_changes(setup, standing, wanted)

    places = [ORDER.index(type(what)) for change in changes if (what := what_of(change)) is not None]
    words = [object_words(what, setup) for change in changes if (what := what_of(change)) is not None]
    assert places == sorted(set(places))
    assert "id-new-id" not in f"{changes!r}{words}"


@settings(max_examples=150, deadline=None)
@given(SETUPS, STANDINGS, WANTED)
def test_once_it_is_done_nothing_is_left_to_do(setup: WorkspaceSetup, standing: Standing, wanted: Wanted) -> None:
    wanted = replace(wanted, doors=Doors("{}", "seal"))
    changes = plan_workspace_changes(setup, standing, wanted)
    if any(isinstance(change, Refuse) for change in changes):
        return
    for change in changes:
        match change:
            case Make(what):
                standing = with_found(standing, Found("id-2", is_ours=True, what=_as_kept(what, None)))
            case Alter(what, there):
                standing = with_found(standing, Found(there.id, is_ours=True, what=_as_kept(what, there.what)))
            case Drop():
                standing = replace(standing, schedule=None)
            case _:
                pass

    again = plan_workspace_changes(setup, standing, wanted)

    assert {type(change) for change in again} <= {Keep}


def _as_kept(what: PlatformObject, before: PlatformObject | None) -> PlatformObject:
    """Return what is read back: what was not asked for stays as it was."""
    if isinstance(what, Workspace) and isinstance(before, Workspace):
        branch = before.repository.branch if before.repository is not None else "main"
        repository = what.repository and replace(what.repository, branch=what.repository.branch or branch)
        return replace(
            what,
            repository=repository or before.repository,
            terraform_version=what.terraform_version or before.terraform_version,
        )
    return what


def _all(standing: Standing) -> list[Found[PlatformObject]]:
    parts: list[Found[PlatformObject] | None] = [
        standing.environment, standing.own_access, standing.workspace, standing.link, standing.doors, standing.schedule,
    ]  # fmt: skip
    return [part for part in parts if part is not None]
