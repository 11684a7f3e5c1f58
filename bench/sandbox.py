"""The embedded AWS against a bare moto server, which lets everybody do everything, on the same calls in the same run.

Run it from the project's root: ``.venv/bin/python -m bench.sandbox``.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PROVIDER = "111122223333"
CUSTOMER = "444455556666"
EXTERNAL_ID = "gp1.7KQ2M9XW4T.bench"
CALLS = 400
WARM_UP_CALLS = 50
START_SECONDS = 20.0


@dataclass(frozen=True)
class Endpoint:
    """A running server, how long it took to answer, and who calls it."""

    url: str
    pid: int
    ready_seconds: float
    customer: Credentials
    engineer: Credentials

    def client(self, service: str, credentials: Credentials) -> Any:  # noqa: ANN401 - boto3's
        """Return a boto3 client."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
        )

    def memory(self) -> float:
        """Return the resident memory in MB."""
        printed = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid)], check=True, capture_output=True, text=True)  # noqa: S607 - POSIX
        return int(printed.stdout) / 1024


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    unit: str
    sandbox: float
    moto: float
    limit: float | None = None


@dataclass(frozen=True)
class Called:
    """A signed request, sent again and again."""

    method: str
    service: str
    path: str
    body: str = ""

    def median_ms(self, endpoint: Endpoint, credentials: Credentials, status: int) -> float:
        """Return the median time of one call on a connection that is kept alive if the server keeps it."""
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"} if self.body else {}
        request = AWSRequest(self.method, endpoint.url + self.path, headers=headers, data=self.body)
        SigV4Auth(credentials, self.service, "us-east-1").add_auth(request)
        signed = dict(request.headers.items())
        address = urlsplit(endpoint.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        took = []
        for _ in range(WARM_UP_CALLS + CALLS):
            began = time.perf_counter()
            connection.request(self.method, self.path, self.body, signed)
            answer = connection.getresponse()
            answer.read()
            took.append(time.perf_counter() - began)
            if answer.status != status:
                raise SystemExit(f"{endpoint.url} answered {answer.status} to {self}, not {status}")
            # http.client sends its headers apart from the body, which delayed acknowledgements would slow down.
            if connection.sock is not None:
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.close()
        return statistics.median(took[WARM_UP_CALLS:]) * 1000


@contextmanager
def sandbox(folder: Path) -> Iterator[Endpoint]:
    """Start a sandbox as people do, with two people in it."""
    command = [sys.executable, "-m", "gatepass", "sandbox"]
    environment = {**os.environ, "XDG_STATE_HOME": str(folder)}
    began = time.perf_counter()
    started = subprocess.run([*command, "start", "--json"], check=True, capture_output=True, env=environment)
    ready = time.perf_counter() - began
    facts = json.loads(started.stdout)
    try:
        token = Path(facts["admin_token_file"]).read_text(encoding="utf-8")
        customer, provider = (_root(facts["endpoint"], token, account) for account in (CUSTOMER, PROVIDER))
        made = Endpoint(facts["endpoint"], facts["pid"], ready, customer, provider)
        yield Endpoint(made.url, made.pid, ready, customer, _engineer(made, provider))
    finally:
        subprocess.run([*command, "stop"], check=True, capture_output=True, env=environment)


@contextmanager
def bare_moto(folder: Path) -> Iterator[Endpoint]:
    """Start moto's own server; it takes any key."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    began = time.perf_counter()
    with (folder / "moto.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", str(port)], stdout=log, stderr=log)
    try:
        while not _answers(port):
            if time.perf_counter() - began > START_SECONDS or process.poll() is not None:
                raise SystemExit("moto's server did not start")
            time.sleep(0.02)
        ready = time.perf_counter() - began
        anybody = Credentials("AKIAIOSFODNN7EXAMPLE", "x" * 40)
        yield Endpoint(f"http://127.0.0.1:{port}", process.pid, ready, anybody, anybody)
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/moto-api/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def _root(endpoint: str, token: str, account: str) -> Credentials:
    address = urlsplit(endpoint)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.request("POST", f"/_sandbox/accounts/{account}", headers={"X-Sandbox-Token": token})
    key = json.loads(connection.getresponse().read())
    connection.close()
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def _engineer(endpoint: Endpoint, root: Credentials) -> Credentials:
    iam = endpoint.client("iam", root)
    iam.create_user(UserName="netops-1")
    enters = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{CUSTOMER}:role/gatepass/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [enters]})
    iam.put_user_policy(UserName="netops-1", PolicyName="work", PolicyDocument=document)
    key = iam.create_access_key(UserName="netops-1")["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def _support_role(endpoint: Endpoint) -> str:
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = endpoint.client("iam", endpoint.customer)
    return str(iam.create_role(RoleName="support", Path="/gatepass/", AssumeRolePolicyDocument=document)["Role"]["Arn"])


def _assume_role(arn: str, external_id: str) -> Called:
    parameters = f"RoleArn={arn}&RoleSessionName=netops-1&ExternalId={external_id}"
    return Called("POST", "sts", "/", f"Action=AssumeRole&Version=2011-06-15&{parameters}")


def measured() -> list[Row]:
    """Start both servers and return every row."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatepass-bench-")))
        ours = stack.enter_context(sandbox(folder))
        moto = stack.enter_context(bare_moto(folder))
        role, role_in_moto = _support_role(ours), _support_role(moto)
        return [
            Row("ready", "s", ours.ready_seconds, moto.ready_seconds, 3),
            Row("memory, idle", "MB", ours.memory(), moto.memory(), 200),
            *_calls(ours, moto, role, role_in_moto),
        ]


def _calls(ours: Endpoint, moto: Endpoint, role: str, role_in_moto: str) -> Iterator[Row]:
    refused, in_moto = _assume_role(role, "wrong"), _assume_role(role_in_moto, "wrong")
    at_moto = in_moto.median_ms(moto, moto.engineer, 200)
    yield Row("AssumeRole refused (moto: lets in)", "ms", refused.median_ms(ours, ours.engineer, 403), at_moto, 3)
    clusters = Called("GET", "eks", "/clusters")
    at_moto = clusters.median_ms(moto, moto.engineer, 200)
    yield Row("eks ListClusters refused (moto: lists)", "ms", clusters.median_ms(ours, ours.engineer, 403), at_moto, 3)
    allowed, in_moto = _assume_role(role, EXTERNAL_ID), _assume_role(role_in_moto, EXTERNAL_ID)
    at_moto = in_moto.median_ms(moto, moto.engineer, 200)
    yield Row("AssumeRole", "ms", allowed.median_ms(ours, ours.engineer, 200), at_moto, 4)
    get_role = Called("POST", "iam", "/", "Action=GetRole&Version=2010-05-08&RoleName=support")
    at_moto = get_role.median_ms(moto, moto.customer, 200)
    yield Row("iam GetRole", "ms", get_role.median_ms(ours, ours.customer, 200), at_moto)


def main() -> None:
    """Print the table; a limit that is not kept is marked."""
    rows = measured()
    print(f"{'':<40} {'sandbox':>10} {'bare moto':>10}  {'ratio':>6}  limit")  # noqa: T201 - printing is the purpose
    for row in rows:
        limit = f"< {row.limit:g} {row.unit}" if row.limit else ""
        limit += "  NOT KEPT" if row.limit is not None and row.sandbox >= row.limit else ""
        figures = f"{row.sandbox:>7.2f} {row.unit:<2} {row.moto:>7.2f} {row.unit:<2}"
        print(f"{row.name:<40} {figures}  {row.sandbox / row.moto:>5.2f}x  {limit}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
