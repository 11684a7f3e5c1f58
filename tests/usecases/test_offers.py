"""A provider offers, a customer reviews and accepts: nothing changed, late, strange or wider gets through."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from gatepass.adapters.memory import MemoryClock, MemoryRandomness, MemoryRoles, MemorySecrets
from gatepass.adapters.memory_keys import MemoryLocksmith, MemoryPins
from gatepass.adapters.memory_requests import MemorySignatures, MemorySigningKey
from gatepass.domain.access_request import CLOCK_SKEW
from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.grant import Grant, PrincipalPattern, digest
from gatepass.domain.identifiers import AccountId, GrantName, PolicyArn
from gatepass.domain.offer import OFFER, VALID_FOR, VERIFIER_PATTERN
from gatepass.domain.register import CustomerName
from gatepass.domain.role import CUSTOMER_KEY_TAG
from gatepass.domain.signed_file import SignedFile, message_to_sign
from gatepass.domain.trust import accepted_external_id
from gatepass.render.offer_words import key_lines, offer_lines
from gatepass.usecases.accept_offer import Narrowing, accepted_as, accepted_grant, demand_known_key, words_of
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.close_door import close_door
from gatepass.usecases.open_door import open_door
from gatepass.usecases.plan_grants import plan_account
from gatepass.usecases.provider_keys import KeyRing, init_keys, load_keys, rotate_keys
from gatepass.usecases.review_offer import OfferDesk, ReadOffer, judge_offer, look_around, read_offer
from gatepass.usecases.write_offer import OfferWish, write_offer
from tests.people import CUSTOMER, MANAGED, MORNING, OTHER_PROVIDER, PROVIDER, SUPPORT, declaration

ENGINEERS = PrincipalPattern("role/engineers/*")
AUDIT_TEXT = policy({"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "ec2:Describe*"], "Resource": "*"})
S3_TEXT = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
LOOK = policy({"Effect": "Allow", "Action": "s3:GetBucketPolicy", "Resource": "*"})
OWN = PolicyArn(f"arn:aws:iam::{CUSTOMER}:policy/Own")
GUARDED = PolicyArn("arn:aws:iam::aws:policy/Guarded")
TEXTS = {
    PolicyArn("arn:aws:iam::aws:policy/SecurityAudit"): AUDIT_TEXT,
    PolicyArn("arn:aws:iam::aws:policy/AmazonS3FullAccess"): S3_TEXT,
    GUARDED: policy({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}),
}
WISH = OfferWish(
    CustomerName("acme-prod"),
    SUPPORT,
    ("SecurityAudit", "ReadOnlyAccess"),
    "Look after the backups",
    principals=(ENGINEERS,),
    duration=timedelta(days=90),
    session_limit=timedelta(hours=2),
)


@dataclass
class Scene:
    """A provider with keys and a customer with an account; one clock for both."""

    clock: MemoryClock = field(default_factory=lambda: MemoryClock(MORNING))
    randomness: MemoryRandomness = field(default_factory=MemoryRandomness)
    ring: KeyRing = field(default_factory=lambda: KeyRing(PROVIDER, MemorySecrets(), MemoryLocksmith()))
    pins: MemoryPins = field(default_factory=MemoryPins)
    roles: MemoryRoles = field(init=False)

    def __post_init__(self) -> None:
        init_keys(self.ring, "Example Consulting")
        managed = {**MANAGED, OWN: "Own", GUARDED: "Guarded"}
        self.roles = MemoryRoles(CUSTOMER, self.clock, managed, texts=TEXTS)

    def offers(self, wish: OfferWish = WISH, taken: tuple[str, ...] = ()) -> str:
        """Return the file that the provider sends."""
        keys = load_keys(self.ring)
        signer = self.ring.locksmith.signing_key(keys.secret)
        return write_offer(wish, keys, signer, self.clock, self.randomness, taken)[1].text

    @property
    def desk(self) -> OfferDesk:
        return OfferDesk(self.pins, MemorySignatures(), self.clock)

    def reads(self, text: str) -> ReadOffer:
        return read_offer(text, self.desk)

    def takes(self, wish: OfferWish = WISH, narrowing: Narrowing | None = None) -> Grant:
        """Return the grant that the customer makes of the provider's offer."""
        offer = self.reads(self.offers(wish)).offer
        narrowing = narrowing or Narrowing()
        premises = look_around(words_of(offer, narrowing), self.roles)
        return accepted_grant(offer, narrowing, premises, self.clock.now())

    def knows_the_provider(self) -> None:
        self.pins.pin(PROVIDER, load_keys(self.ring).public.key)


