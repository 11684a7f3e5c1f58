"""Keep in the provider's shared store what opens a customer's role: where its teams read it, or out of their reach."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.identifiers import GrantName
from gatepass.domain.kept_factor import KeptFactor, Quarantine, kept_text, parse_kept
from gatepass.domain.kept_secrets import provider_secret_name, withheld_secret_name
from gatepass.domain.register import Customer
from gatepass.ports.secrets import SecretStore


@dataclass(frozen=True, slots=True)
class Places:
    """Where the second factor of one grant can lie, by name.

    Attributes:
        wanted: where it should: once for each team, or once for nobody yet.
        unassigned: where it was kept while it had no team.
        withheld: where only the verifier reads it.
    """

    wanted: tuple[str, ...]
    unassigned: str
    withheld: str


def places_of(customer: Customer, grant: GrantName) -> Places:
    """Return where the second factor of the grant can lie."""
    teams = customer.teams.get(grant, ())
    return Places(
        tuple(provider_secret_name(team, customer.name, grant) for team in teams or (None,)),
        provider_secret_name(None, customer.name, grant),
        withheld_secret_name(customer.name, grant),
    )


def what_is_kept(places: Places, secrets: SecretStore) -> dict[str, KeptFactor | Quarantine]:
    """Return what lies in each place; what was withheld comes first.

    Raises:
        InvalidInput: something there is not as Gatepass writes it.
        AccessRefused: the credentials may not read it.
    """
    names = tuple(dict.fromkeys((places.withheld, *places.wanted, places.unassigned)))
    found = secrets.get_all(names)
    return {name: parse_kept(found[name]) for name in names if name in found}


def keep(kept: KeptFactor, places: Places, secrets: SecretStore) -> None:
    """Put the second factor where it should lie, and take it from everywhere else."""
    for name in places.wanted:
        secrets.put(name, kept_text(kept))
    _leave_unassigned(places, secrets)
    secrets.delete(places.withheld)


def withhold(kept: KeptFactor, places: Places, secrets: SecretStore, quarantine: Quarantine) -> None:
    """Move the second factor out of everybody's reach; stopped anywhere, it is somewhere, and a second run ends it."""
    secrets.put(places.withheld, kept_text(kept))
    for name in places.wanted:
        secrets.put(name, kept_text(quarantine))
    _leave_unassigned(places, secrets)


def _leave_unassigned(places: Places, secrets: SecretStore) -> None:
    if places.unassigned not in places.wanted:
        secrets.delete(places.unassigned)
