"""Values that a caller would choose for a policy's condition keys, so that probing asks what could pass."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import islice, product

from gatepass.decision.instants import instant
from gatepass.decision.policy import Policy

# A value that no policy expects.
STRANGE = "gatepass-probe"
# From TEST-NET-2 (RFC 5737): nobody's address.
STRANGE_ADDRESS = "198.51.100.77"
# Probing stops here; whoever asks is told that it was not all.
MOST_COMBINATIONS = 500

# The year 9999, past which Python counts no seconds.
_LATEST = 253_000_000_000
_SECOND = timedelta(seconds=1)
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Demand:
    """What one condition compares a key with.

    Attributes:
        operator: without qualifier and IfExists.
        texts: the policy's values; they may be external IDs.
        effect: of its statement.
        holds_when_missing: whether the condition holds for a request without the key.
    """

    key: str
    operator: str
    texts: tuple[str, ...] = field(repr=False)
    effect: str
    holds_when_missing: bool

    @property
    def names_what_fits(self) -> bool:
        """Whether a request with one of the values comes nearer to being allowed."""
        return ("Not" in self.operator) == (self.effect == "Deny")


def demands(policies: Sequence[Policy]) -> tuple[Demand, ...]:
    """Return every condition of the policies, those of statements that allow first."""
    found: list[Demand] = []
    for policy in policies:
        for statement in policy.allows + policy.denies:
            conditions = json.loads(statement.document).get("Condition", {})
            for operator, keys in conditions.items():
                base = operator.rpartition(":")[2].removesuffix("IfExists")
                missing = _holds_when_missing(operator, base)
                found += [
                    Demand(key.lower(), base, _texts(value), statement.effect, missing) for key, value in keys.items()
                ]
    return tuple(sorted(found, key=lambda each: each.effect))


def candidates(found: Sequence[Demand]) -> dict[str, tuple[str | None, ...]]:
    """Return for each key the values worth trying, the likeliest first; ``None`` leaves the key out.

    Where statements that allow only ask for the key, a request that has it is never worse off.
    """
    by_key: dict[str, list[str | None]] = {}
    better_without: set[str] = set()
    for demand in found:
        tried = by_key.setdefault(demand.key, [])
        tried += [text for text in _samples(demand) if text not in tried]
        if demand.effect == "Deny" or demand.holds_when_missing:
            better_without.add(demand.key)
    return {
        key: (*tried, None) if key in better_without else tuple(each for each in tried if each != STRANGE) or (None,)
        for key, tried in by_key.items()
    }


def combinations(choices: Mapping[str, Sequence[str | None]]) -> Iterator[dict[str, str]]:
    """Yield contexts, the likeliest first, at most `MOST_COMBINATIONS`."""
    keys = list(choices)
    for values in islice(product(*choices.values()), MOST_COMBINATIONS):
        yield {key: value for key, value in zip(keys, values, strict=True) if value is not None}


def is_too_many(choices: Mapping[str, Sequence[str | None]]) -> bool:
    """Say whether `combinations` leaves some out."""
    count = 1
    for values in choices.values():
        count *= len(values)
    return count > MOST_COMBINATIONS


def filled(pattern: str, word: str = "xx") -> str:
    """Return a text that fits a pattern of wildcards."""
    return pattern.replace("*", word).replace("?", word[0])


def _samples(demand: Demand) -> list[str]:
    """Return values that meet the condition and values that do not."""
    texts, operator = demand.texts, demand.operator
    if operator.startswith("Date"):
        return [each.strftime(_INSTANT) for three in edges(texts) for each in three]
    if operator.startswith("Numeric"):
        return [near for text in texts for near in _numbers_near(text)]
    if operator == "Bool":
        return ["true", "false"] if "true" in texts else ["false", "true"]
    if operator.endswith("IpAddress"):
        return [*(address for text in texts for address in _addresses(text)), STRANGE_ADDRESS]
    has_wildcards = operator.startswith("Arn") or operator.endswith("Like")
    fitting = [] if operator == "Null" else [filled(text) if has_wildcards else text for text in texts]
    return [*fitting, STRANGE]


def edges(texts: Sequence[str]) -> list[tuple[datetime, datetime, datetime]]:
    """Return for each date of a policy the second before, the date itself, and the second after."""
    seconds = [found for text in texts if (found := instant(text)) is not None]
    at = [datetime.fromtimestamp(int(each), UTC) for each in seconds if each < _LATEST]
    return [(each - _SECOND, each, each + _SECOND) for each in at]


def _numbers_near(text: str) -> list[str]:
    if not text.lstrip("-").isdecimal() or len(text) > 18:
        return [text]
    return [text, str(int(text) - 1), str(int(text) + 1)]


def _addresses(text: str) -> list[str]:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return []
    return [str(network[0]), str(network[-1])]


def _holds_when_missing(operator: str, base: str) -> bool:
    return "Not" in base or base == "Null" or operator.endswith("IfExists") or operator.startswith("ForAllValues:")


def _texts(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in listed)
