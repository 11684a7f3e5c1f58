"""What can be made to go wrong with the fakes, and what they remember of requests."""

from __future__ import annotations

import http.client

import pytest

from tests.platforms.fake.asking import Asker
from tests.platforms.fake.faults import Fault
from tests.platforms.fake.platform import Api, FakePlatform


@pytest.fixture
def asker(platform: FakePlatform) -> Asker:
    """Return somebody with a token, on each platform."""
    return Asker(platform)


def _variables(asker: Asker) -> int:
    return len(asker.platform.objects.all("vars"))


@pytest.mark.parametrize(
    ("fault", "status", "is_done"),
    [
        (Fault.TOO_MANY, 429, False),
        (Fault.ERROR_BEFORE, 500, False),
        (Fault.ERROR_AFTER, 500, True),
        (Fault.TOKEN_EXPIRED, 401, False),
        (Fault.INVISIBLE, 404, False),
        (Fault.LOCKED, 409, False),
        (Fault.SLOW, 201, True),
        (Fault.LOST, 0, True),
        (Fault.LOST_BEFORE, 0, False),
    ],
    ids=lambda each: each.name if isinstance(each, Fault) else "",
)
def test_a_fault_hits_once_and_leaves_what_it_says(asker: Asker, fault: Fault, status: int, is_done: bool) -> None:  # noqa: FBT001
    workspace = asker.workspace()
    staged = asker.platform.fail(fault, "POST", r".*/?vars")

    try:
        found = asker.variable(workspace, "doors", "{}").status
    except http.client.RemoteDisconnected:
        found = 0

    assert (found, _variables(asker), staged.hit) == (status, int(is_done), 1)
    assert asker.platform.requests[-1].status == status
    assert asker.variable(workspace, "windows", "{}").status == 201


def test_a_fault_waits_for_its_turn(asker: Asker) -> None:
    workspace = asker.workspace()
    asker.platform.fail(Fault.ERROR_BEFORE, "POST", r".*/?vars", after=1, times=2)

    assert [asker.variable(workspace, f"v{number}", "").status for number in range(4)] == [201, 500, 500, 201]
    asker.platform.fail(Fault.ERROR_BEFORE)
    asker.platform.clear_faults()
    assert asker.variable(workspace, "last", "").status == 201


def test_scalr_says_403_and_hcp_terraform_404(asker: Asker) -> None:
    """docs.scalr.com/en/latest/api/preview lists 403; HashiCorp's api-docs#response-codes say why it is 404 there."""
    workspace = asker.workspace()
    asker.platform.fail(Fault.FORBIDDEN)
    assert asker.sends("GET", f"/workspaces/{workspace}").status == (403 if asker.platform.api is Api.SCALR else 404)


def test_when_to_come_again_is_told_as_each_platform_tells_it(asker: Asker) -> None:
    workspace = asker.workspace()
    asker.platform.fail(Fault.TOO_MANY, seconds=1.5)
    headers = asker.sends("GET", f"/workspaces/{workspace}").headers
    if asker.platform.api is Api.SCALR:
        assert headers["Retry-After"] == "2"
    else:
        assert headers["X-RateLimit-Reset"] == "1.500"


def test_a_token_expires_and_another_one_is_given_out(asker: Asker) -> None:
    workspace, old = asker.workspace(), asker.platform.token
    asker.platform.expire_token()
    assert asker.sends("GET", f"/workspaces/{workspace}").status == 401

    asker.platform.renew_token()
    assert asker.sends("GET", f"/workspaces/{workspace}").status == 200
    assert asker.sends("GET", f"/workspaces/{workspace}", token=old).status == 401


def test_requests_are_counted_and_no_body_is_kept(asker: Asker) -> None:
    workspace = asker.workspace()
    asker.platform.forget_requests()
    asker.variable(workspace, "doors", "gp1.KEY.code", sensitive=True)
    asker.sends("GET", f"/workspaces/{workspace}?include=gp1.KEY.other")

    assert (asker.platform.count(), asker.platform.count("POST"), asker.platform.count("*", "/workspaces/[^/]+")) == (
        2,
        1,
        1,
    )
    assert asker.platform.urls_with("gp1.KEY.code") == []
    assert len(asker.platform.urls_with("gp1.KEY.other")) == 1
    assert "gp1.KEY.code" not in repr(asker.platform.requests)
    assert "gp1.KEY.code" not in repr(asker.platform.objects.all("vars"))