def tampered(text: str, **changes: object) -> str:
    tree: dict[str, Any] = json.loads(text)
    tree["offer"].update(changes)
    return json.dumps(tree)


CHANGES: list[dict[str, object]] = [
    {"permissions": ["AdministratorAccess"]},
    {"custom_policy": S3_TEXT.data},
    {"principals": []},
    {"until": None},
    {"session": "12h"},
    {"customer_key": "OTHERKEY01"},
    {"seal_to": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"},
    {"provider": "999900001111"},
    {"customer_account": "777788889999"},
    {"valid_until": "2027-01-22T08:00:00Z"},
    {"verifier": "role/engineers/me"},
    {"reason": "Something else"},
    {"provider_name": "Somebody else"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_an_offer_that_was_changed_on_the_way_is_refused(change: dict[str, object]) -> None:
    scene = Scene()

    with pytest.raises(InvalidInput, match="signature of the offer is not right"):
        scene.reads(tampered(scene.offers(), **change))


def test_another_key_cannot_be_put_into_an_offer() -> None:
    scene = Scene()
    tree = json.loads(scene.offers())
    tree["key"] = str(MemorySigningKey("other").public_key)

    with pytest.raises(InvalidInput, match="signature of the offer is not right"):
        scene.reads(json.dumps(tree))


@pytest.mark.parametrize(
    "text", ["", "Dear customer", "[]", '{"gatepass": "request"}', "gatepass: customer", " " * 65_537]
)
def test_what_is_no_offer_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Scene().reads(text)


def test_a_signed_file_of_another_kind_is_no_offer() -> None:
    scene = Scene()
    key = MemorySigningKey()
    signed = SignedFile("request", {}, key.public_key, key.sign(message_to_sign("request", {}, key.public_key)))

    with pytest.raises(InvalidInput, match="cannot be used"):
        scene.reads(signed.text)
    tree = json.loads(signed.text)
    with pytest.raises(InvalidInput):
        scene.reads(json.dumps({**tree, "gatepass": "offer", "offer": tree.pop("request")}))


def test_a_policy_that_aws_would_not_save_is_neither_offered_nor_read() -> None:
    scene = Scene()
    broken = policy({"Effect": "Allow", "Action": "everything", "Resource": "*"})

    with pytest.raises(InvalidInput):
        scene.offers(replace(WISH, custom_policy=broken))
    tree = json.loads(scene.offers())
    body = {**tree["offer"], "custom_policy": broken.data}
    keys = load_keys(scene.ring)
    signer = scene.ring.locksmith.signing_key(keys.secret)
    signed = SignedFile(OFFER, body, signer.public_key, signer.sign(message_to_sign(OFFER, body, signer.public_key)))
    with pytest.raises(InvalidInput):
        scene.reads(signed.text)


def test_an_offer_is_good_until_it_expires_and_no_longer() -> None:
    scene = Scene()
    text = scene.offers()

    scene.clock.instant = MORNING + VALID_FOR + CLOCK_SKEW
    with pytest.raises(Conflict, match="has expired"):
        scene.reads(text)
    scene.clock.instant -= timedelta(seconds=1)
    assert scene.reads(text)
    scene.clock.instant = MORNING - CLOCK_SKEW - timedelta(seconds=1)
    with pytest.raises(Conflict, match="from the future"):
        scene.reads(text)


def test_an_offer_of_what_is_over_is_refused() -> None:
    scene = Scene()
    text = scene.offers(replace(WISH, duration=timedelta(days=1)))
    scene.clock.instant += timedelta(days=1)

    with pytest.raises(Conflict, match="is over"):
        scene.reads(text)


def test_an_offer_of_the_last_year_of_the_calendar_is_from_the_future() -> None:
    scene = Scene()
    body = {
        **json.loads(scene.offers())["offer"],
        "until": None,
        "made_at": "9999-12-31T00:00:00Z",
        "valid_until": "9999-12-31T23:59:59Z",
    }
    key = MemorySigningKey()
    signed = SignedFile(OFFER, body, key.public_key, key.sign(message_to_sign(OFFER, body, key.public_key)))

    with pytest.raises(Conflict, match="from the future"):
        scene.reads(signed.text)


def test_another_key_than_before_is_refused_until_somebody_vouches_for_it() -> None:
    scene = Scene()
    scene.pins.pin(PROVIDER, MemorySigningKey("another").public_key)
    read = scene.reads(scene.offers())

    with pytest.raises(Conflict, match="another key than before"):
        demand_known_key(read, trust_key=False, asks=True)
    demand_known_key(read, trust_key=True, asks=True)
    assert "ANOTHER KEY" in "\n".join(key_lines(read.offer, read.key, read.known_key, vouched=read.is_vouched))


def test_a_first_key_is_not_taken_unseen() -> None:
    read = Scene().reads(Scene().offers())

    with pytest.raises(Conflict, match="nobody has compared"):
        demand_known_key(read, trust_key=False, asks=False)
    demand_known_key(read, trust_key=False, asks=True)


def test_a_key_that_the_known_one_vouches_for_is_taken() -> None:
    scene = Scene()
    scene.knows_the_provider()
    rotate_keys(scene.ring)
    rotate_keys(scene.ring)

    read = scene.reads(scene.offers())

    assert read.is_vouched
    assert read.key != read.known_key
    demand_known_key(read, trust_key=False, asks=False)


def rotations_that_prove_nothing(scene: Scene) -> dict[str, list[dict[str, object]]]:
    """Return what a thief could put into an offer signed with a key of his own."""
    known = load_keys(scene.ring).public
    mine = MemorySigningKey("thief")
    real = rotate_keys(scene.ring).rotations[0].tree
    return {
        "none": [],
        "somebody else's": [real],
        "one with my key in it": [{**real, "new": str(mine.public_key)}],
        "one that I signed myself": [{**real, "old": str(mine.public_key), "new": str(mine.public_key)}],
        "one of another account": [{**real, "provider": str(OTHER_PROVIDER), "new": str(mine.public_key)}],
        "one that says that I was before": [{**real, "old": str(mine.public_key), "new": str(known.key)}],
    }


@pytest.mark.parametrize("index", range(6))
def test_no_made_up_rotation_vouches_for_a_stranger(index: int) -> None:
    scene = Scene()
    scene.knows_the_provider()
    text = scene.offers()
    thief = MemorySigningKey("thief")
    rotations = list(rotations_that_prove_nothing(scene).values())[index]
    body = {**json.loads(text)["offer"], "rotations": rotations}
    signed = SignedFile(OFFER, body, thief.public_key, thief.sign(message_to_sign(OFFER, body, thief.public_key)))

    with pytest.raises(Conflict, match="another key than before"):
        demand_known_key(scene.reads(signed.text), trust_key=False, asks=True)


WIDER: dict[str, tuple[OfferWish, Narrowing]] = {
    "a policy that says more": (WISH, Narrowing(permissions=("AmazonS3FullAccess",))),
    "one more policy": (WISH, Narrowing(permissions=(*WISH.permissions, "AmazonS3FullAccess"))),
    "a policy that nobody can read": (WISH, Narrowing(permissions=("Own",))),
    "a policy of one's own that says more": (WISH, Narrowing(permissions=(), custom_policy=S3_TEXT)),
    "everything": (WISH, Narrowing(permissions=("AdministratorAccess",))),
    "without the denial that came with it": (
        replace(WISH, permissions=("SecurityAudit", "Guarded")),
        Narrowing(permissions=("SecurityAudit",)),
    ),
    "other principals": (WISH, Narrowing(principals=(PrincipalPattern("role/*"),))),
    "principals of another kind": (WISH, Narrowing(principals=(PrincipalPattern("user/engineers/me"),))),
    "one right and one wrong principal": (WISH, Narrowing(principals=(ENGINEERS, PrincipalPattern("role/Admin")))),
    "longer": (WISH, Narrowing(duration=timedelta(days=90, seconds=1))),
    "longer sessions": (WISH, Narrowing(session_limit=timedelta(hours=3))),
}


@pytest.mark.parametrize(("wish", "narrowing"), WIDER.values(), ids=list(WIDER))
def test_nothing_wider_than_offered_is_accepted(wish: OfferWish, narrowing: Narrowing) -> None:
    with pytest.raises(Conflict, match=r"wider than offered|could not be read") as caught:
        Scene().takes(
            replace(wish, permissions=tuple(each for each in wish.permissions if each != "ReadOnlyAccess")), narrowing
        )
    assert caught.value.next_step


def test_what_an_unread_policy_denies_is_not_guessed() -> None:
    """ReadOnlyAccess was offered too, and its text is not known here: a denial in it would be lost."""
    with pytest.raises(Conflict, match="ReadOnlyAccess says could not be read"):
        Scene().takes(narrowing=Narrowing(permissions=("SecurityAudit",)))


@pytest.mark.parametrize(
    ("narrowing", "error", "told"),
    [
        (Narrowing(permissions=()), InvalidInput, "gives no permission"),
        (Narrowing(principals=()), InvalidInput, "no principal is named"),
        (Narrowing(duration=timedelta()), InvalidInput, "over at once"),
        (Narrowing(session_limit=timedelta(minutes=30)), InvalidInput, "out of range"),
        (Narrowing(permissions=("SecurityAdit",)), Conflict, "has no managed policy SecurityAdit"),
    ],
)
def test_what_is_no_grant_at_all_is_refused(narrowing: Narrowing, error: type[GatepassError], told: str) -> None:
    with pytest.raises(error, match=told):
        Scene().takes(replace(WISH, permissions=("SecurityAudit",)), narrowing)


@pytest.mark.parametrize("account", [AccountId("777788889999")])
def test_an_offer_for_another_account_is_refused(account: AccountId) -> None:
    with pytest.raises(Conflict, match="offer is for account 777788889999"):
        Scene().takes(replace(WISH, customer_account=account))


def test_a_provider_cannot_accept_its_own_offer() -> None:
    scene = Scene()
    scene.roles = MemoryRoles(PROVIDER, scene.clock, MANAGED)

    with pytest.raises(Conflict, match="your credentials are of it too"):
        scene.takes()


def test_as_it_is_the_offer_becomes_the_grant_that_it_tells() -> None:
    scene = Scene()

    grant = scene.takes()

    assert grant.provider == PROVIDER
    assert grant.permissions == WISH.permissions
    assert grant.principals == (ENGINEERS, VERIFIER_PATTERN)
    assert grant.window.end == MORNING + timedelta(days=90)
    assert grant.session_limit == timedelta(hours=2)
    assert grant.requires_source_identity
    assert grant.seal_to == load_keys(scene.ring).public.seal_to


NARROWER: dict[str, tuple[OfferWish, Narrowing]] = {
    "fewer policies": (
        replace(WISH, permissions=("SecurityAudit", "AmazonS3FullAccess")),
        Narrowing(("SecurityAudit",)),
    ),
    "a policy that says less": (
        replace(WISH, permissions=("AmazonS3FullAccess",)),
        Narrowing(permissions=(), custom_policy=LOOK),
    ),
    "without the offer's own policy": (
        replace(WISH, permissions=("ReadOnlyAccess",), custom_policy=S3_TEXT),
        Narrowing(keeps_custom_policy=False),
    ),
    "less than the offer's own policy": (
        replace(WISH, permissions=("ReadOnlyAccess",), custom_policy=S3_TEXT),
        Narrowing(custom_policy=LOOK),
    ),
    "the same policy by its ARN": (
        replace(WISH, permissions=("ReadOnlyAccess",)),
        Narrowing(("arn:aws:iam::aws:policy/ReadOnlyAccess",)),
    ),
    "fewer principals": (WISH, Narrowing(principals=(PrincipalPattern("role/engineers/backup-*"),))),
    "some of any principals": (replace(WISH, principals=()), Narrowing(principals=(PrincipalPattern("user/maria"),))),
    "shorter": (WISH, Narrowing(duration=timedelta(days=7))),
    "to an end where none was asked": (replace(WISH, duration=None), Narrowing(duration=timedelta(days=7))),
    "shorter sessions": (WISH, Narrowing(session_limit=timedelta(hours=1))),
    "another name": (WISH, Narrowing(grant=GrantName("backup"))),
}


@pytest.mark.parametrize(("wish", "narrowing"), NARROWER.values(), ids=list(NARROWER))
def test_less_than_offered_can_be_accepted(wish: OfferWish, narrowing: Narrowing) -> None:
    scene = Scene()

    grant = scene.takes(wish, narrowing)

    assert grant != scene.takes(wish)
    assert narrowing.principals is None or VERIFIER_PATTERN in grant.principals


def test_a_customer_key_is_never_drawn_twice() -> None:
    scene = Scene()
    first = scene.reads(scene.offers()).offer.customer_key
    scene.randomness.drawn = 0

    second = scene.reads(scene.offers(taken=(first,))).offer.customer_key

    assert second != first


@dataclass
class Stuck:
    """Randomness that has run dry."""

    def word(self, bits: int) -> str:
        return "A" * -(-bits // 5)


def test_without_a_free_customer_key_no_offer_is_made() -> None:
    scene = Scene()
    keys = load_keys(scene.ring)

    with pytest.raises(Conflict, match="no free customer key"):
        write_offer(WISH, keys, MemorySigningKey(), scene.clock, Stuck(), {"A" * 10})


def test_an_offer_that_was_taken_is_known_again() -> None:
    """Taking it twice makes no second grant."""
    scene = Scene()
    offer = scene.reads(scene.offers()).offer
    grant = replace(offer.terms, name=GrantName("backup"))

    assert accepted_as(offer, None) is None
    assert accepted_as(offer, declaration()) is None
    assert accepted_as(offer, declaration(grant)) == grant.name


def test_the_second_factor_begins_with_the_key_of_the_offer_and_keeps_it() -> None:
    scene = Scene()
    grant = scene.takes(replace(WISH, permissions=("SecurityAudit",)))
    declared = declaration(grant)
    planned = plan_account(declared, scene.roles, scene.clock, scene.randomness)
    list(apply_changes(planned.changes, scene.roles, scene.clock, timedelta()))
    (role,) = scene.roles.roles.values()
    first = accepted_external_id(role.trust)
    close_door(grant.name, scene.roles, scene.clock, timedelta())
    open_door(declared, grant.name, scene.roles, scene.clock, scene.randomness)
    (role,) = scene.roles.roles.values()
    second = accepted_external_id(role.trust)

    assert first is not None
    assert second is not None
    assert first != second
    assert first.customer_key == second.customer_key == grant.customer_key == role.tags[CUSTOMER_KEY_TAG]


def test_a_role_that_has_no_key_takes_the_one_that_was_declared_later() -> None:
    scene = Scene()
    grant = replace(scene.takes(replace(WISH, permissions=("SecurityAudit",))), customer_key=None)
    planned = plan_account(declaration(grant), scene.roles, scene.clock, scene.randomness)
    list(apply_changes(planned.changes, scene.roles, scene.clock, timedelta()))

    later = declaration(replace(grant, customer_key="7KQ2M9XW4T"))
    planned = plan_account(later, scene.roles, scene.clock, scene.randomness)
    list(apply_changes(planned.changes, scene.roles, scene.clock, timedelta()))

    (role,) = scene.roles.roles.values()
    assert role.tags[CUSTOMER_KEY_TAG] == "7KQ2M9XW4T"
    assert not plan_account(later, scene.roles, scene.clock, scene.randomness).changes


def test_the_customer_key_is_part_of_what_is_declared_and_the_recipient_is_not() -> None:
    """A new recipient changes nothing in AWS."""
    grant = Scene().takes()
    other = replace(grant, customer_key="OTHERKEY01")
    sealed_otherwise = replace(grant, seal_to=None)

    assert digest(other, declaration(other)) != digest(grant, declaration(grant))
    assert digest(sealed_otherwise, declaration(sealed_otherwise)) == digest(grant, declaration(grant))


def test_the_judgement_says_what_the_offer_would_let_in() -> None:
    scene = Scene()
    offer = scene.reads(scene.offers(replace(WISH, permissions=("AdministratorAccess",)))).offer

    judged = judge_offer(offer.terms, None, scene.clock)

    assert judged.access is not None
    assert "everything" in judged.access.changes[0]
    assert judged.review.findings


def test_no_line_of_an_offer_is_another_lines() -> None:
    scene = Scene()
    text: Document = policy({"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::x\u202e\n"})
    lines = offer_lines(scene.reads(scene.offers(replace(WISH, custom_policy=text))).offer)

    assert all(line.isprintable() for line in lines)
    assert "account:   111122223333, which is on no list of known vendors" in lines
