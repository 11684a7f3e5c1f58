"""Second factors are kept in AWS with exactly the rights that ``gatepass doctor --policy --store`` adds for each person."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from gatepass.domain.errors import AccessRefused
from gatepass.domain.store_calls import LISTS, READS, STORES
from gatepass.ports.secrets import SecretStore
from gatepass.wiring import stores
from tests.cli.rights_story import Policy, holder, stage, typed, without
from tests.conftest import CUSTOMER, PROVIDER, Cloud

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

NAME = "customer/444455556666/support"


def keep_all(store: SecretStore) -> None:
    """Everything that a store is asked for, the second keeping and the one after a deletion included."""
    store.put(NAME, "gp1.7KQ2M9XW4T.first")
    store.put(NAME, "gp1.7KQ2M9XW4T.second")
    assert store.get(NAME) == "gp1.7KQ2M9XW4T.second"
    store.delete(NAME)
    store.put(NAME, "gp1.7KQ2M9XW4T.third")


@pytest.fixture
def clouded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with stage(tmp_path_factory.mktemp("store")) as cloud:
        yield cloud


Opened = Callable[..., SecretStore]


@pytest.fixture
def opened(clouded: Cloud, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Open a store as somebody who has this policy only."""

    def open_store(policy: Policy, kind: str, account: str = CUSTOMER, name: str = "keeper") -> SecretStore:
        keys = holder(clouded, name, policy, account)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys[0])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys[1])
        return stores.secret_store(kind)

    return open_store


def printed(kind: str, cloud: Cloud) -> Policy:
    told = typed(f"doctor --policy customer --store {kind}", cloud.aws.root_credentials(CUSTOMER))
    policy: Policy = json.JSONDecoder().raw_decode(told.text)[0]
    return policy


@pytest.mark.parametrize(("kind", "action"), [(kind, action) for kind, actions in STORES.items() for action in actions])
def test_without_one_right_the_store_is_refused_and_names_it(
    clouded: Cloud, opened: Opened, kind: str, action: str
) -> None:
    store = opened(without(printed(kind, clouded), action), kind)

    with pytest.raises(AccessRefused) as caught:
        keep_all(store)

    assert f"not authorized to perform: {action} " in caught.value.message


@pytest.mark.parametrize("kind", STORES)
def test_with_what_is_printed_the_store_is_kept(clouded: Cloud, opened: Opened, kind: str) -> None:
    keep_all(opened(printed(kind, clouded), kind))


@pytest.mark.parametrize("kind", STORES)
def test_without_a_store_nothing_of_it_is_in_the_policy(clouded: Cloud, opened: Opened, kind: str) -> None:
    told = typed("doctor --policy customer", clouded.aws.root_credentials(CUSTOMER))
    store = opened(json.JSONDecoder().raw_decode(told.text)[0], kind)

    with pytest.raises(AccessRefused):
        store.get(NAME)


def printed_for(options: str, cloud: Cloud) -> Policy:
    told = typed(f"doctor --policy {options}", cloud.aws.root_credentials(PROVIDER))
    assert told.code == 0, told.text
    policy: Policy = json.JSONDecoder().raw_decode(told.text)[0]
    return policy


@pytest.mark.parametrize("kind", STORES)
def test_only_the_access_lead_sees_what_lies_there(clouded: Cloud, opened: Opened, kind: str) -> None:
    policy = printed_for(f"provider --store {kind}", clouded)
    others = {
        "lacking": without(policy, LISTS[kind]),
        "verifier": printed_for(f"verifier --store {kind}", clouded),
        "engineer": printed_for(f"engineer --team netops --store {kind}", clouded),
    }
    for name, other in others.items():
        with pytest.raises(AccessRefused) as caught:
            opened(other, kind, PROVIDER, name).names("")
        assert f"not authorized to perform: {LISTS[kind]} " in caught.value.message
        assert f"ask for the right to {LISTS[kind]} on *" in caught.value.next_step

    lead = opened(policy, kind, PROVIDER, "lead")
    keep_all(lead)
    assert lead.names("") == {NAME}


@pytest.mark.parametrize("kind", STORES)
def test_the_verifier_moves_second_factors_into_quarantine_and_back(clouded: Cloud, opened: Opened, kind: str) -> None:
    policy = printed_for(f"verifier --store {kind}", clouded)
    with pytest.raises(AccessRefused):
        keep_all(opened(printed_for("verifier --store file", clouded), kind, PROVIDER, "nobody"))

    keep_all(opened(policy, kind, PROVIDER, "gatepass-verifier"))


@pytest.mark.parametrize("kind", STORES)
def test_an_engineer_reads_what_is_of_his_team_and_writes_nothing(clouded: Cloud, opened: Opened, kind: str) -> None:
    keep = opened(printed_for(f"provider --store {kind}", clouded), kind, PROVIDER, "lead")
    for team in ("netops", "sre", "none-", "withheld-"):
        keep.put(f"{team}/acme-prod/support", "x")
    policy = printed_for(f"engineer --team netops --store {kind}", clouded)
    placeholder = opened(printed_for(f"engineer --store {kind}", clouded), kind, PROVIDER, "new")
    lacking = opened(without(policy, READS[kind]), kind, PROVIDER, "lacking")
    for store in (placeholder, lacking):
        with pytest.raises(AccessRefused):
            store.get("netops/acme-prod/support")

    maria = opened(policy, kind, PROVIDER, "maria")
    for team in ("sre", "none-", "withheld-"):
        with pytest.raises(AccessRefused):
            maria.get(f"{team}/acme-prod/support")
    with pytest.raises(AccessRefused):
        maria.put("netops/acme-prod/support", "y")
    with pytest.raises(AccessRefused):
        maria.delete("netops/acme-prod/support")
    assert maria.get("netops/acme-prod/support") == "x"
    assert maria.get("netops/acme-prod/audit") is None
