"""The fake Scalr keeps to Scalr's own documentation.

Pages: https://docs.scalr.io/reference (API), docs.scalr.com/en/latest/api/preview (its older edition, by type),
github.com/Scalr/go-scalr (v2/scalr/schemas, v2/scalr/ops, and its tests, which quote the API's errors).
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.platforms.fake.asking import Asker, one
from tests.platforms.fake.execution import Output, Quick, Said
from tests.platforms.fake.platform import Api, FakePlatform

_ROLE = "arn:aws:iam::444455556666:role/scalr"
_DELEGATION = {
    "name": "acme", "provider-name": "aws", "aws-account-type": "regular", "aws-credentials-type": "role_delegation",
    "aws-trusted-entity-type": "aws_account", "aws-role-arn": _ROLE, "aws-external-id": "gp1.KEY.code",
}  # fmt: skip


@pytest.fixture
def asker(scalr: FakePlatform) -> Asker:
    """Return somebody with a token."""
    return Asker(scalr)


def test_what_is_not_documented_is_refused(asker: Asker) -> None:
    """docs: /reference, "JSON API Responses and Inputs"; schemas name every attribute, ops every filter."""
    environment = asker.makes("/environments", "environments", {"name": "customers"})
    assert environment.status == 201

    unknown = asker.makes("/environments", "environments", {"name": "other", "colour": "red"})
    assert (unknown.status, unknown.error["source"]) == (422, {"pointer": "/data/attributes/colour"})
    in_the_past = asker.changes(f"/environments/{environment.id}", "environments", {"created-at": "yesterday"})
    assert in_the_past.status == 422
    filtered = asker.sends("GET", "/environments?filter[colour]=red")
    assert (filtered.status, filtered.error["source"]) == (400, {"parameter": "filter[colour]"})
    mode = asker.makes("/workspaces", "workspaces", {"name": "w", "execution-mode": "agent"},
                       environment=("environments", environment.id))  # fmt: skip
    assert (mode.status, mode.error["source"]) == (422, {"pointer": "/data/attributes/execution-mode"})
    assert asker.sends("POST", "/environments", one("environments", {}), Content_Type="application/json").status == 415
    assert asker.sends("GET", "/environments", Accept="text/html").status == 406
    assert asker.sends("POST", "/vcs-providers", one("vcs-providers", {"name": "mine"})).status == 405


def test_what_is_not_there_and_what_has_no_token_is_told_apart(asker: Asker) -> None:
    """docs: /reference, "Authentification": 401 is for tokens alone. go-scalr's tests quote the words of 404."""
    assert asker.sends("GET", "/environments", token="made-up").status == 401
    missing = asker.sends("GET", "/workspaces/ws-none")
    assert (missing.status, missing.error["title"]) == (
        404,
        "Workspace with ID 'ws-none' not found or user unauthorized.",
    )
    unrelated = asker.makes("/workspaces", "workspaces", {"name": "w"}, environment=("environments", "env-none"))
    assert (unrelated.status, unrelated.error["title"]) == (404, "Invalid Relationship")
    assert asker.reads("/workspaces?filter[environment]=env-none").tree["data"] == []


def test_a_workspace_belongs_to_its_environment_and_its_repository_needs_a_connection(asker: Asker) -> None:
    """docs: /reference, workspaces: name unique in the environment; go-scalr: vcs-provider with vcs-repo."""
    workspace = asker.workspace()
    environment = asker.reads(f"/workspaces/{workspace}").tree["data"]["relationships"]["environment"]["data"]

    twin = asker.makes("/workspaces", "workspaces", {"name": "access"}, environment=("environments", environment["id"]))
    assert (twin.status, twin.error["source"]) == (422, {"pointer": "/data/attributes/name"})
    loose = asker.makes("/workspaces", "workspaces", {"name": "w", "vcs-repo": {"identifier": "a/b"}},
                        environment=("environments", environment["id"]))  # fmt: skip
    assert (loose.status, loose.error["source"]) == (422, {"pointer": "/data/relationships/vcs-provider"})
    assert asker.sends("DELETE", f"/environments/{environment['id']}").status == 409

    changed = asker.changes(f"/workspaces/{workspace}", "workspaces", {"vcs-repo": {"branch": "next"}})
    assert changed.attributes["vcs-repo"]["identifier"] == "acme/access"
    assert changed.attributes["vcs-repo"]["branch"] == "next"


