"""What the stand-in knows about one kind of resource or data source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from tests.terraform.standin.values import Attributes

IAM = Any
"""A boto3 client, which has no types."""


class Resource(Protocol):
    """A kind of resource: four calls, and what the schema does not tell."""

    @property
    def force_new(self) -> frozenset[str]:
        """Return the attributes whose change makes a new resource."""

    @property
    def defaults(self) -> Mapping[str, object]:
        """Return what stands for attributes that nobody wrote."""

    def create(self, iam: IAM, wanted: Attributes) -> Attributes:
        """Make it, and return it whole."""

    def read(self, iam: IAM, state: Attributes) -> Attributes | None:
        """Return it as it stands, None when it is gone."""

    def update(self, iam: IAM, before: Attributes, wanted: Attributes) -> Attributes:
        """Change it, and return it whole."""

    def delete(self, iam: IAM, state: Attributes) -> None:
        """Take it away; what is gone is fine."""

    def imported(self, identity: str) -> Attributes:
        """Return what `terraform import` is told, enough to read the rest."""


@dataclass(frozen=True)
class Bare:
    """What every kind begins from."""

    force_new: frozenset[str] = frozenset()
    defaults: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
