"""What the customer's store remembers of one door that a workspace keeps, and what its variable says of all."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName
from gatepass.domain.json_text import read_json
from gatepass.domain.trust import instant_text, read_instant
from gatepass.domain.workspace_objects import Doors

# Two tell a rotation: the new one, and the one from before.
_MOST_IDS = 2
_SEAL_LETTERS = 24
_KEYS = {"token", "step", "ids", "old_until", "pass", "key", "since", "role"}


class Step(Enum):
    """How far the last move of a door came; each is written down before the next begins.

    A door is moved by writing the record, then the variable, then by a run. A record that says ``WRITTEN`` may be
    ahead of AWS; one that says ``APPLIED`` is what AWS holds.
    """

    WRITTEN = "written"
    APPLIED = "applied"
    HANDED_OVER = "handed over"


@dataclass(frozen=True, slots=True)
class DoorRecord:
    """The external IDs of one door, newest first.

    Attributes:
        token: which move of the door brought it here; a part of its run's message.
        step: how far that move came.
        ids: none when the door is closed, one, or two while the second still opens.
        old_until: until when the second one opens; None with fewer than two.
        pass_id: the id of the pass that hands the first one over; empty where none was written.
        since: which close the move knew of that brought the door here; a record that knows of another opens nothing.
            Empty for one that was not moved since its set-up, which counts whatever was closed before.
        role: the ARN of its role, once a run told it; it is asked for only once.
        customer_key: of a closed door: the part of its external IDs that the provider knows it by, for the next one.
    """

    token: str
    step: Step
    ids: tuple[ExternalId, ...] = field(repr=False)
    old_until: datetime | None = None
    pass_id: str = ""
    customer_key: str = ""
    since: str = ""
    role: str = ""

    def __post_init__(self) -> None:
        if len(self.ids) > _MOST_IDS or (self.old_until is not None) != (len(self.ids) == _MOST_IDS):
            raise InvalidInput(
                "a door opens to one external ID, or to two until a date",
                why="more would be more than anybody asked for",
            )


def door_secret_name(account: AccountId, grant: GrantName) -> str:
    """Return the name under which the customer's store keeps the record; no account has such a number."""
    return f"customer/workspace-/{account}/{str(grant).lower()}"


def close_secret_name(account: AccountId, grant: GrantName) -> str:
    """Return the name under which the customer's store keeps which close of the door was the last."""
    return f"customer/workspace-close-/{account}/{str(grant).lower()}"


def salt_secret_name(account: AccountId) -> str:
    """Return the name under which the customer's store keeps what seals are made with."""
    return f"customer/workspace-/{account}"


def door_record_text(record: DoorRecord) -> str:
    """Return the value for the store; it holds external IDs."""
    return json.dumps(
        {
            "token": record.token,
            "step": record.step.value,
            "ids": [one.reveal() for one in record.ids],
            "old_until": instant_text(record.old_until) if record.old_until is not None else "",
            "pass": record.pass_id,
            "key": record.customer_key,
            "since": record.since,
            "role": record.role,
        }
    )


def parse_door_record(text: str) -> DoorRecord:
    """Return what the store keeps.

    Raises:
        InvalidInput: it is not as Gatepass writes it; nothing of it is in the error.
    """
    try:
        tree = read_json(text)
        if isinstance(tree, dict) and set(tree) == _KEYS:
            key, since, role = str(tree["key"]), str(tree["since"]), str(tree["role"])
            ids = tuple(ExternalId(each) for each in tree["ids"])
            until = read_instant(tree["old_until"]) if tree["old_until"] else None
            return DoorRecord(str(tree["token"]), Step(tree["step"]), ids, until, str(tree["pass"]), key, since, role)
    except (InvalidInput, TypeError, ValueError):
        # Its words could repeat a part of what is kept.
        pass
    raise InvalidInput(
        "what the store keeps of the door cannot be read",
        why="it is not as Gatepass writes it",
        next_step="look who else writes there, and remove what lies under customer/workspace-/",
    )


def doors_variable(records: Mapping[GrantName, DoorRecord], salt: str, now: datetime) -> Doors:
    """Return the variable that says of every door what its record says; an ID whose time is over is left out.

    Its value is an expression of HCL that is JSON too: map of grants, each with ``external_ids``, newest first, and
    ``old_opens_until`` where there is a second one.
    """
    doors = {str(name): _door(record, now) for name, record in sorted(records.items(), key=lambda item: str(item[0]))}
    value = json.dumps(doors)
    return Doors(value, seal(value, salt))


def seal(text: str, salt: str) -> str:
    """Return what tells one secret text from another to whoever has the salt, and nothing to anybody else."""
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()[:_SEAL_LETTERS]


def _door(record: DoorRecord, now: datetime) -> dict[str, object]:
    is_old_over = record.old_until is not None and record.old_until <= now
    ids = record.ids[:1] if is_old_over else record.ids
    door: dict[str, object] = {"external_ids": [one.reveal() for one in ids]}
    if len(ids) == _MOST_IDS and record.old_until is not None:
        door["old_opens_until"] = instant_text(record.old_until)
    return door
