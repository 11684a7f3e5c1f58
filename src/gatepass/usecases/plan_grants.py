"""Compare what a customer declares with what stands in the account, and make the difference."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from gatepass.domain.change import Change, EndOlderSessions
from gatepass.domain.errors import Conflict, InvalidFile, Problem
from gatepass.domain.findings import Finding
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import (
    AccountId,
    ExternalId,
    PolicyArn,
    RoleArn,
    external_id,
    role_arn,
)
from gatepass.domain.plan import plan_role, plan_withdrawal
from gatepass.domain.role import CUSTOMER_KEY_TAG, DIRECT_ENGINE, Role, demand_direct
from gatepass.domain.switch import Position, doors
from gatepass.domain.wanted import standing_trust, wanted_role
from gatepass.ports import Clock, Inventory, Randomness, RoleDirectory
from gatepass.usecases.lint_roles import lint_declaration

# DESIGN: the code carries at least 128 random bits; the key only has to be unique.
CODE_BITS = 128
CUSTOMER_KEY_BITS = 50


@dataclass(frozen=True, slots=True)
class GrantPlan:
    """What one grant needs: the role as it is wanted and as it stands, and the way from one to the other."""

    grant: Grant
    arn: RoleArn
    wanted: Role
    observed: Role | None
    changes: tuple[Change, ...]

    @property
    def position(self) -> Position:
        """Where the switch stands now; a role that does not exist yet will be open."""
        return doors(self.observed).position if self.observed is not None else Position.OPEN


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """The plan of a whole file.

    Attributes:
        findings: what the decision engine lets through in the grants that would change.
        unnamed: roles of ours that the file does not name; left, unless they are pruned.
        pruned: the changes that delete them; empty unless asked for.
    """

    account: AccountId
    grants: tuple[GrantPlan, ...]
    unnamed: tuple[Role, ...]
    pruned: tuple[Change, ...]
    findings: tuple[Finding, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, in the order in which they are made: what is deleted goes first."""
        return (*self.pruned, *(change for grant in self.grants for change in grant.changes))


def plan_account(
    declaration: Declaration, roles: RoleDirectory, clock: Clock, randomness: Randomness, *, prune: bool = False
) -> AccountPlan:
    """Return what applying the file would change; nothing is changed.

    Raises:
        Conflict: the credentials are for another account, or a role's name is taken by somebody else.
        InvalidFile: the file names policies that the account does not have.
    """
    partition, account = roles.owner()
    demand_account(declaration, account)
    inventory = roles.inventory()
    resolved = resolve_policies(declaration, roles.managed_policies())
    plans = []
    for grant in declaration.grants:
        observed = _observed(declaration, grant, inventory)
        fresh = draw_external_id(observed, randomness)
        wanted = wanted_role(
            declaration,
            grant,
            partition,
            policies=resolved[grant],
            trust=standing_trust(grant, partition, observed, fresh),
            customer_key=_kept_key(grant, observed, fresh),
        )
        arn = role_arn(partition, account, wanted.name)
        plans.append(GrantPlan(grant, arn, wanted, observed, plan_role(wanted, observed)))
    named = {role_name(grant, declaration.naming) for grant in declaration.grants}
    unnamed = tuple(role for name, role in sorted(inventory.ours.items()) if name not in named and role.is_ours)
    ours = [role for role in unnamed if role.engine == DIRECT_ENGINE]
    pruned = tuple(change for role in ours for change in plan_withdrawal(role)) if prune else ()
    # What stands already was reviewed when it was planned; a probe of a thousand doors takes half a minute.
    fresh_grants = tuple(plan.grant for plan in plans if plan.changes)
    reviews = lint_declaration(replace(declaration, grants=fresh_grants), clock.now())
    findings = tuple(finding for review in reviews for finding in review.findings)
    return AccountPlan(account, tuple(plans), unnamed, pruned, findings)


def apply_changes(
    changes: tuple[Change, ...], roles: RoleDirectory, clock: Clock, settle: timedelta
) -> Iterator[Change]:
    """Make each change in order, yielding it once AWS has accepted it.

    Args:
        changes: what to do, in the order that is safe.
        roles: the account.
        clock: to wait with.
        settle: how long IAM needs until a new trust is known everywhere; sessions are let go only after it.

    Raises:
        AccessRefused: AWS denied a change; those already yielded stand, and another run finishes.
        Conflict: AWS could not make a change; the same holds.
    """
    for change in changes:
        if isinstance(change, EndOlderSessions):
            clock.sleep(settle)
        roles.make(change)
        yield change


