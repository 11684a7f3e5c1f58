"""The console's federation endpoint: whom it signs in, and whom it does not."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.raw_http import FORM, Letter, Reply
from tests.sandbox.scene import Scene, set_scene
from tests.sandbox.setting import CUSTOMER, PROVIDER, Keys, allow, client, enter, role, root

PAGE = "https://console.aws.amazon.com/s3/home?region=eu-west-1"


def as_session(keys: Keys, **changes: object) -> str:
    named = {"sessionId": keys.access_key_id, "sessionKey": keys.secret_access_key, "sessionToken": keys.token}
    return json.dumps({**named, **changes})


def asked(aws: EmbeddedAws, session: str, **more: str) -> Reply:
    body = urlencode({"Action": "getSigninToken", "Session": session, **more}).encode()
    return Letter(aws, "POST", "/federation", {"Content-Type": FORM}, body).send()


def token_of(aws: EmbeddedAws, keys: Keys) -> str:
    reply = asked(aws, as_session(keys))
    assert reply.status == 200
    return str(json.loads(reply.body)["SigninToken"])


def opened(aws: EmbeddedAws, token: str, page: str = PAGE, method: str = "GET") -> Reply:
    query = urlencode({"Action": "login", "Issuer": "gatepass", "Destination": page, "SigninToken": token})
    return Letter(aws, method, f"/federation?{query}").send()


@pytest.mark.parametrize(
    "changes",
    [
        {"sessionKey": "wrong"}, {"sessionToken": "wrong"}, {"sessionToken": None}, {"sessionId": "ASIAINVENTED00000000"},
        {"sessionKey": 7}, {"sessionKey": "\ud800"}, {"sessionToken": "\ud800"},
    ],
    ids=str,
)  # fmt: skip
def test_a_session_that_is_not_whole_is_signed_in_nowhere(scene: Scene, changes: dict[str, object]) -> None:
    session = enter(scene.aws, scene.netops, scene.support)

    assert asked(scene.aws, as_session(session, **changes)).status == 400


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_what_is_no_session_at_all_is_refused(scene: Scene, text: str) -> None:
    assert asked(scene.aws, text).status == 400


def test_keys_that_are_no_session_of_a_role_are_refused(scene: Scene) -> None:
    found = client(scene.aws, "sts", scene.netops).get_session_token()["Credentials"]
    of_user = Keys(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    for keys in (of_user, root(scene.aws, PROVIDER), scene.netops):
        assert asked(scene.aws, as_session(keys)).status == 400


@pytest.mark.parametrize("seconds", ["0", "899", "43201", "9" * 5000, "-900", "many"])
def test_a_length_out_of_range_is_refused(scene: Scene, seconds: str) -> None:
    session = enter(scene.aws, scene.netops, scene.support)

    assert asked(scene.aws, as_session(session), SessionDuration=seconds).status == 400


def test_an_invented_token_and_a_page_elsewhere_are_refused(scene: Scene) -> None:
    token = token_of(scene.aws, enter(scene.aws, scene.netops, scene.support))

    assert opened(scene.aws, "invented").status == 400
    assert opened(scene.aws, token, page="javascript:alert(1)").status == 400


def test_who_is_signed_in_stands_on_the_page(scene: Scene) -> None:
    session = enter(scene.aws, scene.netops, scene.support, SourceIdentity="netops-1")
    for method in ("POST", "GET"):
        query = urlencode({"Action": "getSigninToken", "Session": as_session(session)})
        target = "/federation" if method == "POST" else f"/federation?{query}"
        reply = Letter(scene.aws, method, target, {}, query.encode() if method == "POST" else b"").send()
        page = opened(scene.aws, json.loads(reply.body)["SigninToken"])

        assert page.status == 200
        assert f"arn:aws:sts::{CUSTOMER}:assumed-role/support/netops-1".encode() in page.body
        assert b"<dt>Source identity</dt><dd>netops-1</dd>" in page.body
        assert page.headers["cache-control"] == "no-store"


def test_a_token_ends_after_fifteen_minutes_and_with_its_session(scene: Scene) -> None:
    session = enter(scene.aws, scene.netops, scene.support, DurationSeconds=1800)
    early = token_of(scene.aws, session)

    scene.aws.advance(901)
    assert opened(scene.aws, early).status == 400

    late = token_of(scene.aws, session)
    scene.aws.advance(899)
    assert opened(scene.aws, late).status == 400
    assert asked(scene.aws, as_session(session)).status == 400


def test_the_sessions_of_a_role_that_is_gone_are_refused(scene: Scene) -> None:
    arn = role(scene.aws, "passing", allow("s3:*"))
    session = enter(scene.aws, scene.netops, arn)
    token = token_of(scene.aws, session)

    scene.iam.delete_role_policy(RoleName="passing", PolicyName="work")
    scene.iam.delete_role(RoleName="passing")

    assert opened(scene.aws, token).status == 400
    assert asked(scene.aws, as_session(session)).status == 400


def test_a_bucket_of_that_name_is_still_a_bucket(scene: Scene) -> None:
    s3 = client(scene.aws, "s3", root(scene.aws, CUSTOMER))

    s3.create_bucket(Bucket="federation")

    assert s3.list_objects_v2(Bucket="federation")["KeyCount"] == 0


def test_a_reset_forgets_every_token() -> None:
    with EmbeddedAws() as aws:
        scene = set_scene(aws)
        token = token_of(aws, enter(aws, scene.netops, scene.support))
        assert opened(aws, token).status == 200

        aws.reset()

        assert opened(aws, token).status == 400
