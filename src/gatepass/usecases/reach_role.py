"""Reach a customer's role by way of the provider's own role for that customer: the first of two hops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gatepass.domain.errors import AccessRefused, CredentialsRefused
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.register import Access
from gatepass.domain.session import SHORTEST_SESSION, Caller, Credentials, Entry
from gatepass.ports.sessions import TokenService
from gatepass.usecases.find_way_in import WayIn

_SET_NAME = "sts:SetSourceIdentity"


def tokens_for(way: WayIn, own: TokenService, tokens_of: Callable[[Credentials | None], TokenService]) -> TokenService:
    """Return STS as the customer's role is to be entered: as oneself, or from a session of the role for the customer.

    Such a session is begun under the engineer's own name, which stays to the end, and lasts only as long as the
    second hop needs. What it gives lasts an hour at most. The second factor is no matter of that session: the
    engineer reads it.

    Args:
        way: whose role it is.
        own: STS as the engineer sees it.
        tokens_of: gives STS as others see it, by their credentials.

    Raises:
        AccessRefused: the role for the customer of none of its teams lets the engineer in.
        CredentialsRefused: AWS does not accept the engineer's credentials.
    """
    if way.customer.access is not Access.ROLE_PER_CUSTOMER:
        return own
    # The names of teams' roles come with all that is known of them, and few customers are reached in this way.
    from gatepass.domain.team_roles import team_role_arn  # noqa: PLC0415

    caller = own.caller()
    refusal: AccessRefused | None = None
    teams = way.customer.teams.get(way.grant, ())
    for team in teams:
        role = team_role_arn(way.role.partition, caller.account, team, way.customer.name)
        try:
            return tokens_of(_entered(role, caller, own))
        except CredentialsRefused:
            raise
        except AccessRefused as error:
            refusal = error
    raise AccessRefused(
        f"{caller.engineer} gets into no role of account {caller.account} for {way}",
        why=f"{way} is reached by a role of your own account; "
        + (f"AWS refused: {refusal.message or refusal.what}" if refusal is not None else "no team may use it yet"),
        next_step=f"it is for: {', '.join(str(team) for team in teams) or 'no team'}; ask the access lead whether you"
        " are on one of them, and to run: gatepass apply customers.yml",
        code=refusal.code if refusal is not None else "",
        message=refusal.message if refusal is not None else "",
    )


def _entered(role: RoleArn, caller: Caller, own: TokenService) -> Credentials:
    """Return the credentials of a session under the engineer's name, or under the one that his own session carries."""
    entry = Entry(role, caller.engineer, SHORTEST_SESSION)
    try:
        return own.enter(entry).credentials
    except AccessRefused as refusal:
        if not caller.is_session or _SET_NAME not in refusal.message:
            raise
        # The trust asks for some name, so that a session without one gets nowhere.
        return own.enter(replace(entry, keeps_name=True)).credentials
