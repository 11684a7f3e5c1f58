"""A pass says one thing, in one form; what is sealed and kept is read as strictly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import PrincipalPattern, Window
from gatepass.domain.handed_pass import USABLE_FOR, HandedPass, PassedRole, parse_pass, pass_body
from gatepass.domain.handshake import Answer, Handshake, Probe, Trial, Verdict, is_verifier, wrong_ids
from gatepass.domain.identifiers import AccountId, ExternalId, RoleArn, external_id
from gatepass.domain.kept_factor import KeptFactor, Quarantine, kept_text, parse_kept
from gatepass.domain.sealed_factors import Factor, parse_sealed_text, sealed_text
from gatepass.domain.session import Caller
from gatepass.domain.trust import Retiring
from tests.people import CUSTOMER, MORNING, PROVIDER, SUPPORT

ARN = RoleArn(f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support")
ELSEWHERE = f"arn:aws:iam::{PROVIDER}:role/gatepass/ServiceProvider"
SEALED = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24=\n-----END AGE ENCRYPTED FILE-----\n"
ROLE = PassedRole(
    ARN,
    needs_second_factor=True,
    principals=(PrincipalPattern("role/engineers/*"),),
    window=Window(end=MORNING + timedelta(days=9)),
    session_limit=timedelta(hours=2),
    requires_source_identity=True,
)
HANDED = HandedPass(
    "0" * 26, SUPPORT, CUSTOMER, PROVIDER, None, "7KQ2M9XW4T", (ROLE,), SEALED, MORNING, MORNING + USABLE_FOR
)
MARKED = "gp1.7KQ2M9XW4T.MARKER"
FACTOR = Factor(ExternalId(MARKED), Retiring(ExternalId("gp1.7KQ2M9XW4T.OLDER"), MORNING))


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return the body with something changed in it."""
    body: dict[str, Any] = json.loads(json.dumps(pass_body(HANDED)))
    change(body)
    return body


def terms(**new: object) -> dict[str, Any]:
    return changed(lambda body: body["roles"][str(ARN)].update(new))


REFUSED = {
    "a missing key": changed(lambda body: body.pop("offer")),
    "an unknown key": changed(lambda body: body.update(note="and more")),
    "an id that is none": changed(lambda body: body.update(id="ONE")),
    "an id that is a number": changed(lambda body: body.update(id=7)),
    "an offer that is a number": changed(lambda body: body.update(offer=7)),
    "an offer with a line break": changed(lambda body: body.update(offer="one\ntwo")),
    "a key that is an external ID": changed(lambda body: body.update(customer_key=MARKED)),
    "no role": changed(lambda body: body.update(roles={})),
    "roles in a list": changed(lambda body: body.update(roles=[str(ARN)])),
    "too many roles": changed(lambda body: body["roles"].update({f"{ARN}{n}": body["roles"][str(ARN)] for n in range(4)})),
    "a role of another account": changed(lambda body: body.update(roles={ELSEWHERE: body["roles"][str(ARN)]})),
    "the provider as customer": changed(lambda body: body.update(provider=str(CUSTOMER))),
    "nothing sealed": changed(lambda body: body.update(sealed="")),
    "a sealed part in clear": changed(lambda body: body.update(sealed=MARKED)),
    "words around the sealed part": changed(lambda body: body.update(sealed="read this\n" + SEALED)),
    "too much sealed": changed(lambda body: body.update(sealed=SEALED.replace("Y", "Y" * 20_000))),
    "usable for too long": changed(lambda body: body.update(usable_until="2026-12-22T08:00:01Z")),
    "never usable": changed(lambda body: body.update(usable_until=body["made_at"])),
    "an instant without a zone": changed(lambda body: body.update(made_at="2026-11-22T08:00:00")),
    "an instant that does not exist": changed(lambda body: body.update(made_at="2026-11-31T08:00:00Z")),
    "terms that are text": changed(lambda body: body["roles"].update({str(ARN): "required"})),
    "terms with an unknown key": terms(note="x"),
    "perhaps a second factor": terms(second_factor="perhaps"),
    "principals that are text": terms(principals="role/x"),
    "a principal that is none": terms(principals=["everybody"]),
    "a principal that is a number": terms(principals=[1]),
    "a window that is text": terms(window="always"),
    "a window with another key": terms(window={"from": None, "to": None}),
    "a window that ends first": terms(window={"from": "2026-11-24T08:00:00Z", "until": "2026-11-23T08:00:00Z"}),
    "sessions of a minute": terms(session="1m"),
    "sessions of a day": terms(session="999m"),
    "sessions in hours": terms(session="1h"),
    "a name that is perhaps asked for": terms(require_source_identity="yes"),
}  # fmt: skip


