"""A second factor is kept in AWS with exactly the rights that ``gatepass doctor --policy customer --store`` adds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from gatepass.domain.errors import AccessRefused
from gatepass.domain.needed_rights import STORES
from gatepass.ports.secrets import SecretStore
from gatepass.wiring import stores
from tests.cli.rights_story import Policy, holder, stage, typed, without
from tests.conftest import CUSTOMER, Cloud

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


Opened = Callable[[Policy, str], SecretStore]


@pytest.fixture
def opened(clouded: Cloud, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Open a store as somebody who has this policy only."""

    def open_store(policy: Policy, kind: str) -> SecretStore:
        keys = holder(clouded, "keeper", policy)
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
