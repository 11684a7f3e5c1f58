"""Windows that another statement of the same trust policy leaves open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from gatepass.decision.policy import Statement, parse_policy
from gatepass.decision.probes import CLOCK_KEYS, Door, Entry


def window_holes(door: Door) -> Iterator[Entry]:
    """Yield the requests that get in whatever the time, though a statement would let them in for some time only."""
    tree = json.loads(door.trust.document)
    listed = tree["Statement"] if isinstance(tree["Statement"], list) else [tree["Statement"]]
    standing = [
        statement
        for statement in door.trust.allows
        if statement.about_action("sts:assumerole") and not _is_clocked(statement)
    ]
    dropped = {each.position for each in standing}
    kept = [each for position, each in enumerate(listed, start=1) if position not in dropped]
    if not standing or not any(_is_clocked(each) for each in door.trust.allows):
        return
    timed = replace(door, trust=parse_policy(tree | {"Statement": kept}, door.trust.kind))
    admitted = {(each.who.caller, each.external_id, each.call) for each in timed.entries}
    labels = {each.label for each in standing}
    for entry in door.entries:
        if entry.statement in labels and (entry.who.caller, entry.external_id, entry.call) in admitted:
            yield entry


def _is_clocked(statement: Statement) -> bool:
    return any(each.key.lower() in CLOCK_KEYS for each in statement.conditions)
