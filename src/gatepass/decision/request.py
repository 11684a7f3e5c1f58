"""The request that is decided: who asks, for what action, on which resource, with which context keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gatepass.decision.principals import ANONYMOUS, Principal, PrincipalKind, principal, service_principal
from gatepass.domain.errors import InvalidInput

__all__ = ["ANONYMOUS", "Context", "Principal", "PrincipalKind", "Request", "context", "principal", "service_principal"]

EXTERNAL_ID = "sts:externalid"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Context(Mapping[str, tuple[str, ...]]):
    """The condition keys of one request, each with its values; build it with `context`.

    Its `repr` hides the external ID.

    Attributes:
        values_by_key: the values of each lower-cased key; never without a value.
    """

    values_by_key: dict[str, tuple[str, ...]]

    def __getitem__(self, key: str) -> tuple[str, ...]:
        return self.values_by_key[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_key)

    def __len__(self) -> int:
        return len(self.values_by_key)

    def __hash__(self) -> int:
        return hash(frozenset(self.values_by_key.items()))

    def __repr__(self) -> str:
        shown = {key: ("****",) if key == EXTERNAL_ID else values for key, values in self.values_by_key.items()}
        return f"Context({shown})"

    def with_keys(self, keys: Mapping[str, str | Iterable[str]]) -> Context:
        """Return this context with further keys; one that it has is replaced, or dropped when no value is given."""
        return Context(self.without_keys(*keys).values_by_key | context(keys).values_by_key)

    def without_keys(self, *keys: str) -> Context:
        """Return this context without some keys."""
        absent = {key.lower() for key in keys}
        return Context({key: values for key, values in self.values_by_key.items() if key not in absent})


def context(keys: Mapping[str, str | Iterable[str]]) -> Context:
    """Build a context from key names in any case, each with one value or several.

    A key without a value is a key that the request does not have.
    """
    values_by_key: dict[str, tuple[str, ...]] = {}
    for key, value in keys.items():
        values = (value,) if isinstance(value, str) else tuple(value)
        if not all(isinstance(each, str) for each in values):
            raise InvalidInput(f"context key {key} has a value that is not text", next_step="write every value as text")
        if key.lower() in values_by_key:
            raise InvalidInput(f"context key {key} is given twice", why="key names are not case-sensitive")
        if values:
            values_by_key[key.lower()] = values
    return Context(values_by_key)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as AWS would see it; nothing is added to its context.

    Attributes:
        principal: who asks.
        action: such as ``s3:GetObject``; case does not matter.
        resource: the ARN, or ``*`` for an action without one.
        resource_account: the account that owns the resource.
        context: the condition keys that this request carries.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str
    context: Context = field(default_factory=lambda: Context({}))
    folded_action: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        service, colon, name = self.action.partition(":")
        if not (service and colon and name) or "*" in self.action:
            raise InvalidInput(
                f"{self.action!r} is not an action",
                why="an action is a service and a name, such as s3:GetObject",
                next_step="name one action, without wildcards",
            )
        object.__setattr__(self, "folded_action", self.action.lower())
