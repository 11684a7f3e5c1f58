"""The life of a run on both fakes.

Pages: docs.scalr.io/reference (runs: the states, and what apply, cancel and discard are for) and
https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run (states, actions with 202 and 409).
"""

from __future__ import annotations

import pytest

from tests.platforms.fake.asking import Asker
from tests.platforms.fake.execution import Quick, RunFailed
from tests.platforms.fake.platform import Api, FakePlatform

_DRY = {Api.SCALR: "is_dry", Api.HCP: "plan_only"}


@pytest.fixture
def asker(platform: FakePlatform) -> Asker:
    """Return somebody with a token, on each platform."""
    return Asker(platform)


def _stages(asker: Asker, run: str) -> list[str]:
    return [each.removesuffix("-at") for each in asker.reads(f"/runs/{run}").attributes["status-timestamps"]]


def test_a_run_that_applies_by_itself_goes_through_every_stage(asker: Asker) -> None:
    run = asker.run(asker.workspace(auto_apply=True))
    asker.platform.wait_for_runs()

    stages = _stages(asker, run)
    assert (stages[0], stages[-1]) == ("pending", "applied")
    wanted = ["plan-queued", "planning", "planned", "confirmed", "apply-queued", "applying", "applied"]
    assert [each for each in stages if each in wanted] == wanted
    assert ("fetching" in stages) is (asker.platform.api is Api.HCP)


def test_a_run_without_changes_ends_after_its_plan(asker: Asker) -> None:
    workspace = asker.workspace(auto_apply=True)
    for _ in range(2):
        last = asker.run(workspace)
        asker.platform.wait_for_runs()
    assert asker.status(last) == "planned_and_finished"

    asker.variable(workspace, "doors", "{}")
    changed = asker.run(workspace)
    asker.platform.wait_for_runs()
    assert asker.status(changed) == "applied"


def test_a_run_waits_for_a_person_and_holds_those_behind_it_but_not_the_dry_ones(asker: Asker) -> None:
    workspace = asker.workspace()
    first, second = asker.run(workspace), asker.run(workspace)
    dry = asker.run(workspace, **{_DRY[asker.platform.api]: True})
    asker.platform.wait(lambda: asker.platform.objects.named_run(dry).attributes["status"] == "planned_and_finished")
    asker.platform.wait(lambda: asker.platform.objects.named_run(first).attributes["status"] == "planned")

    assert asker.status(second) == "pending"
    assert asker.acts(second, "apply").status == 409
    assert asker.acts(first, "cancel").status == 409
    assert asker.acts(first, "apply").status == 202
    asker.platform.wait_for_runs()
    assert asker.status(first) == "applied"
    assert asker.acts(first, "apply").status == 409
    assert asker.acts(first, "discard").status == 409


def test_a_run_that_waits_is_discarded_and_the_next_one_begins(asker: Asker) -> None:
    workspace = asker.workspace()
    first, second = asker.run(workspace), asker.run(workspace)
    asker.platform.wait(lambda: asker.platform.objects.named_run(first).attributes["status"] == "planned")

    assert asker.acts(first, "discard").status == 202
    asker.platform.wait(lambda: asker.platform.objects.named_run(second).attributes["status"] == "planned")
    assert asker.status(first) == "discarded"


def test_a_run_that_plans_is_canceled_and_nothing_is_applied(asker: Asker) -> None:
    workspace = asker.workspace(auto_apply=True)
    asker.platform.hold_runs("planning")
    run = asker.run(workspace)
    asker.platform.wait(lambda: asker.platform.objects.named_run(run).attributes["status"] == "planning")

    assert asker.acts(run, "discard").status == 409
    assert asker.acts(run, "cancel").status == 202
    asker.platform.wait_for_runs()
    assert asker.status(run) == "canceled"
    related = asker.reads(f"/runs/{run}?include=plan,apply").tree["included"]
    assert {each["type"]: each["attributes"]["status"] for each in related} == {
        "plans": "canceled",
        "applies": "unreachable",
    }


def test_a_locked_workspace_keeps_its_runs_pending(asker: Asker) -> None:
    workspace = asker.workspace(auto_apply=True)
    asker.platform.lock(workspace, "maintenance")
    run = asker.run(workspace)
    assert asker.status(run) == "pending"
    assert asker.reads(f"/workspaces/{workspace}").attributes["locked"] is True
    assert asker.sends("DELETE", f"/workspaces/{workspace}").status == 409

    asker.platform.unlock(workspace)
    asker.platform.wait_for_runs()
    assert asker.status(run) == "applied"


def test_a_run_holds_its_workspaces_lock_until_it_is_over(asker: Asker) -> None:
    """Workspaces of both references: locked, and by whom (locked-by, in Scalr locked-by-run for a run)."""
    workspace = asker.workspace()
    path, by_run = f"/workspaces/{workspace}", "locked-by-run" if asker.platform.api is Api.SCALR else "locked-by"

    def holder(relation: str) -> object:
        return asker.reads(path).tree["data"]["relationships"][relation]["data"]

    run = asker.run(workspace)
    asker.platform.wait_for_runs()
    assert holder(by_run) == {"type": "runs", "id": run}
    assert asker.sends("POST", f"{path}/actions/unlock").status == 409
    assert asker.sends("POST", f"{path}/actions/lock").status == 409
    assert asker.acts(run, "discard").status == 202
    assert (asker.reads(path).attributes["locked"], holder(by_run)) == (False, None)

    asker.platform.lock(workspace)
    assert asker.reads(f"{path}?include=locked_by").tree["included"][0]["type"] == "users"


def test_policies_that_fail_softly_stop_a_run_until_they_are_overridden(asker: Asker) -> None:
    workspace = asker.workspace(auto_apply=True)
    asker.platform.soft_fail_policies(workspace)
    run = asker.run(workspace)
    asker.platform.wait_for_runs()
    assert asker.status(run) == "policy_override"
    assert asker.acts(run, "apply").status == 409

    asker.platform.override_policies(run)
    asker.platform.wait(lambda: asker.platform.objects.named_run(run).attributes["status"] == "applied")


@pytest.mark.parametrize("phase", ["plan", "apply"])
def test_a_run_is_errored_where_a_test_wants_it_and_the_next_one_is_not(asker: Asker, phase: str) -> None:
    workspace = asker.workspace(auto_apply=True)
    asker.platform.fail_runs(phase)
    failed = asker.run(workspace)
    asker.platform.wait_for_runs()
    assert asker.status(failed) == "errored"
    assert ("applying" in _stages(asker, failed)) is (phase == "apply")

    again = asker.run(workspace)
    asker.platform.wait_for_runs()
    assert asker.status(again) == "applied"


@pytest.mark.parametrize("api", list(Api), ids=lambda api: api.value)
def test_what_is_executed_sees_the_variables_and_may_refuse(api: Api) -> None:
    seen: list[object] = []

    def answer(variables: object) -> object:
        seen.append(variables)
        raise RunFailed("the provider said no")

    with FakePlatform(api, execute=Quick(answer)) as platform:  # type: ignore[arg-type]
        asker = Asker(platform)
        workspace = asker.workspace(auto_apply=True)
        asker.variable(workspace, "doors", "{}", sensitive=True)
        run = asker.run(workspace)
        platform.wait_for_runs()

        assert seen == [{"doors": "{}"}]
        assert asker.status(run) == "errored"
        apply = platform.objects.of(platform.objects.named_run(run).related("apply")[0])
        assert "the provider said no" in apply.kept["log"]
