"""Scalr's client where it differs: its calls, its names in places, its provider configurations."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import urllib3

from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.workspace_objects import Environment, Link, Standing, Workspace
from tests.platforms.fake.faults import Fault
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.orchestrators import FIRST_ID, REPOSITORY, Side, doors, fake_side, own_access, started, wanted

ACCOUNT_WIDE = r"/(tags|vcs-providers)"


@pytest.fixture
def fake() -> Iterator[FakePlatform]:
    with started(Api.SCALR) as platform:
        yield platform


@pytest.fixture
def side(fake: FakePlatform, tmp_path: Path) -> Side:
    return fake_side(fake, tmp_path / "cache")


def posted(fake: FakePlatform, path: str, data: dict[str, Any], method: str = "POST") -> str:
    """Do something as somebody else would, and return the id of what was made or changed."""
    headers = {"Authorization": f"Bearer {fake.token}", "Content-Type": "application/vnd.api+json"}
    answer = urllib3.request(method, f"{fake.base}/{path}", json={"data": data}, headers=headers)
    assert answer.status < 300, answer.data
    return str(answer.json()["data"]["id"]) if answer.data else ""


def related(kind: str, identity: str) -> dict[str, Any]:
    return {"data": {"type": kind, "id": identity}}


def counted(fake: FakePlatform) -> int:
    """Return how many requests came that are not shared by all customers of an account."""
    return fake.count() - fake.count(path=ACCOUNT_WIDE)


def test_a_provider_configuration_of_another_kind_is_not_taken_for_ours(fake: FakePlatform, side: Side) -> None:
    attributes = {"name": side.setup.access_name, "provider-name": "aws", "aws-account-type": "regular",
                  "aws-credentials-type": "access_keys", "aws-access-key": "AKIA", "aws-secret-key": "s"}  # fmt: skip
    posted(fake, "provider-configurations", {"type": "provider-configurations", "attributes": attributes})

    with pytest.raises(Conflict, match="enters AWS by no role"):
        side.orchestrator.standing(side.setup)


def test_a_provider_configuration_without_an_external_id_is_not_made(fake: FakePlatform, side: Side) -> None:
    standing = side.set_up(until="own_access")

    with pytest.raises(InvalidInput, match="needs an external ID"):
        side.orchestrator.make(side.setup, replace(own_access(side.setup), external_id=None), standing)

    assert fake.count("POST", "/provider-configurations") == 0


@pytest.mark.parametrize(("connection", "error"), [("gitlab", NotThere), ("twice", Conflict)])
def test_a_connection_that_is_not_the_only_one_of_its_name_is_refused(
    connection: str, error: type[Exception], fake: FakePlatform, side: Side
) -> None:
    with fake.objects.changed:
        for identity in ("vcs-1", "vcs-2"):
            told = {**fake.connection.attributes, "name": "twice"}
            fake.objects.add(type(fake.connection)("vcs-providers", identity, told, {**fake.connection.relations}))
    standing = side.set_up(until="workspace")

    with pytest.raises(error, match=connection):
        side.orchestrator.make(
            side.setup, Workspace(side.setup.workspace, replace(REPOSITORY, connection=connection), None), standing
        )


def test_a_provider_configuration_of_somebody_else_is_not_shared_by_us(side: Side) -> None:
    side.set_up()
    elsewhere = replace(side.setup, environment="other")
    other = replace(side, setup=elsewhere)
    standing = other.set_up(until="link")
    assert standing.own_access is not None
    side.disown(standing.own_access)
    standing = other.orchestrator.standing(elsewhere)

    with pytest.raises(Conflict, match="may not be used in the environment other"):
        other.orchestrator.make(elsewhere, Link(), standing)


def test_a_provider_configuration_is_shared_by_the_environments_of_one_account(fake: FakePlatform, side: Side) -> None:
    side.set_up()
    elsewhere = replace(side.setup, environment="other")

    standing = replace(side, setup=elsewhere).set_up()

    assert standing.link is not None
    assert len(fake.objects.all("provider-configurations")) == 1
    (shared,) = fake.objects.all("provider-configurations")
    assert len(shared.many("environments")) == 2


def test_an_environment_of_somebody_else_is_used_and_not_marked(fake: FakePlatform, side: Side) -> None:
    attributes = {"name": side.setup.environment}
    account = {"account": related("accounts", fake.owner)}
    posted(fake, "environments", {"type": "environments", "attributes": attributes, "relationships": account})

    standing = side.set_up()

    assert standing.environment is not None
    assert not standing.environment.is_ours
    assert standing.workspace is not None
    assert standing.workspace.is_ours
    side.orchestrator.our_workspace(side.setup)


def test_a_name_is_taken_as_it_is_written(side: Side) -> None:
    """The platform's filters read ``like:`` and commas as something else."""
    side.set_up()

    for name in ("like:access", "in:access-444455556666", "access-444455556666,other", "ACCESS-444455556666"):
        with pytest.raises(NotThere):
            side.orchestrator.our_workspace(replace(side.setup, workspace=name))
        assert side.orchestrator.standing(replace(side.setup, environment=name)).environment is None


def test_a_workspace_of_the_same_name_elsewhere_is_another_one(side: Side) -> None:
    side.set_up()
    elsewhere = replace(side.setup, environment="other")
    replace(side, setup=elsewhere).set_up()

    here, there = (side.again().our_workspace(setup) for setup in (side.setup, elsewhere))

    assert here.workspace != there.workspace


