"""The admin path: what AWS does elsewhere, or does not let anybody do."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import timedelta
from hmac import compare_digest

from gatepass.sandbox.memory.clock import LONGEST_ADVANCE
from gatepass.sandbox.memory.faults import staged_fault
from gatepass.sandbox.memory.world import World
from gatepass.sandbox.wire.answers import Answer
from gatepass.sandbox.wire.call import Call

ADMIN_PATH = "/_sandbox"
TOKEN_HEADER = "x-sandbox-token"  # noqa: S105 - the header's name
OWN_HOSTS = frozenset({"127.0.0.1", "localhost"})

_ACCOUNT = re.compile(r"/accounts/(\d{12})", re.ASCII)
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)
_NO_STORE = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))


class Admin:
    """Answers the admin path for whoever holds the token."""

    def __init__(self, world: World, token: str, stop: Callable[[], None]) -> None:
        if not token:
            raise ValueError("an empty token would let everybody in")
        self._world = world
        self._token = token.encode()
        self._stop = stop

    def answer(self, call: Call) -> Answer:
        """Answer a request to the admin path."""
        given = (call.header(TOKEN_HEADER) or "").encode()
        # A web page may send its reader's browser here under a name of its own: the Host header then tells.
        if not compare_digest(given, self._token) or call.host_name not in OWN_HOSTS:
            return Answer(403)
        path = call.path.removeprefix(ADMIN_PATH)
        account = _ACCOUNT.fullmatch(path)
        if call.method == "POST" and account is not None:
            return self._root_key(account[1])
        if path == "/faults":
            return self._faults(call)
        return self._plain(call, path)

    def _plain(self, call: Call, path: str) -> Answer:
        match call.method, path:
            case "POST", "/clock":
                return self._advance(call)
            case "GET", "/events":
                return _json({"events": self._world.events.all()})
            case "POST", "/reset":
                self._world.reset()
            case "POST", "/stop":
                self._stop()
            case "GET", "/clock" | "/health":
                pass
            case _:
                return Answer(404)
        return _json({"now": self._now()})

    def _root_key(self, account: str) -> Answer:
        key = self._world.roots.of_account(account)
        return _json({"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key})

    def _advance(self, call: Call) -> Answer:
        text = next((value for name, value in call.query if name == "advance"), "")
        seconds = float(text) if _SECONDS.fullmatch(text) else math.inf
        if seconds > LONGEST_ADVANCE.total_seconds():
            return _json({"error": "advance takes seconds, forward only, up to a century"}, status=400)
        self._world.clock.advance(timedelta(seconds=seconds))
        return _json({"now": self._now()})

    def _faults(self, call: Call) -> Answer:
        match call.method:
            case "POST":
                try:
                    fault = staged_fault(json.loads(call.body))
                except (ValueError, RecursionError) as error:
                    return _json({"error": str(error)}, status=400)
                self._world.faults.stage(fault)
            case "DELETE":
                self._world.faults.clear()
            case "GET":
                pass
            case _:
                return Answer(404)
        return _json({"faults": self._world.faults.all()})

    def _now(self) -> str:
        return self._world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, _NO_STORE, json.dumps(value).encode())
