"""A trust policy that others wrote, read into what a grant can say, and what of it a grant cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from gatepass.domain.documents import Document
from gatepass.domain.grant import PrincipalPattern, Window
from gatepass.domain.identifiers import AccountId
from gatepass.domain.trust import sole_external_id

_ROOT = re.compile(r"(?:arn:aws(?:-cn|-us-gov)?:iam::)?([0-9]{12})(?::root)?", re.ASCII)
_ENTITY = re.compile(r"arn:aws(?:-cn|-us-gov)?:(?:iam|sts)::([0-9]{12}):((?:role|user)/[!-~]+)", re.ASCII)
_ENTERING = frozenset({"sts:assumerole", "sts:*", "*"})


@dataclass(frozen=True, slots=True)
class TrustReading:
    """What a trust policy says about who may enter, from where and when.

    Attributes:
        accounts: the accounts whose principals may enter.
        principals: which of them; empty for any.
        has_second_factor: whether every way in asks for one external ID with StringEquals.
        leftovers: what stands in it that a grant has no word for, in words; never an external ID.
    """

    accounts: frozenset[AccountId]
    principals: tuple[PrincipalPattern, ...]
    has_second_factor: bool
    window: Window
    networks: tuple[IPv4Network | IPv6Network, ...]
    requires_source_identity: bool
    leftovers: tuple[str, ...]


def read_trust(trust: Document) -> TrustReading:
    """Return what the trust policy says; of several ways in the file can keep only what all of them say."""
    reader = _Reader()
    for statement in trust.statements:
        reader.read(statement)
    patterns = sorted(reader.patterns)
    return TrustReading(
        frozenset(reader.accounts),
        () if reader.any_of_account else tuple(patterns),
        sole_external_id(trust) is not None and not reader.opens_without_id,
        Window(reader.begin, reader.end) if not _is_empty(reader.begin, reader.end) else Window(),
        tuple(reader.networks),
        reader.names_engineers and not reader.opens_without_name,
        tuple(dict.fromkeys(reader.leftovers)),
    )


def _is_empty(begin: datetime | None, end: datetime | None) -> bool:
    return begin is not None and end is not None and begin >= end


@dataclass
class _Reader:
    """Collects what the statements say, one after another."""

    accounts: set[AccountId] = field(default_factory=set)
    patterns: set[PrincipalPattern] = field(default_factory=set)
    networks: list[IPv4Network | IPv6Network] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    begin: datetime | None = None
    end: datetime | None = None
    any_of_account: bool = False
    opens_without_id: bool = False
    names_engineers: bool = False
    opens_without_name: bool = False

    def read(self, statement: Mapping[str, object]) -> None:
        actions = {str(action).lower() for action in _listed(statement.get("Action"))}
        if statement.get("Effect") != "Allow":
            self.leftovers.append("a statement that denies")
            return
        if not actions & _ENTERING:
            return
        named = self._principals(statement.get("Principal"))
        conditions = list(_conditions(statement.get("Condition")))
        narrowed = self._narrowed(conditions)
        self.any_of_account |= not (named or narrowed)
        keys = {(operator, key) for operator, key, _ in conditions}
        self.opens_without_id |= ("StringEquals", "sts:externalid") not in keys
        named_engineer = ("StringLike", "sts:sourceidentity") in keys
        self.names_engineers |= named_engineer
        self.opens_without_name |= not named_engineer
        for operator, key, values in conditions:
            self._condition(operator, key, values)

    def _principals(self, principal: object) -> bool:
        """Note whom the element names; say whether it names single users and roles only."""
        if not isinstance(principal, Mapping):
            self.leftovers.append(f"the principal {principal}")
            return False
        only_single = True
        for kind, values in principal.items():
            for value in _listed(values):
                root, entity = _ROOT.fullmatch(str(value)), _ENTITY.fullmatch(str(value))
                if kind == "AWS" and root:
                    self.accounts.add(AccountId(root[1]))
                    only_single = False
                elif kind == "AWS" and entity:
                    self.accounts.add(AccountId(entity[1]))
                    self.patterns.add(PrincipalPattern(entity[2]))
                else:
                    self.leftovers.append(f"the {kind} principal {value}")
        return only_single

    def _narrowed(self, conditions: list[tuple[str, str, list[str]]]) -> bool:
        """Note the patterns of aws:PrincipalArn; say whether there are any."""
        found = [
            _ENTITY.fullmatch(value)
            for operator, key, values in conditions
            if key == "aws:principalarn" and operator in ("ArnLike", "ArnEquals", "StringLike", "StringEquals")
            for value in values
        ]
        self.patterns |= {PrincipalPattern(entity[2]) for entity in found if entity is not None}
        return bool(found) and all(entity is not None for entity in found)

    def _condition(self, operator: str, key: str, values: list[str]) -> None:
        match operator, key:
            case "StringEquals", "sts:externalid":
                if len(values) != 1:
                    self.leftovers.append("several external IDs; the file keeps one")
            case (("ArnLike" | "ArnEquals" | "StringLike" | "StringEquals"), "aws:principalarn"):
                pass
            case "StringLike", "sts:sourceidentity":
                if values != ["?*"]:
                    self.leftovers.append("which source identities may enter; the file asks for any")
            case "IpAddress", "aws:sourceip":
                self.networks += [ip_network(value, strict=False) for value in values]
            case (("DateLessThan" | "DateLessThanEquals"), "aws:currenttime"):
                self.end = _instant(values[0])
            case (("DateGreaterThan" | "DateGreaterThanEquals"), "aws:currenttime"):
                self.begin = _instant(values[0])
            case _:
                self.leftovers.append(f"the condition {operator} on {key}")


def _conditions(block: object) -> Iterator[tuple[str, str, list[str]]]:
    for operator, keys in block.items() if isinstance(block, Mapping) else ():
        for key, values in keys.items() if isinstance(keys, Mapping) else ():
            yield str(operator), str(key).lower(), [str(value) for value in _listed(values)]


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
