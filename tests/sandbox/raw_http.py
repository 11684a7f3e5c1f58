"""Requests written by hand: signed rightly, then changed."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import Keys

FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The error code of an XML or JSON answer."""
        match = re.search(rb'<Code>([^<]+)</Code>|"__type": "([^"]+)"', self.body)
        return (match[1] or match[2]).decode() if match else ""


@dataclass(frozen=True)
class Letter:
    """One request."""

    aws: EmbeddedAws
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def signed(self, keys: Keys, service: str, region: str = "us-east-1") -> Letter:
        """Return the request with its signature in the header."""
        request = AWSRequest(self.method, self.aws.endpoint + self.path, headers=self.headers, data=self.body)
        credentials = Credentials(keys.access_key_id, keys.secret_access_key, keys.token)
        signer = S3SigV4Auth if service == "s3" else SigV4Auth
        signer(credentials, service, region).add_auth(request)
        return replace(self, headers=dict(request.headers.items()))

    def with_headers(self, **headers: str) -> Letter:
        """Return the request with other headers; underscores stand for hyphens."""
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})

    def send(self) -> Reply:
        """Send the request."""
        address = urlsplit(self.aws.endpoint)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        try:
            connection.request(self.method, self.path, body=self.body, headers=self.headers)
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


def form(aws: EmbeddedAws, body: str) -> Letter:
    """Return a request of a query service."""
    return Letter(aws, "POST", "/", {"Content-Type": FORM}, body.encode())


def who_am_i(aws: EmbeddedAws) -> Letter:
    """Return a request that everybody is allowed who is somebody."""
    return form(aws, "Action=GetCallerIdentity&Version=2011-06-15")
