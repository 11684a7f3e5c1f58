"""One customer's records out of a log, each with its proof, in a file that can be checked without the log."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from gatepass.domain.checkpoint import SignedCheckpoint, parse_checkpoint
from gatepass.domain.errors import InvalidInput
from gatepass.domain.json_text import read_json
from gatepass.domain.rotation_statement import MOST_ROTATIONS, RotationStatement, parse_rotation_statement
from gatepass.domain.signed_file import PublicKey, parse_public_key

_KIND, _VERSION = "audit-export", 1
_KEYS = {"gatepass", "version", "customer", "key", "rotations", "checkpoint", "records"}
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
# A log of 2**64 records would need no more.
_LONGEST_PROOF = 64


@dataclass(frozen=True, slots=True)
class ProvenLine:
    """A record's line with its place and the hashes that lead from it to the signed head."""

    index: int
    text: str
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AuditExport:
    """One customer's records.

    Attributes:
        customer: what the log calls the customer: its name and its account number.
        key: the key that is said to have signed.
        rotations: how that key came after older ones.
        checkpoint: the signed note.
    """

    customer: tuple[str, ...]
    key: PublicKey
    rotations: tuple[RotationStatement, ...]
    checkpoint: SignedCheckpoint
    lines: tuple[ProvenLine, ...]

    @property
    def text(self) -> str:
        """The file."""
        head = {
            "gatepass": _KIND,
            "version": _VERSION,
            "customer": list(self.customer),
            "key": str(self.key),
            "rotations": [each.tree for each in self.rotations],
            "checkpoint": self.checkpoint.text,
        }
        # One record a line: a large file stays readable, and two of them can be compared.
        rows = ",\n".join(
            json.dumps({"index": line.index, "proof": [each.hex() for each in line.proof]})[:-1]
            + f', "record": {line.text}}}'
            for line in self.lines
        )
        return json.dumps(head, indent=2)[:-2] + f',\n  "records": [\n{rows}\n  ]\n}}\n'


def parse_export(text: str) -> AuditExport:
    """Return what an export says; nothing of it is checked yet.

    Raises:
        InvalidInput: it is no export, or not as Gatepass writes them.
    """
    tree = read_json(text)
    if not isinstance(tree, dict) or tree.get("gatepass") != _KIND:
        raise _unreadable("it does not begin as one")
    if tree.get("version") != _VERSION or isinstance(tree["version"], bool):
        raise _unreadable("it is of a version that this Gatepass does not know")
    if set(tree) != _KEYS:
        raise _unreadable("it has not exactly the keys of one")
    match tree:
        case {
            "customer": list(customer),
            "key": str(key),
            "rotations": list(rotations),
            "checkpoint": str(checkpoint),
            "records": list(records),
        } if all(isinstance(each, str) for each in customer) and len(rotations) <= MOST_ROTATIONS:
            lines = tuple(_line(each, number) for number, each in enumerate(records, start=1))
            return AuditExport(
                tuple(customer),
                parse_public_key(key),
                tuple(parse_rotation_statement(each) for each in rotations),
                parse_checkpoint(checkpoint),
                lines,
            )
    raise _unreadable("a part of it is of another type than it must be")


def _line(tree: object, number: int) -> ProvenLine:
    match tree:
        case {"index": int(index), "proof": list(proof), "record": dict(record), **more} if not more:
            if len(proof) <= _LONGEST_PROOF and all(isinstance(each, str) and _HASH.fullmatch(each) for each in proof):
                text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
                return ProvenLine(index, text, tuple(bytes.fromhex(each) for each in proof))
    raise _unreadable(f"its record number {number} has not the parts of one")


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput("that is no export of a log", why=why, next_step="ask the provider for it again")
