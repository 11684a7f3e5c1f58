"""What the parts of a template are called: letters and digits only, and no two alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatepass.domain.identifiers import GrantName


@dataclass(frozen=True, slots=True)
class GrantNames:
    """The logical names of everything that belongs to one grant.

    Parameters and resources share one space of names. No ending of a name is the ending of another one, so that only
    the same grant gives the same name.
    """

    start: str

    @property
    def role(self) -> str:
        """The resource."""
        return f"{self.start}Role"

    @property
    def external_id(self) -> str:
        """The parameter for the external ID."""
        return f"{self.start}ExternalId"

    @property
    def old_id(self) -> str:
        """The parameter for the external ID from before a rotation."""
        return f"{self.start}ExternalIdOld"

    @property
    def old_id_until(self) -> str:
        """The parameter for the end of the old external ID."""
        return f"{self.start}ExternalIdOldUntil"

    @property
    def door(self) -> str:
        """The parameter that opens and closes a grant without a second factor."""
        return f"{self.start}Door"

    @property
    def is_open(self) -> str:
        """The condition of an open door."""
        return f"{self.start}IsOpen"

    @property
    def is_rotated(self) -> str:
        """The condition of two external IDs."""
        return f"{self.start}IsRotated"

    @property
    def rotation_rule(self) -> str:
        """The rule about two external IDs."""
        return f"{self.start}Rotation"

    @property
    def output(self) -> str:
        """The output with the role's ARN."""
        return f"{self.start}RoleArn"


def grant_names(grants: Sequence[GrantName]) -> list[GrantNames]:
    """Return the names of each grant: ``net-ops`` becomes ``NetOps``, unless two would become the same."""
    starts = [_camel(grant) for grant in grants]
    if len({start.lower() for start in starts}) < len(starts):
        starts = [_spelt(grant) for grant in grants]
    return [GrantNames(start) for start in starts]


def _camel(grant: GrantName) -> str:
    return "".join(part[:1].upper() + part[1:] for part in str(grant).split("-"))


def _spelt(grant: GrantName) -> str:
    # Each hyphen and each zero in digits of its own, so that no two names become the same.
    return str(grant).replace("0", "00").replace("-", "01")
