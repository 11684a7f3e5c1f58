"""Keep in the customer's store what AWS holds for a grant; where the two differ, AWS wins."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gatepass.domain.errors import GatepassError, NotThere
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.kept_secrets import second_factor_name
from gatepass.domain.role import Role
from gatepass.domain.rotation_record import rotation_secret_name
from gatepass.domain.trust import accepted_external_id, instant_text, retiring_external_id
from gatepass.ports.roles import RoleDirectory
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.find_grant import roles_of_grant


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store holds now for one grant.

    Attributes:
        name: the secret's name in the store.
        title: where the store is, in words.
        roles: the roles whose second factor lies there; none when every door is closed or gone.
        differed: whether the store said something else than AWS before.
    """

    name: str
    title: str
    roles: tuple[RoleArn, ...]
    differed: bool


def keep_second_factor(name: GrantName, roles: RoleDirectory, store: SecretStore) -> Kept:
    """Write what AWS holds for each role of the grant into the store, or remove it when no role asks for an ID.

    It reads AWS and writes the store, never the other way round, so it can be run again at any time.

    Raises:
        AccessRefused: AWS, or the store, said no; the doors stay as they are.
        GatepassError: the store cannot be used.
    """
    try:
        found = roles_of_grant(name, roles)
        account = found[0][0].account
    except NotThere:
        found, account = (), roles.owner()[1]
        _forget_rotation(name, account, store)
    entries = {arn: entry for arn, role in found if (entry := _entry(arn, role)) is not None}
    secret = second_factor_name(account, name)
    wanted = json.dumps({"roles": list(entries.values())}) if entries else None
    try:
        differed = _bring_to(store, secret, wanted)
        return Kept(secret, store.title, tuple(entries), differed)
    except GatepassError as error:
        error.next_step += f"; what AWS holds is right all the same: gatepass pass {name} --reveal"
        raise


def keep_role_factor(name: GrantName, arn: RoleArn, role: Role, store: SecretStore) -> bool:
    """Write what AWS holds for one role of the grant, and leave what is kept of its others; tell whether it differed.

    Raises:
        AccessRefused: the store said no.
        GatepassError: the store cannot be used.
    """
    secret = second_factor_name(arn.account, name)
    others = [entry for entry in _kept_entries(store.get(secret)) if entry.get("role") != str(arn)]
    entry = _entry(arn, role)
    entries = sorted([*others, *([entry] if entry is not None else [])], key=lambda each: str(each.get("role")))
    return _bring_to(store, secret, json.dumps({"roles": entries}) if entries else None)


def _kept_entries(text: str | None) -> list[dict[str, object]]:
    """Return what the store keeps, role by role; what cannot be read is written anew from AWS."""
    try:
        tree = json.loads(text or "{}")
    except ValueError:
        return []
    found = tree.get("roles") if isinstance(tree, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _bring_to(store: SecretStore, secret: str, wanted: str | None) -> bool:
    """Make the store say what is wanted, and tell whether it said something else; no write when it did not."""
    if store.get(secret) == wanted:
        return False
    if wanted is None:
        store.delete(secret)
    else:
        store.put(secret, wanted)
    return True


def _forget_rotation(name: GrantName, account: AccountId, store: SecretStore) -> None:
    """Remove what is remembered of the last rotation of a role that is gone: both its second factors are in it."""
    _bring_to(store, rotation_secret_name(account, name), None)


def _entry(arn: RoleArn, role: Role) -> dict[str, object] | None:
    """Return what one role asks for, or None when it asks for nothing."""
    current, old = accepted_external_id(role.trust), retiring_external_id(role.trust)
    if current is None:
        return None
    also = {"external_id": old.external_id.reveal(), "until": instant_text(old.until)} if old is not None else None
    return {"role": str(arn), "external_id": current.reveal(), "also_valid": also}
