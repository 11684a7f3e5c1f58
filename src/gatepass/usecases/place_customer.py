"""Find the place of a pass in the register: a new customer, another grant of one, or new terms of a grant."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace

from gatepass.domain.access_request import CLOCK_SKEW
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.identifiers import ExternalId, GrantName
from gatepass.domain.offer import Offer
from gatepass.domain.offered_keys import CUSTOMER_KEY_BITS
from gatepass.domain.register import Customer, CustomerName, Register, TeamName
from gatepass.domain.trust import instant_text
from gatepass.ports.machine import Randomness
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.read_pass import ReadPass

# The key of the digests lies in the shared store, so that everybody's digests agree.
_DIGEST_SECRET = "provider/digest-/key"  # noqa: S105 - a name
_DIGEST_KEY_BITS = 256
_DIGEST_LETTERS = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What the access lead says beside the pass, as typed.

    Attributes:
        name: what to call the customer; None for what the register or the offer calls it.
        company: whose account it is; None for what the register says, or the name.
        teams: which teams may use the grant; None for those that may already.
        grant: which grant was named for the teams, if one was.
    """

    name: CustomerName | None = None
    company: str | None = None
    teams: tuple[TeamName, ...] | None = None
    grant: GrantName | None = None


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """By which key the register knows the customer.

    Attributes:
        stands_in: whether it only stands in for one: drawn for a role without a second factor, or the digest of an
            external ID that others chose. Then what the register has stays.
    """

    text: str
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the pass belongs.

    Attributes:
        before: the customer as the register knows it; None for a new one.
        after: as it will be.
    """

    before: Customer | None
    after: Customer

    @property
    def changes_terms(self) -> bool:
        """Whether the register will say more that is new than which pass was the last, and whose key signed it."""
        before = self.before
        return before is None or self.after != replace(
            before, signed_by=self.after.signed_by, last_pass=self.after.last_pass
        )


def place_customer(
    read: ReadPass, wish: Wish, register: Register, offers: Collection[Offer], key: CustomerKey
) -> Placed:
    """Return the customer as the register knows it and as it will be.

    Args:
        read: the pass.
        wish: what the access lead says.
        register: everything that is known.
        offers: what we offered.
        key: the customer key.

    Raises:
        Conflict: the key, the role or the name is another customer's, or the pass answers no offer of ours.
        InvalidInput: a new customer has no name, or a team does not exist.
    """
    _demand_own_key(read, register, key)
    before, handed = read.known, read.handed
    offer = _demand_offer(read, key, offers)
    _demand_teams(wish, handed.grant, register)
    if before is None:
        name = _new_name(wish, offer, register)
        customer = Customer(name, wish.company or str(name), handed.customer, key.text)
    else:
        _demand_same_name(wish, before)
        customer = replace(before, company=wish.company or before.company, key=_key(read, before, key))
    teams = {handed.grant: wish.teams} if wish.teams is not None else {}
    after = replace(
        customer,
        roles={**customer.roles, handed.grant: read.role.arn},
        teams={**customer.teams, **teams},
        signed_by=read.key,
        last_pass={**customer.last_pass, handed.grant: handed.made_at},
    )
    return Placed(before, after)


def key_of(read: ReadPass, secrets: SecretStore, randomness: Randomness) -> CustomerKey:
    """Return the customer key of the pass; a keyed digest for an ID that others chose, a fresh one where there is none.

    The digest only tells whether two customers have the same ID; the first one draws its key.
    """
    if read.factor is None:
        return CustomerKey(randomness.word(CUSTOMER_KEY_BITS), stands_in=True)
    if read.handed.customer_key is not None:
        return CustomerKey(read.handed.customer_key)
    secret = secrets.get(_DIGEST_SECRET)
    if secret is None:
        secret = randomness.word(_DIGEST_KEY_BITS)
        secrets.put(_DIGEST_SECRET, secret)
    return CustomerKey(_keyed_digest(read.factor.external_id, secret), stands_in=True)


def _keyed_digest(external_id: ExternalId, secret: str) -> str:
    return (
        hmac.new(secret.encode(), external_id.reveal().encode(), hashlib.sha256).hexdigest()[:_DIGEST_LETTERS].upper()
    )


def _demand_own_key(read: ReadPass, register: Register, key: CustomerKey) -> None:
    """Let only a customer key pass that no other customer has."""
    customers, account = register.customers.values(), read.handed.customer
    holder = next((customer for customer in customers if customer.key.lower() == key.text.lower()), None)
    if holder is not None and holder.account != account:
        raise Conflict(
            f"the customer key of this pass is the one of {holder.name}",
            why=f"{holder.name} is account {holder.account}, the pass is of account {account}; "
            "with one key for two customers, one could be entered in the other's name",
            next_step=f"make an offer to account {account}, which brings a key of its own",
        )


def _key(read: ReadPass, before: Customer, key: CustomerKey) -> str:
    """Return the customer key for the register: one for all grants of a customer."""
    grant = read.handed.grant
    if key.stands_in or key.text == before.key:
        return before.key
    others = [str(other) for other in before.roles if other != grant]
    if not others:
        # The role was made anew, or its ID was chosen by others before: whoever signs has the customer's key.
        return key.text
    raise Conflict(
        f"the pass comes with another customer key than the register has for {before.name}",
        why=f"all grants of a customer share one, and {', '.join(others)} has {before.key}",
        next_step=f"ask the customer to write customer_key: {before.key} under the grant {grant} in access.yml, and: "
        f"gatepass apply, gatepass rotate {grant}, gatepass pass {grant} -o FILE",
    )


def _demand_offer(read: ReadPass, key: CustomerKey, offers: Collection[Offer]) -> Offer | None:
    """Return the offer that the pass answers; None when the customer began, or the register has the grant already.

    A pass that names no offer is compared with the one whose customer key it has.
    """
    handed, before = read.handed, read.known
    is_registered = before is not None and handed.grant in before.roles
    named = next((offer for offer in offers if offer.id == handed.offer), None)
    if handed.offer is not None and named is None:
        # Offers are known where they were written; what the register vouches for needs none of them any more.
        if not is_registered or (before is not None and key.text != before.key and not key.stands_in):
            raise Conflict(
                "the pass answers an offer that was not made from here",
                why="an offer is known to whoever wrote it; this one may be somebody else's",
                next_step="admit it where the offer was written, or write a new one: gatepass offer CUSTOMER",
            )
        return None
    offer = named or next((offer for offer in offers if offer.customer_key == handed.customer_key), None)
    if offer is not None:
        _demand_answer(offer, read, is_registered=is_registered)
    return offer


def _demand_answer(offer: Offer, read: ReadPass, *, is_registered: bool) -> None:
    """Let only a pass of the customer whom the offer was made to, written while it could be accepted."""
    handed = read.handed
    if offer.customer_account not in (None, handed.customer):
        raise _no_answer(
            offer, f"it was made to account {offer.customer_account}, and the pass is of {handed.customer}"
        )
    # A role that was there before has the external ID that it had, or none.
    if offer.customer_key != handed.customer_key and (handed.customer_key is not None or not is_registered):
        raise _no_answer(offer, "the pass comes with another customer key than the offer did")
    # Later passes of the same grant come from rotations, long after.
    if not is_registered and handed.made_at > offer.valid_until + CLOCK_SKEW:
        raise Conflict(
            f"the offer to {offer.customer} had expired when the pass was written",
            why=f"it could be accepted until {instant_text(offer.valid_until)}, "
            f"and the pass is of {instant_text(handed.made_at)}",
            next_step=f"write a new one: gatepass offer {offer.customer}",
        )


def _no_answer(offer: Offer, why: str) -> Conflict:
    return Conflict(
        f"the pass does not fit the offer to {offer.customer}",
        why=why,
        next_step="admit nothing; ask the customer which offer was accepted",
    )


def _new_name(wish: Wish, offer: Offer | None, register: Register) -> CustomerName:
    name = wish.name or (offer.customer if offer is not None else None)
    if name is None:
        raise InvalidInput(
            "the pass is of a customer that the register does not know",
            why="a new customer needs a name, by which everybody will know it",
            next_step="gatepass admit PASS --name acme-prod --company acme",
        )
    if name in register.customers:
        raise Conflict(
            f"the register has a customer {name} already",
            why=f"{name} is account {register.customers[name].account}, and the pass is of another",
            next_step="choose another name with --name",
        )
    return name


def _demand_same_name(wish: Wish, before: Customer) -> None:
    if wish.name not in (None, before.name):
        raise Conflict(
            f"the register calls this customer {before.name}",
            why="an account is one customer, with one name",
            next_step="leave --name out, or change the name in the register first",
        )


def _demand_teams(wish: Wish, grant: GrantName, register: Register) -> None:
    if wish.grant not in (None, grant):
        raise InvalidInput(
            f"the pass is for the grant {grant}, not {wish.grant}",
            why="teams are given the grant that the pass hands over",
            next_step=f"--team {grant}=TEAM",
        )
    for team in wish.teams or ():
        if team not in register.teams:
            names = ", ".join(str(name) for name in sorted(register.teams)) or "none"
            raise InvalidInput(
                f"there is no team {team}",
                why=f"the register has: {names}",
                next_step=f"write {team} under teams: in the register first",
            )
