"""Who might knock at a role: the callers whom its trust policy names, their colleagues, and strangers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from gatepass.decision.favourable import STRANGE, Demand, filled
from gatepass.decision.policy import Policy
from gatepass.decision.principals import role_key
from gatepass.decision.request import ANONYMOUS, Principal, PrincipalKind, principal, service_principal
from gatepass.domain.errors import InvalidInput


class Standing(Enum):
    """What a caller is to the trust policy."""

    NAMED = "named engineer"
    COLLEAGUE = "another principal of the provider's account"
    STRANGER = "a principal of another account"
    ANONYMOUS = "an anonymous caller"
    FEDERATED = "somebody whom the identity provider names"
    FEDERATED_STRANGER = "anybody else of the identity provider"
    SERVICE = "an AWS service"


@dataclass(frozen=True, slots=True)
class Knocker:
    """One caller with the facts that AWS knows about it, which the caller cannot choose.

    Attributes:
        facts: values of condition keys; ``None`` when AWS sends none.
    """

    standing: Standing
    caller: Principal
    facts: Mapping[str, str | None] = field(default_factory=dict)


_ENGINEER = "alice"
# Where the account stands in an ARN.
_ACCOUNT_FIELD = 4
_PARTITION = re.compile(r"arn:(aws(?:-[a-z]+)*):", re.ASCII)
_ROOT = re.compile(r"(?:arn:(?P<partition>aws(?:-[a-z]+)*):iam::)?(?P<account>\d{12})(?::root)?", re.ASCII)
_WITH_ACCOUNT = re.compile(r"arn:aws(?:-[a-z]+)*:(?:iam|sts)::(?P<account>\d{12}):[^:]+", re.ASCII)
_ROLE = re.compile(r"arn:(?P<partition>[a-z-]+):iam::(?P<account>\d{12}):role/(?:[!-~]*/)?(?P<name>[^/]+)", re.ASCII)
# Accounts of examples: one that the policy does not speak of plays the stranger's, another the role's own.
_SPARE_ACCOUNTS = ("444455556666", "777788889999", "999900001111", "123456789012", "210987654321")
# Only services and federated callers have these.
_NOT_FOR_PEOPLE = {
    "aws:sourcearn": None,
    "aws:sourceaccount": None,
    "aws:sourceorgid": None,
    "aws:principalisawsservice": "false",
    "aws:viaawsservice": "false",
}
_OF_THE_ORGANISATION = ("aws:principalorgid", "aws:principalorgpaths")


def spare_account(policy: Policy, *taken: str) -> str:
    """Return an account that a policy does not speak of."""
    return next(each for each in _SPARE_ACCOUNTS if each not in policy.document and each not in taken)


def knockers(policy: Policy, found: Sequence[Demand], own_account: str, provider: str | None) -> tuple[Knocker, ...]:
    """Return who is tried at a role.

    Args:
        policy: the role's trust policy.
        found: its conditions.
        own_account: the account of the role; its own principals are inside already, and not tried.
        provider: the account that is meant to enter; ``None`` takes every account that the policy names.
    """
    listed = _listed(policy)
    names = [name for form, name in listed if form == "AWS" and _account(name) != own_account]
    patterns = [text for each in found if each.key == "aws:principalarn" for text in each.texts]
    accounts = [account for name in names if (account := _account(name))]
    if "*" in names:
        speaks_of = [text for each in found if each.key == "aws:principalaccount" for text in each.texts]
        accounts += [account for text in (*patterns, *speaks_of) if (account := _account(filled(text)))]
        accounts += [provider or spare_account(policy, own_account)]
    meant = [account for account in dict.fromkeys(accounts) if provider in (None, account) and account != own_account]
    people = [*_named(names, patterns, meant), *_colleagues(meant, partition_of(policy))]
    others = [account for account in dict.fromkeys(accounts) if account not in (*meant, own_account)]
    others.append(spare_account(policy, own_account, *meant))
    return (
        *people,
        *(each for account in others for each in _strangers(account, patterns, names, partition_of(policy))),
        Knocker(Standing.ANONYMOUS, ANONYMOUS),
        *_without_account(listed),
    )


def _listed(policy: Policy) -> list[tuple[str, str]]:
    """Return everybody whom statements that allow list, with the type of principal."""
    found: list[tuple[str, str]] = []
    for statement in policy.allows:
        for form, value in json.loads(statement.document)["Principal"].items():
            found += [(form, text) for text in (value if isinstance(value, list) else [value])]
    return list(dict.fromkeys(found))


def partition_of(policy: Policy) -> str:
    """Return the partition that a policy speaks of."""
    match = _PARTITION.search(policy.document)
    return match[1] if match else "aws"


def _account(name: str) -> str | None:
    match = _ROOT.fullmatch(name) or _WITH_ACCOUNT.fullmatch(name)
    return match["account"] if match else None


def _in_account(pattern: str, account: str, names: Sequence[str]) -> str | None:
    """Return the ARN of a principal of an account that a pattern fits; ``None`` where it is about other accounts."""
    text = filled(pattern)
    if _account(text) is not None:
        return text if _account(text) == account and "/" in text else None
    fields = pattern.split(":")
    if len(fields) > _ACCOUNT_FIELD and not set(fields[_ACCOUNT_FIELD]) & set("*?"):
        return None
    # A pattern that leaves the account open is met by whoever chooses his name to fit.
    resource = filled(fields[-1])
    if not resource.startswith(("role/", "user/")):
        resource = f"role/{resource.rpartition('/')[2]}"
    match = _PARTITION.match(names[0]) if names else None
    return f"arn:{match[1] if match else 'aws'}:iam::{account}:{resource}"


def _named(names: Sequence[str], patterns: Sequence[str], meant: Sequence[str]) -> Iterator[Knocker]:
    """Yield the engineers that the policy speaks of: by ARN, by pattern, or any of a whole account."""
    by_pattern = [
        arn for each in meant for pattern in patterns if (arn := _in_account(pattern, each, names)) is not None
    ]
    arns = [name for name in names if _account(name) in meant and not _ROOT.fullmatch(name)]
    whole = [name for name in names if _ROOT.fullmatch(name)]
    for arn in dict.fromkeys((*by_pattern, *arns)):
        yield from _person(Standing.NAMED, arn)
    if not by_pattern and (whole or "*" in names):
        for account in meant:
            if "*" in names or any(_account(name) == account for name in whole):
                yield from _person(Standing.NAMED, f"arn:aws:iam::{account}:role/Engineers", names[0])
                yield from _person(Standing.NAMED, f"arn:aws:iam::{account}:user/{_ENGINEER}", names[0])


def _colleagues(meant: Sequence[str], partition: str) -> Iterator[Knocker]:
    for account in meant:
        for path in ("role/SomethingElse", "user/somebody-else"):
            yield from _person(Standing.COLLEAGUE, f"arn:{partition}:iam::{account}:{path}")


def _strangers(account: str, patterns: Sequence[str], names: Sequence[str], partition: str) -> Iterator[Knocker]:
    """Yield callers of another account, with the names that the policy asks for: they choose those themselves."""
    arns = [f"arn:{partition}:iam::{account}:role/Engineers", f"arn:{partition}:iam::{account}:user/{_ENGINEER}"]
    arns += [arn for each in patterns if (arn := _in_account(each, account, names)) is not None]
    arns += [name for name in names if _account(name) == account and "/" in name]
    for arn in dict.fromkeys(arns):
        yield from _person(Standing.STRANGER, arn)


def _person(standing: Standing, arn: str, form: str = "") -> Iterator[Knocker]:
    """Yield the caller with an ARN; a role is tried as one of its sessions."""
    partition = _PARTITION.match(form)
    if partition is not None:
        arn = _PARTITION.sub(partition[0], arn, count=1)
    role = _ROLE.fullmatch(arn)
    try:
        who = principal(
            f"arn:{role['partition']}:sts::{role['account']}:assumed-role/{role['name']}/{_ENGINEER}" if role else arn
        )
    except InvalidInput:
        return
    facts: dict[str, str | None] = {
        **_NOT_FOR_PEOPLE,
        # A session is known by its role.
        "aws:principalarn": arn if ":sts:" not in arn else role_key(who.partition, who.account, who.name),
        "aws:principalaccount": who.account,
        "aws:principaltype": "User" if who.kind is PrincipalKind.USER else "AssumedRole",
        "aws:username": who.name if who.kind is PrincipalKind.USER else None,
    }
    if standing is not Standing.NAMED:
        facts["aws:userid"] = f"AIDA{STRANGE.upper()}"
    if standing is Standing.STRANGER:
        facts |= dict.fromkeys(_OF_THE_ORGANISATION, "o-gatepassprobe")
    yield Knocker(standing, who, facts)


def _without_account(listed: Sequence[tuple[str, str]]) -> Iterator[Knocker]:
    for form, name in listed:
        if form == "Service":
            yield Knocker(Standing.SERVICE, service_principal(name.lower()))
        elif form == "Federated":
            caller = Principal(PrincipalKind.IDENTITY_PROVIDER, name)
            yield Knocker(Standing.FEDERATED, caller)
            yield Knocker(Standing.FEDERATED_STRANGER, caller)
