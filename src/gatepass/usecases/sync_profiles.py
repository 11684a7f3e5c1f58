"""Give an engineer one AWS profile for each customer's grant that a team may use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gatepass.domain.errors import InvalidInput, NotThere
from gatepass.domain.identifiers import GrantName
from gatepass.domain.register import CustomerName, Register, TeamName
from gatepass.ports.teams import ProfileFile
from gatepass.render.aws_profiles import Profile, profiles_inside, profiles_outside, with_profiles, without_profiles


@dataclass(frozen=True, slots=True)
class Synced:
    """What the file holds now.

    Attributes:
        profiles: those in our block.
        added: the names that were not there before.
        removed: the names that are there no more.
        left_out: what is not in our block, because a profile of that name stands already.
        is_changed: whether the file was written.
    """

    profiles: tuple[Profile, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: tuple[Profile, ...]
    is_changed: bool


def sync_profiles(
    register: Register, file: ProfileFile, team: TeamName | None = None, region: str | None = None
) -> Synced:
    """Write the profiles of all teams, or of one, into the file's block of ours.

    Raises:
        NotThere: the register has no such team.
        Conflict: the block was changed by hand, or the file meanwhile.
    """
    before = file.read()
    taken = set(profiles_outside(before))
    profiles: list[Profile] = []
    left_out: list[Profile] = []
    for profile in profiles_of(register, team, region):
        (left_out if profile.name in taken else profiles).append(profile)
        taken.add(profile.name)
    return _written(file, before, with_profiles(before, profiles), tuple(profiles), tuple(left_out))


def remove_profiles(file: ProfileFile) -> Synced:
    """Take our block out of the file.

    Raises:
        Conflict: the block was changed by hand, or the file meanwhile.
    """
    before = file.read()
    return _written(file, before, without_profiles(before), (), ())


def profiles_of(register: Register, team: TeamName | None, region: str | None) -> list[Profile]:
    """Return the profiles, one for each grant, by customer.

    A customer with one grant needs no more than his name.
    """
    if team is not None and team not in register.teams:
        names = ", ".join(str(each) for each in sorted(register.teams)) or "none"
        raise NotThere(
            f"the register has no team {team}",
            why=f"it has: {names}",
            next_step="use one of these, or leave --team out",
        )
    if region is not None and not region.replace("-", "").isalnum():
        raise InvalidInput(f"{region!r} is not a Region", next_step="write one such as eu-west-1")
    found: set[tuple[CustomerName, GrantName]] = {
        (customer.name, grant)
        for assigned, customer, grant, _ in register.assignments()
        if team is None or assigned.name == team
    }
    grants = Counter(name for name, _ in found)
    return [
        Profile(f"gatepass-{name}" if grants[name] == 1 else f"gatepass-{name}-{grant}", f"{name}/{grant}", region)
        for name, grant in sorted(found)
    ]


def _written(
    file: ProfileFile, before: bytes, after: bytes, profiles: tuple[Profile, ...], left_out: tuple[Profile, ...]
) -> Synced:
    if after != before:
        file.replace(before, after)
    old, new = profiles_inside(before), {profile.name for profile in profiles}
    return Synced(profiles, tuple(sorted(new - old)), tuple(sorted(old - new)), left_out, after != before)
