"""Take a provider's offer as a grant of the customer's file: as it is or narrower, never wider."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gatepass.decision.containment import beyond, is_within
from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.grant import Declaration, Grant, PrincipalPattern, Window
from gatepass.domain.identifiers import GrantName
from gatepass.domain.managed_policies import KNOWN_POLICIES
from gatepass.domain.offer import Offer
from gatepass.usecases.review_offer import Premises, ReadOffer

_ASK_ANEW = "take what is offered or less; for more, ask the provider for another offer"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the customer wants otherwise than offered; None leaves a term as it is.

    Attributes:
        keeps_custom_policy: whether the offer's own policy stays where no other is given.
        duration: how long the grant lasts, counted from now.
    """

    permissions: tuple[str, ...] | None = None
    custom_policy: Document | None = None
    keeps_custom_policy: bool = True
    principals: tuple[PrincipalPattern, ...] | None = None
    duration: timedelta | None = None
    session_limit: timedelta | None = None
    grant: GrantName | None = None


def words_of(offer: Offer, narrowing: Narrowing) -> tuple[str, ...]:
    """Return the managed policies that the offer or the customer names."""
    return tuple(dict.fromkeys((*offer.permissions, *(narrowing.permissions or ()))))


def demand_known_key(read: ReadOffer, *, trust_key: bool, asks: bool) -> None:
    """Let only an offer pass whose key somebody vouches for, or can still be asked about.

    Args:
        read: the offer.
        trust_key: whether a person compared the key.
        asks: whether a person will be asked, with the fingerprint to compare.

    Raises:
        Conflict: the provider is known by another key, or nobody could be asked about a new one.
    """
    if trust_key or read.is_vouched:
        return
    if read.key_is_other:
        was = read.known_key.fingerprint if read.known_key is not None else "none"
        raise Conflict(
            f"the offer of account {read.offer.provider} is signed with another key than before",
            why=f"before: {was}\nnow:    {read.key.fingerprint}\n"
            "somebody else may be using the name, or the provider lost its key; a key that was exchanged says so",
            next_step="call the provider on a number you know, have the new key read out, and only if it is the same: "
            "gatepass accept OFFER --trust-key",
        )
    if not asks:
        raise Conflict(
            f"nobody has compared the key of account {read.offer.provider} yet",
            why="--yes would let in whoever wrote this file under that name",
            next_step=f"call the provider, compare {read.key.fingerprint}, and add --trust-key",
        )


def accepted_as(offer: Offer, declaration: Declaration | None) -> GrantName | None:
    """Return the grant by which the file took this very offer before, or None."""
    for grant in declaration.grants if declaration is not None else ():
        if grant.offer == offer.id:
            return grant.name
    return None


def accepted_grant(offer: Offer, narrowing: Narrowing, premises: Premises, now: datetime) -> Grant:
    """Return the grant that the customer makes of the offer.

    Raises:
        Conflict: something goes beyond the offer or cannot be shown to lie within it, the offer is for another
            account, or the account lacks a policy.
        InvalidInput: no permission is left.
    """
    _demand_account(offer, premises)
    terms = offer.terms
    permissions = terms.permissions if narrowing.permissions is None else narrowing.permissions
    custom = narrowing.custom_policy or (terms.custom_policy if narrowing.keeps_custom_policy else None)
    lacking = [word for word in permissions if word in premises.missing]
    if lacking:
        raise Conflict(
            f"account {premises.account} has no managed policy {lacking[0]}",
            why="a grant with a policy that does not exist would give less than it says",
            next_step="leave it out with --permissions, or make the policy first",
        )
    _demand_within(offer, permissions, custom, premises)
    return replace(
        terms,
        name=narrowing.grant or terms.name,
        permissions=permissions,
        custom_policy=custom,
        principals=_principals(offer, narrowing),
        window=_window(offer, narrowing, now),
        session_limit=_session_limit(offer, narrowing),
    )


