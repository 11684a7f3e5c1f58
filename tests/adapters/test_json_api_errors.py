"""What a platform says when it refuses is told, whatever it says, and never with a secret in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.adapters.json_api_documents import read_document
from gatepass.adapters.json_api_errors import Refusal, Told, problems_told, repeats, words_of
from gatepass.domain.errors import GatepassError

SECRET = "gp1.7KQ2M9XW4T.FMB4ZQ8N2R7C1V5X9K3J"
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=20,
)
PROBLEM = st.fixed_dictionaries(
    {},
    optional={
        "title": JSON,
        "detail": JSON,
        "status": JSON,
        "source": JSON | st.fixed_dictionaries({}, optional={"pointer": JSON, "parameter": JSON}),
    },
)


@given(
    st.binary()
    | JSON.map(lambda tree: json.dumps(tree).encode())
    | JSON.map(lambda e: json.dumps({"errors": e}).encode())
)
def test_no_body_of_a_refusal_is_too_strange_to_be_told(body: bytes) -> None:
    words = words_of(problems_told(body), (SECRET,))

    assert "\n" not in words
    assert len(words) <= 401


@given(st.lists(PROBLEM, max_size=8), st.integers(100, 599))
def test_every_refusal_becomes_an_error_on_plain_lines(problems: list[Any], status: int) -> None:
    words = words_of(problems_told(json.dumps({"errors": problems}).encode()), ())

    error = Refusal("Scalr", "make the workspace", status, words).error()

    assert isinstance(error, GatepassError)
    assert error.what.startswith("Scalr ")
    assert error.next_step
    assert f"{error.what}{error.why}{error.next_step}".isprintable()


PART = st.tuples(st.integers(0, len(SECRET) - 8), st.integers(8, len(SECRET))).map(lambda at: SECRET[at[0] : sum(at)])


@given(PART, st.text(), st.text(), st.sampled_from(["title", "detail", "pointer"]))
def test_no_part_of_a_secret_is_repeated(part: str, before: str, after: str, place: str) -> None:
    told = Told(**{"title": "No", "detail": "it is no good", "pointer": "/data", place: f"{before}{part}{after}"})

    words = words_of([told], (SECRET,))

    assert part not in words
    assert not repeats(words, (SECRET,))


@given(JSON | st.fixed_dictionaries({"data": JSON, "included": JSON, "meta": JSON}))
def test_no_document_is_too_strange_to_be_read_or_refused(tree: Any) -> None:  # noqa: ANN401 - any JSON
    try:
        found = read_document(json.dumps(tree).encode())
    except ValueError:
        return
    for each in found.data:
        each.text("name"), each.flag("locked"), each.related("workspace")
    assert found.next_page is None or isinstance(found.next_page, int)


@pytest.mark.parametrize(
    ("status", "detail", "is_taken"),
    [
        (422, "Name has already been taken", True),
        (422, "Workspace with name 'access' already exists.", True),
        (409, "Variable with key 'doors' already exists in this scope.", True),
        (422, "Name cannot be empty", False),
        (404, "Name has already been taken", False),
        (409, "The workspace is locked.", False),
    ],
)
def test_a_name_that_is_taken_is_told_from_other_refusals(status: int, detail: str, *, is_taken: bool) -> None:
    assert Refusal("Scalr", "make it", status, detail).is_taken is is_taken


@pytest.mark.parametrize("secrets", [(), ("",)])
def test_without_a_secret_every_word_is_told(secrets: tuple[str, ...]) -> None:
    told = Told("Invalid Attribute", "it is no good", "/data/attributes/name")

    assert words_of([told], secrets) == "Invalid Attribute: it is no good (/data/attributes/name)"


def test_a_short_secret_is_hidden_too() -> None:
    assert "abc" not in words_of([Told("No", "abc is no good")], ("abc",))


def test_the_words_of_an_error_in_plain_text_are_told() -> None:
    assert words_of(problems_told(b'{"errors": ["Name is too long"]}'), ()) == "Name is too long"
