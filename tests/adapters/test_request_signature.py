"""Signatures as AWS's own examples have them, and as botocore makes them."""

from __future__ import annotations

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from gatepass.adapters.request_signature import signed_headers
from gatepass.domain.session import Credentials

# "Signature Version 4 test suite", AWS General Reference.
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
INSTANT = "20150830T123600Z"
FORM = "application/x-www-form-urlencoded"
SUITE = [
    ("get-vanilla", "GET", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("post-vanilla", "POST", {}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    (
        "post-x-www-form-urlencoded", "POST", {"content-type": FORM}, b"Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "method", "headers", "body", "expected"), SUITE)
def test_signatures_are_those_of_awss_test_suite(
    name: str, method: str, headers: dict[str, str], body: bytes, expected: str
) -> None:
    sent = {"host": "example.amazonaws.com", **headers}

    signed = signed_headers(
        sent, body, KEYS, region="us-east-1", service="service", instant=INSTANT, method=method
    )  # fmt: skip

    assert signed["authorization"].endswith(f"Signature={expected}"), name


def test_a_session_is_signed_as_botocore_signs_it() -> None:
    url, body = "https://sts.eu-west-1.amazonaws.com/", b"Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("POST", url, {"Content-Type": FORM}, body)
    SigV4Auth(BotoCredentials("ASIAEXAMPLE", "secret", "a/token+with=signs"), "sts", "eu-west-1").add_auth(request)

    signed = signed_headers(
        {"host": "sts.eu-west-1.amazonaws.com", "content-type": FORM}, body,
        Credentials("ASIAEXAMPLE", "secret", "a/token+with=signs"),
        region="eu-west-1", service="sts", instant=request.headers["X-Amz-Date"],
    )  # fmt: skip

    assert signed["authorization"] == request.headers["Authorization"]
