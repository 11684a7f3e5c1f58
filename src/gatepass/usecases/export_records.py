"""Write one customer's records for that customer: no line of anybody else, and a proof with each."""

from __future__ import annotations

import json
from collections.abc import Collection

from gatepass.domain.audit_chain import Line
from gatepass.domain.audit_export import AuditExport, ProvenLine
from gatepass.domain.errors import NotThere
from gatepass.ports.audit import AuditLog
from gatepass.usecases.checkpoint_log import Signer, checkpoint_reading
from gatepass.usecases.read_log import read_log


def export_records(log: AuditLog, names: Collection[str], signer: Signer) -> AuditExport:
    """Sign the log as it is, and return the customer's records with their proofs.

    Args:
        log: the whole log.
        names: what records call the customer: its name in the register, and its account number.
        signer: who signs.

    Raises:
        NotThere: the log is empty, or has no record of this customer.
        Conflict: the log is not sound.
    """
    # As it stands in a canonical line; inside another value the quotation marks would be escaped.
    marks = tuple(f'"customer":{json.dumps(name)}' for name in names)

    def wants(line: Line) -> bool:
        return any(mark in line.text for mark in marks)

    reading = read_log(log, wants)
    signed = checkpoint_reading(reading, log, signer)
    if not reading.picked:
        raise NotThere(
            f"the log in {log.title} has no record of {' or '.join(sorted(names))}",
            why=f"it has {len(reading.tree)} records, all of others",
            next_step="see whose there are: gatepass audit log",
        )
    size = signed.checkpoint.size
    lines = tuple(
        ProvenLine(line.index, line.text, reading.tree.inclusion_proof(line.index, size)) for line in reading.picked
    )
    # A checkpoint of this size may have been signed by the key before the last rotation.
    key = next(key for key in signer.known if signed.names(key))
    return AuditExport(tuple(sorted(names)), key, signer.rotations, signed, lines)
