"""The Security Token Service, answered by the sandbox itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta

from gatepass.sandbox.answering.assume_role import role_session
from gatepass.sandbox.answering.mfa import gave_second_factor
from gatepass.sandbox.answering.session_limits import packed_size, passed_policies, passed_tags
from gatepass.sandbox.memory.sessions import Session, SessionKind
from gatepass.sandbox.memory.unique_ids import (
    ACCESS_KEY_ID_LENGTH,
    TEMPORARY_KEY_PREFIX,
    account_of,
    secret_key,
    unique_id,
)
from gatepass.sandbox.rights.access import Access
from gatepass.sandbox.rights.authorization import Asking, authorise
from gatepass.sandbox.wire.answers import Answer, query_answer
from gatepass.sandbox.wire.constraints import check_constraints
from gatepass.sandbox.wire.refusals import Fault, Refusal
from gatepass.sandbox.wire.services import service_model

# How long GetSessionToken and GetFederationToken last unless told, and at most for a root user.
USUAL_DURATION = timedelta(hours=12)
LONGEST_OF_ROOT = timedelta(hours=1)

Fields = dict[str, object]


def sts_answer(asking: Asking) -> Answer:
    """Answer an operation of STS.

    Raises:
        Refusal: the caller may not, or the request is malformed.
    """
    operation = asking.operation
    own = _OPERATIONS.get(operation.name)
    if own is None:
        raise Refusal(Fault.NOT_EMULATED, f"The sandbox does not answer sts:{operation.name}.")
    session = asking.caller.session
    if session is not None and operation.name not in _OPEN_TO_SESSIONS[session.kind]:
        raise Refusal(Fault.ACCESS_DENIED, f"Cannot call {operation.name} with session credentials")
    check_constraints(operation)
    return query_answer(service_model("sts").operation_model(operation.name), own(asking))


def _assume_role(asking: Asking) -> Fields:
    found = role_session(asking)
    parameters = asking.operation.parameters
    packed = packed_size(parameters, found.tags)
    now = asking.world.clock.now()
    session = Session(
        kind=SessionKind.ROLE,
        access_key_id=unique_id(TEMPORARY_KEY_PREFIX, found.account, ACCESS_KEY_ID_LENGTH),
        secret_access_key=secret_key(),
        token=_token(),
        account=found.account,
        entity_id=found.role.id,
        entity_name=found.role.name,
        name=found.name,
        issued=now,
        expires=now + found.duration,
        policies=found.policies,
        tags=found.tags,
        transitive_tag_keys=found.transitive_tag_keys,
        source_identity=found.source_identity,
    )
    asking.world.sessions.add(session)
    found.role.last_used = now
    return {
        "Credentials": _credentials(session),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{found.role.id}:{found.name}",
            "Arn": f"arn:aws:sts::{found.account}:assumed-role/{found.role.name}/{found.name}",
        },
        "PackedPolicySize": packed,
        "SourceIdentity": found.source_identity,
    }


def _get_caller_identity(asking: Asking) -> Fields:
    return {"UserId": asking.caller.user_id, "Account": asking.caller.account, "Arn": asking.caller.arn}


def _get_session_token(asking: Asking) -> Fields:
    # AWS refuses it to nobody: it proves who one is, and gives nothing.
    session = _user_session(asking, SessionKind.USER)
    return {"Credentials": _credentials(session)}


def _get_federation_token(asking: Asking) -> Fields:
    if asking.caller.is_root:
        raise Refusal(Fault.NOT_EMULATED, "The sandbox gives root users no federation token.")
    parameters = asking.operation.parameters
    name, account = parameters.text("Name") or "", asking.caller.account
    arn = f"arn:aws:sts::{account}:federated-user/{name}"
    tags = passed_tags(parameters)
    wanted = ("sts:GetFederationToken", "sts:TagSession") if tags else ("sts:GetFederationToken",)
    authorise(asking, tuple(Access(action, arn, account) for action in wanted))
    policies = passed_policies(parameters, account)
    session = _user_session(asking, SessionKind.FEDERATED, name=name, policies=policies, tags=tags)
    return {
        "Credentials": _credentials(session),
        "FederatedUser": {"FederatedUserId": f"{account}:{name}", "Arn": arn},
        "PackedPolicySize": packed_size(parameters, tags),
    }


def _get_access_key_info(asking: Asking) -> Fields:
    authorise(asking)
    account = account_of(asking.operation.parameters.text("AccessKeyId") or "")
    if account is None:
        raise Refusal(None, "The access key ID is not valid.", "ValidationError")
    return {"Account": account}


def _user_session(
    asking: Asking,
    kind: SessionKind,
    *,
    name: str = "",
    policies: tuple[str, ...] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Session:
    caller = asking.caller
    seconds = asking.operation.parameters.number("DurationSeconds")
    duration = USUAL_DURATION if seconds is None else timedelta(seconds=seconds)
    now = asking.world.clock.now()
    session = Session(
        kind=kind,
        access_key_id=unique_id(TEMPORARY_KEY_PREFIX, caller.account, ACCESS_KEY_ID_LENGTH),
        secret_access_key=secret_key(),
        token=_token(),
        account=caller.account,
        entity_id=caller.entity.id if caller.entity is not None else caller.account,
        entity_name=caller.entity.name if caller.entity is not None else "root",
        name=name,
        issued=now,
        expires=now + (min(duration, LONGEST_OF_ROOT) if caller.is_root else duration),
        policies=policies,
        tags=tags or {},
        has_second_factor=gave_second_factor(asking),
    )
    asking.world.sessions.add(session)
    return session


def _token() -> str:
    return secrets.token_urlsafe(96)


def _credentials(session: Session) -> Fields:
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.token,
        "Expiration": session.expires,
    }


_OPERATIONS: dict[str, Callable[[Asking], Fields]] = {
    "AssumeRole": _assume_role,
    "GetAccessKeyInfo": _get_access_key_info,
    "GetCallerIdentity": _get_caller_identity,
    "GetFederationToken": _get_federation_token,
    "GetSessionToken": _get_session_token,
}

# What the credentials from STS may still ask of STS.
_OPEN_TO_SESSIONS: dict[SessionKind, frozenset[str]] = {
    SessionKind.ROLE: frozenset({"AssumeRole", "GetCallerIdentity", "GetAccessKeyInfo"}),
    SessionKind.USER: frozenset({"AssumeRole", "GetCallerIdentity"}),
    SessionKind.FEDERATED: frozenset({"GetCallerIdentity"}),
}
