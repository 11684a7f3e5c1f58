"""AWS profiles for an engineer's customers, in a block of their own, whatever else the file holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gatepass.adapters.memory_profiles import MemoryProfileFile
from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.identifiers import GrantName
from gatepass.domain.register import Customer, Register, TeamName
from gatepass.usecases.sync_profiles import remove_profiles, sync_profiles
from tests.teams import NETOPS, STORAGE, arn, customer, register

AUDIT = GrantName("audit")


def two_grants(number: int) -> Customer:
    one = customer(number, NETOPS)
    return replace(one, roles={**one.roles, AUDIT: arn(number, "audit")}, teams={**one.teams, AUDIT: (STORAGE,)})


BOOK = register(customer(1, NETOPS), two_grants(2), customer(3))
OWN = b"[default]\nregion = eu-west-1\n\n[profile work]\nsso_session = acme\n"
AWKWARD = [
    b"", b"\n", OWN, OWN.rstrip(), OWN.replace(b"\n", b"\r\n"), OWN.replace(b"\n", b"\r\n").rstrip(), b"no section\xff\xfe\n", b"# comment only", b"[default]\r", b"[default]\n\n\n",
]  # fmt: skip


def block_of(book: Register = BOOK) -> bytes:
    file = MemoryProfileFile()
    sync_profiles(book, file)
    return file.content


@pytest.mark.parametrize(
    "damage",
    [
        lambda block: block[: block.index(b"# <<<")],
        lambda block: block[block.index(b"[profile") :],
        lambda block: block + block,
        lambda block: block.replace(b"# >>> gatepass profiles", b"# >>> gatepass profiles, mine", 1),
        lambda block: block.replace(b"[profile gatepass-customer-1]", b"[profile mine]"),
        lambda block: block.replace(b"# <<<", b"aws_access_key_id = AKIAEXAMPLE\n# <<<"),
        lambda block: b"# <<< gatepass profiles <<<\n" + block.replace(b"# <<< gatepass profiles <<<\n", b""),
    ],
)
def test_a_block_that_was_changed_by_hand_is_refused_and_left(damage: Callable[[bytes], bytes]) -> None:
    damaged = OWN + damage(block_of()) + b"[profile after]\n"
    file = MemoryProfileFile(damaged)

    for command in (partial(sync_profiles, BOOK, file), partial(remove_profiles, file)):
        with pytest.raises(Conflict, match="changed by hand") as caught:
            command()
        assert "AKIA" not in f"{caught.value.what} {caught.value.why} {caught.value.next_step}"

    assert file.content == damaged


def test_an_unknown_team_and_a_strange_region_are_refused() -> None:
    file = MemoryProfileFile(OWN)

    with pytest.raises(NotThere, match="no team nobody"):
        sync_profiles(BOOK, file, TeamName("nobody"))
    with pytest.raises(InvalidInput, match="not a Region"):
        sync_profiles(BOOK, file, region="eu-west-1\n[profile evil]")

    assert file.content == OWN


@pytest.mark.parametrize(
    "header",
    [b"[profile gatepass-customer-1]", b'[profile "gatepass-customer-1"]', b"[ profile  gatepass-customer-1 ]"],
)
def test_a_profile_of_that_name_outside_the_block_stays_and_is_told(header: bytes) -> None:
    file = MemoryProfileFile(header + b"\nregion = us-east-1\n")

    synced = sync_profiles(BOOK, file)

    assert [profile.name for profile in synced.left_out] == ["gatepass-customer-1"]
    assert file.content.startswith(header + b"\nregion = us-east-1\n# >>> gatepass")
    assert b"customer-1/support" not in file.content


def test_two_grants_that_would_share_a_name_are_told() -> None:
    """Customer a-b with one grant, and customer a with a grant b."""
    ab, a = customer(1, NETOPS), two_grants(2)
    book = register(replace(ab, name=type(ab.name)("a-audit")), replace(a, name=type(a.name)("a")))

    synced = sync_profiles(book, MemoryProfileFile())

    assert [profile.source for profile in synced.left_out] == ["a-audit/support"]


def test_each_reachable_grant_has_a_profile_and_no_external_id() -> None:
    file = MemoryProfileFile()

    synced = sync_profiles(BOOK, file, region="eu-west-1")

    lines = file.content.decode().splitlines()[1:-1]
    assert lines == [
        "[profile gatepass-customer-1]", "credential_process = gatepass credential-process customer-1/support", "region = eu-west-1",
        "[profile gatepass-customer-2-audit]", "credential_process = gatepass credential-process customer-2/audit", "region = eu-west-1",
        "[profile gatepass-customer-2-support]", "credential_process = gatepass credential-process customer-2/support", "region = eu-west-1",
    ]  # fmt: skip
    assert synced.added == ("gatepass-customer-1", "gatepass-customer-2-audit", "gatepass-customer-2-support")
    assert b"KEY" not in file.content


def test_a_team_gets_its_own_customers_only() -> None:
    synced = sync_profiles(BOOK, MemoryProfileFile(), STORAGE)

    assert [(profile.name, profile.source) for profile in synced.profiles] == [
        ("gatepass-customer-2", "customer-2/audit")
    ]


@pytest.mark.parametrize("content", AWKWARD)
def test_the_rest_of_the_file_stays_byte_for_byte(content: bytes) -> None:
    file = MemoryProfileFile(content)

    sync_profiles(BOOK, file)
    assert file.content.startswith(content)
    assert not sync_profiles(BOOK, file).is_changed
    assert file.content.endswith(b"\r\n" if b"\r\n" in content else b"\n")
    sync_profiles(register(customer(9, NETOPS)), file)
    assert file.content.startswith(content)
    assert remove_profiles(file).removed == ("gatepass-customer-9",)
    assert file.content == content


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_stands_around_the_block_comes_back(before: bytes, after: bytes) -> None:
    assume(b"gatepass profiles" not in before + after)
    file = MemoryProfileFile(before)
    sync_profiles(BOOK, file)
    file.content += after

    sync_profiles(register(customer(9, NETOPS)), file)
    assert file.content.endswith(after)
    remove_profiles(file)

    assert file.content == before + after


def test_what_is_below_the_block_stays_below_it() -> None:
    file = MemoryProfileFile(OWN + block_of() + b"[profile after]\nregion = x\n")

    sync_profiles(register(customer(9, NETOPS)), file)

    assert file.content.startswith(OWN)
    assert file.content.endswith(b"[profile after]\nregion = x\n")
    assert file.content.count(b">>> gatepass profiles") == 1


def test_syncing_again_writes_nothing() -> None:
    file = MemoryProfileFile(OWN)
    sync_profiles(BOOK, file)

    again = sync_profiles(BOOK, file)

    assert (again.is_changed, again.added, again.removed, file.written) == (False, (), (), 1)


def test_without_a_customer_there_is_no_block() -> None:
    file = MemoryProfileFile(OWN)
    sync_profiles(BOOK, file)

    assert sync_profiles(register(), file).removed
    assert file.content == OWN
