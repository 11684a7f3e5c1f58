"""Give every door of a workspace its external ID before its platform hears of it; none is drawn twice.

The store holds the record first: what the platform masks, nobody could read back. Where the store knows nothing of
a door that the platform knows of, only AWS can tell which external ID the provider holds; without AWS it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import ExternalId, GrantName
from gatepass.domain.role import Role
from gatepass.domain.switch import doors
from gatepass.domain.trust import accepted_external_id, retiring_external_id
from gatepass.domain.workspace_door import DoorRecord, Step, doors_variable, salt_secret_name
from gatepass.domain.workspace_objects import Doors
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.roles import RoleDirectory
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.door_records import DoorRecords, door_record, door_records, keep_door, overtaken
from gatepass.usecases.find_grant import demand_account
from gatepass.usecases.move_door import move_token
from gatepass.usecases.plan_grants import draw_external_id

# As many as an external ID's code has: who knows a seal must not guess what was sealed.
_SALT_BITS = 128
_VERB = "setup"
_MOMENT = timedelta(seconds=1)


class Origin(Enum):
    """Where a door's external IDs come from."""

    KEPT = "as the store keeps it"
    DRAWN = "a new external ID"
    FROM_AWS = "as AWS holds it"
    UNKNOWN = "nobody knows it"


@dataclass(frozen=True, slots=True)
class DoorsPlan:
    """What is known of the doors before anything is written.

    Attributes:
        origins: of every door that asks for a second factor.
        records: what the variable will say of, as far as it stands already.
        salt: what seals are made with; None while there is none.
    """

    origins: Mapping[GrantName, Origin]
    records: DoorRecords
    salt: str | None

    @property
    def unknown(self) -> tuple[GrantName, ...]:
        """The doors whose external IDs lie in another store."""
        return tuple(name for name, origin in self.origins.items() if origin is Origin.UNKNOWN)

    def variable(self, now: datetime) -> Doors | None:
        """Return what the variable should say, or None while something is still to be drawn."""
        if self.salt is None or any(origin is not Origin.KEPT for origin in self.origins.values()):
            return None
        return doors_variable(self.records, self.salt, now)


@dataclass(frozen=True, slots=True)
class DoorsDesk:
    """What doors are begun with.

    Attributes:
        store: where the customer keeps the records.
        roles: the customer's account, if there are credentials of it.
    """

    declaration: Declaration
    store: SecretStore
    clock: Clock
    randomness: Randomness
    roles: RoleDirectory | None = None


def plan_doors(desk: DoorsDesk, found: Doors | None) -> DoorsPlan:
    """Return where each door's external IDs come from; nothing is drawn or written.

    Where AWS can be read it wins over what the store says was applied: somebody may have moved the door with another
    store, and this variable would move it back.

    Args:
        desk: the file, the store and perhaps the account.
        found: the variable as it lies on the platform, without its value; None when it is not there.

    Raises:
        Conflict: the credentials are for another account than the file.
        InvalidInput: a record is not as Gatepass writes it.
        AccessRefused: the store or AWS said no.
    """
    records = door_records(desk.declaration, desk.store)
    salt = desk.store.get(salt_secret_name(desk.declaration.account))
    asking = [grant for grant in desk.declaration.grants if grant.needs_second_factor]
    standing = _standing_roles(desk)
    origins = {grant.name: _origin(desk, grant, records.get(grant.name), standing) for grant in asking}
    is_new = [name for name, origin in origins.items() if origin is Origin.DRAWN]
    if is_new and found is not None and desk.roles is None and not _wrote(found.seal, records, salt, desk):
        origins |= dict.fromkeys(is_new, Origin.UNKNOWN)
    return DoorsPlan(origins, records, salt)


def begin_doors(desk: DoorsDesk, found: Doors | None) -> DoorsPlan:
    """Keep a record of every door, read back, and return the doors as they stand then: each one kept.

    Raises:
        Conflict: the store knows nothing of doors that the platform knows of; or as ``plan_doors``.
        Overtaken: somebody else begins the same door at the same time.
        AccessRefused: the store or AWS said no; what is kept already is used by the next run.
    """
    plan = plan_doors(desk, found)
    if plan.unknown:
        raise doors_unknown(plan, desk)
    salt = plan.salt or _draw_salt(desk)
    standing, token = _standing_roles(desk), _token(plan.records, desk)
    account, records = desk.declaration.account, dict(plan.records)
    for name, origin in plan.origins.items():
        grant = desk.declaration.grant(name)
        if origin is Origin.KEPT:
            continue
        if door_record(account, name, desk.store) != plan.records.get(name):
            # Stores have no compare-and-swap; who looks again just before it writes seldom overwrites another one.
            raise overtaken(name)
        role = standing.get(role_name(grant, desk.declaration.naming).text.lower())
        held = _held(role, desk.clock.now()) if role is not None and origin is Origin.FROM_AWS else None
        if held is not None:
            record = DoorRecord(token, Step.APPLIED, *held)
        else:
            fresh = draw_external_id(role, desk.randomness, grant.customer_key)
            record = DoorRecord(token, Step.WRITTEN, (fresh,))
        keep_door(account, name, record, desk.store)
        records[name] = record
    return DoorsPlan(dict.fromkeys(plan.origins, Origin.KEPT), records, salt)


