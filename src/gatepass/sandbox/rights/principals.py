"""Whose an access key is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest

from moto.iam.models import Role, User

from gatepass.sandbox.memory.moto_iam import existing_iam_of
from gatepass.sandbox.memory.sessions import Session, SessionKind
from gatepass.sandbox.memory.unique_ids import account_of
from gatepass.sandbox.memory.world import World
from gatepass.sandbox.wire.refusals import Fault, Refusal


@dataclass(frozen=True)
class Caller:
    """Who makes a request.

    Attributes:
        arn: as sts:GetCallerIdentity shows it.
        user_id: as sts:GetCallerIdentity shows it, and what `aws:userid` holds.
        principal_arn: what `aws:PrincipalArn` holds; for a role session, the role's ARN.
        entity: the user or role whose policies count; ``None`` for root.
    """

    account: str
    arn: str
    user_id: str
    principal_arn: str
    entity: User | Role | None = field(repr=False)
    session: Session | None = None

    @property
    def is_root(self) -> bool:
        """Whether this is an account's root user, with its key or a session of it."""
        return self.entity is None

    @property
    def is_role_session(self) -> bool:
        """Whether this is a session of a role."""
        return self.session is not None and self.session.kind is SessionKind.ROLE

    @property
    def is_federated(self) -> bool:
        """Whether this is a federated user."""
        return self.session is not None and self.session.kind is SessionKind.FEDERATED


@dataclass(frozen=True)
class Credential:
    """An access key that exists, and whose it is."""

    secret_access_key: str = field(repr=False)
    caller: Caller

    def check_session(self, token: str | None, now: datetime) -> None:
        """Check what goes with the key, once the signature has proved that the caller holds the secret.

        Raises:
            Refusal: the token is missing, or another's, or expired.
        """
        session = self.caller.session
        expected = session.token if session else ""
        if not compare_digest((token or "").encode(), expected.encode()):
            raise Refusal(Fault.INVALID_TOKEN)
        if session is not None and session.expires <= now:
            raise Refusal(Fault.EXPIRED_TOKEN)


def credential_of(access_key_id: str, world: World) -> Credential:
    """Return the credential with an access key ID.

    Raises:
        Refusal: there is none, it is inactive, or the role or user it came from is gone.
    """
    root = world.roots.find(access_key_id)
    if root is not None:
        return Credential(root.secret_access_key, _root(root.account, None))
    session = world.sessions.find(access_key_id)
    credential = _of_session(session) if session else _of_user(access_key_id)
    if credential is None:
        raise Refusal(Fault.UNKNOWN_KEY)
    return credential


def _root(account: str, session: Session | None) -> Caller:
    arn = f"arn:aws:iam::{account}:root"
    return Caller(account, arn, account, arn, None, session)


def _of_user(access_key_id: str) -> Credential | None:
    account = account_of(access_key_id)
    iam = existing_iam_of(account) if account else None
    key = iam.access_keys.get(access_key_id) if iam else None
    user = iam.users.get(key.user_name or "") if iam and key else None
    # A key that outlived its user stays in moto's list of keys; only the user's own list counts.
    if account is None or key is None or user is None or key not in user.access_keys or key.status != "Active":
        return None
    return Credential(key.secret_access_key, Caller(account, user.arn, user.id, user.arn, user))


def _of_session(session: Session) -> Credential | None:
    caller = _caller_of_session(session)
    return Credential(session.secret_access_key, caller) if caller else None


def _caller_of_session(session: Session) -> Caller | None:
    account = session.account
    if session.kind is SessionKind.USER and session.entity_id == account:
        return _root(account, session)
    iam = existing_iam_of(account)
    if iam is None:
        return None
    if session.kind is SessionKind.ROLE:
        # By unique ID: the sessions of a role that was deleted and made again are not the new role's.
        role = iam.roles.get(session.entity_id)
        return _in_role(role, session) if role is not None else None
    user = next((user for user in iam.users.values() if user.id == session.entity_id), None)
    return _of_own_user(user, session) if user is not None else None


def _in_role(role: Role, session: Session) -> Caller:
    arn = f"arn:aws:sts::{session.account}:assumed-role/{role.name}/{session.name}"
    return Caller(session.account, arn, f"{role.id}:{session.name}", role.arn, role, session)


def _of_own_user(user: User, session: Session) -> Caller:
    account = session.account
    if session.kind is SessionKind.USER:
        return Caller(account, user.arn, user.id, user.arn, user, session)
    arn = f"arn:aws:sts::{account}:federated-user/{session.name}"
    return Caller(account, arn, f"{account}:{session.name}", arn, user, session)
