"""Read a whole log once: its chain checked, its tree built, and the lines picked that somebody wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii

from gatepass.domain.audit_chain import Line
from gatepass.domain.audit_record import BEGINNING, chained
from gatepass.domain.merkle import MerkleTree, leaf_hash
from gatepass.ports.audit import AuditLog

# Of a log that was mangled, that many places are told; the rest are counted.
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in a log that is not as it was recorded.

    Attributes:
        what: what is wrong, in one line.
        index: the record's place, where it is about one.
        id: the record's id, in the same way.
    """

    what: str
    index: int | None = None
    id: str = ""


@dataclass(slots=True)
class LogReading:
    """What one reading of a log found.

    Attributes:
        tree: the tree over all records.
        flaws: what is wrong with the chain, the first ``MOST_TOLD``.
        flaw_count: how many there are.
        picked: the lines that were wanted.
    """

    tree: MerkleTree = field(default_factory=MerkleTree)
    flaws: list[Flaw] = field(default_factory=list)
    flaw_count: int = 0
    picked: list[Line] = field(default_factory=list)

    def add_flaw(self, flaw: Flaw) -> None:
        """Count one more."""
        self.flaw_count += 1
        if len(self.flaws) < MOST_TOLD:
            self.flaws.append(flaw)


def read_log(log: AuditLog, wants: Callable[[Line], bool] | None = None) -> LogReading:
    """Read the log from its beginning."""
    reading = LogReading()
    previous, place = BEGINNING, 0
    for line in log.lines():
        if line.index != place:
            reading.add_flaw(Flaw(_gap(place, line.index), line.index, line.id))
            place = line.index
        if not line.text.isascii() or chained(previous, line.text) != line.chain:
            what = "is not as it was recorded, or what stood before it is not"
            reading.add_flaw(Flaw(f"record {place} ({line.id}) {what}", place, line.id))
        elif f'"id":{encode_basestring_ascii(line.id)}' not in line.text:
            reading.add_flaw(Flaw(f"record {place} is filed under another id than its own", place, line.id))
        reading.tree.append(leaf_hash(line.text.encode()))
        if wants is not None and wants(line):
            reading.picked.append(line)
        previous, place = line.chain, place + 1
    return reading


def _gap(expected: int, found: int) -> str:
    if found < expected:
        return f"record {found} stands twice"
    missing = found - expected
    return f"{missing} record{'s' if missing > 1 else ''} from {expected} on {'are' if missing > 1 else 'is'} gone"
