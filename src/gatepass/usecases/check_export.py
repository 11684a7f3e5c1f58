"""Check an export of a log alone: with nothing but the file, and what is known of the provider's key."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.audit_export import AuditExport, ProvenLine, parse_export
from gatepass.domain.audit_record import AuditRecord, parse_record
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.merkle import leaf_hash, root_by_inclusion
from gatepass.ports.books import ProviderPins
from gatepass.ports.signatures import SignatureChecker
from gatepass.usecases.know_signer import Known, Standing, standing_of


@dataclass(frozen=True, slots=True)
class CheckedExport:
    """What came of checking.

    Attributes:
        export: what the file says.
        provider: the account that signed, or None where the log's name tells of none.
        standing: what is known of the key.
        records: those that are proven to be in the signed log, in its order.
        flaws: what is wrong, each naming its record.
    """

    export: AuditExport
    provider: AccountId | None
    standing: Standing
    records: tuple[AuditRecord, ...]
    flaws: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether everything is proven, by a key that is known."""
        return not self.flaws and self.standing in (Standing.GIVEN, Standing.PINNED)


def check_export(
    text: str, pins: ProviderPins, signatures: SignatureChecker, given: str | None = None
) -> CheckedExport:
    """Check everything that a file alone can show.

    It shows that each record is in a log that the provider signed. It does not show that the file has all of the
    customer's records: for that, compare with CloudTrail in the customer's own account.

    Args:
        text: the file.
        pins: which key is known of each provider.
        signatures: the mathematics.
        given: the key, or its fingerprint, as the provider told it.

    Raises:
        InvalidInput: it is no export.
    """
    export = parse_export(text)
    provider = _provider(export)
    standing = standing_of(export.key, export.rotations, provider, Known(pins, signatures, given))
    flaws = list(_signature_flaws(export, signatures))
    if standing is Standing.ANOTHER:
        flaws.append(f"it is signed with {export.key.fingerprint}, and {standing.value}")
    records, last = [], -1
    for line in export.lines:
        if line.index <= last:
            flaws.append(f"record {line.index} stands out of its order, or twice")
        last = max(last, line.index)
        found = _checked_record(line, export)
        if isinstance(found, AuditRecord):
            records.append(found)
        else:
            flaws.append(found)
    return CheckedExport(export, provider, standing, tuple(records), tuple(flaws))


def _signature_flaws(export: AuditExport, signatures: SignatureChecker) -> list[str]:
    signed = export.checkpoint
    message = signed.checkpoint.text.encode()
    if signed.names(export.key) and signatures.is_signed_by(export.key, message, signed.signature):
        return []
    return [f"the checkpoint of {signed.checkpoint.size} records is not signed with {export.key.fingerprint}"]


def _checked_record(line: ProvenLine, export: AuditExport) -> AuditRecord | str:
    checkpoint = export.checkpoint.checkpoint
    try:
        record = parse_record(line.text)
    except InvalidInput as error:
        return f"record {line.index} is none: {error.why}"
    root = root_by_inclusion(leaf_hash(line.text.encode()), line.index, checkpoint.size, line.proof)
    if root != checkpoint.head:
        return f"record {line.index} ({record.id}) is not in the log that was signed: it was changed, or its proof was"
    if record.customer not in export.customer:
        return f"record {line.index} ({record.id}) is about somebody else"
    return record


def _provider(export: AuditExport) -> AccountId | None:
    try:
        return AccountId(export.checkpoint.checkpoint.origin.rpartition("/")[2])
    except InvalidInput:
        return None