def _demand_account(offer: Offer, premises: Premises) -> None:
    if offer.customer_account not in (None, premises.account):
        raise Conflict(
            f"the offer is for account {offer.customer_account}",
            why=f"your credentials are of account {premises.account}",
            next_step="load the credentials of the account that the offer is for: gatepass creds load",
        )
    if offer.provider == premises.account:
        raise Conflict(
            f"the offer comes from account {offer.provider}, and your credentials are of it too",
            why="a provider acts from an account of its own",
            next_step="load the credentials of your own account: gatepass creds load",
        )


def _demand_within(offer: Offer, permissions: tuple[str, ...], custom: Document | None, premises: Premises) -> None:
    offered = {_meant(word, premises): word for word in offer.permissions}
    accepted = {_meant(word, premises): word for word in permissions}
    if set(offered) == set(accepted) and custom == offer.custom_policy:
        return
    if set(accepted) == set(offered):
        # Whatever these say they say on both sides, and unread ones hide nothing from the comparison.
        readable = [_text(word, premises) for word in accepted.values()]
        wide = [text for text in readable if text is not None]
        narrow = list(wide)
    else:
        wide = [_known_text(word, premises) for word in offered.values()]
        narrow = [_known_text(word, premises) for word in accepted.values()]
    wide += [offer.custom_policy] if offer.custom_policy is not None else []
    narrow += [custom] if custom is not None else []
    further = beyond(narrow, wide)
    if further is not None:
        raise _wider("the permissions", f"beyond the offer, or not to be shown within it: {further}")


def _meant(word: str, premises: Premises) -> str:
    return str(premises.resolved.get(word, word))


def _text(word: str, premises: Premises) -> Document | None:
    known = KNOWN_POLICIES.get(word)
    return premises.texts.get(word) or (known.document if known is not None and known.is_whole else None)


def _known_text(word: str, premises: Premises) -> Document:
    text = _text(word, premises)
    if text is None:
        raise Conflict(
            f"what the policy {word} says could not be read",
            why="whether other permissions lie within the offer can only be told from what its policies say",
            next_step="accept them as they are offered, or use credentials with iam:GetPolicy and iam:GetPolicyVersion",
        )
    return text


def _principals(offer: Offer, narrowing: Narrowing) -> tuple[PrincipalPattern, ...]:
    if narrowing.principals is None:
        return offer.terms.principals
    for each in narrowing.principals:
        known = [pattern.text for pattern in (*offer.principals, offer.verifier)]
        if offer.principals and not any(is_within(each.text, pattern) for pattern in known):
            raise _wider(f"the principals {each.text}", f"the offer names only {', '.join(known)}")
    if not narrowing.principals:
        raise InvalidInput(
            "no principal is named", why="nobody could enter", next_step="leave --principals out, or name some"
        )
    # Without the verifier the provider could not show that the role is set up right.
    return tuple(dict.fromkeys((*narrowing.principals, offer.verifier)))


def _window(offer: Offer, narrowing: Narrowing, now: datetime) -> Window:
    if narrowing.duration is None:
        return Window(end=offer.until)
    end = now.replace(microsecond=0) + narrowing.duration
    if end <= now:
        raise InvalidInput(
            "the grant would be over at once", why="it ends now", next_step="write for example: --for 30d"
        )
    if offer.until is not None and end > offer.until:
        raise _wider("the end", f"the offer ends at {offer.until:%Y-%m-%d %H:%M:%SZ}")
    return Window(end=end)


def _session_limit(offer: Offer, narrowing: Narrowing) -> timedelta:
    if narrowing.session_limit is None:
        return offer.session_limit
    if narrowing.session_limit > offer.session_limit:
        raise _wider("the length of sessions", f"the offer has sessions of up to {offer.session_limit}")
    return narrowing.session_limit


def _wider(what: str, why: str) -> Conflict:
    return Conflict(f"{what} would be wider than offered", why=why, next_step=_ASK_ANEW)
