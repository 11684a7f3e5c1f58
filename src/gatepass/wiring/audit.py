"""The log of what was done: where it lies, where it is anchored, and how this machine's records get there."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from gatepass.domain.audit_record import AuditRecord
    from gatepass.domain.identifiers import AccountId, RoleName
    from gatepass.ports.audit import Anchor, AuditLog, Inbox
    from gatepass.ports.books import ProviderPins
    from gatepass.ports.signatures import SignatureChecker
    from gatepass.usecases.checkpoint_log import Signer
    from gatepass.usecases.deliver_records import Collected, Delivered
    from gatepass.usecases.record_deeds import Deed

PLACE = "GATEPASS_AUDIT"
_POSTGRES = ("postgresql://", "postgres://")


def entry_note(customer: str, grant: str, tell: Callable[[str], None], ticket: str = "") -> Callable[..., None]:
    """Return what notes one entry into this customer's grant; a journal that cannot be written is told."""

    def note(actor: str, outcome: str, word: str) -> None:
        from gatepass.adapters.audit_journal import note_entry
        from gatepass.domain.errors import GatepassError

        masked = ticket
        if ticket:
            from gatepass.domain.audit_words import plain_word

            masked = plain_word(ticket)
        try:
            note_entry(actor, customer, grant, outcome, masked, note=word)
        except (OSError, GatepassError) as error:
            tell(_unrecorded(error))

    return note


def note_deeds(deeds: Iterable[Deed], tell: Callable[[str], None], *, by_caller: bool) -> None:
    """Write the deeds into this machine's journal; what cannot be written is told, and undoes no deed.

    Args:
        deeds: what was done.
        tell: hears that it could not be written.
        by_caller: whether AWS is asked who did it; else it was the user of this machine.
    """
    from gatepass.adapters.audit_journal import add_line
    from gatepass.domain.errors import GatepassError
    from gatepass.usecases.record_deeds import record_of
    from gatepass.wiring.machine import clock

    actor = _caller() if by_caller else local_actor()
    own = actor.split(":")[4] if actor.startswith("arn:") else ""
    try:
        for deed in deeds:
            # What failed before it told whose account it is was done in one's own.
            known = replace(deed, customer=own) if deed.side == "customer" and not deed.customer else deed
            add_line(record_of(known, actor, clock().now(), new_id()).text)
    except (OSError, GatepassError) as error:
        tell(_unrecorded(error))


def note_deed(deed: Deed, actor: str, at: datetime, record_id: str) -> None:
    """Write one deed into this machine's journal under an id that is the same however often it is told.

    For work that may be done again after a crash: whatever was written twice is one record in the log.

    Raises:
        OSError: it cannot be written.
        Conflict: the journal is not for this person alone.
    """
    from gatepass.adapters.audit_journal import add_line
    from gatepass.usecases.record_deeds import record_of

    add_line(record_of(deed, actor, at, record_id).text)


# How the roles that this command changed were before, and how they are.
_seen: dict[str, tuple[str, str]] = {}


def hear_role(name: RoleName, before: str, after: str) -> None:
    """Keep the digests of a role that was changed for the record of it."""
    _seen[str(name)] = before, after


def role_digests(name: RoleName) -> tuple[str, str]:
    """Return the digests of how a role was before this command and how it is; empty where nobody looked."""
    return _seen.get(str(name), ("", ""))


def new_id() -> str:
    """Return an id that no other record has."""
    return os.urandom(16).hex()


def local_actor() -> str:
    """Return the user of this machine, for what is done without AWS."""
    import getpass
    import socket

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return f"local:{name}@{socket.gethostname()}"


def _caller() -> str:
    from gatepass.domain.errors import GatepassError
    from gatepass.wiring.own_account import own_tokens

    try:
        return own_tokens().caller().arn
    except GatepassError:
        return local_actor()


def _unrecorded(error: Exception) -> str:
    why = error.strerror if isinstance(error, OSError) else getattr(error, "why", "")
    return f"gatepass: this was done and not recorded: the journal cannot be written: {why}"


def log_at(place: str | None = None) -> AuditLog:
    """Return the log at a place, by default the one that GATEPASS_AUDIT names, else this user's own.

    Raises:
        InvalidInput: the place is none where a log can lie.
    """
    from gatepass.domain.errors import InvalidInput

    place = place or os.environ.get(PLACE) or None
    if place is not None and place.startswith(_POSTGRES):
        return _postgres(place)
    if place is not None and (place.startswith("s3://") or Path(place).is_dir()):
        raise InvalidInput(
            f"{place} is a place to deliver to, and no log",
            why="records that wait there are taken into a log where the log is kept",
            next_step="name the log, a file or postgresql://..., with --log; or look there: gatepass audit collect",
        )
    from gatepass.adapters.audit_sqlite import SqliteAuditLog

    return SqliteAuditLog(Path(place) if place is not None else None)


