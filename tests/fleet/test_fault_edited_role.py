"""Somebody edits the role by hand between the two writes of a rotation: it is refused, named, and nothing overwritten."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gatepass.domain.documents import Document
from gatepass.domain.identifiers import ExternalId
from gatepass.fleet.work import Result, UnitResult
from tests.fleet.stub import World, admits, rotates

Tree = dict[str, Any]
TWO_MORE_HOURS = "2026-11-23T10:00:00Z"


def lets_in_somebody_else(tree: Tree) -> None:
    statement = json.loads(json.dumps(tree["Statement"][0]))
    tree["Statement"].append({**statement, "Principal": {"AWS": "arn:aws:iam::999988887777:root"}})


def narrows_the_network(tree: Tree) -> None:
    for statement in tree["Statement"]:
        statement.setdefault("Condition", {})["IpAddress"] = {"aws:SourceIp": "203.0.113.0/24"}


def takes_out_what_is_new(tree: Tree) -> None:
    """As somebody does who believes that the new one is a stranger's."""
    old = [one for one in tree["Statement"] if "DateLessThan" in one.get("Condition", {})]
    del old[0]["Condition"]["DateLessThan"]
    tree["Statement"] = old


def moves_the_date(tree: Tree) -> None:
    for statement in tree["Statement"]:
        if "DateLessThan" in statement.get("Condition", {}):
            statement["Condition"]["DateLessThan"]["aws:CurrentTime"] = TWO_MORE_HOURS


def asks_for_a_name(tree: Tree) -> None:
    tree["Statement"][0]["Condition"]["StringLike"] = {"sts:SourceIdentity": "*"}


def edits(world: World, edit: Callable[[Tree], None]) -> str:
    """Edit the trust by hand, and return how it stands then."""
    ((name, role),) = world.roles.roles.items()
    tree = role.trust.data
    edit(tree)
    trust = Document(json.dumps(tree, sort_keys=True, separators=(",", ":")))
    assert trust != role.trust, "nothing was edited"
    world.roles.roles[name] = replace(role, trust=trust)
    return trust.text


def between_the_writes() -> tuple[World, ExternalId, ExternalId]:
    """Return a world whose role opens with two, and whose customer has the receipt."""
    world = World()
    old = world.held_by_provider()
    assert rotates(world, both=False).facts["stage"] == "handed over"
    assert admits(world).result is Result.DONE
    return world, old, world.held_by_provider()


def is_named(result: UnitResult) -> bool:
    told = ("somebody changed the trust of the role", "asks for no second factor of ours")
    return result.result is Result.FAILED and any(each in result.cause for each in told) and bool(result.next_step)


EDITS = [lets_in_somebody_else, narrows_the_network, takes_out_what_is_new, moves_the_date, asks_for_a_name]


@pytest.mark.parametrize("edit", EDITS)
def test_what_was_edited_between_the_two_writes_is_left_and_named(edit: Callable[[Tree], None]) -> None:
    world, *both = between_the_writes()
    # From here on what the provider holds may be shut out: by whoever edited, and not by us.
    world.hidden = True
    edited = edits(world, edit)
    written = world.calls.count("iam:ReplaceTrust")

    result = rotates(world, both=False, run="run-3")

    assert is_named(result), result
    assert world.role is not None
    assert world.role.trust.text == edited
    assert world.calls.count("iam:ReplaceTrust") == written
    for secret in both:
        assert secret.reveal() not in result.cause + result.next_step


@pytest.mark.parametrize("edit", EDITS)
def test_in_one_process_too_the_last_write_is_compared_with_what_was_written(edit: Callable[[Tree], None]) -> None:
    """Edited after the provider has taken the pass, which is the last moment before the write."""
    world = World()
    taken: list[str] = []

    def edit_once(what: str) -> None:
        if what == "tray:put" and world.receipts.files and not taken:
            world.hidden = True
            taken.append(edits(world, edit))

    world.afterwards = edit_once

    result = rotates(world)

    assert taken
    assert is_named(result), result
    assert world.role is not None
    assert world.role.trust.text == taken[0]


def test_what_is_taken_back_lets_the_rotation_go_on() -> None:
    world, old, new = between_the_writes()
    role = world.role
    assert role is not None
    edits(world, asks_for_a_name)
    assert is_named(rotates(world, both=False, run="run-3"))
    world.roles.roles[role.name] = role

    result = rotates(world, both=False, run="run-4")

    assert (result.result, result.facts["stage"]) == (Result.DONE, "finished"), result.cause
    assert world.enters(new)
    world.clock.instant += timedelta(seconds=5)
    assert not world.enters(old)
