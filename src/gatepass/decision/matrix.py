"""Who can enter which role, for many callers and many roles: accounts are compared first, and few pairs are decided."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import Policy, Statement
from gatepass.decision.request import EXTERNAL_ID, Context, Principal, Request

_ENTER = "sts:AssumeRole"
_FOLDED_ENTER = _ENTER.lower()
_ACCOUNT_KEY = "aws:resourceaccount"
# The account of an ARN, where nothing in it is a pattern or a variable.
_RESOURCE_ACCOUNT = re.compile(r"arn:[^:$]*:iam::(\d{12}):", re.ASCII)
_PRINCIPAL_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:(?:iam|sts)::)?(\d{12})(?::.*)?", re.ASCII)
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CallerSide:
    """One caller: who, with which policies, and the condition keys of each of his calls but the role's account."""

    caller: Principal
    policies: Policies
    context: Context


@dataclass(frozen=True, slots=True)
class RoleSide:
    """One role.

    Attributes:
        external_id: what callers would give; ``None`` gives none.
    """

    arn: str
    account: str
    trust: Policy
    external_id: str | None = field(default=None, repr=False)


def entries(callers: Sequence[CallerSide], roles: Sequence[RoleSide]) -> Iterator[tuple[CallerSide, RoleSide]]:
    """Yield every pair of a caller and a role for which AWS would allow sts:AssumeRole.

    A pair is decided only where the caller's policies speak of the role's account and the trust of the caller's;
    no other pair could be allowed.
    """
    by_trusted: dict[str | None, dict[str, list[RoleSide]]] = defaultdict(lambda: defaultdict(list))
    for role in roles:
        for trusted in _trusted_accounts(role.trust) or (None,):
            by_trusted[trusted][role.account].append(role)
    accounts_by_policies: dict[tuple[Policy, ...], frozenset[str] | None] = {}
    for side in callers:
        identity = side.policies.identity
        if identity not in accounts_by_policies:
            accounts_by_policies[identity] = _reached_accounts(identity)
        reached = accounts_by_policies[identity]
        own = side.caller.account
        for trusted in (own, None):
            by_account = by_trusted[trusted]
            # Within one account a trust may stand in for the caller's own policies.
            wanted = by_account if reached is None else [each for each in (*reached, own) if each in by_account]
            for account in dict.fromkeys(wanted):
                yield from ((side, role) for role in by_account[account] if _enters(side, role))


def _enters(side: CallerSide, role: RoleSide) -> bool:
    # AWS tells every call whose the role is.
    values = side.context.values_by_key | {_ACCOUNT_KEY: (role.account,)}
    if role.external_id is not None:
        values[EXTERNAL_ID] = (role.external_id,)
    theirs = side.policies
    policies = Policies(
        theirs.identity, theirs.boundary, theirs.session, role.trust, theirs.service_control, theirs.resource_control,
        theirs.endpoint,
    )  # fmt: skip
    return decide(Request(side.caller, _ENTER, role.arn, role.account, Context(values)), policies).allowed


def _trusted_accounts(trust: Policy) -> tuple[str, ...]:
    """Return the accounts that a trust policy speaks of; none when it may let in callers of any."""
    found: dict[str, None] = {}
    for statement in trust.allows:
        element = json.loads(statement.document).get("Principal", {})
        for name in _texts(element.get("AWS", ())):
            match = _PRINCIPAL_ACCOUNT.fullmatch(name)
            if match is not None:
                found[match[1]] = None
            elif not _UNIQUE_ID.fullmatch(name):
                return ()
    # Services and identity providers are in no account: who has none is decided with every role that lists nobody else.
    return tuple(found)


def _reached_accounts(policies: Iterable[Policy]) -> frozenset[str] | None:
    """Return the accounts whose roles the policies may allow to enter; ``None`` when it may be any."""
    reached: set[str] = set()
    for policy in policies:
        for statement in policy.allows:
            if statement.about_action(_FOLDED_ENTER):
                accounts = _accounts_of(statement)
                if accounts is None:
                    return None
                reached |= accounts
    return frozenset(reached)


def _accounts_of(statement: Statement) -> set[str] | None:
    tree = json.loads(statement.document)
    by_condition = _accounts_in_condition(tree.get("Condition", {}))
    if by_condition is not None:
        return by_condition
    found: set[str] = set()
    for resource in _texts(tree.get("Resource", "*")):
        match = _RESOURCE_ACCOUNT.match(resource)
        if match is None or "NotResource" in tree:
            return None
        found.add(match[1])
    return found


def _accounts_in_condition(condition: Mapping[str, Mapping[str, object]]) -> set[str] | None:
    for key, value in condition.get("StringEquals", {}).items():
        if key.lower() == _ACCOUNT_KEY:
            texts = _texts(value)
            return None if any("${" in each for each in texts) else set(texts)
    return None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else (str(value),)
