"""The rights that each person needs: those for the calls of the commands that the person types, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType

from gatepass.domain.command_calls import CALLS
from gatepass.domain.rights import RIGHTS, Right, Target
from gatepass.domain.store_calls import LISTS, READS, STORES, TOGETHER


class Person(Enum):
    """Who uses Gatepass."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    VERIFIER = "verifier"
    ENGINEER = "engineer"


# What others have: the same action is for other things there.
_EVERYBODYS_FACTORS = frozenset({Target.PARAMETERS, Target.SECRETS})
_TEAMS_FACTORS = frozenset({Target.TEAM_PARAMETERS, Target.TEAM_SECRETS})
_ONLY_CUSTOMERS = frozenset({Target.OUR_ROLES})
_ONLY_LEADS = frozenset(
    {Target.TEAM_POLICIES, Target.TEAM_HOLDERS, Target.TEAM_ROLES, Target.TEAM_SETS, Target.TEAM_PLACES}
)
_ELSEWHERE: Mapping[Person, frozenset[Target]] = MappingProxyType(
    {
        Person.CUSTOMER: _ONLY_LEADS | _TEAMS_FACTORS,
        Person.PROVIDER: _ONLY_CUSTOMERS | _TEAMS_FACTORS,
        Person.VERIFIER: _ONLY_CUSTOMERS | _ONLY_LEADS | _TEAMS_FACTORS,
        Person.ENGINEER: _ONLY_CUSTOMERS | _ONLY_LEADS | _EVERYBODYS_FACTORS,
    }
)
_COMMANDS: Mapping[Person, tuple[str, ...]] = MappingProxyType(
    {
        Person.CUSTOMER: (
            "init",
            "review",
            "accept",
            "doctor",
            "check",
            "plan",
            "apply",
            "withdraw",
            "open",
            "close",
            "rotate",
            "revoke",
            "pass",
            "scalr",
            "hcp",
            "doors",
            "adopt",
            "lint",
            "notify",
            "can",
            "creds",
            "whoami",
        ),
        Person.PROVIDER: (
            "plan customers.yml",
            "apply customers.yml",
            "profiles",
            "init",
            "check customers.yml",
            "customers",
            "keys",
            "offer",
            "admit",
            "verify",
            "fleet",
            "fleet offboard --customer",
            "worker",
            "creds",
            "whoami",
            "request",
            "sudo",
            "exec",
            "console",
            "can",
            "lint",
        ),
        Person.VERIFIER: ("verify", "fleet", "worker", "creds", "whoami"),
        Person.ENGINEER: ("creds", "whoami", "request", "sudo", "exec", "console", "credential-process", "profiles"),
    }
)
# What the provider types too when a team is a group of Identity Center.
_CENTER_COMMANDS = (
    "plan customers.yml (permission sets)",
    "apply customers.yml (permission sets)",
    "fleet offboard --customer (permission sets)",
)
# The person who holds the switch in an emergency and changes no grant.
_SWITCH_COMMANDS = ("open", "close", "rotate", "revoke", "pass", "creds", "whoami")


def commands_of(person: Person, *, switch_only: bool = False) -> tuple[str, ...]:
    """Return the commands that the person types."""
    return _SWITCH_COMMANDS if switch_only else _COMMANDS[person]


def needed_rights(
    person: Person, *, switch_only: bool = False, store: str = "", with_center: bool = False
) -> tuple[Right, ...]:
    """Return what the person needs for all of these commands, and nothing else.

    Args:
        person: who it is.
        switch_only: whether the person only moves the switch.
        store: where in AWS the second factor is kept, one of ``STORES``; empty for not in AWS.
        with_center: whether the provider's teams are groups of Identity Center.
    """
    commands = (*commands_of(person, switch_only=switch_only), *(_CENTER_COMMANDS if with_center else ()))
    asked = (*_asked(commands), *(_of_store(person, store) if store else ()))
    return tuple(right for right in _rights(asked) if right.target not in _ELSEWHERE[person])


def _of_store(person: Person, store: str) -> tuple[str, ...]:
    if person is Person.ENGINEER:
        return (READS[store],)
    if person is Person.CUSTOMER:
        return STORES[store]
    return (*STORES[store], *TOGETHER[store], *((LISTS[store],) if person is Person.PROVIDER else ()))


def rights_for(commands: Iterable[str]) -> tuple[Right, ...]:
    """Return what the commands need, in the order of the list."""
    return _rights(_asked(commands))


def _asked(commands: Iterable[str]) -> Iterator[str]:
    return (action for command in commands for action in CALLS[command])


def _rights(actions: Iterable[str]) -> tuple[Right, ...]:
    wanted = frozenset(actions)
    return tuple(right for right in RIGHTS if right.action in wanted)
