"""What every place of roles for single customers promises, the in-memory twin and the real one alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from gatepass.domain.account_policies import Holder
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.identifiers import Partition
from gatepass.domain.plan_team_roles import (
    DeleteTeamRole,
    DetachFromTeamRole,
    EndTeamRoleSessions,
    MakeTeamRole,
    PutTeamRolePolicy,
    PutTeamRoleTrust,
    TagTeamRole,
    TakeTeamRolePolicy,
)
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.team_access import AttachPolicyTo, CreatePolicy, HolderKind, TeamHolder
from gatepass.domain.team_roles import (
    WAY_POLICY,
    group_trust,
    role_trust,
    standing_team_roles,
    team_path,
    way_document,
)
from tests.adapters.test_team_ports import World, document, real_world
from tests.teams import PROVIDER, account, arn

NAME = "gatepass-netops.acme"
TAGS = {"gatepass:team": "netops", "gatepass:customer": "acme"}
TRUST = group_trust(Partition(), PROVIDER)
OTHER_TRUST = role_trust(Partition(), PROVIDER, [f"arn:aws:iam::{PROVIDER}:role/Storage"])
MADE = MakeTeamRole(NAME, team_path("netops"), TRUST, TAGS)


@pytest.fixture(params=["memory", "aws"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(account()) if request.param == "memory" else real_world(stack)


def standing(world: World) -> Holder:
    (found,) = standing_team_roles(world.teams.standing().everything)
    return found


def test_what_is_not_there_and_a_name_that_is_taken_are_told(world: World) -> None:
    for change in (
        PutTeamRoleTrust(NAME, TRUST), EndTeamRoleSessions(NAME), PutTeamRolePolicy(NAME, way_document([arn(1)])),
        TagTeamRole(NAME, TAGS),
    ):  # fmt: skip
        with pytest.raises(NotThere):
            world.teams.make(change)
    world.teams.make(MADE)
    for other in (
        MakeTeamRole(NAME, team_path("netops"), OTHER_TRUST, TAGS), MakeTeamRole(NAME, team_path("other"), TRUST, TAGS),
        MakeTeamRole(NAME.upper(), team_path("netops"), TRUST, TAGS),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            world.teams.make(other)
    world.teams.make(PutTeamRolePolicy(NAME, way_document([arn(1)])))
    with pytest.raises(Conflict):
        world.teams.make(DeleteTeamRole(NAME))


def test_every_change_does_what_it_says_and_doing_it_twice_is_a_success(world: World) -> None:
    for _ in range(2):
        world.teams.make(MADE)
    made = standing(world)
    assert (made.arn, made.trust, dict(made.tags), dict(made.inline)) == (
        f"arn:aws:iam::{PROVIDER}:role/gatepass/customers/netops/{NAME}", TRUST, TAGS, {}
    )  # fmt: skip
    world.teams.make(CreatePolicy("gatepass-netops-1", document(1)))
    world.teams.make(AttachPolicyTo("gatepass-netops-1", TeamHolder(HolderKind.ROLE, NAME)))
    managed = f"arn:aws:iam::{PROVIDER}:policy/gatepass/teams/gatepass-netops-1"
    assert standing(world).attached == (managed,)

    for change in (
        PutTeamRoleTrust(NAME, OTHER_TRUST), EndTeamRoleSessions(NAME), PutTeamRolePolicy(NAME, way_document([arn(1)])),
        TagTeamRole(NAME, {"gatepass:customer": "globex"}),
    ):  # fmt: skip
        for _ in range(2):
            world.teams.make(change)
    now = standing(world)
    assert now.trust == OTHER_TRUST
    assert now.inline[WAY_POLICY] == way_document([arn(1)])
    (ended,) = now.inline[SWITCH_POLICY].statements
    assert ended["Effect"] == "Deny"
    assert "aws:TokenIssueTime" in str(ended["Condition"])
    assert dict(now.tags) == {**TAGS, "gatepass:customer": "globex"}
    quotas = world.teams.standing().quotas
    assert quotas is not None
    assert quotas.roles == 1000

    for gone in (
        TakeTeamRolePolicy(NAME, WAY_POLICY), TakeTeamRolePolicy(NAME, SWITCH_POLICY),
        DetachFromTeamRole(NAME, managed), DeleteTeamRole(NAME),
    ):  # fmt: skip
        # Of the memory's twin the policies of teams let go by a change of their own.
        for _ in range(2):
            world.teams.make(gone)
    assert standing_team_roles(world.teams.standing().everything) == ()
