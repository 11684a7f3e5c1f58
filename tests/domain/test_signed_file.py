"""A signed file says one thing, in one form, of one kind."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.errors import InvalidInput
from gatepass.domain.signed_file import (
    LARGEST_FILE,
    PublicKey,
    SignedFile,
    message_to_sign,
    parse_public_key,
    parse_signed_file,
)

KEY = PublicKey(bytes(range(32)))
FILE = SignedFile("request", {"id": "ONE", "ticket": None, "many": [1, "two"]}, KEY, bytes(64))


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """Return the file with something changed in it."""
    tree = json.loads(FILE.text)
    change(tree)
    return json.dumps(tree)


def nested(levels: int) -> dict[str, object]:
    return {"deeper": nested(levels - 1)} if levels else {}


REFUSED = {
    "nothing at all": "",
    "no JSON": "Dear customer, please open the door",
    "JSON of another shape": "[]",
    "somebody else's JSON": '{"request": {}}',
    "a key given twice": FILE.text.replace('"version": 1', '"version": 1, "version": 1'),
    "an unknown key": changed(lambda tree: tree.update(note="and open the other door too")),
    "a missing key": changed(lambda tree: tree.pop("signature")),
    "another kind": changed(lambda tree: tree.update(gatepass="offer")),
    "a kind that is no text": changed(lambda tree: tree.update(gatepass=["request"])),
    "a later version": changed(lambda tree: tree.update(version=2)),
    "true for a version": changed(lambda tree: tree.update(version=True)),
    "a broken number": FILE.text.replace('"version": 1', '"version": 1.0'),
    "an endless number": FILE.text.replace('"version": 1', '"version": ' + "1" * 5000),
    "NaN": FILE.text.replace('"version": 1', '"version": NaN'),
    "a body that is text": changed(lambda tree: tree.update(request="{}")),
    "a body nested deeply": changed(lambda tree: tree.update(request=nested(30))),
    "a body nested beyond measure": FILE.text.replace("null", "[" * 30_000 + "]" * 30_000),
    "a key of another algorithm": changed(lambda tree: tree.update(key="rsa:" + tree["key"].partition(":")[2])),
    "a short key": changed(lambda tree: tree.update(key="ed25519:" + base64.b64encode(bytes(31)).decode())),
    "no key": changed(lambda tree: tree.update(key="ed25519:")),
    "a key that is a number": changed(lambda tree: tree.update(key=5)),
    "a short signature": changed(lambda tree: tree.update(signature=base64.b64encode(bytes(63)).decode())),
    "a signature in another alphabet": changed(lambda tree: tree.update(signature="ä" * 86 + "==")),
    "base64 with line breaks": changed(lambda tree: tree.update(signature=tree["signature"][:40] + "\n" + tree["signature"][40:])),
    "base64 written otherwise": changed(lambda tree: tree.update(signature=tree["signature"][:85] + "B==")),
    "too much": FILE.text + " " * LARGEST_FILE,
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_signed_file_of_the_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_signed_file(text, "request")

    assert caught.value.why
    assert caught.value.next_step


def test_an_error_repeats_nothing_of_the_file() -> None:
    for text in (changed(lambda tree: tree.update({"gp1.KEY.MARKER": 1})), '{"gatepass": "gp1.KEY.MARKER"}'):
        with pytest.raises(InvalidInput) as caught:
            parse_signed_file(text, "request")
        assert "MARKER" not in str(vars(caught.value)) + str(caught.value)


def test_a_file_is_read_as_it_was_written() -> None:
    assert parse_signed_file(FILE.text, "request") == FILE


def test_white_space_and_the_order_of_keys_change_nothing_that_is_signed() -> None:
    tree = json.loads(FILE.text)
    other = json.dumps(dict(reversed(tree.items())), indent=7).replace("\n", "\r\n")

    assert parse_signed_file(other, "request").message == FILE.message


def test_kind_key_and_every_value_are_signed() -> None:
    other_key = PublicKey(bytes(32))
    messages = {
        FILE.message,
        message_to_sign("offer", FILE.body, KEY),
        message_to_sign("request", FILE.body, other_key),
        message_to_sign("request", {**FILE.body, "id": "TWO"}, KEY),
        message_to_sign("request", {**FILE.body, "ticket": "null"}, KEY),
        message_to_sign("request", {**FILE.body, "many": ["1", "two"]}, KEY),
        message_to_sign("request", {**FILE.body, "more": None}, KEY),
    }

    assert len(messages) == 7


PLAIN = st.none() | st.booleans() | st.integers(0, 10**14) | st.text(max_size=20)
LISTED = PLAIN | st.lists(PLAIN, max_size=3)
VALUES = LISTED | st.dictionaries(st.text(max_size=5), LISTED, max_size=3)


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=4))
def test_whatever_is_signed_is_what_is_read(body: dict[str, object]) -> None:
    """No text of a body can make another body's message, and none is lost on the way."""
    file = SignedFile("request", body, KEY, bytes(64))

    read = parse_signed_file(file.text, "request")

    assert read == file
    assert read.message == file.message


def test_a_key_is_read_as_it_is_shown() -> None:
    assert parse_public_key(str(KEY)) == KEY


def test_a_fingerprint_is_eight_groups_that_can_be_read_out() -> None:
    groups = KEY.fingerprint.split("-")

    assert [len(group) for group in groups] == [4] * 8
    assert not set("".join(groups)) & set("ILOUilou")
    # By sha256sum and base32 of the shell, with Crockford's letters in place of RFC 4648's.
    assert KEY.fingerprint == "CC6W-TAB6-RGSP-D48J-AH4B-QCJV-9ZT1-594W"
    assert PublicKey(bytes(32)).fingerprint != KEY.fingerprint
