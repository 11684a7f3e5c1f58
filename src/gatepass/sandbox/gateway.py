"""The sandbox's front door: everything that reaches moto comes through here, signed, recognised and allowed."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote, unquote
from wsgiref.types import StartResponse, WSGIEnvironment

from gatepass.domain.errors import GatepassError
from gatepass.sandbox.admin import ADMIN_PATH, Admin
from gatepass.sandbox.answering.cloud_trail import trail_answer
from gatepass.sandbox.answering.effects import prepared
from gatepass.sandbox.answering.federation import asks_federation, federation_answer
from gatepass.sandbox.answering.iam_answers import iam_answer
from gatepass.sandbox.answering.moto_calls import forward
from gatepass.sandbox.answering.sso_answers import sso_answer
from gatepass.sandbox.answering.stacks import checked_stack, is_about_stacks, serving_stacks
from gatepass.sandbox.answering.staged import refusal_before
from gatepass.sandbox.answering.sts import sts_answer
from gatepass.sandbox.memory.faults import FaultKind
from gatepass.sandbox.memory.sessions import SessionKind
from gatepass.sandbox.memory.world import World
from gatepass.sandbox.recorder import Attempt, event_of
from gatepass.sandbox.rights.access import Access, Place
from gatepass.sandbox.rights.authorization import Asking, authorise
from gatepass.sandbox.rights.iam_resources import names_own_user
from gatepass.sandbox.rights.principals import Caller, credential_of
from gatepass.sandbox.signing.claims import Claim, claimed_service, read_claim
from gatepass.sandbox.signing.legacy_signature import (
    LegacyClaim,
    check_legacy_expiry,
    check_legacy_signature,
    read_legacy_claim,
)
from gatepass.sandbox.signing.signature import check_freshness, verified_body
from gatepass.sandbox.wire.answers import Answer
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.constraints import check_constraints
from gatepass.sandbox.wire.operations import Operation, likely_protocol, recognise
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import Fault, Protocol, Refusal, error_code, refusal_answer
from gatepass.sandbox.wire.server import NoAnswer

# moto's own control path, its icon and its instance metadata, which would answer anybody.
_MOTO_PATHS = re.compile(r"/moto-api.*|/favicon\.ico|/latest(?:/.*)?", re.DOTALL)
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_DATE = "%a, %d %b %Y %H:%M:%S GMT"
# The account of a resource answers, where moto looks into one account only.
_ANSWERED_BY_OWNER = frozenset({"s3", "kms", "secretsmanager"})


class Gateway:
    """The WSGI application in front of moto."""

    def __init__(self, world: World, admin_token: str, stop: Callable[[], None] = lambda: None) -> None:
        if "MOTO_ACCOUNT_ID" in os.environ:
            raise GatepassError(
                "the sandbox cannot start while MOTO_ACCOUNT_ID is set",
                why="moto would then act in that account, whoever calls",
                next_step="unset MOTO_ACCOUNT_ID",
            )
        self._world = world
        self._admin = Admin(world, admin_token, stop)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        answer = self._answer(environ)
        headers = [*answer.headers, ("Date", self._world.clock.now().strftime(_DATE))]
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers.append(("Content-Length", str(len(answer.body))))
        start_response(f"{answer.status} {_REASONS.get(answer.status, 'Answer')}", headers)
        return [answer.body]

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        try:
            call = read_call(environ)
        except Refusal as refusal:
            return refusal_answer(refusal, Protocol.REST_XML)
        # With the bucket in the host's name, the whole path is the object's.
        if call.path.startswith(ADMIN_PATH) and not call.host_name.endswith(".localhost"):
            return self._admin.answer(call)
        if asks_federation(call):
            with self._world.moto.entered():
                return federation_answer(call, self._world)
        return self.answer(call)

    def answer(self, call: Call) -> Answer:
        """Answer a request to AWS.

        Raises:
            NoAnswer: a staged fault keeps the answer back.
        """
        attempt = Attempt(claimed_service(call))
        answer = self._recorded(call, attempt)
        staged = attempt.staged
        if staged is not None and staged.kind.is_silent:
            if staged.kind.hangs:
                self._world.faults.hold(staged)
            raise NoAnswer
        return answer

    def _recorded(self, call: Call, attempt: Attempt) -> Answer:
        refusal: Refusal | None = None
        with self._world.moto.entered():
            try:
                answer = self._served(call, attempt)
            except Refusal as refused:
                refusal = refused
            except Exception:  # noqa: BLE001 - moto fails in many ways; the log tells, and the door stays shut
                traceback.print_exc()
                refusal = Refusal(Fault.INTERNAL)
            protocol = attempt.operation.protocol if attempt.operation else likely_protocol(call, attempt.service)
            error = (error_code(refusal, protocol), refusal.message) if refusal is not None else None
            self._world.events.add(event_of(call, attempt, self._world.clock.now(), error=error))
        if refusal is not None:
            return refusal_answer(refusal, protocol, method=call.method, resource=call.path)
        return answer

    def _served(self, call: Call, attempt: Attempt) -> Answer:
        legacy = read_legacy_claim(call)
        claim = legacy or read_claim(call)
        attempt.service, attempt.region = _signed_for(claim)
        operation = attempt.operation = recognise(call, attempt.service)
        if _MOTO_PATHS.fullmatch(unquote(operation.path)):
            raise Refusal(Fault.ACCESS_DENIED)
        credential = credential_of(claim.access_key_id, self._world)
        if isinstance(claim, LegacyClaim):
            check_legacy_signature(call, claim, credential.secret_access_key, operation.path)
            check_legacy_expiry(claim, self._world.clock)
        else:
            call = call.with_body(verified_body(call, claim, credential.secret_access_key))
            check_freshness(claim, self._world.clock)
        caller = attempt.caller = credential.caller
        credential.check_session(claim.token, self._world.clock.now())
        asking = Asking(call, operation, caller, Place(attempt.region, caller.account), self._world)
        staged = attempt.staged = self._world.faults.due(operation.name, caller.arn)
        if staged is not None and (refusal := refusal_before(staged.kind, operation, caller)):
            raise refusal
        answer = sts_answer(asking) if operation.service.name == "sts" else self._allowed(asking, claim.access_key_id)
        if staged is not None and staged.kind is FaultKind.ERROR_AFTER:
            raise Refusal(Fault.INTERNAL)
        return answer

    def _allowed(self, asking: Asking, access_key_id: str) -> Answer:
        operation, caller = asking.operation, asking.caller
        if operation.service.name == "iam":
            asking = _about_iam(asking)
            operation = asking.operation
        accesses = authorise(asking)
        about_stacks = is_about_stacks(operation)
        if about_stacks:
            asking = checked_stack(asking)
            operation = asking.operation
        afterwards = prepared(asking)
        with serving_stacks(asking) if about_stacks else nullcontext():
            answer = _own_answer(asking) or forward(
                asking.call,
                operation,
                account=_answering_account(operation, accesses, caller),
                access_key_id=access_key_id,
                region=asking.place.region,
            )
        if answer.status < 300:
            afterwards()
        return answer


def read_call(environ: WSGIEnvironment) -> Call:
    """Read a request from its WSGI environment.

    Raises:
        Refusal: headers contradict each other.
    """
    uri = environ.get("RAW_URI") or environ.get("REQUEST_URI") or quote(environ.get("PATH_INFO", "/"))
    path, _, query = uri.partition("?")
    pairs = environ.get("gatepass.headers") or _header_pairs(environ)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    return Call(environ["REQUEST_METHOD"], path or "/", query, tuple(pairs), body, environ.get("REMOTE_ADDR", ""))


def _header_pairs(environ: WSGIEnvironment) -> Iterable[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].replace("_", "-").lower(), value
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield key.replace("_", "-").lower(), value


def _signed_for(claim: Claim | LegacyClaim) -> tuple[str, str]:
    # Signature Version 2 names neither service nor Region; S3 alone takes it here.
    return ("s3", "us-east-1") if isinstance(claim, LegacyClaim) else (claim.service, claim.region)


def _about_iam(asking: Asking) -> Asking:
    """Check what IAM checks first, and name the caller's own user where it is meant.

    Raises:
        Refusal: parameters break a limit, or the session may not call IAM.
    """
    operation, caller = asking.operation, asking.caller
    session = caller.session
    if session is not None and session.kind is not SessionKind.ROLE and not session.has_second_factor:
        # GetSessionToken without MFA and GetFederationToken give nothing in IAM.
        raise Refusal(Fault.INVALID_TOKEN)
    check_constraints(operation)
    if not names_own_user(operation):
        return asking
    if caller.entity is None or caller.is_role_session:
        raise Refusal(None, "Must specify userName when calling with non-User credentials", "ValidationError")
    name = caller.entity.name
    parameters = Parameters({**operation.parameters.values, "UserName": name})
    return replace(
        asking, operation=replace(operation, parameters=parameters, pairs=(*operation.pairs, ("UserName", name)))
    )


def _own_answer(asking: Asking) -> Answer | None:
    match asking.operation.service.name:
        case "iam":
            return iam_answer(asking.operation, asking.caller.account)
        case "cloudtrail":
            return trail_answer(asking)
        case "sso-admin":
            return sso_answer(asking)
    return None


def _answering_account(operation: Operation, accesses: tuple[Access, ...], caller: Caller) -> str:
    if operation.service.name in _ANSWERED_BY_OWNER and accesses[0].account:
        return accesses[0].account
    return caller.account
