"""The account that the person's own credentials belong to, and what can be asked there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepass.adapters.base_credentials import Base, base_credentials
from gatepass.domain.session import Credentials
from gatepass.wiring.machine import clock, region

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3

    # Ports bring the values of what they speak of, and an engineer's commands need few of them.
    from gatepass.ports.entries import EntryLog
    from gatepass.ports.machine import OwnKeys, ReadTrial
    from gatepass.ports.resources import AccountNames
    from gatepass.ports.roles import RoleDirectory
    from gatepass.ports.sessions import TokenService
    from gatepass.ports.teams import PermissionSets, PolicyReader, TeamPolicies


# What makes the sessions of a process that asks for thousands wait for their turns; a person's command waits for none.
_paced: list[Callable[[boto3.Session, str | None], boto3.Session]] = []


def asks_by(paced: Callable[[boto3.Session, str | None], boto3.Session]) -> None:
    """Have every boto3 session of this process made so, as the person or as an AWS profile."""
    _paced[:] = [paced]


def base() -> Base:
    """Return the person's own credentials, outside every session."""
    return base_credentials()


def connected(profile: str | None = None) -> boto3.Session:
    """Return a connection as the person, or as the AWS profile.

    Raises:
        GatepassError: the profile does not exist.
    """
    # boto3 costs a third of a second, which commands that ask AWS nothing need not pay.
    from gatepass.adapters.aws_connection import connection

    made = connection(None, profile) if profile else connection(base().credentials)
    return _paced[0](made, profile) if _paced else made


def connected_with(credentials: Credentials | None) -> boto3.Session:
    """Return a connection as the holder of these credentials, or of those boto3 finds by itself."""
    from gatepass.adapters.aws_connection import connection

    made = connection(credentials)
    return _paced[0](made, None) if _paced else made


def has_credentials() -> bool:
    """Say whether there are any credentials to ask AWS with; they are not tried."""
    own = base()
    return own.credentials is not None or connected_with(None).get_credentials() is not None


def own_roles() -> RoleDirectory:
    """Return the roles of the account that the person's own credentials belong to."""
    from gatepass.adapters.iam_roles import IamRoles
    from gatepass.usecases.watch_roles import WatchedRoles
    from gatepass.wiring.audit import hear_role

    return WatchedRoles(IamRoles(connected()), hear_role)


def own_entries() -> EntryLog:
    """Return who entered the roles of the person's own account."""
    from gatepass.adapters.cloudtrail_entries import CloudTrailEntries

    return CloudTrailEntries(connected())


def own_keys() -> OwnKeys:
    """Return which credentials are used; never the secret part.

    Raises:
        Conflict: those that were loaded are not kept for this person alone.
        InvalidInput: they cannot be read.
    """
    from gatepass.ports.machine import OwnKeys

    own = base()
    if own.credentials is not None:
        return OwnKeys(own.origin, own.credentials.access_key_id, own.credentials.expires_at)
    found = connected_with(None).get_credentials()
    return OwnKeys(own.origin, found.access_key if found is not None else None)


def own_read_trial() -> ReadTrial:
    """Return what tries which reading AWS allows the person's own credentials."""
    from gatepass.adapters.read_trial import AwsReadTrial

    return AwsReadTrial(connected())


def own_organization() -> str:
    """Return the ID of the organisation that the person's own account is in.

    Raises:
        AccessRefused: the credentials may not know.
        Conflict: the account is in none.
    """
    from gatepass.adapters.aws_organization import organization_id

    return organization_id(connected())


def account_names() -> AccountNames:
    """Return the names of the accounts in the organisation that the person's own account is in."""
    from gatepass.adapters.organization_accounts import OrganizationAccounts

    return OrganizationAccounts(connected())


def own_policies(profile: str | None = None) -> PolicyReader:
    """Return the policies of the account of the AWS profile, or of the person's own credentials."""
    from gatepass.adapters.authorization_details import IamPolicies

    return IamPolicies(connected(profile))


def own_teams() -> TeamPolicies:
    """Return the teams' policies of the account that the person's own credentials belong to."""
    from gatepass.adapters.iam_teams import IamTeams

    return IamTeams(connected())


def own_permission_sets() -> PermissionSets:
    """Return the permission sets of the Identity Center that the person's own credentials see."""
    from gatepass.adapters.identity_center import CenterPermissionSets

    return CenterPermissionSets(connected(), clock(), region())


def own_tokens(profile: str | None = None) -> TokenService:
    """Return STS as the person, or as the AWS profile, sees it."""
    from gatepass.wiring.quick_aws import quick_tokens

    quick = quick_tokens() if profile is None else None
    if quick is not None:
        return quick
    from gatepass.adapters.sts_tokens import StsTokens

    return StsTokens(connected(profile))


def tokens_of(credentials: Credentials | None) -> TokenService:
    """Return STS as the holder of these credentials sees it, or of those boto3 finds by itself."""
    from gatepass.wiring.quick_aws import quick_tokens

    quick = quick_tokens(credentials) if credentials is not None else None
    if quick is not None:
        return quick
    from gatepass.adapters.sts_tokens import StsTokens

    return StsTokens(connected_with(credentials))
