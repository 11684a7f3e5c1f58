"""Compare what a customer declares with what stands in the account, and make the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatepass.domain.change import Change
from gatepass.domain.documents import Document
from gatepass.domain.drift import declared_trust, drift
from gatepass.domain.engines import TERRAFORM, Deed, demand_direct, demand_ours, is_direct
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.findings import Finding
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import (
    ROLE_PATH,
    AccountId,
    ExternalId,
    GrantName,
    Partition,
    PolicyArn,
    RoleArn,
    external_id,
    role_arn,
)
from gatepass.domain.known_accounts import name_of_account
from gatepass.domain.offered_keys import CUSTOMER_KEY_BITS
from gatepass.domain.plan import plan_role, plan_withdrawal
from gatepass.domain.quotas import excesses
from gatepass.domain.role import CUSTOMER_KEY_TAG, DIRECT_ENGINE, Role
from gatepass.domain.switch import Position, doors
from gatepass.domain.wanted import standing_trust, wanted_role
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.roles import Inventory, RoleDirectory
from gatepass.usecases.describe_access import Access
from gatepass.usecases.find_grant import demand_account
from gatepass.usecases.judge_grants import Judgement, judge_grants
from gatepass.usecases.resolve_policies import read_policies, resolve_policies

# DESIGN: the code carries at least 128 random bits.
CODE_BITS = 128
# IAM User Guide, "Service-linked roles"; the second is for roles that Identity Center makes.
_PATHS_OF_AWS = ("/aws-service-role/", "/aws-reserved/")


@dataclass(frozen=True, slots=True)
class GrantPlan:
    """What one grant needs: the role as it is wanted and as it stands, and the way from one to the other.

    Attributes:
        changes: what is done; nothing to a role that another engine keeps.
        keeper: the engine that keeps the role afterwards.
        drift: what that engine would have to change so that the role is as the file says.
    """

    grant: Grant
    arn: RoleArn
    wanted: Role
    observed: Role | None
    changes: tuple[Change, ...]
    keeper: str = DIRECT_ENGINE
    drift: tuple[Change, ...] = ()

    @property
    def taken_from(self) -> str | None:
        """The engine that the role is taken over from, or None."""
        engine = self.observed.engine if self.observed is not None else self.keeper
        return engine if engine != self.keeper else None

    @property
    def position(self) -> Position:
        """Where the switch stands now; a role that does not exist yet will be open."""
        return doors(self.observed).position if self.observed is not None else Position.OPEN


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """The plan of a whole file.

    Attributes:
        findings: what the decision engine lets through in the grants that would change.
        access: what it found about who can do what by them; a closed door is told as it would be open.
        unnamed: roles of ours that the file does not name; left, unless they are pruned.
        pruned: the changes that delete them; empty unless asked for.
    """

    account: AccountId
    grants: tuple[GrantPlan, ...]
    unnamed: tuple[Role, ...]
    pruned: tuple[Change, ...]
    findings: tuple[Finding, ...]
    access: Mapping[GrantName, Access]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, in the order in which they are made: what is deleted goes first."""
        return (*self.pruned, *(change for grant in self.grants for change in grant.changes))

    @property
    def drift(self) -> tuple[Change, ...]:
        """What other engines would have to change so that their roles are as the file says."""
        return tuple(change for grant in self.grants for change in grant.drift)


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
    _demand_partition(declaration, partition)
    inventory = roles.inventory([grant.adopted for grant in declaration.grants if grant.adopted is not None])
    resolved = resolve_policies(declaration, roles.managed_policies())
    names = _Names.of(inventory)
    plans = []
    for grant in declaration.grants:
        observed = _observed(declaration, grant, names)
        fresh = draw_external_id(observed, randomness, grant.customer_key)
        elsewhere = observed is not None and grant.adopted is None and not is_direct(observed)
        wanted = wanted_role(
            declaration,
            grant,
            partition,
            policies=frozenset(resolved[word] for word in grant.permissions),
            trust=declared_trust(grant, partition, observed)
            if observed is not None and elsewhere
            else standing_trust(grant, partition, observed, fresh),
            customer_key=_kept_key(grant, observed, fresh),
            path=observed.path if observed is not None else ROLE_PATH,
        )
        arn = role_arn(partition, account, wanted.name, wanted.path)
        plans.append(_grant_plan(grant, arn, wanted, observed, is_elsewhere=elsewhere))
    _demand_quotas(plans, roles)
    named = {role_name(grant, declaration.naming) for grant in declaration.grants}
    unnamed = tuple(role for name, role in sorted(inventory.ours.items()) if name not in named and role.is_ours)
    ours = [role for role in unnamed if is_direct(role)]
    pruned = tuple(change for role in ours for change in plan_withdrawal(role)) if prune else ()
    judged = _judged(declaration, plans, partition, resolved, roles, clock)
    findings = tuple(finding for judgement in judged.values() for finding in judgement.review.findings)
    access = {name: judgement.access for name, judgement in judged.items() if judgement.access is not None}
    return AccountPlan(account, tuple(plans), unnamed, pruned, findings, access)


def _grant_plan(grant: Grant, arn: RoleArn, wanted: Role, observed: Role | None, *, is_elsewhere: bool) -> GrantPlan:
    """Return the way from one role to the other, or how it differs where another engine keeps it."""
    if observed is not None and is_elsewhere:
        differing = drift(wanted, observed)
        return GrantPlan(grant, arn, wanted, observed, (), keeper=observed.engine, drift=differing)
    return GrantPlan(grant, arn, wanted, observed, plan_role(wanted, observed))