@pytest.mark.parametrize("body", REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_pass_is_refused_and_not_repeated(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_pass(body)

    assert "MARKER" not in str(vars(caught.value))
    assert caught.value.next_step


@pytest.mark.parametrize(
    "handed",
    [
        HANDED,
        replace(HANDED, customer_key=None, offer="0" * 26),
        replace(HANDED, roles=(replace(ROLE, needs_second_factor=False, window=Window(), principals=()),)),
    ],
)
def test_a_pass_is_read_as_it_was_written(handed: HandedPass) -> None:
    assert parse_pass(json.loads(json.dumps(pass_body(handed)))) == handed


SEALED_WRONGLY = {
    "no JSON": MARKED,
    "a list": f'["{MARKED}"]',
    "no role": json.dumps({MARKED: {"external_id": MARKED, "also_valid": None}}),
    "no ID": json.dumps({str(ARN): {"also_valid": None}}),
    "an ID that STS refuses": json.dumps({str(ARN): {"external_id": MARKED + " ", "also_valid": None}}),
    "an unknown key": json.dumps({str(ARN): {"external_id": MARKED, "also_valid": None, MARKED: 1}}),
    "an old ID without an end": json.dumps({str(ARN): {"external_id": MARKED, "also_valid": {"external_id": MARKED}}}),
    "an end that is none": json.dumps({str(ARN): {"external_id": MARKED, "also_valid": {"external_id": MARKED, "until": "x"}}}),
    "twice the same": f'{{"{ARN}": 1, "{ARN}": 2}}',
}  # fmt: skip


@pytest.mark.parametrize("text", SEALED_WRONGLY.values(), ids=list(SEALED_WRONGLY))
def test_what_was_sealed_otherwise_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_sealed_text(text)

    assert "MARKER" not in str(vars(caught.value)) + repr(caught.value)


@pytest.mark.parametrize("text", ["", "[]", MARKED, f'{{"role": "{MARKED}", "factor": null}}', '{"quarantined": true}'])
def test_what_is_kept_otherwise_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_kept(text)

    assert "MARKER" not in str(vars(caught.value)) + repr(caught.value)


def test_what_is_sealed_and_kept_is_read_again_and_hides_itself() -> None:
    quarantine = Quarantine("it opened", MORNING)

    assert parse_sealed_text(sealed_text({ARN: FACTOR})) == {ARN: FACTOR}
    for kept in (KeptFactor(ARN, FACTOR), KeptFactor(ARN, None), quarantine):
        assert parse_kept(kept_text(kept)) == kept
    assert "MARKER" not in repr(KeptFactor(ARN, FACTOR)) + repr(HANDED)


class Words:
    """Words that nobody else draws."""

    def __init__(self) -> None:
        self.drawn = 0

    def word(self, bits: int) -> str:
        self.drawn += 1
        return f"W{self.drawn}".ljust(bits // 5, "Z")


def test_wrong_ids_are_all_different_and_none_is_the_right_one() -> None:
    for right, trials in (
        (external_id("KEY12345", "CODE123"), {Trial.RANDOM, Trial.CASE, Trial.FRESH_CODE, Trial.INVENTED_KEY}),
        (ExternalId("chosen-by-others"), {Trial.RANDOM, Trial.CASE, Trial.LONGER}),
        (ExternalId("1234-5678"), {Trial.RANDOM, Trial.LONGER}),
    ):
        wrong = wrong_ids(right, Words().word)

        assert set(wrong) == trials
        assert right not in wrong.values()
        assert len({one.reveal() for one in wrong.values()}) == len(wrong)
    assert wrong_ids(external_id("KEY12345", "CODE123"), Words().word)[Trial.CASE].reveal() == "GP1.key12345.code123"


OPENED, NO = Answer.OPENED, Answer.REFUSED


@pytest.mark.parametrize(
    ("probes", "verdict"),
    [
        ([(OPENED, OPENED), (NO, NO)], Verdict.SOUND),
        ([(OPENED, NO), (NO, NO)], Verdict.SHUT),
        ([(OPENED, OPENED), (NO, OPENED)], Verdict.UNSAFE),
        ([(OPENED, NO), (NO, OPENED)], Verdict.UNSAFE),
    ],
)
def test_one_door_that_opens_wrongly_makes_it_unsafe(probes: list[tuple[Answer, Answer]], verdict: Verdict) -> None:
    made = tuple(Probe(Trial.RANDOM, expected, seen) for expected, seen in probes)

    assert Handshake(ARN, datetime.now(UTC), has_second_factor=True, probes=made).verdict is verdict


@pytest.mark.parametrize(
    ("arn", "is_one"),
    [
        ("arn:aws:iam::111122223333:user/gatepass-verifier", True),
        ("arn:aws:iam::111122223333:user/tools/gatepass-verifier", True),
        ("arn:aws:sts::111122223333:assumed-role/gatepass-verifier/ci", True),
        ("arn:aws:iam::111122223333:user/gatepass-verifier-2", False),
        ("arn:aws:iam::111122223333:user/gatepass-verifier/netops-1", False),
        ("arn:aws:sts::111122223333:assumed-role/NetOps/gatepass-verifier", False),
        ("arn:aws:iam::111122223333:root", False),
    ],
)
def test_only_a_user_or_role_of_that_name_is_the_verifier(arn: str, *, is_one: bool) -> None:
    assert is_verifier(Caller(AccountId("111122223333"), arn)) is is_one