def _postgres(url: str) -> AuditLog:
    from gatepass.domain.errors import GatepassError

    try:
        from gatepass.adapters.audit_postgres import PostgresAuditLog
    except ImportError:
        raise GatepassError(
            "a log in PostgreSQL needs the driver of the extra fleet",
            why="psycopg is not installed here, or finds no libpq",
            next_step="pip install 'gatepass[fleet]'",
        ) from None
    return PostgresAuditLog(url)


def is_inbox(place: str) -> bool:
    """Say whether the place is one that records wait in, and no log."""
    return place.startswith("s3://") or Path(place).is_dir()


def inbox_at(place: str) -> Inbox:
    """Return the folder or the prefix in S3."""
    if place.startswith("s3://"):
        from gatepass.adapters.audit_inboxes import S3Inbox
        from gatepass.wiring.machine import region
        from gatepass.wiring.own_account import connected

        return S3Inbox(connected(), region(), *_bucket_and_key(place))
    from gatepass.adapters.audit_inboxes import FolderInbox

    return FolderInbox(Path(place))


def anchor_at(place: str) -> Anchor:
    """Return the anchor: ``s3://bucket/key``, ``git:PATH`` or a file."""
    if place.startswith("s3://"):
        from gatepass.adapters.audit_anchors import S3Anchor
        from gatepass.wiring.machine import region
        from gatepass.wiring.own_account import connected

        return S3Anchor(connected(), region(), *_bucket_and_key(place))
    from gatepass.adapters.audit_anchors import FileAnchor, GitAnchor

    return GitAnchor(Path(place.removeprefix("git:"))) if place.startswith("git:") else FileAnchor(Path(place))


def _bucket_and_key(place: str) -> tuple[str, str]:
    from gatepass.domain.errors import InvalidInput

    bucket, _, key = place.removeprefix("s3://").partition("/")
    if not bucket:
        raise InvalidInput(f"{place} names no bucket", next_step="write it so: s3://BUCKET/PREFIX")
    return bucket, key


def deliver_journal(place: str | None = None) -> Delivered:
    """Deliver this machine's journal to a place, by default the one that GATEPASS_AUDIT names, else one's own log.

    Whoever works for long calls it now and then; a worker does so after each run.

    Raises:
        GatepassError: it was not taken; it is kept here.
    """
    from gatepass.adapters.audit_outbox import FileOutbox
    from gatepass.usecases.deliver_records import deliver

    place = place or os.environ.get(PLACE) or None
    return deliver(FileOutbox(), inbox_at(place) if place is not None and is_inbox(place) else log_at(place))


def collect_records(place: str, log: AuditLog) -> Collected:
    """Take what waits at the place into the log."""
    from gatepass.usecases.deliver_records import collect

    return collect(inbox_at(place), log)


def append_records(records: Iterable[AuditRecord], place: str | None = None) -> int:
    """Add records to the log at once, for whoever gives them ids of its own; return how many were new."""
    return log_at(place).append(tuple(records))


def signatures() -> SignatureChecker:
    """Return the mathematics of signatures."""
    from gatepass.adapters.signing_keys import Ed25519Signatures

    return Ed25519Signatures()


def provider_pins() -> ProviderPins:
    """Return which key is known of each provider here."""
    from gatepass.adapters.pinned_keys import FileProviderPins

    return FileProviderPins()


def own_signer(account: AccountId) -> Signer:
    """Return the person as one who signs with this machine's own key."""
    from gatepass.usecases import checkpoint_log
    from gatepass.wiring.handover import signing_key

    return checkpoint_log.own_signer(account, signing_key(), signatures())


def customer_names(register: Path, name: str) -> tuple[str, ...]:
    """Return what records may call the customer: its name, and its account number where the register knows it."""
    from gatepass.wiring.registers import register_book

    if not register.exists():
        return (name,)
    known = register_book(register).load().customers.values()
    return (name, *(str(each.account) for each in known if str(each.name) == name))


def export_text(file: Path) -> str:
    """Return the text of an export, which may be larger than other files that are handed over.

    Raises:
        GatepassError: it cannot be read.
    """
    from gatepass.adapters.json_files import read_text

    return read_text(file)
