"""The fake HCP Terraform keeps to HashiCorp's own documentation.

Pages: https://developer.hashicorp.com/terraform/cloud-docs/api-docs, each test names which.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.platforms.fake.asking import Asker, one
from tests.platforms.fake.execution import Output, Quick, Said
from tests.platforms.fake.faults import Fault
from tests.platforms.fake.platform import Api, FakePlatform

_ROLE = "arn:aws:iam::444455556666:role/gatepass/support"


@pytest.fixture
def asker(hcp: FakePlatform) -> Asker:
    """Return somebody with a token."""
    return Asker(hcp)


def test_what_is_not_documented_is_refused(asker: Asker) -> None:
    """api-docs/workspaces and api-docs#json-api-formatting."""
    unknown = asker.makes("/organizations/acme/workspaces", "workspaces", {"name": "w", "terraform_version": "1.0.0"})
    assert (unknown.status, unknown.error["source"]) == (422, {"pointer": "/data/attributes/terraform_version"})
    mode = asker.makes("/organizations/acme/workspaces", "workspaces", {"name": "w", "execution-mode": "far"})
    assert mode.status == 422
    assert asker.sends("GET", "/organizations/acme/workspaces?filter[name]=w").status == 400
    assert asker.sends("POST", "/runs", one("runs", {}), Content_Type="application/json").status == 415
    assert asker.makes("/run-schedule-rules", "run-schedule-rules", {"schedule": "0 0 * * *"}).status == 404
    assert asker.platform.fire_schedules(datetime.now(UTC)) == []


def test_what_may_not_be_seen_is_not_there(asker: Asker) -> None:
    """api-docs#authentication and #response-codes: 401 for tokens alone, 404 in place of 403."""
    assert asker.sends("GET", "/organizations/acme", token="made-up").status == 401
    assert asker.sends("GET", "/organizations/another").error == {"status": "404", "title": "not found"}
    asker.platform.fail(Fault.FORBIDDEN, "GET", "/organizations/acme")
    assert asker.sends("GET", "/organizations/acme").status == 404
    assert asker.sends("GET", f"{asker.platform.address}/.well-known/terraform.json", token="none").tree["tfe.v2"]


def test_projects_are_found_by_their_names_whatever_their_case(asker: Asker) -> None:
    """api-docs/projects."""
    made = asker.makes("/organizations/acme/projects", "projects", {"name": "Customers"})
    assert made.status == 201
    assert asker.makes("/organizations/acme/projects", "projects", {"name": "customers"}).status == 422
    assert asker.makes("/organizations/acme/projects", "projects", {"name": "ab"}).status == 422

    found = asker.reads("/organizations/acme/projects?filter[names]=customers,none").tree
    assert [each["id"] for each in found["data"]] == [made.id]
    assert found["links"]["next"] is None
    workspace = asker.makes(
        "/organizations/acme/workspaces", "workspaces", {"name": "w"}, project=("projects", made.id)
    )
    assert asker.sends("DELETE", f"/projects/{made.id}").status == 403
    assert asker.sends("DELETE", f"/workspaces/{workspace.id}").status == 204
    assert asker.sends("DELETE", f"/projects/{made.id}").status == 204


