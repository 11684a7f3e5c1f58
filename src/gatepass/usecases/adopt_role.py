"""Take a role that somebody made by hand into the customer's file, as it stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gatepass.domain.documents import Document, policy
from gatepass.domain.engines import TERRAFORM, Deed, is_direct, what_to_change
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.foreign_trust import TrustReading, read_trust
from gatepass.domain.grant import LONGEST_SESSION_LIMIT, SHORTEST_SESSION_LIMIT, Grant
from gatepass.domain.identifiers import AccountId, GrantName, PolicyArn, RoleName
from gatepass.domain.role import (
    GRANT_TAG,
    LIMITS_POLICY,
    OPENING_POLICY,
    PERMISSIONS_POLICY,
    PROVIDER_TAG,
    REVOKED_POLICY,
    SWITCH_POLICY,
    Role,
)
from gatepass.domain.trust import ENTER_WITH_OLD, is_closed
from gatepass.ports.roles import Inventory, RoleDirectory

_OLD_LANGUAGE = "2008-10-17"
# The inline policies of a role of ours.
_OWN_POLICIES = (SWITCH_POLICY, LIMITS_POLICY, OPENING_POLICY, REVOKED_POLICY, PERMISSIONS_POLICY)
_WAYS = {
    TERRAFORM: "terraform show -json | gatepass adopt --from-terraform - takes it over",
}


@dataclass(frozen=True, slots=True)
class Adoption:
    """A grant that says what a role already gives.

    Attributes:
        leftovers: what of the role the file cannot say, so that the next plan takes it away; in words.
    """

    account: AccountId
    grant: Grant
    leftovers: tuple[str, ...]


def adopt_role(
    name: RoleName, grant_name: GrantName, roles: RoleDirectory, provider: AccountId | None = None
) -> Adoption:
    """Return the grant to write into the file; nothing is changed.

    Args:
        name: the role.
        grant_name: what the grant shall be called.
        roles: the account.
        provider: who shall enter, where the role does not name one account.

    Raises:
        NotThere: there is no such role.
        Conflict: it is one of ours already, nobody outside enters it, or it is open to several accounts.
    """
    account = roles.owner()[1]
    inventory = roles.inventory([name])
    role = inventory.ours.get(name)
    if role is None:
        raise _not_there(name, account, inventory)
    if role.is_ours and not is_direct(role):
        raise Conflict(
            f"the role {name} is kept by {role.engine}",
            why="its tag gatepass:engine says so, and two engines on one role would undo each other's work",
            next_step=_WAYS.get(role.engine, what_to_change(role, Deed.CHANGE)),
        )
    if role.is_ours:
        raise Conflict(
            f"the role {name} is one of Gatepass already",
            why="it carries the tag gatepass:grant",
            next_step="gatepass plan access.yml shows what is declared and what stands",
        )
    reading = read_trust(role.trust)
    custom, merged = _custom_policy(role)
    grant = _grant(grant_name, provider or _provider(name, reading, account), role, reading, roles)
    return Adoption(account, replace(grant, custom_policy=custom), (*reading.leftovers, *merged))


def adopt_kept_role(role: Role, roles: RoleDirectory) -> Adoption:
    """Return the grant to write for a role of ours that another engine keeps, as it stands.

    Raises:
        Conflict: its door is closed, so that its trust says nothing, or it asks for an external ID in a way that a
            grant cannot say.
    """
    grant_name = GrantName(role.tags[GRANT_TAG])
    if is_closed(role.trust):
        raise Conflict(
            f"the role {role.name} is closed, so its trust does not say who may enter",
            why="a grant that was read from it would be another one",
            next_step=f"copy the grant {grant_name} out of the file that {role.engine} reads into your own",
        )
    # The statement of the old ID ends earlier; the terms are those of the current one.
    kept = [statement for statement in role.trust.statements if statement.get("Sid") != ENTER_WITH_OLD]
    reading = read_trust(policy(*kept))
    needs_none = not any("sts:externalid" in str(statement.get("Condition")).lower() for statement in kept)
    if not (reading.has_second_factor or needs_none):
        raise Conflict(
            f"the role {role.name} asks for an external ID in a way that a grant cannot say",
            why="the file would open it without one",
            next_step=what_to_change(role, Deed.CHANGE),
        )
    provider = AccountId(role.tags.get(PROVIDER_TAG, ""))
    if reading.accounts != {provider}:
        raise Conflict(
            f"the role {role.name} does not let in account {provider} alone, which its tag names",
            why="somebody changed who may enter, and the grant would be written for the wrong one",
            next_step=f"terraform apply puts it right; gatepass close {grant_name} shuts it at once",
        )
    grant = _grant(grant_name, provider, role, reading, roles)
    others = [f"the rights in the inline policy {name}" for name in sorted(set(role.inline) - set(_OWN_POLICIES))]
    grant = replace(grant, custom_policy=role.inline.get(PERMISSIONS_POLICY))
    return Adoption(roles.owner()[1], grant, (*reading.leftovers, *others))


def _grant(name: GrantName, provider: AccountId, role: Role, reading: TrustReading, roles: RoleDirectory) -> Grant:
    """Return what the role gives but for its inline policies."""
    return Grant(
        name=name,
        provider=provider,
        permissions=tuple(sorted(_written(role, roles.managed_policies()))),
        boundary=role.boundary,
        needs_second_factor=reading.has_second_factor,
        principals=reading.principals,
        window=reading.window,
        session_limit=min(max(role.session_limit, SHORTEST_SESSION_LIMIT), LONGEST_SESSION_LIMIT),
        source_networks=reading.networks,
        requires_source_identity=reading.requires_source_identity,
        adopted=role.name,
    )


def _provider(name: RoleName, reading: TrustReading, account: AccountId) -> AccountId:
    others = sorted(reading.accounts - {account})
    if len(others) == 1:
        return others[0]
    if others:
        raise Conflict(
            f"the role {name} lets several accounts in: {', '.join(str(other) for other in others)}",
            why="a grant is for one provider, so the others would lose their way in",
            next_step="say which one with --provider ACCOUNT, and make a grant for each other one first",
        )
    raise Conflict(
        f"the role {name} names no other account that may enter",
        why="its trust speaks of services, identity providers, everybody or this account only",
        next_step="name the provider with --provider ACCOUNT if one shall have it",
    )


def _custom_policy(role: Role) -> tuple[Document | None, list[str]]:
    """Return the inline policies as one document, and what changes by that."""
    if not role.inline:
        return None, []
    documents = [role.inline[name] for name in sorted(role.inline)]
    if len(documents) == 1:
        return documents[0], []
    notes = []
    if any(document.data.get("Version", _OLD_LANGUAGE) == _OLD_LANGUAGE for document in documents):
        notes.append("the policy language of 2008 in an inline policy; in the file's, ${...} is a variable")
    return policy(*_with_unique_sids(documents)), notes


def _with_unique_sids(documents: list[Document]) -> Iterator[Mapping[str, object]]:
    seen: set[object] = set()
    for document in documents:
        for statement in document.statements:
            sid = statement.get("Sid")
            yield {key: value for key, value in statement.items() if key != "Sid" or sid not in seen}
            seen.add(sid)


def _written(role: Role, available: Mapping[PolicyArn, str]) -> Iterator[str]:
    """Yield each policy as a person would write it: AWS's own by name, others by ARN."""
    for arn in role.policies:
        is_of_aws = ":iam::aws:policy/" in arn.text
        yield available.get(arn, arn.name) if is_of_aws else str(arn)


def _not_there(name: RoleName, account: AccountId, inventory: Inventory) -> NotThere:
    names = [str(other) for other in (*inventory.taken, *inventory.ours)]
    near = difflib.get_close_matches(str(name), names, n=3)
    step = f"did you mean {' or '.join(near)}?" if near else "gatepass doors lists what others can enter"
    return NotThere(
        f"there is no role {name} in account {account}",
        why="the account does not list it",
        next_step=step,
    )
