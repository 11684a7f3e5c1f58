"""An engineer asks, the customer reads: nothing passes that was changed, is old, was used or is somebody else's."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from gatepass.adapters.memory import MemoryClock, MemoryRandomness, MemoryRoles, MemoryTokens
from gatepass.adapters.memory_requests import MemoryRequestBook, MemorySignatures, MemorySigningKey
from gatepass.domain.errors import Conflict, GatepassError, InvalidInput, NotThere
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import AccountId, GrantName, Partition, RoleName
from gatepass.domain.role import GRANT_TAG, PROVIDER_TAG, Role
from gatepass.domain.session import Caller
from gatepass.domain.trust import closed_trust
from gatepass.render.request_words import key_lines, request_lines
from gatepass.usecases.read_request import Desk, ReadRequest, read_request, remember_request
from gatepass.usecases.write_request import Wish, write_request
from tests.people import CUSTOMER, GRANT, MORNING, OTHER_PROVIDER, PROVIDER, SUPPORT, declaration, memory_roles

WISH = Wish(CUSTOMER, SUPPORT, timedelta(hours=4), "The nightly backup fails", "ABC-123")
ARN = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support"


@dataclass
class Scene:
    """An engineer with a key, and a customer with an account, a file and a desk; one clock for both."""

    clock: MemoryClock = field(default_factory=lambda: MemoryClock(MORNING))
    book: MemoryRequestBook = field(default_factory=MemoryRequestBook)
    randomness: MemoryRandomness = field(default_factory=MemoryRandomness)
    roles: MemoryRoles = field(default_factory=memory_roles)
    declared: Declaration = field(default_factory=declaration)

    def __post_init__(self) -> None:
        self.stands(SUPPORT, PROVIDER)

    def stands(self, grant: GrantName, provider: AccountId) -> None:
        """Let the closed role of a grant stand in the account."""
        name = RoleName(f"ServiceProvider-{provider}-{grant}")
        tags = {GRANT_TAG: str(grant), PROVIDER_TAG: str(provider)}
        self.roles.roles[name] = Role(name, closed_trust(), timedelta(hours=1), tags=tags)

    def asks(self, wish: Wish = WISH, seed: str = "one", user: str = "netops-1", account: AccountId = PROVIDER) -> str:
        """Return the file that an engineer writes."""
        tokens = MemoryTokens(Caller(account, f"arn:aws:iam::{account}:user/{user}"), self.roles)
        return write_request(wish, tokens, MemorySigningKey(seed), self.clock, self.randomness)[1].text

    @property
    def desk(self) -> Desk:
        return Desk(self.book, MemorySignatures(), self.clock)

    def reads(self, text: str, *, trust_key: bool = False) -> ReadRequest:
        """Read as the customer does."""
        return read_request(text, self.declared, self.roles, self.desk, trust_key=trust_key)

    def uses(self, text: str, *, trust_key: bool = False) -> None:
        """Read, and act upon it."""
        remember_request(self.reads(text, trust_key=trust_key), self.desk)


def tampered(text: str, **changes: str | None) -> str:
    tree: dict[str, Any] = json.loads(text)
    tree["request"].update(changes)
    return json.dumps(tree)


@pytest.mark.parametrize(
    "change",
    [
        {"for": "168h"},
        {"grant": "audit"},
        {"reason": "something else"},
        {"ticket": None},
        {"engineer": "netops-2"},
        {"provider": "999900001111"},
        {"account": "999900001111"},
        {"usable_until": "2026-11-23T07:59:59Z"},
        {"made_at": "2026-11-22T08:00:01Z"},
        {"id": "0" * 26},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_request_that_was_changed_on_the_way_is_refused(change: dict[str, str | None]) -> None:
    scene = Scene()

    with pytest.raises(InvalidInput, match="signature of the request is not right"):
        scene.reads(tampered(scene.asks(), **change), trust_key=True)


def test_another_key_cannot_be_put_into_a_signed_file() -> None:
    scene = Scene()
    tree = json.loads(scene.asks())
    tree["key"] = str(MemorySigningKey("other").public_key)

    with pytest.raises(InvalidInput, match="signature of the request is not right"):
        scene.reads(json.dumps(tree), trust_key=True)


@pytest.mark.parametrize("text", ["", "Please open", "[]", "{}", '{"gatepass": "offer"}', " " * 65_537])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Scene().reads(text)


def test_a_request_whose_reason_turns_around_is_refused_even_when_signed() -> None:
    """The engineer's own tool would not write it; another one could."""
    scene, key = Scene(), MemorySigningKey()
    tree = json.loads(tampered(scene.asks(), reason="open \u202eruoh eno rof"))
    signature_over_it = "A" * 86 + "=="
    tree.update(key=str(key.public_key), signature=signature_over_it)

    with pytest.raises(InvalidInput, match="reason cannot be shown"):
        scene.reads(json.dumps(tree))