def _judged(  # noqa: PLR0913, PLR0917 - the plan so far, and what it takes to read on
    declaration: Declaration,
    plans: Sequence[GrantPlan],
    partition: Partition,
    resolved: Mapping[str, PolicyArn],
    roles: RoleDirectory,
    clock: Clock,
) -> Mapping[GrantName, Judgement]:
    """Judge what would change: what stands already was judged when it was planned."""
    changing = [plan.grant for plan in plans if plan.changes]
    texts = read_policies(changing, resolved, roles)
    return judge_grants(declaration, changing, clock.now(), partition, texts)


def _demand_quotas(plans: Sequence[GrantPlan], roles: RoleDirectory) -> None:
    """Let only a plan pass that the account has room for.

    Raises:
        Conflict: it has not; every quota that is short is named.
    """
    changing = [plan for plan in plans if plan.changes]
    quotas = roles.quotas() if changing else None
    if quotas is None:
        return
    created = [plan.wanted.name for plan in changing if plan.observed is None]
    short = list(excesses(quotas, [plan.wanted for plan in changing], created))
    if short:
        raise Conflict(
            "the account has no room for this",
            why="it would take " + "; ".join(short),
            next_step="grant less, spread it over several grants, or ask AWS for a higher quota; nothing was changed",
        )


def _demand_partition(declaration: Declaration, partition: Partition) -> None:
    """Account numbers of known vendors are theirs in the partition ``aws`` only; elsewhere they are somebody else's."""
    for grant in declaration.grants:
        vendor = name_of_account(grant.provider)
        if vendor is not None and partition != Partition():
            raise Conflict(
                f"account {grant.provider} is {vendor}'s in the partition aws, and this account is in {partition}",
                why="each partition has its own accounts: this number would let somebody else in, or nobody",
                next_step=f"ask {vendor} for its account number in {partition}",
            )


@dataclass(frozen=True, slots=True)
class Checked:
    """The account that a file was held against, and the texts of the policies that the file names."""

    partition: Partition
    account: AccountId
    texts: Mapping[str, Document]


def check_account(declaration: Declaration, roles: RoleDirectory) -> Checked:
    """Hold the file against its account without reading the roles in it.

    Raises:
        Conflict: the credentials are for another account.
        InvalidFile: the file names policies that the account does not have.
    """
    partition, account = roles.owner()
    demand_account(declaration, account)
    resolved = resolve_policies(declaration, roles.managed_policies())
    texts = read_policies(declaration.grants, resolved, roles)
    return Checked(partition, account, texts)


def draw_external_id(observed: Role | None, randomness: Randomness, declared: str | None = None) -> ExternalId:
    """Return a new external ID: a customer key and a fresh code.

    The key is the one that the file declares, else the one that the role carries, else a new one.
    """
    key = declared or (observed.tags.get(CUSTOMER_KEY_TAG) if observed is not None else None)
    return external_id(key or randomness.word(CUSTOMER_KEY_BITS), randomness.word(CODE_BITS))


@dataclass(frozen=True)
class _Names:
    """The inventory by name, without regard to case, as IAM compares names."""

    ours: Mapping[str, Role]
    taken: frozenset[str]

    @classmethod
    def of(cls, inventory: Inventory) -> _Names:
        """Return the inventory so."""
        ours = {name.text.lower(): role for name, role in inventory.ours.items()}
        return cls(ours, frozenset(name.text.lower() for name in inventory.taken))


def _observed(declaration: Declaration, grant: Grant, names: _Names) -> Role | None:
    """Return the grant's role as it stands; a role of somebody else under that name stops everything."""
    name = role_name(grant, declaration.naming)
    same = names.ours.get(name.text.lower())
    if grant.adopted is not None:
        return _adopted(grant, same, declaration)
    if same is not None:
        demand_ours(same, declaration.account)
        return same
    if name.text.lower() in names.taken:
        raise Conflict(
            f"the account has a role named {name} already, and it is not one of Gatepass",
            why="IAM keeps role names unique in an account, and roles of others stay as they are",
            next_step="rename the grant, or set naming: tokens so that its role gets another name",
        )
    return None


def _adopted(grant: Grant, role: Role | None, declaration: Declaration) -> Role:
    """Return the role that the file says to keep for the grant; naming it there is the customer's consent."""
    if role is None:
        raise NotThere(
            f"there is no role {grant.adopted} in account {declaration.account} to keep for {grant.name}",
            why="role: names a role that stands already",
            next_step="leave role: out, and a new role is made",
        )
    if role.name != grant.adopted:
        raise Conflict(
            f"the role {grant.adopted} is written {role.name} in account {declaration.account}",
            why="IAM keeps role names apart by case when it is asked for one, and not when it makes one",
            next_step=f"write role: {role.name}",
        )
    if role.path.startswith(_PATHS_OF_AWS):
        raise Conflict(
            f"the role {role.name} is AWS's own",
            why=f"roles under {role.path} are made and changed by AWS services only",
            next_step="leave role: out, and a new role is made",
        )
    if role.is_ours and role.engine != TERRAFORM:
        demand_direct(role, declaration.account, Deed.CHANGE)
    return role


def _kept_key(grant: Grant, observed: Role | None, fresh: ExternalId) -> str | None:
    """Return the customer key that the role's tag should hold: the declared one, the one it has, or the fresh ID's.

    Rotation draws under the tag, so a key that was declared later counts from the next rotation on.
    """
    if observed is not None:
        return grant.customer_key or observed.tags.get(CUSTOMER_KEY_TAG)
    return fresh.customer_key if grant.needs_second_factor else None
