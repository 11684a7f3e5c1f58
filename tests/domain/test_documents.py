"""Documents are equal when they mean the same, and show nothing by themselves."""

from __future__ import annotations

import pytest

from gatepass.domain.documents import document, parse_document, policy
from gatepass.domain.errors import InvalidInput


def test_order_and_single_element_lists_do_not_matter() -> None:
    one = parse_document('{"Statement": [{"Action": ["b", "a"], "Effect": "Allow", "Resource": ["*"]}]}')
    other = document({"Statement": [{"Effect": "Allow", "Resource": "*", "Action": ["a", "b"]}]})

    assert one == other


def test_the_order_of_statements_is_kept() -> None:
    first, second = {"Sid": "A"}, {"Sid": "B"}

    assert policy(first, second) != policy(second, first)


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', "[]", "{", "", '"text"', '{"Statement": [{"Sid": "A", "Sid": "B"}]}']
)
def test_what_is_no_document_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_document(text)


@pytest.mark.parametrize("text", ['{"a":' * 3000 + "1" + "}" * 3000, "[" * 100_000, '{"a": NaN}'])
def test_a_document_made_to_be_slow_or_strange_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_document(text)


def test_a_key_that_could_be_an_external_id_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_document('{"gp1.KEY.MARKER": 1, "gp1.KEY.MARKER": 2}')

    assert "MARKER" not in f"{caught.value.what} {caught.value.why} {caught.value.next_step}"


def test_a_broken_document_with_a_secret_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_document('{"sts:ExternalId": "MARKER"')

    assert "MARKER" not in f"{caught.value.what} {caught.value.why} {caught.value.next_step}"


def test_a_document_shows_nothing() -> None:
    shown = document({"Condition": {"StringEquals": {"sts:ExternalId": "MARKER"}}})

    assert "MARKER" not in repr(shown)


def test_size_counts_as_iam_does_without_white_space() -> None:
    assert document({"a": "b c"}).size == len('{"a":"bc"}')
