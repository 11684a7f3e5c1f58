"""An AWS of many customers' accounts with one role each, reached over HTTP, for rotations by processes of their own.

It goes by the trusts alone: which external IDs they take. With latency, propagation and limits it serves the bench.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from threading import Event, Thread
from typing import Self
from urllib.parse import parse_qs, quote

from gatepass.domain.documents import Document, document
from gatepass.domain.trust import accepted_external_id, retiring_external_id
from tests.people import PROVIDER

ENTERED_BY = "OrganizationAccountAccessRole"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_KEY = re.compile(r"Credential=([A-Z0-9]+)")
_ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/(.+)")
_SESSION = (
    "<r><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>x</SecretAccessKey>"
    "<SessionToken>x</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></r>"
)


class Bucket:
    """So many calls each second, and a tenth of that saved up when it begins."""

    def __init__(self, rate: float) -> None:
        self.rate, self._left, self._seen = rate, rate / 10, time.monotonic()

    def takes(self) -> bool:
        """Say whether one more call is taken now."""
        now = time.monotonic()
        self._left = min(self.rate, self._left + (now - self._seen) * self.rate)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass
class Account:
    """One customer's account with its one role."""

    arn: str
    tags: dict[str, str]
    written: list[tuple[float, Document]] = field(repr=False)

    def effective(self, propagation: float) -> Sequence[Document]:
        """Return every trust that AWS may go by just now."""
        line = time.monotonic() - propagation
        first = max((place for place, (when, _) in enumerate(self.written) if when <= line), default=0)
        return [trust for _, trust in self.written[first:]]


def takes(trust: Document, external_id: str | None) -> bool:
    """Say whether the trust lets in whoever gives this external ID."""
    current, old = accepted_external_id(trust), retiring_external_id(trust)
    accepted = {current.reveal()} if current is not None else set()
    return external_id in accepted | ({old.external_id.reveal()} if old is not None else set())


@dataclass
class RotationAws:
    """The accounts, what was asked, and how slow and strict it is; seconds and calls a second."""

    accounts: dict[str, Account]
    latency: float = 0.0
    propagation: float = 0.0
    sts: Bucket | None = None
    writes: Bucket | None = None
    asked: Counter[str] = field(default_factory=Counter)
    throttled: Counter[str] = field(default_factory=Counter)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    url: str = ""

    def __enter__(self) -> Self:
        """Serve in a thread until the end of the block."""
        ready, self._ended = Event(), Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._ended.set()
        self._thread.join(20)

    async def _serve(self, ready: Event) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=1000)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await loop.run_in_executor(None, self._ended.wait)
        server.close()

    def answer(self, head: str, body: str) -> tuple[int, str]:
        """Return what AWS says."""
        target = re.search(r"secretsmanager\.(\w+)", head)
        if target is not None:
            return self._secret(target[1], json.loads(body))
        form = {name: values[0] for name, values in parse_qs(body).items()}
        action, key = form.get("Action", "ListBuckets"), (_KEY.search(head) or ["", ""])[1]
        self.asked[action] += 1
        if action in {"AssumeRole", "GetCallerIdentity"} and self.sts is not None and not self.sts.takes():
            self.throttled["sts"] += 1
            return 400, _refusal("Throttling")
        if action == "GetCallerIdentity":
            name = "gatepass-verifier" if key == "AKIAVERIFIER" else "admin"
            return 200, f"<r><Arn>arn:aws:iam::{PROVIDER}:user/{name}</Arn><Account>{PROVIDER}</Account></r>"
        if action == "AssumeRole":
            return self._entered(form)
        account = self.accounts.get(key.removeprefix("ASIA"))
        return self._iam(action, form, account) if account is not None else (403, _refusal("AccessDenied"))

    def _entered(self, form: dict[str, str]) -> tuple[int, str]:
        found = _ROLE.fullmatch(form["RoleArn"])
        assert found is not None
        if found[2] == ENTERED_BY and "SourceIdentity" not in form:
            return 200, _SESSION.format(key=f"ASIA{found[1]}")
        account = self.accounts[found[1]]
        if form["RoleArn"] == account.arn and takes(account.effective(self.propagation)[0], form.get("ExternalId")):
            return 200, _SESSION.format(key="ASIAINSIDE")
        return 403, _refusal("AccessDenied")

    def _iam(self, action: str, form: dict[str, str], account: Account) -> tuple[int, str]:
        match action:
            case "GetRole":
                tags = "".join(f"<member><Key>{k}</Key><Value>{v}</Value></member>" for k, v in account.tags.items())
                trust = quote(account.written[-1][1].text)
                name, path = account.arn.rpartition("/")[2], "/gatepass/"
                return 200, (
                    f"<r><Role><RoleName>{name}</RoleName><Arn>{account.arn}</Arn><Path>{path}</Path>"
                    f"<MaxSessionDuration>3600</MaxSessionDuration><Tags>{tags}</Tags>"
                    f"<AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument></Role></r>"
                )
            case "UpdateAssumeRolePolicy":
                account.written.append((time.monotonic(), document(json.loads(form["PolicyDocument"]))))
            case "TagRole":
                places = {name.split(".")[2] for name in form if name.startswith("Tags.member.")}
                account.tags |= {form[f"Tags.member.{n}.Key"]: form[f"Tags.member.{n}.Value"] for n in places}
            case _:
                return 404, _refusal("NoSuchEntity")
        return 200, "<r/>"

    def _secret(self, action: str, asked: dict[str, str]) -> tuple[int, str]:
        self.asked[action] += 1
        name = asked.get("SecretId") or asked.get("Name", "")
        if action in {"CreateSecret", "PutSecretValue", "DeleteSecret", "RestoreSecret"}:
            if self.writes is not None and not self.writes.takes():
                self.throttled["secretsmanager"] += 1
                return 400, json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"})
            self.asked["secret writes"] += 1
        if action == "CreateSecret":
            self.secrets[name] = asked["SecretString"]
        if name not in self.secrets:
            return 400, json.dumps({"__type": "ResourceNotFoundException", "message": "no such secret"})
        if action == "PutSecretValue":
            self.secrets[name] = asked["SecretString"]
        return 200, json.dumps({"Name": name, "SecretString": self.secrets[name]})


class _Connection(asyncio.Protocol):
    """One kept-alive connection."""

    def __init__(self, aws: RotationAws) -> None:
        self._aws, self._heard = aws, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request, each after the latency."""
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._heard[:end])
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._heard) < whole:
                return
            head, body = self._heard[:end].decode(), self._heard[end + 4 : whole].decode()
            self._heard = self._heard[whole:]
            status, text = self._aws.answer(head, body)
            asyncio.get_running_loop().call_later(self._aws.latency, self._say, status, text.encode())

    def _say(self, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} x\r\ndate: {formatdate(usegmt=True)}\r\ncontent-length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]


def _refusal(code: str) -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{code} by the stub</Message></Error></ErrorResponse>"
