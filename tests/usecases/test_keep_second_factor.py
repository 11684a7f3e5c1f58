"""The customer's store says what AWS holds, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemoryRoles, MemorySecrets
from gatepass.domain.errors import AccessRefused
from gatepass.domain.identifiers import ExternalId, GrantName, Partition, RoleName
from gatepass.domain.role import GRANT_TAG, PROVIDER_TAG, Role
from gatepass.domain.trust import Retiring, closed_trust, open_trust
from gatepass.usecases.keep_second_factor import Kept, keep_second_factor
from tests.people import GRANT, MORNING, OTHER_PROVIDER, PROVIDER, SUPPORT, memory_roles

NAME = "customer/444455556666/support"
ARN = "arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support"
ID, OLD_ID = ExternalId("gp1.KEY.MARKER"), ExternalId("gp1.KEY.OLDMARKER")
ROLE = Role(
    RoleName("ServiceProvider-111122223333-support"),
    open_trust(GRANT, Partition(), ID),
    timedelta(hours=1),
    tags={GRANT_TAG: "support", PROVIDER_TAG: str(PROVIDER)},
)


def account(*roles: Role) -> MemoryRoles:
    directory = memory_roles()
    directory.roles = {role.name: role for role in roles}
    return directory


def kept(store: MemorySecrets, *roles: Role) -> Kept:
    return keep_second_factor(SUPPORT, account(*roles), store)


class RefusingSecrets(MemorySecrets):
    """A store whose owner may read it but not write it."""

    def put(self, name: str, value: str) -> None:
        del value
        raise AccessRefused(f"the test refused {name}", next_step="ask for the right")


def test_a_store_that_refuses_is_told_and_the_door_stays(capsys: pytest.CaptureFixture[str]) -> None:
    directory = account(ROLE)

    with pytest.raises(AccessRefused) as caught:
        keep_second_factor(SUPPORT, directory, RefusingSecrets())

    assert "gatepass pass support --reveal" in caught.value.next_step
    assert "MARKER" not in str(vars(caught.value)) + str(caught.value)
    assert directory.made == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "roles",
    [(), (replace(ROLE, trust=closed_trust()),), (replace(ROLE, tags={GRANT_TAG: "audit"}),)],
    ids=["gone", "closed", "another grant's"],
)
def test_what_opens_nothing_is_removed(roles: tuple[Role, ...]) -> None:
    store = MemorySecrets(secrets={NAME: "from before", "customer/444455556666/support-2": "another's"})

    told = kept(store, *roles)

    assert store.secrets == {"customer/444455556666/support-2": "another's"}
    assert told == Kept(NAME, store.title, (), differed=True)
    assert not kept(store, *roles).differed


def test_a_role_that_asks_for_no_id_leaves_nothing_to_keep() -> None:
    store = MemorySecrets()

    kept(store, replace(ROLE, trust=open_trust(replace(GRANT, needs_second_factor=False), Partition(), None)))

    assert store.secrets == {}


def test_the_store_holds_what_aws_holds() -> None:
    store = MemorySecrets()

    told = kept(store, ROLE)

    entry = {"role": ARN, "external_id": "gp1.KEY.MARKER", "also_valid": None}
    assert json.loads(store.secrets[NAME]) == {"roles": [entry]}
    assert [str(arn) for arn in told.roles] == [ARN]
    assert told.differed
    assert "MARKER" not in repr(told)


def test_what_is_right_already_is_not_written_again() -> None:
    store = MemorySecrets()
    kept(store, ROLE)

    assert not keep_second_factor(SUPPORT, account(ROLE), RefusingSecrets(secrets=store.secrets)).differed


def test_where_the_two_differ_aws_wins() -> None:
    store = MemorySecrets(secrets={NAME: '{"roles": [{"external_id": "gp1.KEY.WRONG"}]}'})

    assert kept(store, ROLE).differed
    assert "WRONG" not in store.secrets[NAME]
    assert "MARKER" in store.secrets[NAME]


def test_during_an_overlap_both_ids_are_kept_with_the_end_of_the_old_one() -> None:
    store = MemorySecrets()
    retiring = Retiring(OLD_ID, MORNING + timedelta(hours=24))

    kept(store, replace(ROLE, trust=open_trust(GRANT, Partition(), ID, retiring=retiring)))

    (entry,) = json.loads(store.secrets[NAME])["roles"]
    assert entry["external_id"] == "gp1.KEY.MARKER"
    assert entry["also_valid"] == {"external_id": "gp1.KEY.OLDMARKER", "until": "2026-11-23T08:00:00Z"}


def test_every_role_of_the_grant_is_kept() -> None:
    """After a change of the provider the old role stands beside the new one until it is withdrawn."""
    other = replace(
        ROLE,
        name=RoleName("ServiceProvider-999900001111-support"),
        trust=open_trust(replace(GRANT, provider=OTHER_PROVIDER), Partition(), OLD_ID),
    )
    store = MemorySecrets()

    told = kept(store, ROLE, other)

    entries = json.loads(store.secrets[NAME])["roles"]
    assert [entry["external_id"] for entry in entries] == ["gp1.KEY.MARKER", "gp1.KEY.OLDMARKER"]
    assert len(told.roles) == 2


def test_a_grant_is_one_secret_however_its_name_is_written() -> None:
    """IAM keeps role names without regard to case, and so does the store."""
    store = MemorySecrets()
    kept(store, ROLE)

    assert not keep_second_factor(GrantName("Support"), account(ROLE), store).differed
