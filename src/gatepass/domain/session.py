"""Sessions: who enters which role, and the credentials that come of it until they expire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gatepass.domain.documents import Document
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, EngineerName, ExternalId, PolicyArn, RoleArn, engineer_name

# STS API Reference, AssumeRole: DurationSeconds.
SHORTEST_SESSION = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=12)
# IAM User Guide, "Role chaining": a session begun from a session ends within the hour.
LONGEST_CHAINED_SESSION = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, short-lived when it has a token; only the key's ID may be shown.

    Attributes:
        expires_at: when they end, UTC; None when unknown or never.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose credentials some are, as sts:GetCallerIdentity tells."""

    account: AccountId
    arn: str

    @property
    def is_session(self) -> bool:
        """Whether the caller is itself a session of a role, so that entering another one is chaining."""
        return ":assumed-role/" in self.arn

    @property
    def engineer(self) -> EngineerName:
        """The person's name: of the IAM user, or of the session that Identity Center or a role gave."""
        return engineer_name(self.arn.rsplit("/", 1)[-1] if "/" in self.arn else "root")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request to enter a role; the external ID stays out of ``repr``.

    Attributes:
        tags: what the session shall carry beside the engineer's name.
        name: the session's name; None for the engineer's.
        policy: narrows the session to what it and the role both allow.
        policy_arns: managed policies that narrow it in the same way.
        keeps_name: whether no source identity is sent, because the caller's own session carries one already;
            the session that comes of it then tells which.
    """

    role: RoleArn
    engineer: EngineerName
    duration: timedelta
    external_id: ExternalId | None = field(default=None, repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)
    name: EngineerName | None = None
    policy: Document | None = None
    policy_arns: tuple[PolicyArn, ...] = ()
    keeps_name: bool = False

    def __post_init__(self) -> None:
        if not SHORTEST_SESSION <= self.duration <= LONGEST_SESSION:
            raise InvalidInput(
                f"a session of {self.duration} is out of range",
                why="STS gives sessions of 15 minutes to 12 hours",
                next_step="ask for example for: --for 1h",
            )


@dataclass(frozen=True, slots=True)
class Session:
    """Credentials from one AssumeRole: whose role, as whom, until when.

    Attributes:
        customer: what the register calls the customer; empty for an ARN that no register knows.
        grant: the name of the grant; empty in the same way.
    """

    role: RoleArn
    engineer: EngineerName
    expires_at: datetime
    credentials: Credentials
    customer: str = ""
    grant: str = ""

    @property
    def account(self) -> AccountId:
        """The customer's account, in which the session acts."""
        return self.role.account

    def has_expired(self, now: datetime) -> bool:
        """Say whether AWS no longer takes the credentials."""
        return now >= self.expires_at

    def environment(self, region: str | None) -> dict[str, str]:
        """Return the environment variables by which AWS's own tools use the session, and we know it again."""
        expiry = self.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        variables = {
            "AWS_ACCESS_KEY_ID": self.credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.credentials.secret_access_key,
            "AWS_SESSION_TOKEN": self.credentials.session_token or "",
            "AWS_CREDENTIAL_EXPIRATION": expiry,
            "AWS_SESSION_EXPIRATION": expiry,
            "GATEPASS_ACCESS_KEY_ID": self.credentials.access_key_id,
            "GATEPASS_ROLE": str(self.role),
            "GATEPASS_ENGINEER": str(self.engineer),
            "GATEPASS_CUSTOMER": self.customer,
            "GATEPASS_GRANT": self.grant,
        }
        return variables | ({"AWS_REGION": region, "AWS_DEFAULT_REGION": region} if region else {})
