"""The digests of a role's trust and switch tell one state from another, and no external ID from another."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import pytest

from gatepass.adapters.memory import MemoryClock, MemoryRoles
from gatepass.domain.change import Change, DeleteRole, PutInline, ReplaceTrust
from gatepass.domain.documents import Document, document
from gatepass.domain.errors import AccessRefused
from gatepass.domain.identifiers import AccountId, RoleName
from gatepass.domain.role import SWITCH_POLICY
from gatepass.ports.roles import Sighting
from gatepass.usecases.watch_roles import WatchedRoles, state_digest


class Directory(MemoryRoles):
    """Roles that all have one trust."""

    def __init__(self, trust: Document, *, refuses: bool = False) -> None:
        super().__init__(AccountId("444455556666"), MemoryClock())
        self._trust, self._refuses = trust, refuses

    def sight(self, name: RoleName) -> Sighting:
        del name
        return Sighting(self._trust, None, datetime(2026, 11, 22, tzinfo=UTC))

    def make(self, change: Change) -> None:
        del change
        if self._refuses:
            raise AccessRefused("no")


def found(external_id: str | Collection[str], key: str = "sts:ExternalId", effect: str = "Allow", sid: str = "") -> str:
    statement = {"Effect": effect, "Sid": sid, "Condition": {"StringEquals": {key: external_id}}}
    trust = document({"Version": "2012-10-17", "Statement": [statement]})
    return state_digest(trust, None)


@pytest.mark.parametrize("key", ["sts:ExternalId", "STS:EXTERNALID"])
def test_nobody_can_try_external_ids_against_a_digest(key: str) -> None:
    assert found("weak-id", key) == found("another", key) == found(["a", "b"], key)
    assert found("x", sid="gp1.KEY.MARKER") == found("x", sid="gp1.KEY.OTHER")


def test_a_state_that_differs_has_another_digest() -> None:
    assert found("x") != found("x", effect="Deny")
    assert found("x", "aws:PrincipalArn") != found("y", "aws:PrincipalArn")
    assert state_digest(None, None) != found("x")


def test_what_was_before_and_what_is_are_heard_of_what_was_changed_alone() -> None:
    trust = document({"Version": "2012-10-17", "Statement": []})
    other = document({"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]})
    heard: dict[str, tuple[str, str]] = {}
    roles = WatchedRoles(Directory(trust), lambda name, before, after: heard.update({str(name): (before, after)}))

    roles.sight(RoleName("a"))
    roles.sight(RoleName("b"))
    roles.make(ReplaceTrust(RoleName("a"), other))
    roles.make(PutInline(RoleName("a"), SWITCH_POLICY, other))
    roles.make(ReplaceTrust(RoleName("c"), other))

    assert heard == {"a": (state_digest(trust, None), state_digest(other, other)), "c": ("", "")}


def test_a_change_that_aws_refused_is_not_heard() -> None:
    heard: list[object] = []
    directory = Directory(document({"Version": "2012-10-17", "Statement": []}), refuses=True)
    roles = WatchedRoles(directory, lambda *words: heard.append(words))

    with pytest.raises(AccessRefused):
        roles.make(DeleteRole(RoleName("a")))

    assert heard == []
