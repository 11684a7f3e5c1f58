"""Judge what a door asks for besides who calls, without ever repeating it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from gatepass.decision.policy import Policy, Statement
from gatepass.decision.request import EXTERNAL_ID
from gatepass.domain.doors import Asking, SecondFactor
from gatepass.domain.errors import InvalidInput
from gatepass.domain.id_strength import IdStrength, strength_of, weakest
from gatepass.domain.identifiers import AccountId, ExternalId
from gatepass.usecases.name_entrants import is_inside, named_in

_ENTER = "sts:assumerole"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one statement asks for.

    Attributes:
        texts: the values compared with, or none where the statement does not ask.
        patterns: those of them that wildcards stand in.
    """

    statement: Statement
    asks: bool
    texts: tuple[str, ...] = field(repr=False)
    patterns: tuple[str, ...] = field(repr=False)


def accepted_ids(trust: Policy, account: AccountId) -> tuple[str, ...]:
    """Return the external IDs that statements about outsiders compare with, as they stand."""
    return tuple(dict.fromkeys(text for asked in _statements(trust, account) for text in asked.texts))


def second_factor(
    trust: Policy,
    account: AccountId,
    *,
    opens_without: bool,
    telling: Collection[str] = (),
    also_in: tuple[str, ...] = (),
) -> SecondFactor:
    """Judge the external IDs of a trust policy.

    Args:
        trust: the policy.
        account: whose role it is; its own principals need no external ID.
        opens_without: whether a call without the right external ID was seen to get through.
        telling: words that others know too.
        also_in: other roles that accept one of the same.
    """
    statements = list(_statements(trust, account))
    if not statements:
        return SecondFactor(Asking.NOT_TAKEN)
    if not any(each.asks for each in statements):
        return SecondFactor(Asking.NEVER)
    unasked = tuple(each.statement.label for each in statements if not each.asks)
    found = [strength for each in statements for strength in _strengths(each, telling)]
    count = len({text for each in statements for text in each.texts})
    if opens_without:
        asking = Asking.PARTLY if unasked else Asking.IN_VAIN
        return SecondFactor(asking, weakest(found), count, unasked, also_in)
    return SecondFactor(Asking.ALWAYS, weakest(found), count, (), also_in)


def _statements(trust: Policy, account: AccountId) -> Iterator[_Asked]:
    """Yield the statements that let people of other accounts enter."""
    for statement in trust.allows:
        tree = json.loads(statement.document)
        others = [each for each in named_in(tree) if each[0] != "Federated" and not is_inside(*each, account)]
        if others and statement.about_action(_ENTER):
            yield _asked(statement, tree.get("Condition", {}))


def _asked(statement: Statement, conditions: dict[str, dict[str, object]]) -> _Asked:
    texts: list[str] = []
    patterns: list[str] = []
    asks = False
    for operator, keys in conditions.items():
        base = operator.rpartition(":")[2].removesuffix("IfExists")
        for key, value in keys.items():
            if key.lower() != EXTERNAL_ID:
                continue
            asks = True
            if base == "Null" or "Not" in base:
                continue
            listed = [str(each) for each in value] if isinstance(value, list) else [str(value)]
            texts += listed
            if base.endswith("Like"):
                patterns += [each for each in listed if set(each) & set("*?")]
    return _Asked(statement, asks, tuple(texts), tuple(patterns))


def _strengths(asked: _Asked, telling: Collection[str]) -> Iterator[IdStrength]:
    for text in asked.texts:
        if text in asked.patterns:
            yield IdStrength.PATTERN
            continue
        try:
            yield strength_of(ExternalId(text), telling)
        except InvalidInput:
            # IAM saves such values, STS never takes them: nobody can give this one.
            continue