def test_a_workspace_is_there_by_its_id_and_by_its_name_and_is_found_by_its_tags(asker: Asker) -> None:
    """api-docs/workspaces: create, show, list; tag bindings when made, changed and added to."""
    token = asker.reads("/organizations/acme/oauth-clients?include=oauth_tokens").tree["included"][0]["id"]
    repository = {"identifier": "acme/access", "oauth-token-id": token}
    tree = one("workspaces", {"name": "access", "vcs-repo": repository})
    tags = [{"type": "tag-bindings", "attributes": {"key": "gatepass", "value": "acme"}}]
    tree["data"]["relationships"] = {"tag-bindings": {"data": tags}}
    made = asker.sends("POST", "/organizations/acme/workspaces", tree)

    assert asker.sends("POST", "/organizations/acme/workspaces", tree).error["detail"] == "Name has already been taken"
    assert asker.reads("/organizations/acme/workspaces/access").id == made.id
    for pair in ("filter[tagged][0][key]=gatepass", "filter[tagged][0][key]=gatepass&filter[tagged][0][value]=acme"):
        assert len(asker.reads(f"/organizations/acme/workspaces?{pair}").tree["data"]) == 1
    assert asker.reads("/organizations/acme/workspaces?filter[tagged][0][key]=other").tree["data"] == []
    added = {"data": [{"type": "tag-bindings", "attributes": {"key": "owner", "value": "ann"}}]}
    assert asker.sends("PATCH", f"/workspaces/{made.id}/tag-bindings", added).status == 200
    bound = asker.reads(f"/workspaces/{made.id}/tag-bindings").tree["data"]
    assert {each["attributes"]["key"] for each in bound} == {"gatepass", "owner"}
    project = asker.reads("/organizations/acme").tree["data"]["relationships"]["default-project"]["data"]["id"]
    above = {"data": [{"type": "tag-bindings", "attributes": {"key": "team", "value": "sre"}}]}
    assert asker.sends("PATCH", f"/projects/{project}/tag-bindings", above).status == 200
    seen = asker.reads("/organizations/acme/workspaces/access?include=effective_tag_bindings").tree["included"]
    links = {each["attributes"]["key"]: each.get("links") for each in seen}
    assert links == {"gatepass": None, "owner": None, "team": {"inherited-from": f"/api/v2/projects/{project}"}}

    loose = {"name": "w", "vcs-repo": {"identifier": "acme/access"}}
    assert asker.makes("/organizations/acme/workspaces", "workspaces", loose).status == 422


def test_a_sensitive_variable_is_written_and_never_read(asker: Asker) -> None:
    """api-docs/workspace-variables."""
    workspace = asker.workspace()
    made = asker.variable(workspace, "doors", '{"support": ["gp1.KEY.one"]}', hcl=True, sensitive=True)
    assert made.attributes["value"] is None
    assert asker.variable(workspace, "doors", "{}").error["detail"] == "Key has already been taken"
    assert asker.makes(f"/workspaces/{workspace}/vars", "vars", {"key": "A", "category": "shell"}).status == 422

    path = f"/workspaces/{workspace}/vars/{made.id}"
    nameless = asker.sends("PATCH", path, one("vars", {"value": "{}"}))
    assert (nameless.status, nameless.error["source"]) == (422, {"pointer": "/data/id"})
    assert asker.changes(path, "vars", {"sensitive": False}).status == 422
    changed = asker.changes(path, "vars", {"value": '{"support": ["gp1.KEY.two"]}'})
    assert changed.attributes["version-id"] != made.attributes["version-id"]
    assert "gp1.KEY" not in asker.reads(f"/workspaces/{workspace}/vars").text
    assert asker.sends("GET", path.replace(workspace, "ws-another")).status == 404


def test_deleting_is_safe_only_where_it_is_asked_to_be(asker: Asker) -> None:
    """api-docs/workspaces: safe delete, force delete, lock."""
    workspace = asker.workspace(auto_apply=True)
    asker.run(workspace)
    asker.platform.wait_for_runs()

    assert asker.sends("POST", f"/workspaces/{workspace}/actions/safe-delete").status == 409
    assert asker.sends("POST", f"/workspaces/{workspace}/actions/lock", {"reason": "x"}).attributes["locked"] is True
    assert asker.sends("POST", f"/workspaces/{workspace}/actions/lock", {}).status == 409
    assert asker.sends("POST", f"/workspaces/{workspace}/actions/unlock").status == 200
    asker.run(workspace, is_destroy=True)
    asker.platform.wait_for_runs()
    assert asker.sends("POST", f"/workspaces/{workspace}/actions/safe-delete").status == 204
    assert asker.sends("GET", f"/workspaces/{workspace}").status == 404


