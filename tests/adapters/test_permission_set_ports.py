"""What every Identity Center promises, the in-memory twin and the real one alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import boto3
import pytest

from gatepass.adapters.identity_center import CenterPermissionSets
from gatepass.adapters.memory import MemoryClock
from gatepass.adapters.memory_permission_sets import MemoryPermissionSets
from gatepass.domain.documents import Document
from gatepass.domain.errors import AccessRefused, Conflict, NotThere
from gatepass.domain.packing import pack, principal_tag
from gatepass.domain.permission_sets import (
    NAME_TAG,
    ONE_SET,
    Assign,
    AssigneeKind,
    Assignment,
    CenterGroup,
    CreatePermissionSet,
    DeletePermissionSet,
    PermissionSet,
    Provision,
    PutInlinePolicy,
    SetChange,
    Unassign,
)
from gatepass.ports.teams import PermissionSets
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.memory.faults import FaultKind
from tests.teams import PROVIDER, arn

NAME = "gatepass-netops"
OTHERS = "gatepass-by-hand"


def written(*numbers: int) -> Document:
    (packed,) = pack([arn(number) for number in numbers], ONE_SET, own_name=principal_tag(NAME_TAG)).documents
    return packed


@dataclass
class World:
    """Identity Center with the group Net Ops, and a permission set of somebody else with a name like ours."""

    sets: PermissionSets
    group: str

    @property
    def assignment(self) -> Assignment:
        return Assignment(PROVIDER, AssigneeKind.GROUP, self.group)

    def make(self, *changes: SetChange) -> None:
        for change in changes:
            self.sets.make(change)

    def all(self) -> tuple[PermissionSet, ...]:
        return self.sets.standing(PROVIDER).sets


class Place:
    """A sandbox with the provider's session."""

    def __init__(self, stack: ExitStack) -> None:
        self.aws = stack.enter_context(EmbeddedAws())
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("AWS_ENDPOINT_URL", self.aws.endpoint)
        key, secret = self.aws.root_credentials(str(PROVIDER))
        self.session = boto3.Session(key, secret, region_name="us-east-1")
        self.clock = MemoryClock()

    def world(self) -> World:
        sso, store = self.session.client("sso-admin"), self.session.client("identitystore")
        (instance,) = sso.list_instances()["Instances"]
        sso.create_permission_set(InstanceArn=instance["InstanceArn"], Name=OTHERS)
        sso.create_permission_set(InstanceArn=instance["InstanceArn"], Name="Administrators")
        group = store.create_group(IdentityStoreId=instance["IdentityStoreId"], DisplayName="Net Ops")["GroupId"]
        return World(CenterPermissionSets(self.session, self.clock), group)


@pytest.fixture
def place() -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(stack)


@pytest.fixture(params=["memory", "aws"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "memory":
        groups = (CenterGroup("g-net", "Net Ops"),)
        return World(MemoryPermissionSets(groups, frozenset({OTHERS}), maps_name=None), "g-net")
    place: Place = request.getfixturevalue("place")
    return place.world()


def test_a_name_that_somebody_else_has_is_a_conflict(world: World) -> None:
    for name, team in ((OTHERS, "by-hand"), (NAME, "other")):
        world.make(CreatePermissionSet(NAME, "netops"))
        with pytest.raises(Conflict):
            world.make(CreatePermissionSet(name, team))


def test_nothing_is_done_to_a_set_that_is_not_there(world: World) -> None:
    for change in (
        PutInlinePolicy(NAME, written(1)), PutInlinePolicy(OTHERS, None), Provision(NAME), Assign(NAME, world.assignment)
    ):  # fmt: skip
        with pytest.raises(NotThere):
            world.make(change)


def test_every_change_does_what_it_says(world: World) -> None:
    world.make(CreatePermissionSet(NAME, "netops"), PutInlinePolicy(NAME, written(1, 2)))
    assert world.all() == (PermissionSet(NAME, "netops", written(1, 2)),)

    world.make(Assign(NAME, world.assignment), Provision(NAME))
    assert world.all() == (PermissionSet(NAME, "netops", written(1, 2), frozenset({world.assignment})),)
    ((assigned,),) = (each.assignments for each in world.all())
    assert str(assigned) == "group Net Ops in account 111122223333"

    world.make(PutInlinePolicy(NAME, None), Provision(NAME), Unassign(NAME, world.assignment))
    assert world.all() == (PermissionSet(NAME, "netops", None),)
    world.make(DeletePermissionSet(NAME))
    assert world.all() == ()


def test_making_twice_and_taking_what_is_gone_are_successes(world: World) -> None:
    for change in (
        CreatePermissionSet(NAME, "netops"), PutInlinePolicy(NAME, written(1)), Assign(NAME, world.assignment),
        Provision(NAME), Unassign(NAME, world.assignment), DeletePermissionSet(NAME), Unassign(NAME, world.assignment),
    ):  # fmt: skip
        world.make(change, change)

    assert world.all() == ()


def test_what_stands_beside_ours_is_told(world: World) -> None:
    standing = world.sets.standing(PROVIDER)

    assert (standing.sets, standing.others, standing.maps_name) == ((), frozenset({OTHERS}), None)
    assert standing.groups == (CenterGroup(world.group, "Net Ops"),)


def test_another_run_finds_what_this_one_made(place: Place) -> None:
    first = place.world()
    first.make(CreatePermissionSet(NAME, "netops"), Assign(NAME, first.assignment))
    second = CenterPermissionSets(place.session, place.clock)

    second.make(PutInlinePolicy(NAME, written(1)))
    second.make(Unassign(NAME, first.assignment))
    second.make(DeletePermissionSet(NAME))

    assert first.all() == ()


def test_a_refusal_says_which_right_is_missing(place: Place) -> None:
    world = place.world()
    place.aws.stage_fault(FaultKind.DENIED, "CreatePermissionSet")

    with pytest.raises(AccessRefused, match="sso:CreatePermissionSet for gatepass-netops"):
        world.make(CreatePermissionSet(NAME, "netops"))


def test_who_stays_busy_is_waited_for_and_then_told(place: Place) -> None:
    world = place.world()
    world.make(CreatePermissionSet(NAME, "netops"))
    place.aws.stage_fault(FaultKind.THROTTLE, "PutInlinePolicyToPermissionSet", times=5)

    world.make(PutInlinePolicy(NAME, written(1)))

    assert world.all() == (PermissionSet(NAME, "netops", written(1)),)
    assert 0.5 <= place.clock.slept.total_seconds() <= 1
