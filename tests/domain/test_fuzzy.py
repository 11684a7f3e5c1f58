"""Finding names by a few letters: what matches, and what comes first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.fuzzy import found_by, places_in

NAMES = st.lists(st.text("abc-/", min_size=1, max_size=12), max_size=30, unique=True)
LETTERS = st.text("abcA -/", max_size=6)


def is_within(word: str, name: str) -> bool:
    """Say whether the letters stand in the name in this order, in the plainest way."""
    letters = iter(name)
    return all(letter in letters for letter in word)


@given(LETTERS, NAMES)
def test_a_name_matches_when_each_words_letters_stand_in_it_in_order(letters: str, names: list[str]) -> None:
    found = found_by(letters, names, {}, len(names))

    assert set(found.names) == {
        name for name in names if all(is_within(word, name) for word in letters.lower().split())
    }
    assert found.count == len(found.names)


@given(LETTERS, NAMES, st.integers(min_value=0, max_value=5))
def test_more_typing_never_finds_more_and_the_best_stay_the_best(letters: str, names: list[str], most: int) -> None:
    everything = found_by(letters, names, {}, len(names))

    assert found_by(letters, names, {}, most).names == everything.names[:most]
    assert found_by(letters + "a", names, {}, len(names)).count <= everything.count


@given(LETTERS, NAMES)
def test_the_letters_that_are_shown_are_those_that_were_typed(letters: str, names: list[str]) -> None:
    for name in found_by(letters, names, {}, len(names)).names:
        shown = [name[at] for at in sorted(places_in(letters, name))]
        assert all(is_within(word, "".join(shown)) for word in letters.lower().split())
        assert set(shown) <= set(letters.lower())


@pytest.mark.parametrize(
    ("letters", "names"),
    [
        ("acme", ("acme", "acme-prod", "big-acme", "bigacme", "a-c-m-e")),
        ("prod", ("prod-eu", "acme-prod", "reprod", "p-r-o-d")),
        ("ap", ("ap", "apple", "x-ap", "grape", "acme-prod")),
        ("ACME prod", ("acme-prod", "prod-of-acme")),
        ("p", ("pa", "pab", "a-p", "ap")),
    ],
)
def test_what_was_likely_meant_comes_first(letters: str, names: tuple[str, ...]) -> None:
    assert found_by(letters, sorted(names), {}, 10).names == names


def test_what_was_used_lately_goes_before_its_equals_only() -> None:
    names = ["acme-dev", "acme-prod", "blue-acme", "zeta"]

    assert found_by("", names, {"zeta": 0, "acme-prod": 1}, 10).names == ("zeta", "acme-prod", "acme-dev", "blue-acme")
    assert found_by("acme", names, {"blue-acme": 0, "acme-prod": 1}, 10).names == ("acme-prod", "acme-dev", "blue-acme")