def test_an_expired_request_is_refused_with_five_minutes_for_clocks_that_differ() -> None:
    scene = Scene()
    text = scene.asks()

    scene.clock.instant = MORNING + timedelta(hours=24, minutes=5) - timedelta(seconds=1)
    scene.reads(text)
    scene.clock.instant += timedelta(seconds=1)
    with pytest.raises(Conflict, match="has expired") as caught:
        scene.reads(text)

    assert "2026-11-23 08:00:00Z" in caught.value.why


def test_a_request_from_the_future_is_refused() -> None:
    scene = Scene()
    text = scene.asks()

    scene.clock.instant = MORNING - timedelta(minutes=5)
    scene.reads(text)
    scene.clock.instant -= timedelta(seconds=1)
    with pytest.raises(Conflict, match="from the future"):
        scene.reads(text)


def test_a_request_is_used_once() -> None:
    scene = Scene()
    text = scene.asks()
    scene.reads(text)
    scene.uses(text)

    with pytest.raises(Conflict, match="used already"):
        scene.reads(text)
    # Written otherwise it is the same request.
    with pytest.raises(Conflict, match="used already"):
        scene.reads(json.dumps(json.loads(text)), trust_key=True)


def test_a_used_request_stays_used_until_it_expires() -> None:
    scene = Scene()
    text = scene.asks()
    scene.uses(text)
    scene.clock.instant = MORNING + timedelta(hours=24)
    scene.uses(scene.asks())

    with pytest.raises(Conflict, match="used already"):
        scene.reads(text)
    scene.clock.instant += timedelta(minutes=5)
    scene.uses(scene.asks())
    with pytest.raises(Conflict, match="has expired"):
        scene.reads(text)


def test_a_request_that_opened_nothing_can_be_tried_again() -> None:
    scene = Scene()
    text = scene.asks()

    assert scene.reads(text) == scene.reads(text)


def test_a_changed_key_is_refused_and_says_what_to_do() -> None:
    scene = Scene()
    scene.uses(scene.asks())

    with pytest.raises(Conflict, match="another key than before") as caught:
        scene.reads(scene.asks(seed="other"))

    assert MemorySigningKey("one").public_key.fingerprint in caught.value.why
    assert MemorySigningKey("other").public_key.fingerprint in caught.value.why
    assert "--trust-key" in caught.value.next_step


def test_a_changed_key_that_a_person_vouches_for_is_the_known_one_from_then_on() -> None:
    scene = Scene()
    scene.uses(scene.asks())

    read = scene.reads(scene.asks(seed="other"), trust_key=True)
    assert read.key_is_new
    remember_request(read, scene.desk)

    assert not scene.reads(scene.asks(seed="other")).key_is_new
    with pytest.raises(Conflict, match="another key than before"):
        scene.reads(scene.asks(seed="one"))


def test_a_key_that_a_person_turned_down_is_not_known_the_next_time() -> None:
    scene = Scene()
    scene.reads(scene.asks(seed="stranger"))

    assert scene.reads(scene.asks(seed="one")).key_is_new


def test_another_engineers_key_is_a_matter_of_its_own() -> None:
    scene = Scene()
    scene.uses(scene.asks())

    assert scene.reads(scene.asks(seed="other", user="netops-2")).known_key is None


def test_a_request_for_another_account_is_refused() -> None:
    scene = Scene()

    with pytest.raises(Conflict, match="the request is for account 777788889999"):
        scene.reads(scene.asks(replace(WISH, account=AccountId("777788889999"))))


def test_the_file_of_another_account_than_the_credentials_is_refused() -> None:
    scene = Scene()
    scene.roles.account = AccountId("777788889999")

    with pytest.raises(Conflict, match="credentials are for 777788889999"):
        scene.reads(scene.asks())


def test_a_request_for_a_grant_that_the_file_does_not_have_is_refused() -> None:
    scene = Scene()
    scene.stands(GrantName("audit"), PROVIDER)

    with pytest.raises(InvalidInput, match="no grant named audit"):
        scene.reads(scene.asks(replace(WISH, grant=GrantName("audit"))))


def test_a_request_for_a_grant_that_was_not_applied_is_refused() -> None:
    scene = Scene()
    scene.roles.roles.clear()

    with pytest.raises(NotThere):
        scene.reads(scene.asks())