def test_a_role_is_delegated_with_all_that_it_needs_and_tells_its_external_id(asker: Asker) -> None:
    """terraform-provider-scalr: docs/resources/provider_configuration.md, schema of aws; go-scalr's tests read it back."""
    for missing in ("aws-trusted-entity-type", "aws-role-arn", "aws-external-id"):
        without = {name: value for name, value in _DELEGATION.items() if name != missing}
        refused = asker.makes("/provider-configurations", "provider-configurations", without)
        assert (refused.status, refused.error["source"]) == (422, {"pointer": f"/data/attributes/{missing}"})

    made = asker.makes("/provider-configurations", "provider-configurations", _DELEGATION)
    assert asker.reads(f"/provider-configurations/{made.id}").attributes["aws-external-id"] == "gp1.KEY.code"
    keys = {"name": "keys", "provider-name": "aws", "aws-account-type": "regular", "aws-credentials-type": "access_keys",
            "aws-access-key": "AKIA", "aws-secret-key": "hidden"}  # fmt: skip
    assert asker.makes("/provider-configurations", "provider-configurations", keys).attributes["aws-secret-key"] is None


def test_a_configuration_is_linked_once_where_its_environment_may_use_it(asker: Asker) -> None:
    """go-scalr: v2/scalr/ops/provider_configuration_link, and "can be linked to environments or workspaces"."""
    workspace = asker.workspace()
    environment = asker.reads("/environments").tree["data"][0]["id"]
    made = asker.makes("/provider-configurations", "provider-configurations", _DELEGATION)
    path = f"/workspaces/{workspace}/provider-configuration-links"
    link = one("provider-configuration-links", {}, provider_configuration=("provider-configurations", made.id))

    assert asker.sends("POST", path, link).status == 422
    asker.changes(f"/provider-configurations/{made.id}", "provider-configurations", {},
                  environments=[("environments", environment)])  # fmt: skip
    assert asker.sends("POST", path, link).status == 201
    assert asker.sends("POST", path, link).status == 422
    assert asker.sends("DELETE", f"/provider-configurations/{made.id}").status == 409
    (there,) = asker.reads(path).tree["data"]
    assert asker.sends("DELETE", f"/provider-configuration-links/{there['id']}").status == 204


def test_a_sensitive_variable_is_written_and_never_read(asker: Asker) -> None:
    """docs: /reference, variables; terraform-provider-scalr makes a new one where the API would refuse a change."""
    workspace = asker.workspace()
    made = asker.variable(workspace, "doors", '{"support": ["gp1.KEY.one"]}', hcl=True, sensitive=True)
    assert made.attributes["value"] is None

    twin = asker.variable(workspace, "doors", "{}")
    assert (twin.status, twin.error["source"]) == (422, {"pointer": "/data/attributes/key"})
    for written in ({"sensitive": False}, {"key": "windows"}, {"category": "shell"}):
        assert asker.changes(f"/vars/{made.id}", "vars", written).status == 422
    changed = asker.changes(f"/vars/{made.id}", "vars", {"value": '{"support": ["gp1.KEY.two"]}'})
    assert (changed.attributes["value"], changed.attributes["sensitive"]) == (None, True)
    assert asker.platform.objects.of(asker.platform.objects.named("vars", "doors").ref).kept["value"].endswith('two"]}')
    found = asker.reads(f"/vars?filter[workspace]={workspace}&filter[key]=doors")
    assert [each["id"] for each in found.tree["data"]] == [made.id]
    assert "gp1.KEY" not in found.text
    shell = asker.makes(
        "/vars", "vars", {"key": "A", "category": "shell", "hcl": True}, workspace=("workspaces", workspace)
    )
    assert (shell.attributes["hcl"], shell.attributes["value"]) == (False, "")


