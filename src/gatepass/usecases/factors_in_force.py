"""The external IDs by which a file's grants are entered now, for another engine to go on with."""

from __future__ import annotations

from collections.abc import Mapping

from gatepass.domain.grant import Declaration, role_name
from gatepass.domain.identifiers import GrantName
from gatepass.domain.sealed_factors import Factor
from gatepass.domain.trust import accepted_external_id, retiring_external_id
from gatepass.ports.machine import Clock
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.find_grant import demand_account


def factors_in_force(declaration: Declaration, roles: RoleDirectory, clock: Clock) -> Mapping[GrantName, Factor]:
    """Return the external IDs of each open grant that has one; AWS is the only place they are read from.

    Raises:
        Conflict: the credentials are for another account than the file.
        AccessRefused: AWS denied reading the roles.
    """
    demand_account(declaration, roles.owner()[1])
    standing = {role.name: role for role in roles.standing().values() if role.is_ours}
    now, found = clock.now(), {}
    for grant in declaration.grants:
        role = standing.get(role_name(grant, declaration.naming))
        current = accepted_external_id(role.trust) if role is not None else None
        if role is not None and current is not None and grant.needs_second_factor:
            old = retiring_external_id(role.trust)
            found[grant.name] = Factor(current, old if old is not None and old.until > now else None)
    return found
