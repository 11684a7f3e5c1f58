"""The hop into the provider's own role for a customer, from which the customer's role is entered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemoryClock, MemoryRoles, MemoryTokens
from gatepass.domain.errors import AccessRefused, CredentialsRefused
from gatepass.domain.identifiers import Partition, RoleName
from gatepass.domain.register import Access, TeamName
from gatepass.domain.role import Role
from gatepass.domain.session import Caller, Credentials, Entry, Session
from gatepass.domain.team_roles import group_trust
from gatepass.ports.sessions import TokenService
from gatepass.usecases.find_way_in import WayIn
from gatepass.usecases.reach_role import tokens_for
from tests.people import MORNING, PROVIDER
from tests.teams import NETOPS, STORAGE, SUPPORT, arn, customer

MARIA = Caller(PROVIDER, f"arn:aws:iam::{PROVIDER}:user/maria")
SESSION = Caller(PROVIDER, f"arn:aws:sts::{PROVIDER}:assumed-role/Storage/maria")
ONE = f"arn:aws:iam::{PROVIDER}:role/gatepass/customers"


def way(*teams: TeamName, access: Access | None = Access.ROLE_PER_CUSTOMER) -> WayIn:
    return WayIn(customer(1, *teams, access=access), SUPPORT, arn(1))


def account_with(*names: str) -> MemoryRoles:
    trust = group_trust(Partition(), PROVIDER)
    roles = {RoleName(name): Role(RoleName(name), trust, timedelta(hours=1)) for name in names}
    return MemoryRoles(PROVIDER, MemoryClock(MORNING), roles=roles)


@dataclass
class Hops:
    """STS of somebody, and what the sessions that come of it are asked with."""

    own: TokenService
    given: list[Credentials | None] = field(default_factory=list)

    def tokens_of(self, credentials: Credentials | None) -> TokenService:
        self.given.append(credentials)
        return MemoryTokens(SESSION, account_with())

    def reach(self, where: WayIn) -> TokenService:
        return tokens_for(where, self.own, self.tokens_of)


@dataclass
class Refusing(MemoryTokens):
    """STS that refuses some entries."""

    refusal: Callable[[Entry], AccessRefused | None] = field(default=lambda _: None)

    def enter(self, entry: Entry) -> Session:
        refused = self.refusal(entry)
        if refused is not None:
            self.entries.append(entry)
            raise refused
        return super().enter(entry)


def test_who_is_on_no_team_of_the_customers_is_told_which_they_are() -> None:
    hops = Hops(MemoryTokens(MARIA, account_with()))

    with pytest.raises(AccessRefused) as caught:
        hops.reach(way(NETOPS, STORAGE))

    assert "maria gets into no role of account 111122223333 for customer-1/support" in caught.value.what
    assert "it is for: netops, storage" in caught.value.next_step
    assert hops.given == []


def test_a_customer_that_no_team_may_use_is_told() -> None:
    with pytest.raises(AccessRefused, match="gets into no role") as caught:
        Hops(MemoryTokens(MARIA, account_with())).reach(way())

    assert "no team may use it yet" in caught.value.why


def test_credentials_that_aws_does_not_accept_are_not_tried_with_the_next_team() -> None:
    own = Refusing(MARIA, account_with(), refusal=lambda _: CredentialsRefused("expired"))

    with pytest.raises(CredentialsRefused):
        Hops(own).reach(way(NETOPS, STORAGE))

    assert len(own.entries) == 1


def test_another_means_takes_no_hop() -> None:
    own = MemoryTokens(MARIA, account_with())

    for access in (None, Access.GROUP, Access.ROLE, Access.PERMISSION_SET):
        assert Hops(own).reach(way(NETOPS, access=access)) is own
    assert own.entries == []


def test_the_hop_is_short_and_under_the_engineers_own_name_and_carries_no_second_factor() -> None:
    own = MemoryTokens(MARIA, account_with("gatepass-netops.customer-1"))
    hops = Hops(own)

    assert hops.reach(way(NETOPS)) is not own

    (entry,) = own.entries
    assert str(entry.role) == f"{ONE}/netops/gatepass-netops.customer-1"
    assert (str(entry.engineer), entry.duration, entry.external_id) == ("maria", timedelta(minutes=15), None)
    assert not entry.keeps_name
    (given,) = hops.given
    assert given is not None
    assert given.access_key_id == "ASIAMEMORYMEMORYMEM0"


def test_the_first_team_whose_role_opens_is_the_way() -> None:
    own = MemoryTokens(MARIA, account_with("gatepass-storage.customer-1"))

    Hops(own).reach(way(NETOPS, STORAGE))

    assert [entry.role.name.text for entry in own.entries] == [
        "gatepass-netops.customer-1", "gatepass-storage.customer-1"
    ]  # fmt: skip


def test_a_session_that_carries_a_name_already_keeps_it() -> None:
    def refused(entry: Entry) -> AccessRefused | None:
        return (
            None
            if entry.keeps_name
            else AccessRefused("no", message="not authorized to perform: sts:SetSourceIdentity")
        )

    own = Refusing(SESSION, account_with("gatepass-storage.customer-1"), refusal=refused)

    Hops(own).reach(way(STORAGE))

    first, second = own.entries
    assert second == replace(first, keeps_name=True)


def test_a_user_whose_name_is_refused_tries_no_other() -> None:
    refusal = AccessRefused("no", message="not authorized to perform: sts:SetSourceIdentity")
    own = Refusing(MARIA, account_with("gatepass-netops.customer-1"), refusal=lambda _: refusal)

    with pytest.raises(AccessRefused, match="gets into no role") as caught:
        Hops(own).reach(way(NETOPS))

    assert "sts:SetSourceIdentity" in caught.value.why
    assert len(own.entries) == 1
