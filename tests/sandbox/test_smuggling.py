"""What is allowed is what moto does: no second operation hidden where only moto would look."""

from __future__ import annotations

import json

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.raw_http import Letter
from tests.sandbox.setting import CUSTOMER, Keys, client, root

HIDDEN = "a&Action=DeleteParameter&Name=/keep&b"


@pytest.fixture(scope="module")
def keys(aws: EmbeddedAws) -> Keys:
    keys = root(aws, CUSTOMER)
    client(aws, "ssm", keys).put_parameter(Name="/keep", Value="kept", Type="String")
    return keys


def test_an_action_inside_a_json_value_stays_a_value(aws: EmbeddedAws, keys: Keys) -> None:
    """Moto looks for an Action in the text of any body that it can read as a form."""
    ssm = client(aws, "ssm", keys)

    ssm.put_parameter(Name="/odd", Value=HIDDEN, Type="String")

    assert ssm.get_parameter(Name="/odd")["Parameter"]["Value"] == HIDDEN
    assert ssm.get_parameter(Name="/keep")["Parameter"]["Value"] == "kept"


def test_an_action_inside_a_secret_stays_a_value(aws: EmbeddedAws, keys: Keys) -> None:
    secrets = client(aws, "secretsmanager", keys)

    secrets.create_secret(Name="odd", SecretString="x&Action=DeleteSecret&SecretId=odd&")

    assert secrets.get_secret_value(SecretId="odd")["SecretString"] == "x&Action=DeleteSecret&SecretId=odd&"


@pytest.mark.parametrize(
    "body", [b"Action=ListFunctions", b'{"a": "&Action=ListFunctions&"}', b"&Action=ListFunctions&"]
)
def test_a_payload_is_no_set_of_parameters(aws: EmbeddedAws, keys: Keys, body: bytes) -> None:
    letter = Letter(aws, "POST", "/2015-03-31/functions/nothing/invocations", {}, body)

    reply = letter.signed(keys, "lambda").send()

    assert reply.status >= 400
    assert b'"Functions"' not in reply.body


def test_an_action_inside_xml_is_no_action(aws: EmbeddedAws, keys: Keys) -> None:
    body = (
        b'<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>example.com</Name>'
        b"<CallerReference><![CDATA[x&Action=ListHealthChecks&]]></CallerReference></CreateHostedZoneRequest>"
    )

    reply = (
        Letter(aws, "POST", "/2013-04-01/hostedzone", {"Content-Type": "text/xml"}, body).signed(keys, "route53").send()
    )

    assert reply.status == 201
    assert b"<CreateHostedZoneResponse" in reply.body


def test_a_body_is_not_decompressed_after_it_was_read(aws: EmbeddedAws, keys: Keys) -> None:
    body = json.dumps({"Name": "/keep"}).encode()
    headers = {"X-Amz-Target": "AmazonSSM.GetParameter", "Content-Encoding": "gzip"}

    reply = Letter(aws, "POST", "/", headers, body).signed(keys, "ssm").send()

    assert json.loads(reply.body)["Parameter"]["Value"] == "kept"


def test_the_region_is_the_signed_one_whatever_the_headers_say(aws: EmbeddedAws, keys: Keys) -> None:
    """Moto looks into the name of the client program and of the host first."""
    body = json.dumps({"Name": "/keep"}).encode()
    headers = {"X-Amz-Target": "AmazonSSM.GetParameter", "User-Agent": "x region/eu-west-1", "Referer": "x"}

    assert Letter(aws, "POST", "/", headers, body).signed(keys, "ssm").send().status == 200
    assert Letter(aws, "POST", "/", headers, body).signed(keys, "ssm", "eu-west-1").send().status == 400
