"""Find the role that an engineer means by a customer's name, and its second factor in the team's store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatepass.domain.errors import AccessRefused, Conflict, InvalidInput, NotThere
from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, Quarantine, parse_kept
from gatepass.domain.register import Customer, Register
from gatepass.domain.trust import instant_text
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.keep_factor import places_of

_MOST_LISTED = 20


class SeveralMeant(Conflict):
    """A name is of several.

    Attributes:
        names: each of which is of one, or names a grant.
    """

    def __init__(self, what: str, listed: str, names: tuple[str, ...]) -> None:
        """Keep the names beside the words about them."""
        super().__init__(what, why=listed, next_step=f"name one of them, such as: {names[0]}")
        self.names = names


@dataclass(frozen=True, slots=True)
class WayIn:
    """One role of one registered customer."""

    customer: Customer
    grant: GrantName
    role: RoleArn

    def __str__(self) -> str:
        return f"{self.customer.name}/{self.grant}"


def way_in(text: str, register: Register) -> WayIn:
    """Return what ``CUSTOMER``, ``COMPANY`` or either with ``/GRANT`` means in the register.

    Raises:
        NotThere: nobody of that name, or no such grant.
        Conflict: the company has several accounts, or the customer several grants; they are listed.
    """
    name, _, written = text.partition("/")
    customer = _customer(name, register)
    if written:
        grant = GrantName(written)
        return WayIn(customer, grant, customer.role(grant))
    if not customer.roles:
        raise NotThere(
            f"the customer {customer.name} has no role to enter",
            why="no pass of it was admitted yet",
            next_step=f"the access lead runs gatepass admit PASS, then looks: gatepass customers show {customer.name}",
        )
    if len(customer.roles) != 1:
        names = {f"{customer.name}/{grant}": str(role.name) for grant, role in customer.roles.items()}
        raise _several(f"{customer.name} has several grants", names)
    ((grant, role),) = customer.roles.items()
    return WayIn(customer, grant, role)


def way_of_role(role: RoleArn, register: Register) -> WayIn | None:
    """Return whose role it is, or None for one that the register does not know."""
    for customer in register.customers.values():
        for grant, known in customer.roles.items():
            if known == role:
                return WayIn(customer, grant, role)
    return None


def second_factor_of(way: WayIn, secrets: SecretStore) -> ExternalId | None:
    """Return what opens the role, from the store of a team that the engineer belongs to; None where it asks for none.

    It is never the caller's to say: one customer's external ID must not reach another's role.

    Raises:
        Conflict: the role is in quarantine, or what is kept is for another role.
        NotThere: the store keeps nothing for it.
        AccessRefused: none of the teams that may use the grant is one whose store the credentials may read.
    """
    refusal: AccessRefused | None = None
    for name in places_of(way.customer, way.grant).wanted:
        try:
            text = secrets.get(name)
        except AccessRefused as error:
            refusal = error
            continue
        if text is not None:
            return _usable(way, parse_kept(text))
    if refusal is not None:
        teams = ", ".join(str(team) for team in way.customer.teams.get(way.grant, ())) or "no team"
        refusal.next_step = f"{way} is for: {teams}; ask the access lead whether you are on one of them"
        raise refusal
    raise NotThere(
        f"{secrets.title} keeps no second factor for {way}",
        why="its pass was not admitted with this store, or its team was changed since",
        next_step=f"the access lead runs: gatepass verify {way}, or gatepass admit PASS",
    )


def _usable(way: WayIn, kept: KeptFactor | Quarantine) -> ExternalId | None:
    if isinstance(kept, Quarantine):
        raise Conflict(
            f"{way} is in quarantine since {instant_text(kept.since)}",
            why=kept.why,
            next_step=f"nobody enters until the customer has mended the role and this passes: gatepass verify {way}",
        )
    if kept.role != way.role:
        raise Conflict(
            f"what the store keeps for {way} is for another role",
            why="the register was changed after the pass was admitted",
            next_step=f"the access lead admits the customer's newest pass, or mends the register's entry of {way}",
        )
    return kept.factor.external_id if kept.factor is not None else None


def _customer(name: str, register: Register) -> Customer:
    found = [each for each in register.customers.values() if str(each.name) == name]
    found = found or [each for each in register.customers.values() if each.company.lower() == name.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        raise _several(f"{name} has several accounts", {str(each.name): str(each.account) for each in found})
    # Needed for misspelt names only.
    from gatepass.domain.register_rules import meant  # noqa: PLC0415

    names = {str(each.name) for each in register.customers.values()} | {c.company for c in register.customers.values()}
    raise NotThere(
        f"the register has no customer {name}",
        why=f"it looked through all {len(register.customers)} by name and by company",
        next_step=meant(name, sorted(names)).strip() or "gatepass customers list",
    )


def _several(what: str, meanings: Mapping[str, str]) -> SeveralMeant:
    """Return what can be meant: each name, and what tells it from the others."""
    width = max(map(len, meanings))
    lines = [f"{name:<{width}}  {meaning}" for name, meaning in sorted(meanings.items())]
    if len(lines) > _MOST_LISTED:
        lines = [*lines[:_MOST_LISTED], f"and {len(lines) - _MOST_LISTED} more: gatepass customers list"]
    return SeveralMeant(what, "\n".join(lines), tuple(sorted(meanings)))


def demand_untyped(typed: ExternalId | None, way: WayIn) -> None:
    """Let nobody type an external ID for a registered customer.

    Raises:
        InvalidInput: somebody did.
    """
    if typed is not None:
        raise InvalidInput(
            f"the external ID of {way} is not typed",
            why="for a registered customer it comes from the store, so that no customer's ID reaches another's role",
            next_step=f"gatepass sudo {way}",
        )
