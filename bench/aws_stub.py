"""An AWS that answers after a while and no faster than its limits: as many customers' roles as are asked for.

Run as a process of its own: ``.venv/bin/python -m bench.aws_stub``. It prints its address, answers until its standard
input ends, then prints as JSON what it was asked.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from email.utils import formatdate
from urllib.parse import parse_qs

PROVIDER = "111122223333"
LATENCY_SECONDS = 0.04
# As STS: so many within a second. None are saved up before the run begins, so that its floor is not undercut.
STS_EACH_SECOND = 600.0
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_ACCOUNT = re.compile(r"arn:aws:iam::(\d{12}):role/")
_CALLER = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/gatepass-verifier</Arn>"
    "<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
_ENTERED = (
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{account}</AccessKeyId>"
    "<SecretAccessKey>x</SecretAccessKey><SessionToken>{account}</SessionToken>"
    "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
)


def role_of(account: str) -> str:
    """Return the one role of a customer's account."""
    return f"arn:aws:iam::{account}:role/gatepass/ServiceProvider-support"


def external_id_of(account: str) -> str:
    """Return what opens it."""
    return f"gp1.K{account[3:]}.CODE{account}"


class Limits:
    """What was asked, and how much more of it may be."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self._left, self._seen = STS_EACH_SECOND / 10, time.monotonic()

    def takes(self) -> bool:
        """Say whether STS takes one more call now."""
        now = time.monotonic()
        self._left = min(STS_EACH_SECOND, self._left + (now - self._seen) * STS_EACH_SECOND)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def answer(head: bytes, body: bytes, limits: Limits) -> tuple[int, str]:
    """Return what AWS says."""
    if b"secretsmanager.GetSecretValue" in head:
        limits.asked["GetSecretValue"] += 1
        _, team, customer, _ = json.loads(body)["SecretId"].split("/")
        if not team.startswith("team-"):
            return 400, json.dumps({"__type": "ResourceNotFoundException", "message": "no such secret"})
        account = f"{400_000_000_000 + int(customer.removeprefix('customer-'))}"
        factor = {"external_id": external_id_of(account), "also_valid": None}
        return 200, json.dumps({"SecretString": json.dumps({"role": role_of(account), "factor": factor})})
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    action = form.get("Action", "ListBuckets")
    limits.asked[action] += 1
    if action in {"AssumeRole", "GetCallerIdentity"} and not limits.takes():
        limits.asked["throttled"] += 1
        return 400, _refusal("Throttling", "Rate exceeded")
    if action == "GetCallerIdentity":
        return 200, _CALLER
    found = _ACCOUNT.match(form.get("RoleArn", ""))
    if action != "AssumeRole" or found is None or form.get("ExternalId") != external_id_of(found[1]):
        return 403, _refusal("AccessDenied", "not authorized")
    return 200, _ENTERED.replace("{account}", found[1])


def _refusal(code: str, message: str) -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"


class Server(asyncio.Protocol):
    """One kept-alive connection."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._heard = limits, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request, each after the latency."""
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            head = self._heard[:end]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._heard) < whole:
                return
            status, text = answer(head, self._heard[end + 4 : whole], self._limits)
            self._heard = self._heard[whole:]
            asyncio.get_running_loop().call_later(LATENCY_SECONDS, self._say, status, text.encode())

    def _say(self, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} x\r\ndate: {formatdate(usegmt=True)}\r\ncontent-length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]


async def _serve() -> Counter[str]:
    limits = Limits()
    server = await asyncio.get_running_loop().create_server(lambda: Server(limits), "127.0.0.1", 0, backlog=1000)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201 - what its starter reads
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()
    return limits.asked


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_serve())))  # noqa: T201 - as above
