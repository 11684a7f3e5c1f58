"""HCP Terraform's client where it differs: its calls, its projects and their tags, what it has not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatepass.domain.errors import AccessRefused, Conflict, InvalidInput, NotThere
from gatepass.domain.workspace_objects import Environment, Found, Schedule, Standing, Workspace
from tests.platforms.fake.faults import Fault
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.orchestrators import CRON, REPOSITORY, Side, doors, fake_side, own_access, started, wanted


@pytest.fixture
def fake() -> Iterator[FakePlatform]:
    with started(Api.HCP) as platform:
        yield platform


@pytest.fixture
def side(fake: FakePlatform, tmp_path: Path) -> Side:
    return fake_side(fake, tmp_path / "cache")


def test_a_schedule_is_refused_with_what_to_do_instead(side: Side) -> None:
    standing = side.set_up()

    with pytest.raises(InvalidInput, match="cannot run by itself") as refused:
        side.orchestrator.make(side.setup, Schedule(CRON), standing)
    with pytest.raises(InvalidInput):
        side.orchestrator.change(side.setup, Schedule(CRON), Found("", is_ours=True, what=Schedule(CRON)))

    assert "no cron" in refused.value.why
    assert "gatepass hcp run" in refused.value.next_step
    assert "fleet schedule" in refused.value.next_step


def test_a_workspace_of_another_project_is_not_taken_for_this_ones(fake: FakePlatform, side: Side) -> None:
    """In HCP Terraform a name stands once in the whole organisation."""
    side.set_up()
    other = replace(side.setup, environment="other")
    standing = Standing(environment=side.orchestrator.make(other, Environment("other"), Standing()))  # type: ignore[arg-type]

    with pytest.raises(Conflict, match="lies in another project than other"):
        side.orchestrator.standing(other)
    with pytest.raises(Conflict, match="lies in another project than other"):
        side.orchestrator.make(other, Workspace(side.setup.workspace, None, None), standing)

    assert len(fake.objects.all("workspaces")) == 1


@pytest.mark.parametrize("knows_include", [True, False])
def test_a_tag_that_a_workspace_inherits_is_not_its_own(side: Side, *, knows_include: bool) -> None:
    """Whoever makes a workspace in a project of ours has not given it to us."""
    standing = side.set_up()
    assert standing.workspace is not None
    side.disown(standing.workspace)
    if not knows_include:
        side.orchestrator._organization._tells_no_tags.update({"workspaces", "projects"})  # type: ignore[attr-defined]  # noqa: SLF001

    now = side.orchestrator.standing(side.setup)

    assert now.environment is not None
    assert now.environment.is_ours
    assert now.workspace is not None
    assert not now.workspace.is_ours


@pytest.mark.parametrize("kind", ["workspace", "doors", "own_access", "environment"])
def test_what_the_token_may_see_and_not_delete_is_not_taken_for_gone(kind: str, fake: FakePlatform, side: Side) -> None:
    """The platform says 404 to both."""
    standing = side.set_up()
    if kind == "environment":
        assert standing.workspace is not None
        side.orchestrator.remove(side.setup, standing.workspace, leave_roles=True)
    for method, path in (("DELETE", ".*"), ("POST", ".*/safe-delete")):
        fake.fail(Fault.INVISIBLE, method, path, times=9)

    for leave_roles in (True, False):
        with pytest.raises(AccessRefused, match="delete") as refused:
            side.orchestrator.remove(side.setup, getattr(standing, kind), leave_roles=leave_roles)

        assert "still there" in refused.value.why


@pytest.mark.parametrize("connection", ["github", "GitHub", "oc", "ot"])
def test_a_connection_is_found_by_its_clients_name_or_id_or_is_its_tokens_id(
    connection: str, fake: FakePlatform, side: Side
) -> None:
    (token,) = (each.id for each in fake.objects.all("oauth-tokens"))
    (client,) = (each.id for each in fake.objects.all("oauth-clients"))
    named = {"oc": client, "ot": token}.get(connection, connection)
    repository = replace(REPOSITORY, connection=named)
    side.setup = replace(side.setup, repository=repository)

    standing = side.set_up()

    (workspace,) = fake.objects.all("workspaces")
    assert workspace.attributes["vcs-repo"]["oauth-token-id"] == token
    assert standing.workspace is not None
    assert standing.workspace.what.repository == repository


def test_a_connection_that_is_not_there_is_told(side: Side) -> None:
    standing = side.set_up(until="workspace")

    with pytest.raises(NotThere, match="has no connection gitlab"):
        side.orchestrator.make(
            side.setup, Workspace("access", replace(REPOSITORY, connection="gitlab"), None), standing
        )


def test_the_role_is_told_and_the_external_id_is_not(fake: FakePlatform, side: Side) -> None:
    standing = side.set_up()

    assert standing.own_access is not None
    assert standing.own_access.what == replace(own_access(side.setup), external_id=None)
    kept = {each.attributes["key"]: each for each in fake.objects.all("vars")}
    assert kept["platform_external_id"].attributes["sensitive"] is True
    assert kept["platform_external_id"].attributes["value"] is None
    assert kept["platform_role_arn"].attributes["sensitive"] is False
    assert kept["doors"].attributes | {"value": None} == kept["doors"].attributes
    assert (kept["doors"].attributes["hcl"], kept["doors"].attributes["category"]) == (True, "terraform")


def test_an_access_of_which_a_half_is_there_is_made_whole(fake: FakePlatform, side: Side) -> None:
    standing = side.set_up()
    with fake.objects.changed:
        (half,) = (each for each in fake.objects.all("vars") if each.attributes["key"] == "platform_external_id")
        fake.objects.remove(half)
    standing = side.orchestrator.standing(side.setup)
    assert standing.own_access is None

    made = side.orchestrator.make(side.setup, own_access(side.setup), standing)

    now = side.orchestrator.standing(side.setup).own_access
    assert now is not None
    assert now.id == made.id
    assert fake.count("POST", ".*/vars") == 5


def test_a_new_customer_is_set_up_in_nine_calls_with_its_first_run(fake: FakePlatform, side: Side) -> None:
    """The second one finds the project there; the connection is shared by all, and apart."""
    for name in ("access-one", "access-two"):
        fake.forget_requests()
        setup = replace(side.setup, workspace=name)
        standing = side.orchestrator.standing(setup)
        for kind, what in wanted(setup).items():
            if getattr(standing, kind) is None:
                made: dict[str, Any] = {kind: side.orchestrator.make(setup, what, standing)}
                standing = replace(standing, **made)
        assert standing.workspace is not None
        run = side.orchestrator.start_run(standing.workspace.id, f"gatepass setup-{name}")

        assert fake.count() - fake.count(path=".*/oauth-clients") <= 9
        assert f"/app/acme/workspaces/{name}/runs/{run.id}" in run.url


def test_a_door_is_moved_in_four_calls(fake: FakePlatform, side: Side) -> None:
    side.set_up()
    client = side.again()
    fake.forget_requests()

    at = client.our_workspace(side.setup)
    client.write_doors(at, doors(1))
    client.start_run(at.workspace, "gatepass rotate-1")

    assert fake.count() == 4


def test_a_host_that_does_not_tell_tags_with_a_workspace_is_asked_for_them(fake: FakePlatform, side: Side) -> None:
    """Terraform Enterprise of before 2025 refuses the parameter."""
    standing = side.set_up()
    client = side.again()
    client._organization._tells_no_tags.update({"workspaces", "projects"})  # type: ignore[attr-defined]  # noqa: SLF001

    assert client.standing(side.setup) == standing
    assert fake.count("GET", "/workspaces/[^/]+/tag-bindings") == 1
    assert client.our_workspace(side.setup) == side.orchestrator.our_workspace(side.setup)
