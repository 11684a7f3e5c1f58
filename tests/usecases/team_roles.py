"""What tests of roles for single customers begin from, and what they ask."""

from __future__ import annotations

from collections.abc import Callable

from gatepass.adapters.memory_teams import MemoryTeams
from gatepass.domain.account_policies import Holder
from gatepass.domain.register import Access, Customer, Register, TeamName
from gatepass.usecases.apply_teams import apply_teams, proof_of
from gatepass.usecases.plan_teams import plan_teams
from gatepass.usecases.prove_teams import Proof
from tests.teams import PROVIDER, customer

OWN = f"arn:aws:iam::{PROVIDER}:role/gatepass/customers"
ONE, TWO = f"{OWN}/netops/gatepass-netops.customer-1", f"{OWN}/netops/gatepass-netops.customer-2"


def by_role(number: int, *teams: TeamName) -> Customer:
    """Return a customer that its teams reach by roles of the provider's own."""
    return customer(number, *teams, access=Access.ROLE_PER_CUSTOMER)


def applied(book: Register, iam: MemoryTeams) -> Proof:
    """Apply the register, and prove it."""
    list(apply_teams(plan_teams(book, iam), iam))
    return proof_of(book, iam)


def ids(proof: Proof) -> dict[str, tuple[str, ...]]:
    """Return the findings, with whom they are about."""
    return {finding.id: finding.counterexamples for finding in proof.findings}


def changed(iam: MemoryTeams, name: str, change: Callable[[Holder], Holder]) -> None:
    """Let somebody's hand at a role."""
    found = [change(each) if each.name == name else each for each in iam.roles]
    assert found != list(iam.roles)
    iam.roles = tuple(found)


def names(iam: MemoryTeams) -> set[str]:
    """Return the roles that stand under our path."""
    return {each.arn for each in iam.roles if "/gatepass/customers/" in each.arn}
