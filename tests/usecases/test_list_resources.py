"""Lists of many Regions, with refusals in the middle, and what a refusal means in a customer's account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gatepass.adapters.memory_resources import MemoryResources
from gatepass.domain.errors import AccessRefused, CredentialsRefused
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.listing import Listing, RegionChoice, ResourceKind
from gatepass.domain.session import Credentials, Session
from gatepass.domain.table import Table
from gatepass.usecases.list_resources import Wish, list_resources

MACHINES = ResourceKind("machine", "ec2", ("Id",), ("Image",), ("Id",))
USERS = ResourceKind("user", "iam", ("Name",), is_global=True)
INSIDE = Session(
    RoleArn("arn:aws:iam::444455556666:role/gatepass/support"),
    EngineerName("netops-1"),
    datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    Credentials("AKIAEXAMPLE", "secret"),
)


def _found(*names: str) -> Listing:
    return Listing(Table(("Id",), tuple((name,) for name in names)), tuple({"Id": name} for name in names))


def _refused(action: str) -> AccessRefused:
    message = f"User: arn:x is not authorized to perform: {action} on resource: *"
    return AccessRefused("AWS refused cloudformation:ListResources", why=message, message=message)


def test_a_refusal_in_one_region_names_what_the_grant_lacks_there() -> None:
    account = MemoryResources([MACHINES], {"r1": _refused("lambda:ListFunctions"), "r2": _found("b", "a")})

    listed = list_resources(Wish("machine", ("r1", "r2")), account, INSIDE)

    assert listed.listing.table.rows == (("r2", "a"), ("r2", "b"))
    (gap,) = listed.listing.gaps
    assert gap.where == "r1"
    assert gap.error.next_step == "ask the customer of account 444455556666 to add lambda:ListFunctions to the grant"


def test_refused_in_every_region_is_a_refusal_that_names_them() -> None:
    account = MemoryResources([MACHINES], {"r1": _refused("a:B"), "r2": _refused("a:B")})

    with pytest.raises(AccessRefused) as refused:
        list_resources(Wish("machine", ("r1", "r2")), account, None)
    assert "no Region answered: r1, r2" in refused.value.why


def test_credentials_that_are_good_elsewhere_hint_at_a_region_that_is_switched_off() -> None:
    account = MemoryResources(
        [MACHINES], {"r1": CredentialsRefused("no"), "r2": _found("a")}, RegionChoice(("r1", "r2"), ("r3",))
    )

    listed = list_resources(Wish("machine", everywhere=True), account, INSIDE)

    assert "r1 may be switched off" in listed.listing.gaps[0].error.next_step
    assert listed.left_out == ("r3",)
    assert listed.regions == ("r1", "r2")


def test_an_error_that_nobody_foresaw_is_not_a_gap() -> None:
    account = MemoryResources([MACHINES], {"r1": _found("a")})

    with pytest.raises(KeyError):
        list_resources(Wish("machine", ("r1", "r2")), account, None)


def test_what_is_global_is_asked_once_whatever_regions_are_named() -> None:
    users = Listing(Table(("Name",), (("ann",),)), ({"Name": "ann"},))
    account = MemoryResources([USERS], {None: users})

    listed = list_resources(Wish("user", ("r1", "r2")), account, None)

    assert listed.listing.table == Table(("Region", "Name"), (("global", "ann"),))


def test_an_account_without_any_region_for_it_has_an_empty_list() -> None:
    account = MemoryResources([MACHINES], {}, RegionChoice((), ("r1",)))

    listed = list_resources(Wish("machine", everywhere=True), account, None)

    assert listed.listing.table.rows == ()
    assert listed.left_out == ("r1",)


def test_progress_counts_every_region() -> None:
    account = MemoryResources([MACHINES], {"r1": _found("a"), "r2": _found("b")})
    told: list[tuple[int, int]] = []

    list_resources(Wish("machine", ("r1", "r2")), account, None, lambda done, of: told.append((done, of)))

    assert told == [(0, 2), (1, 2), (2, 2)]


def test_columns_of_a_type_are_known_once_it_is_listed() -> None:
    account = MemoryResources([MACHINES], {None: _found("b", "a")})

    listed = list_resources(Wish("AWS::X::Y", columns=("id",), sort=("-Id",)), account, None)

    assert listed.listing.table == Table(("Id",), (("b",), ("a",)))
