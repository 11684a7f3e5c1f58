"""Where the direct verbs stop at a role that another engine keeps."""

from __future__ import annotations

from gatepass.domain.change import PutInline
from gatepass.domain.drift import declared_trust
from gatepass.domain.engines import Deed, demand_direct, what_to_change
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.role import SWITCH_POLICY, Role
from gatepass.domain.switch import CLOCK_STEP, deny_everything, deny_sessions_from_before, doors
from gatepass.ports.machine import Clock
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.plan_grants import AccountPlan


def demand_own_work(planned: AccountPlan) -> None:
    """Let only a plan be applied that would leave the account as the file says.

    Raises:
        Conflict: a role that another engine keeps differs from the file, and only that engine may change it.
    """
    for plan in planned.grants:
        if plan.drift and plan.observed is not None:
            raise Conflict(
                f"the role {plan.observed.name} is kept by {plan.keeper}, and it is not as the file says",
                why="two engines on one role would undo each other's work; nothing was changed",
                next_step=what_to_change(plan.observed, Deed.CHANGE),
            )


def lift_denial(grant: Grant, arn: RoleArn, role: Role, roles: RoleDirectory, clock: Clock) -> bool:
    """Let sessions act again that begin from now on, at a role whose trust its own engine has written.

    That is the way back from a close in an emergency; the trust is not touched.

    Returns:
        whether anything had to be written.

    Raises:
        Conflict: the engine's trust is closed, or not as the file says, or somebody wrote to it meanwhile.
    """
    if doors(role).trust_is_closed:
        demand_direct(role, arn.account, Deed.OPEN)
    if role.trust != declared_trust(grant, arn.partition, role):
        raise Conflict(
            f"the trust of the role {role.name} is kept by {role.engine}, and it is not as the file says",
            why="opening lifts the denial only; it must not let in somebody whom the file does not name",
            next_step=what_to_change(role, Deed.CHANGE),
        )
    if not doors(role).role_is_denied:
        return False
    switch = deny_sessions_from_before(roles.sight(role.name).aws_time)
    roles.make(PutInline(role.name, SWITCH_POLICY, switch))
    seen = roles.sight(role.name)
    if seen.trust != role.trust or seen.switch != switch:
        roles.make(PutInline(role.name, SWITCH_POLICY, deny_everything()))
        raise Conflict(
            f"the role {role.name} was changed while its denial was lifted",
            why=f"{role.engine} or somebody else wrote to it at the same time; every call is denied again",
            next_step=f"look at it with gatepass plan, then run gatepass open {grant.name} again",
        )
    # From here on sessions are younger than the line that ends the older ones.
    clock.sleep(CLOCK_STEP)
    return True
