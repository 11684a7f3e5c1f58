"""Take a role that somebody made by hand into the customer's file, as it stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.foreign_trust import TrustReading, read_trust
from gatepass.domain.grant import LONGEST_SESSION_LIMIT, SHORTEST_SESSION_LIMIT, Grant
from gatepass.domain.identifiers import AccountId, GrantName, PolicyArn, RoleName
from gatepass.domain.role import Role
from gatepass.ports.roles import Inventory, RoleDirectory

_OLD_LANGUAGE = "2008-10-17"


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
    if role.is_ours:
        raise Conflict(
            f"the role {name} is one of Gatepass already",
            why="it carries the tag gatepass:grant",
            next_step="gatepass plan access.yml shows what is declared and what stands",
        )
    reading = read_trust(role.trust)
    custom, merged = _custom_policy(role)
    grant = Grant(
        name=grant_name,
        provider=provider or _provider(name, reading, account),
        permissions=tuple(sorted(_written(role, roles.managed_policies()))),
        custom_policy=custom,
        boundary=role.boundary,
        needs_second_factor=reading.has_second_factor,
        principals=reading.principals,
        window=reading.window,
        session_limit=min(max(role.session_limit, SHORTEST_SESSION_LIMIT), LONGEST_SESSION_LIMIT),
        source_networks=reading.networks,
        requires_source_identity=reading.requires_source_identity,
        adopted=name,
    )
    return Adoption(account, grant, (*reading.leftovers, *merged))


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
