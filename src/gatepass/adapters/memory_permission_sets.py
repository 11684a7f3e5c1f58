"""The in-memory twin of Identity Center, as far as the provider's teams need it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import assert_never

from gatepass.domain.documents import Document
from gatepass.domain.errors import AccessRefused, Conflict, NotThere
from gatepass.domain.identifiers import AccountId
from gatepass.domain.permission_sets import (
    Assign,
    Assignment,
    CenterGroup,
    CreatePermissionSet,
    DeletePermissionSet,
    IdentityCenter,
    PermissionSet,
    Provision,
    PutInlinePolicy,
    SetChange,
    Unassign,
)


@dataclass
class MemoryPermissionSets:
    """Identity Center with its groups.

    Attributes:
        others: permission sets of others with names like ours.
        failures: for tests: how many changes succeed before AWS refuses one; None for never.
        made: every change that was accepted, in order.
        provisioned: the policy that the accounts carry, by permission set.
    """

    groups: tuple[CenterGroup, ...] = ()
    others: frozenset[str] = frozenset()
    maps_name: bool | None = True
    sets: dict[str, PermissionSet] = field(default_factory=dict)
    failures: int | None = None
    made: list[SetChange] = field(default_factory=list)
    provisioned: dict[str, Document | None] = field(default_factory=dict)

    def standing(self, account: AccountId) -> IdentityCenter:  # noqa: ARG002 - everything is known anyhow
        """Return everything at once."""
        titles = {group.id: group.name for group in self.groups}
        sets = tuple(
            replace(
                each,
                assignments=frozenset(replace(one, title=titles.get(one.assignee, "")) for one in each.assignments),
                is_provisioned=self._is_provisioned(each),
            )
            for each in self.sets.values()
        )
        return IdentityCenter(sets, self.others, self.groups, self.maps_name)

    def make(self, change: SetChange) -> None:
        """Make the change, unless it is the one that was told to fail."""
        if self.failures is not None:
            if self.failures == 0:
                raise AccessRefused("the test refused a change")
            self.failures -= 1
        match change:
            case CreatePermissionSet(name, team):
                self._create(name, team)
            case PutInlinePolicy(name, text):
                self.sets[name] = replace(self._found(name), document=text)
            case Provision(name):
                self.provisioned[name] = self._found(name).document
            case Assign(name, assignment):
                self._assign(name, assignment)
            case Unassign(name, assignment):
                if name in self.sets:
                    left = self.sets[name].assignments - {assignment}
                    self.sets[name] = replace(self.sets[name], assignments=left)
            case DeletePermissionSet(name):
                self._delete(name)
            case _:
                assert_never(change)
        self.made.append(change)

    def reached(self, assignee: str) -> tuple[Document, ...]:
        """Return the policies that the accounts carry for a group."""
        held = (each for each in self.sets.values() if any(one.assignee == assignee for one in each.assignments))
        return tuple(text for each in held if (text := self.provisioned.get(each.name)) is not None)

    def _create(self, name: str, team: str) -> None:
        standing = self.sets.get(name)
        if name in self.others or (standing is not None and standing.team != team):
            raise Conflict(f"there is a permission set {name} already")
        self.sets.setdefault(name, PermissionSet(name, team, None))

    def _assign(self, name: str, assignment: Assignment) -> None:
        standing = self._found(name)
        if not standing.assignments:
            self.provisioned[name] = standing.document
        self.sets[name] = replace(standing, assignments=standing.assignments | {assignment})

    def _delete(self, name: str) -> None:
        if name in self.sets and self.sets[name].assignments:
            raise Conflict(f"the permission set {name} is still assigned")
        self.sets.pop(name, None)
        self.provisioned.pop(name, None)

    def _found(self, name: str) -> PermissionSet:
        if name not in self.sets:
            raise NotThere(f"there is no permission set {name}")
        return self.sets[name]

    def _is_provisioned(self, each: PermissionSet) -> bool:
        return not each.assignments or self.provisioned.get(each.name) == each.document
