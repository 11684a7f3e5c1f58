"""What the customer's store remembers of one rotation, from before its first write until the next rotation begins."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

from gatepass.domain.documents import Document
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, RoleArn
from gatepass.domain.json_text import read_json
from gatepass.domain.trust import instant_text, read_instant

_TOKEN_LETTERS = 32
_TEXTS = {"token", "role", "new", "previous", "pass", "before", "both", "only_new", "until"}


@dataclass(frozen=True, slots=True)
class RotationRecord:
    """Both second factors of a rotation, and the digests of the trust at each of its stages.

    Attributes:
        token: which unit of which run began it.
        new: the second factor that was drawn for it.
        previous: the one that opened before.
        pass_id: the id of the pass that hands the new one over.
        before: the digest of the trust as it was found.
        both: the digest of the trust that opens with both.
        only_new: the digest of the trust that opens with the new one only.
        until: from when on the previous one opens no more, whoever comes back.
    """

    token: str
    role: RoleArn
    new: ExternalId = field(repr=False)
    previous: ExternalId = field(repr=False)
    pass_id: str
    before: str
    both: str
    only_new: str
    until: datetime


def rotation_token(run: str, subject: str) -> str:
    """Return what marks the work of one unit of one run; the same whenever it is asked again."""
    return hashlib.sha256(json.dumps([run, subject]).encode()).hexdigest()[:_TOKEN_LETTERS]


def rotation_secret_name(account: AccountId, grant: GrantName) -> str:
    """Return the name under which the customer's store keeps the record; no account has such a number."""
    return f"customer/rotation-/{account}/{str(grant).lower()}"


def trust_digest(trust: Document) -> str:
    """Return a digest that tells one trust from another."""
    return hashlib.sha256(trust.text.encode()).hexdigest()


def record_text(record: RotationRecord) -> str:
    """Return the value for the store; it holds external IDs."""
    return json.dumps(
        {
            "token": record.token,
            "role": str(record.role),
            "new": record.new.reveal(),
            "previous": record.previous.reveal(),
            "pass": record.pass_id,
            "before": record.before,
            "both": record.both,
            "only_new": record.only_new,
            "until": instant_text(record.until),
        }
    )


def parse_record(text: str) -> RotationRecord:
    """Return what the store keeps.

    Raises:
        InvalidInput: it is not as Gatepass writes it; nothing of it is in the error.
    """
    try:
        tree = read_json(text)
        if isinstance(tree, dict) and set(tree) == _TEXTS and all(isinstance(part, str) for part in tree.values()):
            until = read_instant(tree["until"])
            if until is not None:
                return RotationRecord(
                    tree["token"],
                    RoleArn(tree["role"]),
                    ExternalId(tree["new"]),
                    ExternalId(tree["previous"]),
                    tree["pass"],
                    tree["before"],
                    tree["both"],
                    tree["only_new"],
                    until,
                )
    except InvalidInput:
        # Its words could repeat a part of what is kept.
        pass
    raise InvalidInput(
        "what the store keeps of the rotation before cannot be read",
        why="it is not as Gatepass writes it",
        next_step="look who else writes there, and remove what lies under customer/rotation-/",
    )