def test_a_variable_that_the_workspace_inherits_is_none_of_its_own(fake: FakePlatform, side: Side) -> None:
    side.set_up(until="doors")
    account = {"account": related("accounts", fake.owner)}
    attributes = {"key": "doors", "value": "x", "category": "shell"}
    posted(fake, "vars", {"type": "vars", "attributes": attributes, "relationships": account})

    assert side.orchestrator.standing(side.setup).doors is None
    with pytest.raises(NotThere, match="no variable doors"):
        side.orchestrator.our_workspace(side.setup)


def test_nothing_below_an_environment_that_is_not_there_is_asked_for(fake: FakePlatform, side: Side) -> None:
    side.orchestrator.standing(side.setup)

    assert {each.path.rpartition("/")[2] for each in fake.requests} == {"environments", "provider-configurations"}
    assert fake.count() == 2


def test_a_new_customer_is_set_up_in_nine_calls_with_its_first_run(fake: FakePlatform, side: Side) -> None:
    """What is shared by all customers of an account is apart: the tag, and the connection."""
    for environment in ("aws-access", "another"):
        fake.forget_requests()
        setup = replace(side.setup, environment=environment)
        standing = side.orchestrator.standing(setup)
        for name, what in wanted(setup).items():
            if getattr(standing, name) is None:
                made: dict[str, Any] = {name: side.orchestrator.make(setup, what, standing)}
                standing = replace(standing, **made)
        assert standing.workspace is not None
        side.orchestrator.start_run(standing.workspace.id, f"gatepass setup-{environment}")

        assert counted(fake) <= 9
    assert fake.count(path=ACCOUNT_WIDE) == 0, "the second one asks for nothing that is shared"


def test_a_door_is_moved_in_three_calls_and_its_outputs_are_a_fourth(fake: FakePlatform, side: Side) -> None:
    side.set_up()
    side.orchestrator.our_workspace(side.setup)
    client = side.again()
    fake.forget_requests()

    at = client.our_workspace(side.setup)
    client.write_doors(at, doors(1))
    client.start_run(at.workspace, "gatepass rotate-1")
    client.outputs(at.workspace)

    assert fake.count() == 4


def test_what_many_threads_need_of_the_account_is_asked_for_once(fake: FakePlatform, side: Side) -> None:
    def environment(number: int) -> None:
        side.orchestrator.make(side.setup, Environment(f"customer-{number}"), Standing())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(environment, range(24)))

    assert len(fake.objects.all("tags")) == 1
    assert fake.count(path="/tags") == 2
    assert len(fake.objects.all("environments")) == 24


@pytest.mark.parametrize("how", ["deleted", "renamed", "variable deleted"])
def test_what_was_remembered_and_is_true_no_more_is_looked_up_again(how: str, fake: FakePlatform, side: Side) -> None:
    standing = side.set_up()
    before = side.orchestrator.our_workspace(side.setup)
    assert standing.workspace is not None
    assert standing.doors is not None
    match how:
        case "deleted":
            side.orchestrator.remove(side.setup, standing.workspace, leave_roles=True)
        case "renamed":
            data = {"type": "workspaces", "id": before.workspace, "attributes": {"name": "renamed"}}
            posted(fake, f"workspaces/{before.workspace}", data, "PATCH")
        case "variable deleted":
            with fake.objects.changed:
                fake.objects.remove(next(each for each in fake.objects.all("vars") if each.id == before.doors))

    side.set_up()
    after = side.again().our_workspace(side.setup)

    assert after.doors != before.doors
    assert side.again().our_workspace(side.setup) == after


def test_the_repository_is_told_in_the_files_own_words(fake: FakePlatform, side: Side) -> None:
    by_id = replace(side.setup, repository=replace(REPOSITORY, connection=fake.connection.id, branch=None))
    side.set_up()

    standing = side.orchestrator.standing(by_id)

    assert standing.workspace is not None
    assert standing.workspace.what.repository == by_id.repository
    assert standing.workspace.what.terraform_version == "1.11.4"
    unversioned = side.orchestrator.standing(replace(side.setup, terraform_version=None))
    assert unversioned.workspace is not None
    assert unversioned.workspace.what.terraform_version is None


def test_a_lost_answer_to_a_variable_leaves_the_value_that_was_wanted(fake: FakePlatform, side: Side) -> None:
    """Somebody else's variable of that name, made meanwhile, is brought to what is wanted too."""
    standing = side.set_up(until="doors")
    assert standing.workspace is not None
    attributes = {"key": "doors", "value": "{}", "category": "terraform", "hcl": True, "sensitive": True}
    workspace = {"workspace": related("workspaces", standing.workspace.id)}
    posted(fake, "vars", {"type": "vars", "attributes": attributes, "relationships": workspace})

    side.orchestrator.make(side.setup, doors(1), standing)

    (variable,) = fake.objects.all("vars")
    assert variable.kept["value"] == doors(1).value
    assert side.orchestrator.our_workspace(side.setup).seal == doors(1).seal


def test_the_external_id_is_read_back_and_not_shown(side: Side) -> None:
    standing = side.set_up()

    assert standing.own_access is not None
    assert standing.own_access.what.external_id == FIRST_ID
    assert FIRST_ID.reveal() not in repr(standing)


def test_a_limit_of_the_platform_is_waited_for(fake: FakePlatform, side: Side) -> None:
    staged = fake.fail(Fault.TOO_MANY, times=3, seconds=2)

    side.orchestrator.standing(side.setup)

    assert staged.hit == 3
    assert side.clock.slept.total_seconds() >= 6
