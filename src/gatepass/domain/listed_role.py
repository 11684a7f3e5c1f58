"""One line of a list of customers that somebody kept elsewhere: a spreadsheet, or a list of role ARNs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ListedRole:
    """What a line says, as it is written; what it leaves out is empty.

    Attributes:
        place: ``file:line`` for those who have to mend it.
        teams: the names of teams.
    """

    place: str
    role_arn: str
    name: str = ""
    company: str = ""
    account: str = ""
    grant: str = ""
    teams: tuple[str, ...] = ()
    key: str = field(default="", repr=False)
