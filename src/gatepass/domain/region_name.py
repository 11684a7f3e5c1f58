"""The name of a Region."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gatepass.domain.errors import InvalidInput

_REGION = re.compile(r"[a-z]{2,5}(-[a-z]{2,12}){1,3}-[0-9]{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RegionName:
    """What AWS calls a Region, by its form; whether AWS has it is not known here.

    Raises:
        InvalidInput: no Region can be called that.
    """

    text: str

    def __post_init__(self) -> None:
        if not _REGION.fullmatch(self.text):
            raise InvalidInput(
                f"{self.text[:40]!r} is not the name of a Region",
                why="AWS names Regions like eu-west-1 or us-gov-east-1",
                next_step="gatepass region eu-west-1",
            )

    def __str__(self) -> str:
        return self.text
