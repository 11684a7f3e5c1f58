"""Read from a trust policy whom it names, outside the account and inside."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from gatepass.domain.documents import Document
from gatepass.domain.doors import Entrant, EntrantKind
from gatepass.domain.identifiers import AccountId
from gatepass.domain.known_accounts import name_of_account

# How the admitted callers are told who may be of any account.
ANYBODY = "*"

_ACCOUNT = re.compile(
    r"(?:arn:(?P<partition>aws(?:-[a-z]+)*):(?:iam|sts)::)?(?P<account>\d{12})(?::(?P<rest>.+))?", re.ASCII
)
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}", re.ASCII)
_PROVIDER = re.compile(r"arn:aws(?:-[a-z]+)*:iam::\d{12}:(?P<kind>saml|oidc)-provider/(?P<name>.+)", re.ASCII)
# Operators by which a condition names some principals of an account.
_NARROWING = ("ArnLike", "ArnEquals", "StringLike", "StringEquals")
_IDENTITY_PROVIDERS = (
    ("token.actions.githubusercontent.com", "GitHub Actions"),
    ("gitlab.com", "GitLab"),
    ("app.terraform.io", "HCP Terraform"),
    ("cognito-identity.amazonaws.com", "Amazon Cognito"),
    ("accounts.google.com", "Google"),
    ("oidc.circleci.com", "CircleCI"),
    ("api.bitbucket.org", "Bitbucket"),
    ("AWSSSO_", "IAM Identity Center"),
)
_KUBERNETES = re.compile(r"oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/id/", re.ASCII)


def named(trust: Document) -> tuple[tuple[str, str], ...]:
    """Return whom the statements that allow name: the type of principal and its text; everybody as ``AWS``, ``*``."""
    found: list[tuple[str, str]] = []
    for statement in trust.statements:
        if statement.get("Effect") == "Allow":
            found += named_in(statement)
    return tuple(dict.fromkeys(found))


def named_in(statement: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield whom one statement names; whoever is left out by NotPrincipal, all the others are meant."""
    principal = statement.get("Principal")
    if "NotPrincipal" in statement or not isinstance(principal, dict):
        yield ("AWS", ANYBODY)
        return
    for form, value in principal.items():
        for each in value if isinstance(value, list) else [value]:
            yield (form, str(each))


def outsiders(trust: Document, account: AccountId) -> tuple[Entrant, ...]:
    """Return everybody named who is neither of the account nor a service of AWS; who gets in is not yet known."""
    found: dict[tuple[EntrantKind, str], Entrant] = {}
    allows = [statement for statement in trust.statements if statement.get("Effect") == "Allow"]
    # What only labels sessions says nothing of who may begin them; without any other, it is all there is.
    for statement in [each for each in allows if _lets_enter(each)] or allows:
        for form, text in named_in(statement):
            if is_inside(form, text, account):
                continue
            entrant = _narrowed(_entrant(form, text), statement)
            key = (entrant.kind, entrant.name)
            before = found.get(key, entrant)
            # Where the whole account is named beside some of its principals, the whole is what counts.
            both = (*before.principals, *entrant.principals) if before.principals and entrant.principals else ()
            found[key] = replace(entrant, principals=tuple(dict.fromkeys(both)))
    return tuple(found.values())


def _lets_enter(statement: Mapping[str, object]) -> bool:
    actions = statement.get("Action")
    listed = [str(each).lower() for each in (actions if isinstance(actions, list) else [actions])]
    return "Action" not in statement or any(each.startswith("sts:assume") or "*" in each for each in listed)


