"""A pass is admitted whole or not at all, and only with a door that was proved."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gatepass.adapters.memory import MemoryRandomness
from gatepass.adapters.memory_register import MemoryRegister
from gatepass.domain.documents import document
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, parse_kept
from gatepass.domain.offer import VERIFIER_PATTERN, Offer
from gatepass.domain.register import Customer, CustomerName, TeamName
from gatepass.usecases.admit_pass import admit
from gatepass.usecases.place_customer import Wish
from gatepass.usecases.rotate_factor import rotate_factor
from tests.people import CUSTOMER, GRANT, MORNING, PROVIDER, SUPPORT
from tests.usecases.applied import the_role
from tests.usecases.handover import (
    NAME,
    NETOPS,
    SEAL_TO,
    SECRET,
    Scene,
)

# What the register says.


def customer(name: str, account: str, key: str, roles: dict[GrantName, RoleArn] | None = None) -> Customer:
    return Customer(CustomerName(name), name, AccountId(account), key, roles or {})


def test_a_customer_key_that_is_anothers_is_refused() -> None:
    scene = Scene()
    key = ExternalId(scene.external_id).customer_key
    assert key is not None
    scene.registers(customer("globex", "777788889999", key))

    with pytest.raises(Conflict, match="customer key of this pass is the one of globex"):
        scene.examines(scene.hands_over())


def test_a_second_grant_under_another_key_is_refused_and_says_how_to_mend_it() -> None:
    scene = Scene()
    audit = {GrantName("audit"): arn_of(scene, "audit")}
    scene.registers(customer("acme-prod", str(CUSTOMER), "AAAAAAAAAA", roles=audit))

    with pytest.raises(Conflict, match="another customer key") as caught:
        scene.examines(scene.hands_over())

    assert "customer_key: AAAAAAAAAA" in caught.value.next_step


def arn_of(scene: Scene, grant: str) -> RoleArn:
    return RoleArn(str(scene.only_role()).replace("support", grant))


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(), "does not know"),
        (Wish(CustomerName("globex")), "has a customer globex already"),
        (Wish(NAME, teams=(TeamName("nobody"),)), "there is no team nobody"),
        (Wish(NAME, teams=(NETOPS,), grant=GrantName("audit")), "for the grant support, not audit"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(wish: Wish, words: str) -> None:
    scene = Scene()
    scene.registers(customer("globex", "777788889999", "AAAAAAAAAA"))

    with pytest.raises(GatepassError, match=words):
        scene.examines(scene.hands_over(), wish)


def test_a_registered_customer_keeps_its_name() -> None:
    scene = Scene()
    scene.admits(scene.hands_over())

    with pytest.raises(Conflict, match="calls this customer acme-prod"):
        scene.examines(scene.hands_over(), Wish(CustomerName("acme")))


# What was offered.


def offer(key: str, account: AccountId | None = CUSTOMER) -> Offer:
    return Offer(
        id="0" * 26, provider_name="Harbour", provider=PROVIDER, customer=CustomerName("offered"), customer_account=account,
        customer_key=key, grant=SUPPORT, permissions=("SecurityAudit",), custom_policy=None, principals=(),
        verifier=VERIFIER_PATTERN, reason="audit", until=None, session_limit=timedelta(hours=1), made_at=MORNING,
        valid_until=MORNING + timedelta(days=30), seal_to=SEAL_TO,
    )  # fmt: skip


def late(made: Offer) -> Offer:
    """Return the offer as if it had expired six minutes ago."""
    return replace(made, made_at=MORNING - timedelta(days=2), valid_until=MORNING - timedelta(minutes=6))


@pytest.mark.parametrize(
    ("offers", "answers", "words"),
    [
        ((), "0" * 26, "not made from here"),
        ((offer("AAAAAAAAAA"),), "1" * 26, "not made from here"),
        ((late(offer("7KQ2M9XW4T")),), "0" * 26, "offer to offered had expired"),
        ((late(offer("7KQ2M9XW4T")),), None, "offer to offered had expired"),
        ((offer("AAAAAAAAAA"),), "0" * 26, "does not fit the offer to offered"),
        ((offer("7KQ2M9XW4T", AccountId("777788889999")),), "0" * 26, "does not fit the offer to offered"),
        ((offer("7KQ2M9XW4T", AccountId("777788889999")),), None, "does not fit the offer to offered"),
    ],
)
def test_a_pass_that_does_not_fit_its_offer_is_refused(
    offers: tuple[Offer, ...], answers: str | None, words: str
) -> None:
    scene = Scene(replace(GRANT, customer_key="7KQ2M9XW4T"), offers)

    with pytest.raises(Conflict, match=words):
        scene.examines(scene.hands_over(offer=answers))


def test_a_later_pass_of_a_registered_grant_needs_no_offer_that_is_still_known() -> None:
    """Offers are kept where they were written; a rotation a year later is admitted by anybody."""
    scene = Scene(replace(GRANT, customer_key="7KQ2M9XW4T"), (offer("7KQ2M9XW4T"),))
    scene.admits(scene.hands_over(offer="0" * 26), Wish())

    scene.offers = ()
    scene.clock.instant += timedelta(days=365)
    scene.admits(scene.hands_over(offer="0" * 26), Wish())
    scene.offers = (late(offer("7KQ2M9XW4T")),)
    scene.admits(scene.hands_over(offer="0" * 26), Wish())


def test_a_registered_grant_under_another_key_is_not_vouched_for() -> None:
    scene = Scene(replace(GRANT, customer_key="7KQ2M9XW4T"))
    scene.registers(customer("acme-prod", str(CUSTOMER), "AAAAAAAAAA", roles={SUPPORT: scene.only_role()}))

    with pytest.raises(Conflict, match="not made from here"):
        scene.examines(scene.hands_over(offer="0" * 26), Wish())


def test_the_offer_names_the_customer() -> None:
    scene = Scene(replace(GRANT, customer_key="7KQ2M9XW4T"), (offer("7KQ2M9XW4T"),))

    assert scene.admits(scene.hands_over(), Wish()).placed.after.name == CustomerName("offered")


# What is admitted.


def test_a_customer_is_admitted_whole() -> None:
    scene = Scene()
    scene.stranger = None
    scene.admits(scene.hands_over())

    registered = scene.register.load().customers[NAME]
    kept = parse_kept(scene.secrets.secrets[SECRET])
    assert registered.company == "acme"
    assert registered.account == CUSTOMER
    assert registered.key == ExternalId(scene.external_id).customer_key
    assert registered.roles == {SUPPORT: scene.only_role()}
    assert registered.teams == {SUPPORT: (NETOPS,)}
    assert isinstance(kept, KeptFactor)
    assert kept.factor is not None
    assert kept.factor.external_id.reveal() == scene.external_id
    assert {str(entry.engineer) for entry in scene.verifier.entries} == {"gatepass-verifier"}
    assert any(entry.tags for entry in scene.verifier.entries)


def test_examining_writes_nothing() -> None:
    scene = Scene()
    scene.examines(scene.hands_over())

    assert not scene.secrets.secrets
    assert not scene.register.load().customers


class ReadOnlyRegister(MemoryRegister):
    """A register whose files cannot be written."""

    def add(self, *customers: Customer) -> None:
        raise GatepassError(f"the register takes nobody, nor {len(customers)} customers", next_step="chmod u+w")


def test_a_register_that_cannot_be_written_is_told_and_the_pass_can_be_admitted_again() -> None:
    scene = Scene()
    text, whole = scene.hands_over(), scene.register
    scene.register = ReadOnlyRegister(whole.register)

    with pytest.raises(GatepassError, match="takes nobody") as caught:
        scene.admits(text)
    scene.register = whole
    scene.admits(text)

    assert SECRET in caught.value.next_step
    assert NAME in scene.register.load().customers


def test_a_newer_pass_that_was_admitted_meanwhile_is_not_undone() -> None:
    scene = Scene()
    older = scene.examines(scene.hands_over())
    scene.admits(scene.hands_over())
    register, secrets = scene.register.load(), dict(scene.secrets.secrets)

    with pytest.raises(Conflict, match="has changed what it says of acme-prod meanwhile"):
        admit(older, scene.provider)

    assert scene.register.load() == register
    assert scene.secrets.secrets == secrets


def test_a_rotation_replaces_the_second_factor_only() -> None:
    scene = Scene()
    scene.admits(scene.hands_over())
    register, old = scene.register.load(), scene.external_id
    rotate_factor(SUPPORT, scene.roles, MemoryRandomness(500), timedelta(hours=2))

    admission = scene.admits(scene.hands_over(), Wish())

    kept = parse_kept(scene.secrets.secrets[SECRET])
    assert isinstance(kept, KeptFactor)
    assert kept.factor is not None
    assert kept.factor.also_valid is not None
    assert kept.factor.also_valid.external_id.reveal() == old
    assert kept.factor.external_id.reveal() == scene.external_id != old
    assert not admission.placed.changes_terms
    after = scene.register.load().customers[NAME]
    assert after == replace(register.customers[NAME], last_pass={SUPPORT: scene.clock.now()})


def test_an_id_that_others_chose_is_known_by_a_digest_that_tells_it_from_others() -> None:
    scene = Scene()
    tree: Any = json.loads(the_role(scene.roles).trust.text.replace(scene.external_id, "chosen-by-others"))
    scene.changes_role(trust=document(tree))

    key = scene.admits(scene.hands_over()).placed.after.key
    scene.registers(
        replace(scene.register.load().customers[NAME], account=AccountId("777788889999"), roles={}, teams={})
    )

    assert "chosen" not in key
    with pytest.raises(Conflict, match="customer key of this pass is the one of acme-prod"):
        scene.examines(scene.hands_over())
