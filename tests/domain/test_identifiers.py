"""Identifiers are parsed once, and none shows a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import (
    AccountId,
    EngineerName,
    ExternalId,
    GrantName,
    Partition,
    PolicyArn,
    RoleArn,
    RoleName,
    engineer_name,
    external_id,
)

MARKER = "gp1.MARKER.DONOTSHOWTHIS"


@pytest.mark.parametrize("text", ["", "12345678901", "1234567890123", "12345678901a", "\uff11" * 12, " 111122223333"])
def test_an_account_has_exactly_twelve_ascii_digits(text: str) -> None:
    with pytest.raises(InvalidInput):
        AccountId(text)


def test_leading_zeros_of_an_account_survive() -> None:
    assert str(AccountId("012345670123")) == "012345670123"


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::444455556666:user/x",
        "arn:aws:iam::44445555666:role/x",
        "arn:aws:iam::444455556666:role/",
        "arn:aws:iam::444455556666:role/a b",
        "arn:aws:sts::444455556666:assumed-role/x/y",
        "arn:aws-iso:iam::444455556666:role/x",
        "arn:aws:iam::444455556666:role/x\n",
    ],
)
def test_what_is_no_role_arn_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        RoleArn(text)


def test_what_stands_in_the_place_of_an_arn_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as caught:
        RoleArn(MARKER)

    assert MARKER not in f"{caught.value} {caught.value.why} {caught.value.next_step}"


def test_a_role_arn_knows_its_parts() -> None:
    arn = RoleArn("arn:aws-cn:iam::444455556666:role/gatepass/HIO-DEV-EUW1-ServiceProvider-support")

    assert arn.partition == Partition("aws-cn")
    assert arn.account == AccountId("444455556666")
    assert arn.path == "/gatepass/"
    assert arn.name == RoleName("HIO-DEV-EUW1-ServiceProvider-support")


def test_a_role_without_a_path_has_the_root_path() -> None:
    assert RoleArn("arn:aws:iam::444455556666:role/Support").path == "/"


@pytest.mark.parametrize("text", ["x", "two words", "a" * 1225, "ümlaut", "new\nline", ""])
def test_an_external_id_is_what_sts_takes(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ExternalId(text)

    if text:
        assert repr(text) not in f"{caught.value.what} {caught.value.why}"


def test_an_external_id_never_shows_itself() -> None:
    secret = ExternalId(MARKER)

    assert MARKER not in f"{secret!r} {secret!s} {secret} {[secret]} { ({'id': secret}) }"
    assert secret.reveal() == MARKER


def test_an_id_of_ours_has_two_parts_and_one_of_others_none() -> None:
    ours = external_id("7KQ2M9XW4T", "C" * 26)

    assert ours.reveal() == "gp1.7KQ2M9XW4T." + "C" * 26
    assert ours.customer_key == "7KQ2M9XW4T"
    assert ExternalId("vendor.own.id").customer_key is None
    assert len(ours.reveal()) <= 64


@pytest.mark.parametrize("text", ["", "-a", "1a", "a_b", "a" * 33, "a b"])
def test_a_grant_name_fits_into_a_role_name(text: str) -> None:
    with pytest.raises(InvalidInput):
        GrantName(text)


@pytest.mark.parametrize("text", ["SecurityAudit", "arn:aws:iam::aws:role/x", "arn:aws:iam::aws:policy/"])
def test_what_is_no_policy_arn_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        PolicyArn(text)


@pytest.mark.parametrize("text", ["a", "a b", "x" * 65, "ü1"])
def test_a_source_identity_is_what_sts_takes(text: str) -> None:
    with pytest.raises(InvalidInput):
        EngineerName(text)


@given(st.text())
def test_any_name_becomes_a_source_identity(text: str) -> None:
    assert 2 <= len(engineer_name(text).text) <= 64