def _narrowed(entrant: Entrant, statement: Mapping[str, object]) -> Entrant:
    """Return the entrant with the principals that the statement's condition leaves of its account."""
    condition = statement.get("Condition")
    if entrant.kind is not EntrantKind.ACCOUNT or entrant.principals or not isinstance(condition, dict):
        return entrant
    patterns: list[str] = []
    for operator, keys in condition.items():
        for key, value in keys.items() if operator in _NARROWING and isinstance(keys, dict) else []:
            if key.lower() == "aws:principalarn":
                patterns += [str(each) for each in (value if isinstance(value, list) else [value])]
    beginning = f"::{entrant.name}:"
    return replace(entrant, principals=tuple(each.partition(beginning)[2] for each in patterns if beginning in each))


def is_inside(form: str, text: str, account: AccountId) -> bool:
    """Say whether a principal is a service of AWS, or of the account itself."""
    match = _ACCOUNT.fullmatch(text) if form == "AWS" else None
    return form == "Service" or (match is not None and match["account"] == account.digits)


def titled(entrant: Entrant, organisation: Mapping[AccountId, str]) -> Entrant:
    """Return the entrant with the name of its account, if anybody tells it."""
    if entrant.kind is not EntrantKind.ACCOUNT:
        return entrant
    account = AccountId(entrant.name)
    if account in organisation:
        return replace(entrant, title=organisation[account], source="AWS Organizations")
    title = name_of_account(account)
    return replace(entrant, title=title, source="a public list of vendors' accounts") if title else entrant


def with_admitted(entrants: Collection[Entrant], admitted: Collection[str], trust: str) -> tuple[Entrant, ...]:
    """Return the entrants with whether they get in.

    Args:
        entrants: who is named.
        admitted: the numbers of the accounts and the texts of the identity providers whose calls got through,
            and `ANYBODY` where those of any account did.
        trust: the text of the trust policy.
    """
    found: list[Entrant] = []
    for entrant in entrants:
        if entrant.kind is not EntrantKind.EVERYONE:
            gets_in = any(each == entrant.name or each.endswith(f"/{entrant.name}") for each in admitted)
            found.append(replace(entrant, gets_in=gets_in))
        elif ANYBODY in admitted:
            found.append(entrant)
        else:
            found += _those_who_meet(admitted, {each.name for each in entrants}, trust)
    return tuple(sorted(found, key=lambda each: (list(EntrantKind).index(each.kind), each.name)))


def _those_who_meet(admitted: Collection[str], listed: Collection[str], trust: str) -> Iterator[Entrant]:
    """Yield who gets in where everybody is named and the conditions let in only some."""
    others = [each for each in admitted if each.isdecimal() and each not in listed]
    accounts = [each for each in others if each in trust]
    yield from (Entrant(EntrantKind.ACCOUNT, each) for each in accounts)
    if len(accounts) < len(others) or not accounts:
        yield Entrant(EntrantKind.WHOEVER_MEETS, ANYBODY, gets_in=len(accounts) < len(others))


def _entrant(form: str, text: str) -> Entrant:
    if form == "Federated":
        return _identity_provider(text)
    if form != "AWS":
        return Entrant(EntrantKind.OTHER, text, gets_in=False)
    if text == ANYBODY:
        return Entrant(EntrantKind.EVERYONE, ANYBODY)
    match = _ACCOUNT.fullmatch(text)
    if match is not None:
        rest = match["rest"]
        return Entrant(EntrantKind.ACCOUNT, match["account"], principals=(rest,) if rest not in (None, "root") else ())
    kind = EntrantKind.DELETED if _UNIQUE_ID.fullmatch(text) else EntrantKind.OTHER
    return Entrant(kind, text, gets_in=False)


def _identity_provider(text: str) -> Entrant:
    match = _PROVIDER.fullmatch(text)
    name = match["name"] if match else text
    kind = EntrantKind.SAML if match and match["kind"] == "saml" else EntrantKind.WEB_IDENTITY
    title = next((title for beginning, title in _IDENTITY_PROVIDERS if name.startswith(beginning)), None)
    return Entrant(kind, name, title or ("Kubernetes on EKS" if _KUBERNETES.match(name) else None))
