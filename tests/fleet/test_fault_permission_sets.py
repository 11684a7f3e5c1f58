"""A customer is left whose team enters by permission sets: interrupted anywhere, done again, nobody else loses anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.memory_permission_sets import MemoryPermissionSets
from gatepass.adapters.memory_register import MemoryRegister
from gatepass.adapters.memory_teams import MemoryTeams
from gatepass.domain.errors import AccessRefused, Conflict
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.permission_sets import CenterGroup, reserved_role
from gatepass.domain.register import Access, Customer, Team
from gatepass.domain.set_documents import reached_by
from gatepass.usecases.apply_permission_sets import apply_team_sets
from gatepass.usecases.depart_customer import OwnSide, shut_out, take_assignments, take_out, who_reaches
from gatepass.usecases.plan_permission_sets import plan_team_sets
from tests.cli.handover import done
from tests.conftest import CUSTOMER, Cloud
from tests.teams import NETOPS, PROVIDER, account, arn, customer, register, role

TEAMS = (Team(NETOPS, identity_center_group="Net Ops"),)
LEFT, OTHER = (customer(number, NETOPS, access=Access.PERMISSION_SET) for number in (1, 2))
RESERVED = reserved_role("aws", PROVIDER, "gatepass-netops").rpartition("role/")[2]


@dataclass
class Scene:
    """A provider whose team gets into its customers' roles by a permission set.

    Attributes:
        has_role: whether Identity Center has made the set's role in the account yet.
    """

    customers: tuple[Customer, ...] = (LEFT, OTHER)
    has_role: bool = True
    center: MemoryPermissionSets = field(
        default_factory=lambda: MemoryPermissionSets((CenterGroup("g-net", "Net Ops"),))
    )

    def __post_init__(self) -> None:
        self.book = MemoryRegister(register(*self.customers, teams=TEAMS))
        list(apply_team_sets(plan_team_sets(self.book.load(), self.center), self.center))
        assert self.reached() == {arn(int(one.name.text[-1])) for one in self.customers}

    def reached(self) -> frozenset[RoleArn]:
        """Return the roles that the group gets into, by the policies that the accounts carry."""
        return frozenset().union(*(reached_by(each, str(NETOPS)) for each in self.center.reached("g-net")))

    @property
    def own(self) -> OwnSide:
        return OwnSide(self.book, self._teams(), lambda: self.center, MemorySecrets(), lambda _: 0)

    def _teams(self) -> MemoryTeams:
        """Return the account, in which Identity Center keeps the role of the set as long as it is assigned."""
        carried = (text for text in self.center.provisioned.values() if text is not None and self.has_role)
        return account(*(role(RESERVED, inline=text) for text in carried))

    def leaves(self) -> None:
        take_assignments(LEFT.name, self.own)
        shut_out(LEFT, self.own)


@pytest.mark.parametrize("has_role", [True, False])
def test_before_it_is_left_the_proof_says_who_gets_in(*, has_role: bool) -> None:
    reached = who_reaches(LEFT, Scene(has_role=has_role).own)

    assert not reached.holds
    assert [one for one in reached.by if "gatepass-netops" in one]


@pytest.mark.parametrize("has_role", [True, False])
@pytest.mark.parametrize("others", [(), (OTHER,)])
def test_the_team_loses_this_customer_and_no_other(others: tuple[Customer, ...], *, has_role: bool) -> None:
    scene = Scene((LEFT, *others), has_role=has_role)

    scene.leaves()

    assert scene.reached() == {arn(2) for _ in others}
    assert who_reaches(LEFT, scene.own).holds
    assert bool(scene.center.sets) == bool(others), "a permission set that lets nobody in anywhere is gone"
    take_out(LEFT.name, scene.own)
    assert set(scene.book.load().customers) == {one.name for one in others}


@pytest.mark.parametrize("others", [(), (OTHER,)])
def test_refused_after_any_change_nobody_gains_and_once_more_finishes(others: tuple[Customer, ...]) -> None:
    for made in count():
        scene = Scene((LEFT, *others))
        wanted = {arn(2) for _ in others}
        scene.center.failures = made
        try:
            scene.leaves()
        except AccessRefused:
            assert wanted <= scene.reached() <= wanted | {arn(1)}
            assert who_reaches(LEFT, scene.own).holds == (arn(1) not in scene.reached())
            scene.center.failures = None
            scene.leaves()
            assert scene.reached() == wanted
            assert who_reaches(LEFT, scene.own).holds
            continue
        assert made > 1
        return


def test_with_a_customer_that_nobody_applied_yet_nothing_is_changed() -> None:
    scene = Scene()
    scene.book.add(customer(3, NETOPS, access=Access.PERMISSION_SET))
    before = dict(scene.center.sets)

    with pytest.raises(Conflict, match="not as its register says"):
        shut_out(LEFT, scene.own)

    assert scene.center.sets == before


REGISTER = f"""\
gatepass: provider
version: 1
account: "{PROVIDER}"
teams:
  netops: {{identity_center_group: Net Ops}}
customers:
  acme-prod:
    company: acme
    account: "{CUSTOMER}"
    key: 7KQ2M9XW4T
    roles: {{support: arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support}}
    teams: {{support: [netops]}}
    access: permission-set
"""


@pytest.mark.thorough
def test_typed_the_only_customer_of_a_team_in_identity_center_is_left(cloud: Cloud, tmp_path: Path) -> None:
    """The sandbox's Identity Center makes no roles in accounts, so it has to be asked itself."""
    root = cloud.aws.root_credentials(str(PROVIDER))
    sso, lead = cloud.client("sso-admin", root), cloud.person(tmp_path, root)
    (instance,) = sso.list_instances()["Instances"]
    cloud.client("identitystore", root).create_group(IdentityStoreId=instance["IdentityStoreId"], DisplayName="Net Ops")
    (lead.home / "customers.yml").write_text(REGISTER, encoding="utf-8")
    done(lead, "gatepass keys init --name Harbour")
    done(lead, "gatepass apply customers.yml --store file --yes")
    assert sso.list_permission_sets(InstanceArn=instance["InstanceArn"])["PermissionSets"]

    told = done(lead, "gatepass fleet offboard --customer acme-prod --store file")

    assert "1 of 1, 1 done, 0 failed" in told
    assert sso.list_permission_sets(InstanceArn=instance["InstanceArn"])["PermissionSets"] == []
    assert "acme-prod" not in (lead.home / "customers.yml").read_text(encoding="utf-8")
