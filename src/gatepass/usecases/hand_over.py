"""What the customer hands to the provider: role ARNs in clear, and the second factor on demand."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, RoleArn
from gatepass.domain.role import PROVIDER_TAG
from gatepass.domain.switch import Position, doors
from gatepass.domain.trust import accepted_external_id
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.find_grant import roles_of_grant


@dataclass(frozen=True, slots=True)
class HandOver:
    """What one role's provider needs in order to enter; the external ID stays out of ``repr``."""

    grant: GrantName
    account: AccountId
    arn: RoleArn
    provider: str
    position: Position
    engine: str
    external_id: ExternalId | None = field(repr=False)


def hand_over(name: GrantName, roles: RoleDirectory) -> tuple[HandOver, ...]:
    """Return what to hand over for each role of the grant; AWS is the only place the external ID is read from.

    Raises:
        NotThere: the account has no role of that grant.
    """
    return tuple(
        HandOver(
            grant=name,
            account=arn.account,
            arn=arn,
            provider=role.tags.get(PROVIDER_TAG, "unknown"),
            position=doors(role).position,
            engine=role.engine,
            external_id=accepted_external_id(role.trust),
        )
        for arn, role in roles_of_grant(name, roles)
    )