def test_a_request_of_another_provider_is_refused() -> None:
    """Whoever knows the customer's account and a grant's name could write one."""
    scene = Scene()

    with pytest.raises(Conflict, match="999900001111, which has no part in the grant") as caught:
        scene.reads(scene.asks(account=OTHER_PROVIDER))

    assert str(PROVIDER) in caught.value.why
    assert scene.book.keys == {}


def test_a_request_opens_the_door_of_its_own_provider_only() -> None:
    """While the role of a former provider still stands, neither's request may open the other's door."""
    scene = Scene(declared=declaration(Grant(SUPPORT, OTHER_PROVIDER, GRANT.permissions)))
    scene.stands(SUPPORT, OTHER_PROVIDER)

    with pytest.raises(Conflict, match="has no part in the grant"):
        scene.reads(scene.asks(account=PROVIDER))
    assert str(scene.reads(scene.asks(account=OTHER_PROVIDER)).role).endswith(f"{OTHER_PROVIDER}-support")


def test_aws_is_asked_only_about_requests_that_are_whole_and_in_time() -> None:
    class NobodyAsks(MemoryRoles):
        def owner(self) -> tuple[Partition, AccountId]:
            raise AssertionError("AWS was asked")

        inventory = owner  # type: ignore[assignment]
        standing = owner  # type: ignore[assignment]

    scene = Scene()
    text = scene.asks()
    scene.uses(text)
    old = scene.asks()
    scene.roles = NobodyAsks(CUSTOMER, scene.clock)

    for file in (tampered(old, reason="x"), text, scene.asks(seed="other")):
        with pytest.raises(GatepassError):
            scene.reads(file)
    scene.clock.instant += timedelta(days=2)
    with pytest.raises(Conflict, match="has expired"):
        scene.reads(old)


def test_what_is_read_is_what_was_asked() -> None:
    scene = Scene()

    read = scene.reads(scene.asks())

    assert str(read.role) == ARN
    assert (read.request.engineer.text, read.request.provider) == ("netops-1", PROVIDER)
    assert read.request.duration == timedelta(hours=4)
    assert read.key_is_new
    scene.uses(scene.asks())
    assert not scene.reads(scene.asks()).key_is_new


def test_reading_changes_nothing() -> None:
    scene = Scene()

    scene.reads(scene.asks())

    assert scene.roles.made == []
    assert (scene.book.keys, scene.book.used) == ({}, {})


@pytest.mark.parametrize(
    "wish",
    [
        replace(WISH, reason=""),
        replace(WISH, reason="two\nlines"),
        replace(WISH, ticket="\u202e321-CBA"),
        replace(WISH, duration=timedelta(minutes=1)),
    ],
    ids=["no reason", "two lines", "a ticket that turns around", "too short"],
)
def test_an_engineer_cannot_write_what_the_customer_would_refuse(wish: Wish) -> None:
    with pytest.raises(InvalidInput):
        Scene().asks(wish)


def test_a_customers_own_credentials_write_no_request() -> None:
    with pytest.raises(Conflict, match="of account 444455556666 itself"):
        Scene().asks(account=CUSTOMER)


def test_spaces_around_are_the_keyboards() -> None:
    scene = Scene()

    request = scene.reads(scene.asks(replace(WISH, reason=" backup ", ticket="  "))).request

    assert (request.reason, request.ticket) == ("backup", None)


def test_no_two_requests_are_the_same() -> None:
    scene = Scene()

    assert scene.reads(scene.asks()).request.id != scene.reads(scene.asks()).request.id


def test_plain_words_say_everything_that_is_asked() -> None:
    scene = Scene()
    read = scene.reads(scene.asks())

    assert request_lines(read.request) == [
        "engineer:  netops-1 of account 111122223333",
        "asks for:  the grant support in account 444455556666",
        "how long:  4h, from when the door is opened",
        "reason:    The nightly backup fails",
        "ticket:    ABC-123",
        "made at:   2026-11-22 08:00:00Z, to be used by 2026-11-23 08:00:00Z",
    ]


def test_plain_words_say_how_far_the_key_is_known() -> None:
    scene = Scene()
    first = scene.reads(scene.asks())
    lines = "\n".join(key_lines(first.request, first.key, first.known_key))
    assert first.key.fingerprint in lines
    assert "first request under this name" in lines
    assert "call the engineer" in lines

    scene.uses(scene.asks())
    second = scene.reads(scene.asks())
    lines = "\n".join(key_lines(second.request, second.key, second.known_key))
    assert "the same as in netops-1's requests before" in lines
    assert "call the engineer" not in lines

    third = scene.reads(scene.asks(seed="other"), trust_key=True)
    lines = "\n".join(key_lines(third.request, third.key, third.known_key))
    assert f"another key than before ({first.key.fingerprint})" in lines
    assert "call the engineer" in lines
