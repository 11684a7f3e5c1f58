"""A new offer for a grant that stands brings the provider's new key, and nothing wider."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gatepass.adapters.customer_file import load_customer_file
from gatepass.adapters.customer_writer import set_in_grant
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.offer import VERIFIER_PATTERN, Offer
from gatepass.domain.register import Customer, CustomerName, Register
from gatepass.usecases.accept_offer import accepted_as
from gatepass.usecases.renew_grant import renewed_words, standing_grant, unlike
from gatepass.usecases.write_offer import OfferWish, as_registered
from tests.people import CUSTOMER, MORNING, OTHER_PROVIDER, PROVIDER, SUPPORT, declaration

NEW_KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
OLD_KEY = "age1" + "q" * 58
OFFER = Offer(
    id="1" * 26, provider_name="Harbour", provider=PROVIDER, customer=CustomerName("acme"), customer_account=CUSTOMER,
    customer_key="7KQ2M9XW4T", grant=SUPPORT, permissions=("SecurityAudit",), custom_policy=None, principals=(),
    verifier=VERIFIER_PATTERN, reason="audit", until=None, session_limit=timedelta(hours=1), made_at=MORNING,
    valid_until=MORNING + timedelta(days=30), seal_to=NEW_KEY,
)  # fmt: skip
STANDING = Grant(
    SUPPORT, PROVIDER, ("SecurityAudit",), requires_source_identity=True, customer_key="7KQ2M9XW4T", seal_to=OLD_KEY,
    offer="0" * 26,
)  # fmt: skip


def test_an_offer_with_another_customer_key_or_for_another_account_renews_nothing() -> None:
    with pytest.raises(Conflict, match="another customer key than the grant support has") as caught:
        renewed_words(replace(OFFER, customer_key="AAAAAAAAAA"), STANDING, CUSTOMER)
    assert "customer_key: AAAAAAAAAA" in caught.value.next_step

    with pytest.raises(Conflict, match="the offer is for account 777788889999"):
        renewed_words(replace(OFFER, customer_account=AccountId("777788889999")), STANDING, CUSTOMER)


@pytest.mark.parametrize(
    ("offer", "name"),
    [
        (replace(OFFER, provider=OTHER_PROVIDER), None),
        (replace(OFFER, grant=GrantName("audit")), None),
        (OFFER, GrantName("audit")),
    ],
)
def test_another_providers_offer_or_one_of_another_name_is_not_about_the_grant(
    offer: Offer, name: GrantName | None
) -> None:
    assert standing_grant(offer, name, declaration(STANDING)) is None
    assert standing_grant(offer, name, None) is None


def test_the_grant_is_found_by_its_name_and_its_terms_are_no_part_of_what_is_written() -> None:
    wider = replace(OFFER, permissions=("AdministratorAccess",), session_limit=timedelta(hours=12))

    assert standing_grant(wider, GrantName("Support"), declaration(STANDING)) == STANDING
    assert renewed_words(wider, STANDING, CUSTOMER) == {"seal_to": NEW_KEY, "offer": OFFER.id}
    assert list(unlike(wider, STANDING)) == [
        "permissions: offered AdministratorAccess; the grant keeps SecurityAudit",
        "sessions: offered 12h; the grant keeps 1h",
    ]
    assert not list(unlike(OFFER, STANDING))


def test_an_offer_is_known_again_by_its_id_alone() -> None:
    assert accepted_as(OFFER, declaration(STANDING)) is None
    assert accepted_as(OFFER, declaration(replace(STANDING, offer=OFFER.id))) == SUPPORT


FILE = f"""\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:   # the helpdesk
    provider: "111122223333"
    permissions: [SecurityAudit]
    customer_key: 7KQ2M9XW4T
    seal_to: {OLD_KEY}   # theirs
  audit:
    provider: "999900001111"
    permissions:
      - SecurityAudit
"""


def test_only_the_words_are_written_and_every_other_line_stays(tmp_path: Path) -> None:
    path = tmp_path / "access.yml"
    path.write_text(FILE, encoding="utf-8")

    set_in_grant(path, SUPPORT, {"seal_to": NEW_KEY, "offer": OFFER.id})
    set_in_grant(path, GrantName("audit"), {"seal_to": NEW_KEY})

    renewed = f'    seal_to: {NEW_KEY}   # theirs\n    offer: "{OFFER.id}"\n'
    assert path.read_text(encoding="utf-8") == (
        FILE.replace(f"    seal_to: {OLD_KEY}   # theirs\n", renewed) + f"    seal_to: {NEW_KEY}\n"
    )
    assert load_customer_file(path).declaration.grant(SUPPORT).offer == OFFER.id


@pytest.mark.parametrize(
    ("text", "name", "error", "words"),
    [
        (FILE, "other", InvalidInput, "no grant named other"),
        (
            FILE.partition("  support:")[0] + '  support: {provider: "111122223333", permissions: [SecurityAudit]}\n',
            "support",
            Conflict,
            "in braces",
        ),
    ],
)
def test_what_cannot_be_written_leaves_the_file_alone(
    tmp_path: Path, text: str, name: str, error: type[Exception], words: str
) -> None:
    path = tmp_path / "access.yml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(error, match=words):
        set_in_grant(path, GrantName(name), {"seal_to": NEW_KEY})

    assert path.read_text(encoding="utf-8") == text
    assert [entry.name for entry in tmp_path.iterdir()] == ["access.yml"]


WISH = OfferWish(CustomerName("acme"), SUPPORT, ("SecurityAudit",), "audit")


def register(key: str) -> Register:
    acme = Customer(CustomerName("acme"), "acme", CUSTOMER, key)
    return Register(PROVIDER, {}, {acme.name: acme})


def test_an_offer_to_a_registered_customer_has_its_account_and_its_key() -> None:
    """So the pass that answers it is known again, whatever was lost in between."""
    with pytest.raises(Conflict, match=f"the register has acme with account {CUSTOMER}"):
        as_registered(replace(WISH, customer_account=AccountId("777788889999")), register("7KQ2M9XW4T"))

    fitted = as_registered(WISH, register("7KQ2M9XW4T"))
    assert (fitted.customer_account, fitted.customer_key) == (CUSTOMER, "7KQ2M9XW4T")
    # The key of an imported customer can be one that no external ID of ours has.
    assert as_registered(WISH, register("others-chose-it")).customer_key is None
    assert as_registered(replace(WISH, customer=CustomerName("globex")), register("7KQ2M9XW4T")).customer_key is None
    assert as_registered(WISH, None) == WISH
