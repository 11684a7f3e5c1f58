"""Which second factors lie in the shared store for the wrong team, and the way to where they belong.

Whatever takes from a team comes before whatever gives to one. What would then lie nowhere is first set aside where no
team reads it, so that stopped anywhere the right factor is not lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from gatepass.domain.identifiers import RoleArn
from gatepass.domain.kept_secrets import UNASSIGNED, WITHHELD, place_of, spare_name
from gatepass.domain.register import Register


@dataclass(frozen=True, slots=True)
class HandFactor:
    """Copy a second factor to where a team reads it, or to where no team does.

    Attributes:
        team: the team's name, or ``UNASSIGNED``.
        grant: in small letters, as names in the store are.
        role: whose second factor it must be; None where the register knows no more of the grant.
        sources: the names where it can lie now, the likeliest first.
        is_withheld: whether it is in quarantine, so that only the note that says so is copied.
    """

    team: str
    customer: str
    grant: str
    role: RoleArn | None = field(compare=False)
    sources: tuple[str, ...] = field(compare=False)
    is_withheld: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """The name in the store."""
        return f"{self.team}/{self.customer}/{self.grant}"


@dataclass(frozen=True, slots=True)
class TakeFactor:
    """Delete a second factor where a team reads it, or where it was set aside.

    Attributes:
        others: names of which one must keep the same, for it to be deleted without another trace.
        spare: the name that keeps it where none of them does; empty when it then stays where it is.
    """

    team: str
    customer: str
    grant: str
    others: tuple[str, ...] = field(default=(), compare=False)
    spare: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """The name in the store."""
        return f"{self.team}/{self.customer}/{self.grant}"


StoreChange = HandFactor | TakeFactor


@dataclass(frozen=True, slots=True)
class StorePlan:
    """The plan of the shared store.

    Attributes:
        title: where it is, in words.
        first: what is set aside and what is taken from teams, in this order.
        last: what is given to teams, and what then lies aside for nothing.
    """

    title: str
    first: tuple[StoreChange, ...] = ()
    last: tuple[StoreChange, ...] = ()

    @property
    def changes(self) -> tuple[StoreChange, ...]:
        """All of it."""
        return (*self.first, *self.last)


def plan_store(register: Register, names: Iterable[str], title: str) -> StorePlan:
    """Return what has to change in a store that keeps secrets of these names; nothing of other kinds is touched.

    A second factor of a customer or grant that the register does not have is taken from its team and set aside: the
    register may be only a part of what there is.
    """
    standing: dict[tuple[str, str], set[str]] = {}
    for name in names:
        place = place_of(name)
        if place is not None:
            standing.setdefault((place[1], place[2]), set()).add(place[0])
    wanted = _wanted(register)
    moves: list[tuple[_Stage, StoreChange]] = []
    for key in sorted(standing):
        role, teams = wanted.get(key, (None, frozenset({UNASSIGNED})))
        moves += _moves(key, standing[key], role, teams)
    moves.sort(key=lambda move: move[0])
    first = tuple(change for stage, change in moves if stage < _Stage.HAND)
    return StorePlan(title, first, tuple(change for stage, change in moves if stage >= _Stage.HAND))


class _Stage(IntEnum):
    """When a change is made."""

    ASIDE = 1
    TAKE = 2
    HAND = 3
    CLEAR = 4


def _wanted(register: Register) -> Mapping[tuple[str, str], tuple[RoleArn, frozenset[str]]]:
    return {
        (customer.name.text, str(grant).lower()): (
            role,
            frozenset(team.text for team in customer.teams.get(grant, ())) or frozenset({UNASSIGNED}),
        )
        for customer in register.customers.values()
        for grant, role in customer.roles.items()
    }


def _moves(
    key: tuple[str, str], standing: set[str], role: RoleArn | None, wanted: frozenset[str]
) -> Iterator[tuple[_Stage, StoreChange]]:
    """Yield what has to change for one grant of one customer, each with when."""
    present = standing - {WITHHELD}
    lost = sorted(present - wanted - {UNASSIGNED})
    staying = sorted(present - set(lost), key=lambda first: (first == UNASSIGNED, first))
    if not present:
        # It is withheld and nobody was told so: the verifier decides.
        return
    is_withheld = WITHHELD in standing
    if not staying:
        yield _Stage.ASIDE, HandFactor(UNASSIGNED, *key, role, _names(lost, key), is_withheld)
        staying = [UNASSIGNED]
    withheld = (WITHHELD,) if is_withheld else ()
    spares = {team: spare_name(team, *key) for team in lost}
    for team in lost:
        yield _Stage.TAKE, TakeFactor(team, *key, _names((*withheld, *staying), key), spares[team])
    for team in sorted(wanted - present - {UNASSIGNED}):
        sources = (*_names(staying, key), *spares.values())
        yield _Stage.HAND, HandFactor(team, *key, role, sources, is_withheld)
    if UNASSIGNED in staying and UNASSIGNED not in wanted:
        yield _Stage.CLEAR, TakeFactor(UNASSIGNED, *key, _names((*withheld, *sorted(wanted)), key))


def _names(firsts: Iterable[str], key: tuple[str, str]) -> tuple[str, ...]:
    return tuple(f"{first}/{key[0]}/{key[1]}" for first in firsts)