def doors_unknown(plan: DoorsPlan, desk: DoorsDesk) -> Conflict:
    """Return the error for doors that only another store knows."""
    names, account = ", ".join(str(name) for name in plan.unknown), desk.declaration.account
    return Conflict(
        f"{desk.store.title} keeps no record of the doors that stand in the workspace: {names}",
        why="they were begun with another store, or this one was lost; new external IDs would lock the provider out",
        next_step=f"use the store of the first set-up, or set AWS_PROFILE to credentials of {account}: what AWS holds "
        "is taken then",
    )


def _origin(desk: DoorsDesk, grant: Grant, record: DoorRecord | None, standing: Mapping[str, Role]) -> Origin:
    """Return where the door's external IDs come from, as the store and AWS tell it."""
    role = standing.get(role_name(grant, desk.declaration.naming).text.lower())
    held = _held(role, desk.clock.now()) if role is not None else None
    if record is None:
        return Origin.FROM_AWS if held is not None else Origin.DRAWN
    differs = held is not None and record.step is not Step.WRITTEN and held != _in_force(record, desk.clock.now())
    return Origin.FROM_AWS if differs else Origin.KEPT


def _wrote(seal: str, records: DoorRecords, salt: str | None, desk: DoorsDesk) -> bool:
    """Say whether the variable was written from this store, so that it says nothing of doors without a record.

    Since it was written the time of an old external ID may have ended, a door may have been begun by a run that was
    stopped, and the file may name fewer doors.
    """
    if salt is None:
        return False
    account = desk.declaration.account
    lying = (name.rpartition("/")[2] for name in desk.store.names(salt_secret_name(account)))
    others = {GrantName(name): door_record(account, GrantName(name), desk.store) for name in lying}
    known = {str(name).lower() for name in records}
    every = records | {name: one for name, one in others.items() if one is not None and str(name).lower() not in known}
    settled = {name: one for name, one in records.items() if one.step is not Step.WRITTEN}
    ends = [one.old_until for one in every.values() if one.old_until is not None]
    moments = [desk.clock.now(), *(end - _MOMENT for end in ends)]
    return any(
        doors_variable(doors, salt, moment).seal == seal for doors in (records, settled, every) for moment in moments
    )


def _standing_roles(desk: DoorsDesk) -> Mapping[str, Role]:
    """Return the account's roles by their names in small letters, or none where nobody may read them."""
    if desk.roles is None:
        return {}
    demand_account(desk.declaration, desk.roles.owner()[1])
    return {role.name.text.lower(): role for role in desk.roles.standing().values() if role.is_ours}


Held = tuple[tuple[ExternalId, ...], datetime | None]


def _held(role: Role, now: datetime) -> Held | None:
    """Return the external IDs by which AWS lets in, and until when the second one; None where it asks for none yet."""
    current, old = accepted_external_id(role.trust), retiring_external_id(role.trust)
    switch = doors(role)
    if switch.trust_is_closed or (switch.role_is_denied and not switch.is_changing):
        return (), None
    if current is None:
        return None
    if old is None or old.until <= now:
        return (current,), None
    return (current, old.external_id), old.until


def _in_force(record: DoorRecord, now: datetime) -> Held:
    """Return the same of what the store says; an old ID whose time is over counts for neither."""
    if record.old_until is None:
        return record.ids, None
    return (record.ids[:1], None) if record.old_until <= now else (record.ids, record.old_until.replace(microsecond=0))


def _draw_salt(desk: DoorsDesk) -> str:
    """Draw what seals are made with, and return what the store keeps: of two who draw at once, one counts."""
    name = salt_secret_name(desk.declaration.account)
    desk.store.put(name, desk.randomness.word(_SALT_BITS))
    kept = desk.store.get(name)
    if kept is None:
        raise Conflict(
            f"{desk.store.title} lost what was just written",
            why="what seals are made with was put there and is not there",
            next_step="mend the store, then do it again; nothing was changed on the platform",
        )
    return kept


def _token(records: DoorRecords, desk: DoorsDesk) -> str:
    """Return what marks the beginning of these doors: that of an earlier run which was stopped, or a new one."""
    for record in records.values():
        if record.step is Step.WRITTEN and record.token.startswith(f"{_VERB}-"):
            return record.token
    return move_token(_VERB, desk.randomness)
