"""What the customer's store remembers of the doors that a workspace keeps, each writing read back."""

from __future__ import annotations

from dataclasses import replace

from gatepass.domain.errors import NotThere, Overtaken
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.workspace_door import (
    DoorRecord,
    Step,
    close_secret_name,
    door_record_text,
    door_secret_name,
    parse_door_record,
    salt_secret_name,
)
from gatepass.ports.secrets import SecretStore

# Stands for the last close of a door that never was closed.
_NEVER = "never"

_STEPS = tuple(Step)

DoorRecords = dict[GrantName, DoorRecord]


def door_record(account: AccountId, grant: GrantName, store: SecretStore) -> DoorRecord | None:
    """Return what the store remembers of one door, or None of one that was never opened or closed.

    A door that was closed stays so, whatever a process that knew nothing of it writes later.

    Raises:
        InvalidInput: it is not as Gatepass writes it.
        AccessRefused: the credentials may not read it.
    """
    # Asked before the record: one that was read in an older time must not count in a newer one.
    since = store.get(close_secret_name(account, grant)) or _NEVER
    text = store.get(door_secret_name(account, grant))
    record = parse_door_record(text) if text is not None else None
    if record is None or not record.ids or record.since in {"", since}:
        return replace(record, since=since) if record is not None else None
    # Whoever wrote it did not know that the door was closed meanwhile.
    key = record.customer_key or record.ids[0].customer_key or ""
    return DoorRecord(since, Step.WRITTEN, (), customer_key=key, since=since, role=record.role)


def door_records(declaration: Declaration, store: SecretStore) -> DoorRecords:
    """Return what the store remembers of every door of the file.

    Raises:
        InvalidInput: a record is not as Gatepass writes it.
        AccessRefused: the credentials may not read it.
    """
    found = ((grant.name, door_record(declaration.account, grant.name, store)) for grant in declaration.grants)
    return {name: record for name, record in found if record is not None}


def keep_door(account: AccountId, grant: GrantName, record: DoorRecord, store: SecretStore) -> None:
    """Keep the record and read it back: of two people who move one door at once, one learns that it lost.

    Raises:
        Overtaken: the store keeps another one than was just written.
        AccessRefused: the credentials may not write it.
    """
    name, text = door_secret_name(account, grant), door_record_text(record)
    store.put(name, text)
    if store.get(name) != text:
        raise overtaken(grant)


def note_close(account: AccountId, grant: GrantName, token: str, store: SecretStore) -> None:
    """Let no record count that does not know of this close.

    Raises:
        AccessRefused: the credentials may not write it.
    """
    store.put(close_secret_name(account, grant), token)


def mark_door(account: AccountId, grant: GrantName, record: DoorRecord, step: Step, store: SecretStore) -> DoorRecord:
    """Write down the role of this record, and how far the move of this record came, and return it so.

    Raises:
        Overtaken: the store keeps the record of another move by now.
    """
    standing = _of_same_move(account, grant, record, store)
    furthest = max(standing.step, step, key=_STEPS.index)
    marked = replace(standing, step=furthest, role=record.role)
    if marked == standing:
        return standing
    store.put(door_secret_name(account, grant), door_record_text(marked))
    # Whoever finishes the same move at the same time may have written a further step.
    return _of_same_move(account, grant, record, store)


def _of_same_move(account: AccountId, grant: GrantName, record: DoorRecord, store: SecretStore) -> DoorRecord:
    standing = door_record(account, grant, store)
    if standing is None or standing.token != record.token:
        raise overtaken(grant)
    return standing


def seal_salt(account: AccountId, store: SecretStore) -> str:
    """Return what seals are made with.

    Raises:
        NotThere: the store has none, because no workspace was set up with it.
    """
    salt = store.get(salt_secret_name(account))
    if salt is None:
        raise NotThere(
            f"{store.title} keeps nothing of a workspace for account {account}",
            why="none was set up from here, or it is another store than then",
            next_step="name the store of the set-up, or set the workspace up first: its setup draws it",
        )
    return salt


def demand_known(declaration: Declaration, records: DoorRecords, store: SecretStore) -> None:
    """Let only records pass that say of every door of the file where it stands.

    The variable is made from them: what they do not name, the next run would close.

    Raises:
        NotThere: the store keeps nothing of a door.
    """
    unknown = [str(each.name) for each in declaration.grants if each.needs_second_factor and each.name not in records]
    if unknown:
        raise NotThere(
            f"{store.title} keeps no record of the doors: {', '.join(unknown)}",
            why="the file names them since the last set-up, or they were begun with another store; a run would close "
            "what nobody knows",
            next_step="set the workspace up again: its setup draws what is new, and reads from AWS what stands",
        )


def overtaken(*grants: GrantName) -> Overtaken:
    """Return the error for doors that somebody else moves at the same time."""
    return Overtaken(
        f"somebody else moves the door of {', '.join(str(each) for each in grants)} at the same time",
        why="the store keeps another record than this run wrote, and the last one counts",
        next_step="let the other run finish, then do it again if it is still wanted",
    )
