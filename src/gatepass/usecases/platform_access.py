"""How a platform itself enters the customer's account, as AWS holds it: the one role, and its external ID."""

from __future__ import annotations

from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.identifiers import GrantName
from gatepass.domain.limits import fences_off_all
from gatepass.domain.role import DIRECT_ENGINE, LIMITS_POLICY
from gatepass.domain.switch import Position
from gatepass.domain.workspace_door import seal
from gatepass.domain.workspace_objects import OwnAccess
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.find_grant import demand_account, roles_of_grant
from gatepass.usecases.hand_over import HandOver, hand_over


def platform_access(setup: WorkspaceSetup, grant: GrantName, roles: RoleDirectory, salt: str) -> OwnAccess:
    """Return how the platform should enter by the grant.

    Args:
        setup: the workspace.
        grant: the setup's ``own_access``.
        roles: the customer's account.
        salt: what the seal is made with.

    Raises:
        NotThere: the account has no role of that grant.
        Conflict: the credentials are for another account, or the platform could not enter by that role, or not safely.
    """
    demand_account(setup.declaration, roles.owner()[1])
    role = _the_one(grant, setup, roles)
    if role.position is not Position.OPEN:
        raise Conflict(
            f"the door of {grant} is {role.position.value}, and {setup.platform.title} would enter by it",
            why="no run could change anything in the account",
            next_step=f"gatepass open {grant} --file FILE, then do it again",
        )
    if role.engine != DIRECT_ENGINE:
        raise Conflict(
            f"the role of {grant} is kept by {role.engine}",
            why=f"what {setup.platform.title} runs could change the role by which it enters, and lock itself out",
            next_step="keep that grant in a file of its own, applied by: gatepass apply FILE",
        )
    if role.external_id is None:
        raise Conflict(
            f"the role of {grant} opens without an external ID",
            why=f"{setup.platform.title} acts for many customers from one account, and any of them could name this "
            "role as its own",
            next_step="take second_factor: none out of the grant, gatepass apply FILE, then do it again",
        )
    _demand_free(grant, role, setup, roles)
    external_id = role.external_id
    return OwnAccess(setup.access_name, role.arn, external_id, access_seal(role, salt))


def access_seal(role: HandOver, salt: str) -> str:
    """Return what tells the role's present external ID from another."""
    return seal(role.external_id.reveal(), salt) if role.external_id is not None else ""


def _demand_free(grant: GrantName, role: HandOver, setup: WorkspaceSetup, roles: RoleDirectory) -> None:
    limits = dict(roles_of_grant(grant, roles))[role.arn].inline.get(LIMITS_POLICY)
    if limits is not None and fences_off_all(limits):
        raise Conflict(
            f"by the role of {grant} {setup.platform.title} could enter and change no role of Gatepass",
            why="the grant does not say keeps_roles, and AWS denies its sessions every change of those roles",
            next_step="write keeps_roles: true into the grant, gatepass apply FILE, then do it again",
        )


def _the_one(grant: GrantName, setup: WorkspaceSetup, roles: RoleDirectory) -> HandOver:
    try:
        found = hand_over(grant, roles)
    except NotThere as error:
        raise NotThere(
            error.what,
            why=f"{setup.platform.title} is to enter by it; {error.why}",
            next_step=f"declare {grant} in a file of its own, and: gatepass apply FILE",
        ) from None
    if len(found) > 1:
        raise Conflict(
            f"the grant {grant} has {len(found)} roles in account {found[0].account}",
            why="nobody could tell by which of them the platform should enter",
            next_step="gatepass plan FILE, and withdraw the role that is no longer declared",
        )
    return found[0]
