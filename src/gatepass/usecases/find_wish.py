"""Find the engineer and the role that a question names, in the accounts that are at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatepass.decision.request import Principal, PrincipalKind, principal
from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.errors import GatepassError, InvalidInput, NotThere
from gatepass.domain.grant import Declaration, role_name
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.role import GRANT_TAG
from gatepass.usecases.held_policies import Held, declared, held

Accounts = Mapping[AccountId, AccountPolicies]


@dataclass(frozen=True, slots=True)
class RoleWanted:
    """The role to enter: by ARN, by its grant in a customer's account, or by its grant in a customer's file."""

    arn: RoleArn | None = None
    grant: GrantName | None = None
    customer: AccountId | None = None
    declaration: Declaration | None = None


def find_caller(arn: str, accounts: Accounts) -> tuple[Principal, Held]:
    """Return who asks, and what he holds.

    Raises:
        InvalidInput: not the ARN of a user, a role or a role session.
        GatepassError: his account is not at hand.
        NotThere: his account does not have him.
    """
    who = principal(arn)
    if who.kind not in (PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION):
        raise InvalidInput(
            f"{who} is a {who.kind.value}",
            why="the chain begins with an engineer's own policies",
            next_step="name a user or a role session, such as arn:aws:sts::111122223333:assumed-role/NetOps/alice",
        )
    account = _account(accounts, AccountId(who.account), "--provider-profile")
    holder = account.user(who.name) if who.kind is PrincipalKind.USER else account.role(who.name)
    return who, held(account, holder)


def find_role(wanted: RoleWanted, accounts: Accounts) -> Held | None:
    """Return what the role holds: as it stands where its account is at hand, else as the file declares it.

    Raises:
        GatepassError: the role's account is not at hand, or a text of it is not known.
        NotThere: the account has no such role.
    """
    if wanted.arn is not None:
        account = _account(accounts, wanted.arn.account, "--customer-profile")
        return held(account, account.role(str(wanted.arn.name)))
    if wanted.grant is None:
        return None
    if wanted.customer is not None:
        return _of_grant(wanted.grant, _account(accounts, wanted.customer, "--customer-profile"))
    if wanted.declaration is None:
        return None
    declaration = wanted.declaration
    grant = declaration.grant(wanted.grant)
    details = accounts.get(declaration.account)
    name = str(role_name(grant, declaration.naming))
    if details is not None and any(role.name.lower() == name.lower() for role in details.roles):
        return held(details, details.role(name))
    return declared(declaration, grant, details)


def _of_grant(grant: GrantName, account: AccountPolicies) -> Held:
    """Return what the grant's role holds; it is known by its tag, as everywhere.

    Raises:
        NotThere: no role of the account carries the grant's name, or several do.
    """
    found = [role for role in account.roles if role.tags.get(GRANT_TAG, "").lower() == str(grant).lower()]
    if len(found) == 1:
        return held(account, found[0])
    raise NotThere(
        f"account {account.account} has {'several roles' if found else 'no role'} of the grant {grant}",
        why=f"a role of a grant carries the tag {GRANT_TAG}",
        next_step="name the role itself with --role",
    )


def _account(accounts: Accounts, account: AccountId, option: str) -> AccountPolicies:
    if account not in accounts:
        raise GatepassError(
            f"the policies of account {account} are not at hand",
            why="the chain runs through them",
            next_step=f"name its details with --account-file, or credentials for it with {option}",
        )
    return accounts[account]