def check_account(declaration: Declaration, roles: RoleDirectory) -> AccountId:
    """Hold the file against its account without reading the roles in it.

    Raises:
        Conflict: the credentials are for another account.
        InvalidFile: the file names policies that the account does not have.
    """
    _, account = roles.owner()
    demand_account(declaration, account)
    resolve_policies(declaration, roles.managed_policies())
    return account


def demand_account(declaration: Declaration, account: AccountId) -> None:
    """Let only the account pass that the file is for.

    Raises:
        Conflict: it is another one.
    """
    if declaration.account != account:
        raise Conflict(
            f"the file is for account {declaration.account}, the credentials are for {account}",
            why="grants applied to another account would let the provider in at the wrong place",
            next_step=f"use credentials of {declaration.account}, for example with AWS_PROFILE",
        )


def resolve_policies(declaration: Declaration, available: Mapping[PolicyArn, str]) -> dict[Grant, frozenset[PolicyArn]]:
    """Return for each grant the ARNs of its permissions.

    A name means AWS's own policy of that name, else the account's, with its path or without; an ARN means itself.

    Raises:
        InvalidFile: names, ARNs or boundaries that the account does not have; all of them.
    """
    written: dict[tuple[str | int, ...], str] = {}
    for grant in declaration.grants:
        path = ("grants", str(grant.name))
        written |= {(*path, "permissions", index): text for index, text in enumerate(grant.permissions)}
        if grant.boundary is not None:
            written[*path, "boundary"] = str(grant.boundary)
    problems = unknown_policies(written, available)
    if problems:
        raise InvalidFile(problems)
    by_name = _by_name(available)
    return {
        grant: frozenset(by_name.get(text) or PolicyArn(text) for text in grant.permissions)
        for grant in declaration.grants
    }


def unknown_policies(
    written: Mapping[tuple[str | int, ...], str], available: Mapping[PolicyArn, str]
) -> tuple[Problem, ...]:
    """Return a problem for each policy, by its path in the file, that the account does not have."""
    by_name = _by_name(available)
    known = {str(arn) for arn in available} | set(by_name)
    return tuple(_unknown_policy(path, text, by_name) for path, text in written.items() if text not in known)


def _by_name(available: Mapping[PolicyArn, str]) -> dict[str, PolicyArn]:
    """Return the policies by name, and by path and name; AWS's own win over the account's of the same name."""
    aws_last = sorted(available, key=lambda arn: ":iam::aws:" in arn.text)
    by_path = {arn.text.partition(":policy/")[2]: arn for arn in aws_last}
    return by_path | {available[arn]: arn for arn in aws_last}


def draw_external_id(observed: Role | None, randomness: Randomness) -> ExternalId:
    """Return a new external ID: the customer key that the role carries, or a new one, and a fresh code."""
    key = observed.tags.get(CUSTOMER_KEY_TAG) if observed is not None else None
    return external_id(key or randomness.word(CUSTOMER_KEY_BITS), randomness.word(CODE_BITS))


def _observed(declaration: Declaration, grant: Grant, inventory: Inventory) -> Role | None:
    """Return the grant's role as it stands; a role of somebody else under that name stops everything."""
    name = role_name(grant, declaration.naming)
    same = [role for other, role in inventory.ours.items() if other.text.lower() == name.text.lower()]
    if same:
        demand_direct(same[0], declaration.account)
        return same[0]
    if any(other.text.lower() == name.text.lower() for other in inventory.taken):
        raise Conflict(
            f"the account has a role named {name} already, and it is not one of Gatepass",
            why="IAM keeps role names unique in an account, and roles of others stay as they are",
            next_step="rename the grant, or set naming: tokens so that its role gets another name",
        )
    return None


def _kept_key(grant: Grant, observed: Role | None, fresh: ExternalId) -> str | None:
    """Return the customer key that the role's tag should hold: the one it has, else the fresh ID's."""
    if observed is not None:
        return observed.tags.get(CUSTOMER_KEY_TAG)
    return fresh.customer_key if grant.needs_second_factor else None


def _unknown_policy(path: tuple[str | int, ...], written: str, by_name: Mapping[str, PolicyArn]) -> Problem:
    near = difflib.get_close_matches(written.rsplit("/", 1)[-1], by_name, n=3, cutoff=0.6)
    return Problem(
        path,
        f"the account has no managed policy {written}",
        "a grant with a policy that does not exist would give less than it says",
        f"did you mean {' or '.join(near)}?" if near else "list what there is: aws iam list-policies",
    )