def test_a_log_is_read_without_a_token_and_is_json_lines_unless_told_otherwise(asker: Asker) -> None:
    """api-docs/plans: log-read-url; api-docs#blob-storage-authentication: the URL is the secret; go-tfe frames it."""
    workspace = asker.workspace()
    asker.platform.hold_runs("planned")
    run = asker.run(workspace, plan_only=True)
    asker.platform.wait(lambda: asker.platform.objects.named_run(run).attributes["status"] == "planned")
    plan = asker.reads(f"/runs/{run}?include=plan").tree["included"][0]["attributes"]
    asker.platform.let_runs_go()
    asker.platform.wait_for_runs()

    text = asker.sends("GET", plan["log-read-url"], token="").text
    assert [each.has_token for each in asker.platform.requests[-2:]] == [True, False]
    assert (text[0], text[-1]) == ("\x02", "\x03")
    assert json.loads(text[1:-1].splitlines()[0])["@message"] == "Terraform will perform the following actions:"
    assert asker.sends("GET", f"{plan['log-read-url']}?offset=1&limit=1", token="none").text == "{"
    assert asker.sends("GET", f"{asker.platform.address}/v1/object/guessed", token="none").status == 404
    # Runs that only plan are not in the list unless it is asked for them.
    assert asker.reads(f"/workspaces/{workspace}/runs").tree["data"] == []
    assert len(asker.reads(f"/workspaces/{workspace}/runs?filter[operation]=plan_only").tree["data"]) == 1
    assert asker.sends("GET", f"/workspaces/{workspace}/runs?filter[operation]=planning").status == 400


def test_sensitive_outputs_are_null_but_where_they_are_asked_for_one_by_one() -> None:
    """api-docs/state-version-outputs."""

    def answer(variables: object) -> Said:
        del variables
        return Said(
            outputs={"role_arns": Output({"support": _ROLE}), "code": Output("gp1.KEY.code", is_sensitive=True)}
        )

    with FakePlatform(Api.HCP, execute=Quick(answer)) as platform:
        asker = Asker(platform)
        workspace = asker.workspace(auto_apply=True)
        path = f"/workspaces/{workspace}/current-state-version-outputs"
        assert asker.sends("GET", path).status == 404
        asker.run(workspace)
        platform.wait_for_runs()

        told = {each["attributes"]["name"]: each for each in asker.reads(path).tree["data"]}
        assert told["role_arns"]["attributes"]["value"] == {"support": _ROLE}
        assert told["code"]["attributes"]["value"] is None
        assert asker.reads(f"/state-version-outputs/{told['code']['id']}").attributes["value"] == "gp1.KEY.code"


def test_thirty_requests_a_second_pass_and_the_next_is_told_when_to_come_again(asker: Asker) -> None:
    """api-docs#rate-limits; go-tfe reads the headers."""
    asker.platform.limit(3)
    passed = [asker.sends("GET", "/ping") for _ in range(3)]
    assert [each.status for each in passed] == [204] * 3
    assert passed[0].headers["X-RateLimit-Limit"] == "3"

    refused = asker.sends("GET", "/ping")
    assert refused.error == {
        "status": 429,
        "title": "Too many requests",
        "detail": "You have exceeded the API's rate limit.",
    }
    assert 0 < float(refused.headers["X-RateLimit-Reset"]) <= 1
    assert "Retry-After" not in refused.headers


def test_runs_of_a_workspace_are_listed_thirty_times_a_minute(asker: Asker) -> None:
    """api-docs/run#list-runs-in-a-workspace."""
    path = f"/workspaces/{asker.workspace()}/runs"
    asker.platform.limit(1000)
    assert [asker.sends("GET", path).status for _ in range(31)] == [200] * 30 + [429]
    assert asker.sends("GET", "/ping").status == 204
