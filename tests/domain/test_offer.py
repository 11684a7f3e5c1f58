"""An offer: what it may say, and that it is read as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gatepass.domain.documents import policy
from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import PrincipalPattern
from gatepass.domain.identifiers import AccountId
from gatepass.domain.offer import VERIFIER_PATTERN, Offer
from gatepass.domain.offer_body import offer_body, parse_offer
from gatepass.domain.register import CustomerName
from gatepass.domain.rotation_statement import RotationStatement, successors
from gatepass.domain.signed_file import PublicKey
from tests.people import CUSTOMER, MORNING, PROVIDER, SUPPORT

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
OFFER = Offer(
    id="7" * 26,
    provider_name="Example Consulting",
    provider=PROVIDER,
    customer=CustomerName("acme-prod"),
    customer_account=CUSTOMER,
    customer_key="7KQ2M9XW4T",
    grant=SUPPORT,
    permissions=("SecurityAudit",),
    custom_policy=policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
    principals=(PrincipalPattern("role/engineers/*"),),
    verifier=VERIFIER_PATTERN,
    reason="Look after the backups",
    until=MORNING + timedelta(days=90),
    session_limit=timedelta(minutes=90),
    made_at=MORNING,
    valid_until=MORNING + timedelta(days=30),
    seal_to=RECIPIENT,
)
KEYS = [PublicKey(bytes([number]) * 32) for number in range(4)]

WRONG: dict[str, Mapping[str, Any]] = {
    "no permission at all": {"permissions": (), "custom_policy": None},
    "a policy twice": {"permissions": ("SecurityAudit", "SecurityAudit")},
    "no policy's name": {"permissions": ("Security Audit",)},
    "a policy's name that turns the line": {"permissions": ("Security\u202eAudit",)},
    "more policies than a role can have": {"permissions": tuple(f"P{number}" for number in range(26))},
    "a name that turns the line": {"provider_name": "Example\u202e"},
    "an empty name": {"provider_name": " "},
    "two lines of reason": {"reason": "one\ntwo"},
    "an endless reason": {"reason": "x" * 301},
    "a customer key in small letters": {"customer_key": "7kq2m9xw4t"},
    "a short customer key": {"customer_key": "7KQ"},
    "a customer key with a dot": {"customer_key": "7KQ2M9.W4T"},
    "no recipient": {"seal_to": "age1"},
    "a secret in place of the recipient": {"seal_to": "AGE-SECRET-KEY-1MARKER"},
    "an id of another kind": {"id": "7"},
    "sessions of a day": {"session_limit": timedelta(hours=24)},
    "sessions of seconds": {"session_limit": timedelta(hours=1, seconds=1)},
    "an end before it begins": {"until": MORNING},
    "valid for a year": {"valid_until": MORNING + timedelta(days=365)},
    "valid for no time": {"valid_until": MORNING},
    "provider and customer in one": {"customer_account": PROVIDER},
    "many verifiers": {"verifier": PrincipalPattern("role/*")},
    "a policy larger than a role": {"custom_policy": policy({"Effect": "Allow", "Action": "s3:*", "Resource": "x" * 11_000})},
}  # fmt: skip


@pytest.mark.parametrize("change", WRONG.values(), ids=list(WRONG))
def test_what_no_offer_may_say_is_refused(change: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(OFFER, **change)

    assert caught.value.why
    assert "MARKER" not in str(vars(caught.value))
    assert "\u202e" not in str(vars(caught.value))


MISSHAPEN: dict[str, Mapping[str, object]] = {
    "an unknown key": {"note": "and more"},
    "a number for a text": {"reason": 5},
    "a number for the end": {"until": 5},
    "a text for a list": {"permissions": "SecurityAudit"},
    "a list of numbers": {"permissions": [5]},
    "a text for a policy": {"custom_policy": "all"},
    "a text for rotations": {"rotations": "none"},
    "a rotation that is text": {"rotations": ["trust me"]},
    "too many rotations": {"rotations": [{}] * 21},
    "a session without a unit": {"session": "90"},
    "an instant in local time": {"until": "2027-02-20T08:00:00"},
    "an instant that no calendar has": {"until": "2027-02-30T08:00:00Z"},
    "an account that is none": {"provider": "1111"},
}


@pytest.mark.parametrize("change", MISSHAPEN.values(), ids=list(MISSHAPEN))
def test_a_body_of_another_shape_is_refused(change: Mapping[str, object]) -> None:
    with pytest.raises(InvalidInput):
        parse_offer({**offer_body(OFFER), **change})


def test_a_missing_key_is_refused() -> None:
    for key in offer_body(OFFER):
        with pytest.raises(InvalidInput):
            parse_offer({name: value for name, value in offer_body(OFFER).items() if name != key})


def test_an_offer_is_read_as_it_was_written() -> None:
    rotations = (RotationStatement(PROVIDER, KEYS[0], KEYS[1], RECIPIENT, bytes(64)),)
    least = replace(OFFER, customer_account=None, custom_policy=None, until=None, principals=())

    assert parse_offer(offer_body(OFFER, rotations)) == (OFFER, rotations)
    assert parse_offer(offer_body(least)) == (least, ())


def test_whoever_is_named_the_verifier_is_among_them() -> None:
    """Else the provider could not show that the role is set up right."""
    assert OFFER.terms.principals == (PrincipalPattern("role/engineers/*"), VERIFIER_PATTERN)
    assert replace(OFFER, principals=()).terms.principals == ()


def test_a_key_leads_to_those_that_came_after_it_and_to_no_others() -> None:
    first, second, third, other = KEYS
    chain = [
        RotationStatement(AccountId("111122223333"), old, new, RECIPIENT, bytes(64))
        for old, new in ((second, third), (first, second), (other, first))
    ]

    assert successors(first, chain) == {first, second, third}
    assert successors(third, chain) == {third}
