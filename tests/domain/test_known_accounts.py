"""The vendors whose accounts are known."""

from __future__ import annotations

from gatepass.domain.identifiers import AccountId
from gatepass.domain.known_accounts import PRESETS, name_of_account


def test_an_account_that_the_list_does_not_hold_has_no_name() -> None:
    assert name_of_account(AccountId("111122223333")) is None


def test_an_account_of_the_list_is_named_and_a_leading_zero_counts() -> None:
    assert name_of_account(AccountId("919814621061")) == "Scalr"
    assert name_of_account(AccountId("012615275169")) == "Tenable"
    assert name_of_account(AccountId("865078226113")) == "Datadog"


def test_a_vendor_with_several_accounts_has_no_preset() -> None:
    assert "datadog" not in PRESETS
    assert "tenable" not in PRESETS


def test_a_preset_is_a_lower_case_word_for_one_account_that_serves_all_customers() -> None:
    assert {"scalr", "newrelic", "spacelift", "env0", "vanta"} <= set(PRESETS)
    for name, preset in PRESETS.items():
        assert name == preset.name
        assert name.isalnum()
        assert name == name.lower()
        assert name_of_account(preset.account) == preset.title
        assert preset.shared
