"""What every place of teams' policies promises, the in-memory twin and the real one alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import boto3
import pytest

from gatepass.adapters.iam_teams import IamTeams
from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.identifiers import Partition
from gatepass.domain.packing import GROUP_MANAGED, pack
from gatepass.domain.team_access import (
    AttachPolicyTo,
    CreatePolicy,
    DeletePolicy,
    DeleteVersion,
    DetachPolicyFrom,
    HolderKind,
    PutVersion,
    TeamHolder,
    TeamPolicy,
)
from gatepass.ports.teams import TeamPolicies
from gatepass.sandbox.embedded import EmbeddedAws
from tests.teams import PROVIDER, account, arn

NAME = "gatepass-netops-1"
GROUP = TeamHolder(HolderKind.GROUP, "NetOps")
ROLE = TeamHolder(HolderKind.ROLE, "Storage")
USER = TeamHolder(HolderKind.USER, "olaf")
TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}'


def document(*numbers: int) -> Document:
    (packed,) = pack([arn(number) for number in numbers], GROUP_MANAGED).documents
    return packed


@dataclass
class World:
    """The provider's account: maria in the group NetOps, olaf in none, the role Storage."""

    teams: TeamPolicies

    def policy(self) -> TeamPolicy:
        (found,) = self.teams.standing().policies
        return found


def real_world(stack: ExitStack) -> World:
    aws = stack.enter_context(EmbeddedAws())
    stack.enter_context(pytest.MonkeyPatch.context()).setenv("AWS_ENDPOINT_URL", aws.endpoint)
    key, secret = aws.root_credentials(str(PROVIDER))
    session = boto3.Session(key, secret, region_name="us-east-1")
    iam = session.client("iam")
    for name in ("NetOps", "Billing"):
        iam.create_group(GroupName=name)
    for name in ("maria", "olaf"):
        iam.create_user(UserName=name)
    iam.add_user_to_group(GroupName="NetOps", UserName="maria")
    iam.create_role(RoleName="Storage", AssumeRolePolicyDocument=TRUST)
    return World(IamTeams(session))


@pytest.fixture(params=["memory", "aws"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(account()) if request.param == "memory" else real_world(stack)


def test_a_name_that_is_taken_by_another_document_is_a_conflict(world: World) -> None:
    world.teams.make(CreatePolicy(NAME, document(1)))

    with pytest.raises(Conflict):
        world.teams.make(CreatePolicy(NAME, document(2)))


def test_nothing_is_attached_to_what_is_not_there(world: World) -> None:
    world.teams.make(CreatePolicy(NAME, document(1)))

    with pytest.raises(NotThere):
        world.teams.make(AttachPolicyTo(NAME, TeamHolder(HolderKind.GROUP, "Nobody")))
    with pytest.raises(NotThere):
        world.teams.make(AttachPolicyTo("gatepass-other-1", GROUP))


def test_a_sixth_version_has_no_room(world: World) -> None:
    world.teams.make(CreatePolicy(NAME, document(1)))
    for number in range(2, 6):
        world.teams.make(PutVersion(NAME, document(number)))

    with pytest.raises(Conflict):
        world.teams.make(PutVersion(NAME, document(6)))

    assert world.policy() == TeamPolicy(NAME, document(5), versions=("v1", "v2", "v3", "v4"))
    world.teams.make(DeleteVersion(NAME, "v1"))
    world.teams.make(PutVersion(NAME, document(6)))
    assert world.policy() == TeamPolicy(NAME, document(6), versions=("v2", "v3", "v4", "v5"))


def test_a_policy_that_somebody_holds_is_not_deleted(world: World) -> None:
    world.teams.make(CreatePolicy(NAME, document(1)))
    world.teams.make(AttachPolicyTo(NAME, GROUP))

    with pytest.raises(Conflict):
        world.teams.make(DeletePolicy(NAME))


def test_every_change_does_what_it_says(world: World) -> None:
    world.teams.make(CreatePolicy(NAME, document(1)))
    for holder in (GROUP, ROLE, USER):
        world.teams.make(AttachPolicyTo(NAME, holder))
    assert world.policy() == TeamPolicy(NAME, document(1), frozenset({GROUP, ROLE, USER}))
    for holder in (GROUP, ROLE, USER):
        world.teams.make(DetachPolicyFrom(NAME, holder))
    assert world.policy() == TeamPolicy(NAME, document(1))

    world.teams.make(DeletePolicy(NAME))
    assert world.teams.standing().policies == ()


def test_making_twice_and_taking_what_is_gone_are_successes(world: World) -> None:
    for _ in range(2):
        world.teams.make(CreatePolicy(NAME, document(1)))
    for _ in range(2):
        world.teams.make(AttachPolicyTo(NAME, GROUP))
    for change in (DetachPolicyFrom(NAME, GROUP), DeletePolicy(NAME), DeleteVersion(NAME, "v7")):
        for _ in range(2):
            world.teams.make(change)

    assert world.teams.standing().policies == ()


def test_what_stands_is_read_whole(world: World) -> None:
    world.teams.make(CreatePolicy(NAME, document(1)))
    world.teams.make(AttachPolicyTo(NAME, GROUP))

    standing = world.teams.standing()

    assert world.teams.owner() == (Partition(), PROVIDER)
    assert (standing.partition, standing.account) == (Partition(), PROVIDER)
    assert {holder.name for holder in standing.everything.users} == {"maria", "olaf"}
    (maria,) = (holder for holder in standing.everything.users if holder.name == "maria")
    assert list(standing.everything.documents(maria).values()) == [document(1)]
    assert standing.quotas is not None
    assert (standing.quotas.per_group, standing.quotas.policies) == (10, 1500)