def test_lists_come_in_pages_of_twenty_and_at_most_a_hundred(asker: Asker) -> None:
    """docs: /reference; go-scalr: client/jsonapi, ListingMeta; its tests ask for page 999."""
    for number in range(23):
        asker.makes("/tags", "tags", {"name": f"tag-{number:02}"})

    first = asker.reads("/tags?sort=-name")
    assert [each["attributes"]["name"] for each in first.tree["data"]][:2] == ["tag-22", "tag-21"]
    assert first.tree["meta"]["pagination"] == {
        "current-page": 1, "page-size": 20, "prev-page": None, "next-page": 2, "total-pages": 2, "total-count": 23,
    }  # fmt: skip
    assert len(asker.reads("/tags?page[number]=2").tree["data"]) == 3
    assert asker.reads("/tags?page[size]=1000").tree["meta"]["pagination"]["page-size"] == 100
    far = asker.reads("/tags?page[number]=999&page[size]=100").tree
    assert (far["data"], far["meta"]["pagination"]["current-page"]) == ([], 999)
    assert len(asker.reads("/tags?filter[name]=like:tag-1").tree["data"]) == 10
    assert len(asker.reads("/tags?query=tag-00").tree["data"]) == 1


def test_tags_mark_objects_and_find_them(asker: Asker) -> None:
    """go-scalr: ops add, replace and delete tags; terraform-provider-scalr filters by ``in:`` and tag ids."""
    workspace = asker.workspace()
    tag = asker.makes("/tags", "tags", {"name": "gatepass"}).id
    assert asker.makes("/tags", "tags", {"name": "gatepass"}).status == 422

    given = {"data": [{"type": "tags", "id": tag}]}
    assert asker.reads(f"/workspaces?filter[tag]=in:{tag}").tree["data"] == []
    assert asker.sends("POST", f"/workspaces/{workspace}/relationships/tags", given).status == 204
    found = asker.reads(f"/workspaces?filter[tag]=in:{tag}&include=tags,environment").tree
    assert [each["id"] for each in found["data"]] == [workspace]
    assert {each["type"] for each in found["included"]} == {"tags", "environments"}
    assert asker.sends("DELETE", f"/tags/{tag}").status == 204
    assert asker.reads(f"/workspaces/{workspace}").tree["data"]["relationships"]["tags"] == {"data": []}


def test_a_schedule_is_cron_in_utc_and_begins_runs(asker: Asker) -> None:
    """docs: /reference, run-schedule-rules: "Time should be in UTC"; a wrong expression is an error."""
    workspace = asker.workspace(auto_apply=True)
    related = {"workspace": ("workspaces", workspace)}
    wrong = asker.makes(
        "/run-schedule-rules", "run-schedule-rules", {"schedule": "daily", "schedule-mode": "apply"}, **related
    )
    assert (wrong.status, wrong.error["source"]) == (422, {"pointer": "/data/attributes/schedule"})
    asker.makes(
        "/run-schedule-rules", "run-schedule-rules", {"schedule": "30 4 * * 1-5", "schedule-mode": "apply"}, **related
    )

    assert asker.platform.fire_schedules(datetime(2026, 11, 22, 4, 30, tzinfo=UTC)) == []
    (run,) = asker.platform.fire_schedules(datetime(2026, 11, 23, 4, 30, tzinfo=UTC))
    asker.platform.wait_for_runs()
    assert asker.reads(f"/runs/{run.id}").attributes["source"] == "schedule"
    assert asker.status(run.id) == "applied"


def test_outputs_and_logs_are_told_and_sensitive_ones_are_not() -> None:
    """go-scalr: Output {name, value, sensitive}, its value a text; ops/plan: /plans/{id}/output, ``clean``."""

    def answer(variables: object) -> Said:
        del variables
        return Said(outputs={"role_arns": Output({"a": _ROLE}), "secret": Output("gp1.KEY.code", is_sensitive=True)})

    with FakePlatform(Api.SCALR, execute=Quick(answer)) as platform:
        asker = Asker(platform)
        workspace = asker.workspace(auto_apply=True)
        run = asker.run(workspace)
        platform.wait_for_runs()

        assert asker.reads(f"/workspaces/{workspace}/outputs").tree["data"] == [
            {"name": "role_arns", "value": f'{{"a": "{_ROLE}"}}', "sensitive": False},
            {"name": "secret", "value": None, "sensitive": True},
        ]
        related = asker.reads(f"/runs/{run}").tree["data"]["relationships"]
        log = f"/applies/{related['apply']['data']['id']}/output"
        assert "\x1b[" in asker.reads(log).text
        assert "\x1b[" not in asker.reads(f"{log}?clean=true").text
        assert asker.sends("DELETE", f"/workspaces/{workspace}").status == 409
        asker.changes(f"/workspaces/{workspace}", "workspaces", {"deletion-protection-enabled": False})
        assert asker.sends("DELETE", f"/workspaces/{workspace}").status == 204
