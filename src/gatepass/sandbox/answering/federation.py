"""The console's federation endpoint: a token for a session that is known, and a page that says who one is."""

from __future__ import annotations

import json
from hmac import compare_digest
from html import escape

from gatepass.sandbox.memory.sessions import SessionKind
from gatepass.sandbox.memory.world import World
from gatepass.sandbox.rights.principals import Caller, credential_of
from gatepass.sandbox.wire.answers import Answer
from gatepass.sandbox.wire.call import Call, decoded_pairs
from gatepass.sandbox.wire.refusals import Refusal

FEDERATION_PATH = "/federation"
_ACTIONS = ("getSigninToken", "login")
_SHORTEST_SECONDS, _LONGEST_SECONDS = 900, 43_200
_HTML = (("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"))
_JSON = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))


def asks_federation(call: Call) -> bool:
    """Say whether the request is the endpoint's: it is signed by nobody, unlike one to a bucket of that name."""
    in_bucket = call.host_name.endswith(".localhost")
    if call.path != FEDERATION_PATH or in_bucket or call.header("authorization") is not None:
        return False
    return any(name == "Action" and value in _ACTIONS for name, value in _given(call))


def federation_answer(call: Call, world: World) -> Answer:
    """Answer the request; what is not well known is refused without a reason, as AWS does."""
    given = dict(_given(call))
    if len(given) != len(_given(call)):
        return _refused()
    if given["Action"] == "getSigninToken":
        return _signin_token(given, world)
    return _login(given, world) if call.method == "GET" else _refused()


def _signin_token(given: dict[str, str], world: World) -> Answer:
    seconds = given.get("SessionDuration", str(_SHORTEST_SECONDS))
    in_range = len(seconds) <= 5 and seconds.isdecimal() and _SHORTEST_SECONDS <= int(seconds) <= _LONGEST_SECONDS
    match _read(given.get("Session", "")):
        case {"sessionId": str(key), "sessionKey": str(secret), "sessionToken": str(token)} if in_range:
            caller = _holder(key, secret, token, world)
        case _:
            caller = None
    if caller is None:
        return _refused()
    drawn = world.signins.draw(key, world.clock.now())
    return Answer(200, _JSON, json.dumps({"SigninToken": drawn}).encode())


def _login(given: dict[str, str], world: World) -> Answer:
    now = world.clock.now()
    key = world.signins.session_key(given.get("SigninToken", ""), now)
    session = world.sessions.find(key) if key is not None else None
    caller = _holder(session.access_key_id, session.secret_access_key, session.token, world) if session else None
    if caller is None or session is None or not given.get("Destination", "").startswith("https://"):
        return _refused()
    lines = {
        "Account": caller.account,
        "Signed in as": caller.arn,
        "Source identity": session.source_identity or "none",
        "Until": session.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Page": given["Destination"],
    }
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in lines.items())
    page = f"<!doctype html><title>The sandbox's console</title><dl>{rows}</dl>"
    return Answer(200, _HTML, page.encode())


def _holder(access_key_id: str, secret: str, token: str, world: World) -> Caller | None:
    """Return who holds the session, or None: wrong, expired, of a role that is gone, or no session for a console."""
    try:
        credential = credential_of(access_key_id, world)
        credential.check_session(token, world.clock.now())
        right = compare_digest(secret.encode(), credential.secret_access_key.encode())
    except (Refusal, UnicodeEncodeError):
        # JSON can hold what is no text at all.
        return None
    session = credential.caller.session
    if session is None or session.kind is SessionKind.USER:
        return None
    return credential.caller if right else None


def _given(call: Call) -> tuple[tuple[str, str], ...]:
    text = call.body.decode("utf-8", "replace") if call.method == "POST" else call.query_string
    return decoded_pairs(text, form=True)


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _refused() -> Answer:
    return Answer(400, _HTML, b"<!doctype html><title>Bad request</title>")
