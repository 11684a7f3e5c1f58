"""The client for platforms that speak JSON:API: refusals, faults, and that nothing is made twice."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import urllib3

from gatepass.adapters.json_api import Ask, Host, JsonApi, host
from gatepass.adapters.json_api_documents import Resource, new_document
from gatepass.adapters.json_api_patience import LONGEST_WAIT, MOST_ATTEMPTS
from gatepass.adapters.memory import MemoryClock
from gatepass.adapters.platform_tokens import PlatformToken
from gatepass.domain.errors import (
    AccessRefused,
    Conflict,
    CredentialsRefused,
    GatepassError,
    InvalidInput,
    NotAnswered,
    NotThere,
)
from tests.adapters.certificates import certificate
from tests.adapters.json_api_server import Bad, Reply, Scripted, one, scripted_server, told

TOKEN = "1f6b02ab93c4de.atlasv1.9f8e7d6c5b4a3928170615243342516"
SECRET = "gp1.7KQ2M9XW4T.SECRET-OF-THE-DOOR"
TAKEN = Reply(422, told({"title": "Invalid Attribute", "detail": "Name has already been taken"}))
MAKE = Ask("POST", "things", "make the thing one", body=new_document("things", {"name": "one"}))
QUICK = urllib3.Timeout(connect=2, read=0.15)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted_server() as started:
        yield started


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def api(server: Scripted, clock: MemoryClock) -> JsonApi:
    return client(server, clock)


def client(server: Scripted, clock: MemoryClock, timeout: urllib3.Timeout | None = None) -> JsonApi:
    where = host("Scalr", server.host if server.address.startswith("http:") else server.address, "/api")
    token = PlatformToken(TOKEN, "the test", "export SCALR_TOKEN=...")
    return JsonApi(where, token, clock, timeout) if timeout else JsonApi(where, token, clock)


def nothing() -> Resource | None:
    raise AssertionError("it was looked for although nothing can be there")


class Looking:
    """Looks for what may have been made, and counts."""

    def __init__(self, *found: Resource | None) -> None:
        self.found, self.times = list(found), 0

    def __call__(self) -> Resource | None:
        self.times += 1
        return self.found.pop(0) if self.found else None


THERE = Resource("things", "thing-1", {"name": "one"})


@pytest.mark.parametrize(
    ("status", "error", "next_step"),
    [
        (400, InvalidInput, "mend"),
        (401, CredentialsRefused, "export SCALR_TOKEN"),
        (403, AccessRefused, "permission"),
        (404, NotThere, "token may see"),
        (409, Conflict, "page"),
        (412, Conflict, "page"),
        (422, InvalidInput, "mend"),
        (418, GatepassError, "hostname"),
    ],
)
def test_each_refusal_is_an_error_of_its_own_with_the_platforms_words_and_a_next_step(
    status: int, error: type[GatepassError], next_step: str, server: Scripted, clock: MemoryClock
) -> None:
    api = client(server, clock)
    server.replies = [Reply(status, told({"title": "The platform's title", "detail": "its own detail"}))]

    with pytest.raises(GatepassError) as refused:
        api.get("things", "see the things")

    assert type(refused.value) is error
    assert "The platform's title: its own detail" in refused.value.why
    assert next_step in refused.value.next_step
    assert len(server.taken) == 1, "what is refused is not asked again"
    assert clock.slept == timedelta()


def test_a_locked_workspace_is_told_from_other_conflicts(server: Scripted, api: JsonApi) -> None:
    server.replies = [Reply(409, told({"title": "Conflict", "detail": "The workspace is locked."}))]

    with pytest.raises(Conflict) as refused:
        api.change(Ask("DELETE", "things/1", "delete the thing one"))

    assert "unlock" in refused.value.next_step


def test_a_wrong_attribute_is_named_by_its_pointer(server: Scripted, api: JsonApi) -> None:
    problem = {
        "title": "Invalid Attribute",
        "detail": "cannot be empty",
        "source": {"pointer": "/data/attributes/name"},
    }
    server.replies = [Reply(422, told(problem))]

    with pytest.raises(InvalidInput, match="refused to make the thing one") as refused:
        api.make(MAKE, Looking())

    assert "cannot be empty (/data/attributes/name)" in refused.value.why


@pytest.mark.parametrize(
    "repeated", [SECRET, SECRET.lower(), SECRET[:16], f"value={SECRET[8:]}!", TOKEN, f'["{SECRET}"]']
)
def test_no_error_repeats_what_is_secret_even_where_the_platform_does(
    repeated: str, server: Scripted, api: JsonApi
) -> None:
    server.replies = [Reply(422, told({"title": "Invalid Attribute", "detail": f"{repeated} is no good"}))]

    with pytest.raises(InvalidInput) as refused:
        api.make(replace(MAKE, secrets=(SECRET,)), Looking())

    said = f"{refused.value!r} {refused.value} {refused.value.why} {refused.value.next_step}"
    assert repeated.lower() not in said.lower()
    assert "Invalid Attribute" in said


def test_nothing_secret_stands_in_a_repr(api: JsonApi) -> None:
    ask = replace(MAKE, secrets=(SECRET,), body={"data": {"value": SECRET}})
    found = Resource("vars", "var-1", {"aws-external-id": SECRET})

    for thing in (ask, found, api, PlatformToken(TOKEN, "the test")):
        assert SECRET not in repr(thing)
        assert TOKEN not in repr(thing)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_platform_that_is_busy_for_a_while_is_asked_again(
    status: int, server: Scripted, api: JsonApi, clock: MemoryClock
) -> None:
    server.replies = [Reply(status, b"<html>later</html>", "text/html")] * 2

    assert api.get("things", "see the things").data == ()
    assert len(server.taken) == 3
    assert clock.slept > timedelta()


@pytest.mark.parametrize("status", [429, 500])
def test_a_platform_that_stays_busy_is_asked_six_times_and_no_longer_than_the_budget(
    status: int, server: Scripted, api: JsonApi, clock: MemoryClock
) -> None:
    server.replies = [Reply(status, told({"title": "Slow down"}))] * 20

    with pytest.raises(NotAnswered, match="did not see the things") as refused:
        api.get("things", "see the things")

    assert "Slow down" in refused.value.why
    assert len(server.taken) == MOST_ATTEMPTS
    assert clock.slept <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("header", "least"),
    [
        ("7", timedelta(seconds=7)),
        ("1.5", timedelta(seconds=1.5)),
        ("Sun, 22 Nov 2026 08:00:09 GMT", timedelta(seconds=9)),
        ("Sun, 22 Nov 2026 07:00:00 GMT", timedelta()),
        ("-5", timedelta()),
        ("soon", timedelta()),
        ("nan", timedelta()),
    ],
)
def test_it_waits_as_long_as_the_platform_says(
    header: str, least: timedelta, server: Scripted, api: JsonApi, clock: MemoryClock
) -> None:
    server.replies = [Reply(429, told({"title": "Too many"}), headers={"Retry-After": header})]

    api.get("things", "see the things")

    assert least <= clock.slept <= least + timedelta(seconds=1)


def test_the_limit_of_hcp_terraform_is_told_by_a_header_of_its_own(
    server: Scripted, api: JsonApi, clock: MemoryClock
) -> None:
    server.replies = [Reply(429, b"", headers={"X-RateLimit-Reset": "4.5"})]

    api.get("things", "see the things")

    assert timedelta(seconds=4.5) <= clock.slept <= timedelta(seconds=5.5)


@pytest.mark.parametrize("header", ["3600", "inf", "99999999999999999999", "Mon, 23 Nov 2026 08:00:00 GMT"])
def test_a_wait_beyond_the_budget_is_not_begun(header: str, server: Scripted, api: JsonApi, clock: MemoryClock) -> None:
    server.replies = [Reply(429, told({"title": "Too many"}), headers={"Retry-After": header})]

    with pytest.raises(NotAnswered) as refused:
        api.get("things", "see the things")

    assert clock.slept == timedelta()
    assert len(server.taken) == 1
    assert ("ask again in 3600 seconds" in refused.value.why) is (header == "3600")


@pytest.mark.parametrize("how", [Bad.CLOSED, Bad.CUT, Bad.HELD])
def test_what_only_reads_is_asked_again_when_no_whole_answer_came(
    how: Bad, server: Scripted, clock: MemoryClock
) -> None:
    server.replies = [how]

    assert client(server, clock, QUICK).get("things", "see the things").data == ()
    assert len(server.taken) == 2


@pytest.mark.parametrize(
    "lost", [Bad.CLOSED, Bad.CUT, Bad.HELD, Reply(500, b""), Reply(502, b"<html>", "text/html"), Reply(201, b"{")]
)
def test_what_was_made_although_no_answer_came_is_found_and_not_made_again(
    lost: Reply | Bad, server: Scripted, clock: MemoryClock
) -> None:
    server.replies, look = [lost], Looking(THERE)

    assert client(server, clock, QUICK).make(MAKE, look) == (THERE, True)
    assert (server.count("POST"), look.times) == (1, 1)


@pytest.mark.parametrize("lost", [Bad.CLOSED, Bad.CUT, Bad.HELD, Reply(500, b"")])
def test_what_was_not_made_when_no_answer_came_is_made_once(
    lost: Reply | Bad, server: Scripted, clock: MemoryClock
) -> None:
    server.replies, look = [lost, Reply(201, one("things", "thing-2"))], Looking(None)

    made, was_there = client(server, clock, QUICK).make(MAKE, look)

    assert (made.id, was_there) == ("thing-2", False)
    assert (server.count("POST"), look.times) == (2, 1)


def test_a_limit_is_kept_before_anything_is_done_so_nothing_is_looked_for(server: Scripted, api: JsonApi) -> None:
    server.replies = [Reply(429, b""), Reply(201, one("things", "thing-1"))]

    assert api.make(MAKE, nothing)[1] is False


def test_a_name_that_is_taken_after_a_lost_answer_is_our_own(server: Scripted, clock: MemoryClock) -> None:
    server.replies, look = [Bad.CLOSED, TAKEN], Looking(None, THERE)

    assert client(server, clock).make(MAKE, look) == (THERE, True)


@pytest.mark.parametrize("status", [409, 422])
def test_a_refusal_of_what_is_there_by_now_is_no_refusal_whatever_its_words(
    status: int, server: Scripted, api: JsonApi
) -> None:
    """Nobody documents how a name that is taken is told."""
    server.replies = [Reply(status, told({"title": "Not possible"}))]

    assert api.make(MAKE, Looking(THERE)) == (THERE, True)


def test_a_name_that_is_taken_and_not_to_be_found_is_a_conflict(server: Scripted, api: JsonApi) -> None:
    server.replies = [TAKEN]

    with pytest.raises(Conflict, match="refused to make the thing one"):
        api.make(MAKE, Looking(None))

    assert server.count("POST") == 1


def test_what_is_made_for_ever_without_an_answer_ends_in_an_error_that_names_it(server: Scripted, api: JsonApi) -> None:
    server.replies, look = [Bad.CLOSED] * 20, Looking()

    with pytest.raises(NotAnswered, match="did not make the thing one"):
        api.make(MAKE, look)

    assert (server.count("POST"), look.times) == (MOST_ATTEMPTS, MOST_ATTEMPTS - 1)


def test_where_nobody_listens_nothing_was_sent_and_nothing_is_looked_for(clock: MemoryClock) -> None:
    with scripted_server() as gone:
        pass

    with pytest.raises(NotAnswered, match="did not make the thing one") as refused:
        client(gone, clock).make(MAKE, nothing)

    assert "nobody answers there" in refused.value.why


def test_a_deed_whose_answer_was_lost_is_not_done_again_where_it_is_done(server: Scripted, clock: MemoryClock) -> None:
    server.replies = [Bad.CLOSED]

    client(server, clock).act(Ask("POST", "runs/1/actions/apply", "confirm the run 1", body={}), lambda: True)

    assert server.count("POST") == 1


def test_a_deed_whose_answer_was_lost_is_done_again_where_it_is_not(server: Scripted, clock: MemoryClock) -> None:
    server.replies = [Bad.CLOSED, Reply(202, b"")]

    client(server, clock).act(Ask("POST", "runs/1/actions/apply", "confirm the run 1", body={}), lambda: False)

    assert server.count("POST") == 2


def test_a_page_for_a_browser_is_no_answer_and_is_not_shown(server: Scripted, api: JsonApi) -> None:
    server.replies = [Reply(200, b"<html>please log in</html>", "text/html")]

    with pytest.raises(GatepassError, match="did not answer as it does") as refused:
        api.get("things", "see the things")

    assert "please log in" not in f"{refused.value} {refused.value.why}"
    assert "proxy" in refused.value.why


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"no": "data"}', b'{"data": 5}', b'{"data": [{"id": "1"}]}', b"[" * 100_000]
)
def test_json_that_is_no_document_is_no_answer(body: bytes, server: Scripted, api: JsonApi) -> None:
    server.replies = [Reply(200, body)]

    with pytest.raises(GatepassError, match="did not answer as it does"):
        api.get("things", "see the things")


def test_an_answer_that_does_not_end_is_refused(server: Scripted, api: JsonApi) -> None:
    server.replies = [Bad.ENDLESS]

    with pytest.raises(GatepassError, match="does not stop to answer"):
        api.get("things", "see the things")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_follows_no_redirect(status: int, server: Scripted, api: JsonApi) -> None:
    with scripted_server() as other:
        server.replies = [Reply(status, b"", headers={"Location": f"{other.address}/{SECRET}"})]

        with pytest.raises(GatepassError, match="sends us on to 127") as refused:
            api.get("things", "see the things")

    assert other.taken == []
    assert SECRET not in f"{refused.value} {refused.value.why} {refused.value.next_step}"


@pytest.mark.parametrize(
    ("hostname", "problem"),
    [
        ("http://example.scalr.io", "not asked over plain http"),
        ("http://169.254.169.254", "not asked over plain http"),
        ("http://127.0.0.1.example.com", "not asked over plain http"),
        ("ftp://example.scalr.io", "the hostname is none"),
        ("example.scalr.io/api", "the hostname is none"),
        ("ann@example.scalr.io", "the hostname is none"),
        ("example.scalr.io:port", "the hostname is none"),
        ("exa mple.scalr.io", "the hostname is none"),
        ("example.scalr.io\r\nX-Own: 1", "the hostname is none"),
        ("", "the hostname is none"),
    ],
)
def test_a_host_that_cannot_be_asked_safely_is_refused(hostname: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        host("Scalr", hostname, "/api")


@pytest.mark.parametrize(
    ("hostname", "address"),
    [
        ("example.scalr.io", "https://example.scalr.io"),
        ("https://tfe.example.com:8443/", "https://tfe.example.com:8443"),
        ("127.0.0.1:4711", "http://127.0.0.1:4711"),
        ("https://127.0.0.1:4711", "https://127.0.0.1:4711"),
        ("localhost:4711", "http://localhost:4711"),
        ("[::1]:4711", "http://[::1]:4711"),
    ],
)
def test_every_host_is_asked_by_https_and_this_machine_by_http_too(hostname: str, address: str) -> None:
    assert host("Scalr", hostname, "/api") == Host("Scalr", address, "/api")


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_only_a_certificate_that_is_trusted_gets_the_token(
    variable: str, clock: MemoryClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    made = certificate(tmp_path)
    with scripted_server(made) as secured:
        with pytest.raises(GatepassError, match="could not show that it is"):
            client(secured, clock).get("things", "see the things")
        assert secured.taken == []

        monkeypatch.setenv(variable, str(made[0]))
        assert client(secured, clock).get("things", "see the things").data == ()
        assert secured.taken[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_proxy_is_told_the_host_alone_and_never_the_token(
    server: Scripted, clock: MemoryClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://ann:word@{server.host}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.replies = [Reply(403, b"")] * MOST_ATTEMPTS
    where = host("Scalr", "example.scalr.io", "/api")

    with pytest.raises(NotAnswered) as refused:
        JsonApi(where, PlatformToken(TOKEN, "the test"), clock).get(f"things/{SECRET}", "see the things")

    assert {(each.method, each.path) for each in server.taken} == {("CONNECT", "example.scalr.io:443")}
    assert all(each.headers["proxy-authorization"] == "Basic YW5uOndvcmQ=" for each in server.taken)
    assert TOKEN not in str(server.taken)
    assert "word" not in f"{refused.value} {refused.value.why}"


def test_this_machine_is_asked_without_a_proxy(
    server: Scripted, clock: MemoryClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.address)

        client(server, clock).get("things", "see the things")

    assert proxy.taken == []


def test_a_list_is_read_to_its_end_and_one_that_leads_back_ends(server: Scripted, api: JsonApi) -> None:
    def page(number: int, following: int | None) -> Reply:
        data = [{"type": "things", "id": f"thing-{number}"}]
        return Reply(body=json.dumps({"data": data, "meta": {"pagination": {"next-page": following}}}).encode())

    server.replies = [page(1, 2), page(2, 3), page(3, 2), page(4, None)]

    found = [each.id for one_page in api.pages("things", "see the things") for each in one_page.data]

    assert found == ["thing-1", "thing-2", "thing-3"]
    assert "page%5Bnumber%5D=3" in server.taken[2].path


def test_no_log_of_any_library_holds_a_secret(
    server: Scripted, clock: MemoryClock, caplog: pytest.LogCaptureFixture
) -> None:
    server.replies = [Bad.CLOSED, Reply(500, b""), Reply(201, one("vars", "var-1"))]

    with caplog.at_level(logging.DEBUG):
        client(server, clock).make(replace(MAKE, secrets=(SECRET,), body={"data": {"value": SECRET}}), Looking())

    assert "things" in caplog.text
    assert TOKEN not in caplog.text
    assert SECRET not in caplog.text


def test_connections_are_kept_and_shared_by_threads(server: Scripted, api: JsonApi) -> None:
    for _ in range(10):
        api.get("things", "see the things")
    assert server.connections == 1

    with ThreadPoolExecutor(8) as threads:
        assert all(page.data == () for page in threads.map(lambda _: api.get("things", "see"), range(80)))
    assert server.connections <= 8


def test_what_lies_elsewhere_is_read_without_the_token(server: Scripted, api: JsonApi) -> None:
    with scripted_server() as elsewhere:
        elsewhere.replies = [Reply(503, b""), Reply(200, b"plan\napply\n", "text/plain")]

        assert api.elsewhere(f"{elsewhere.address}/v1/object/abc", "read the log") == b"plan\napply\n"

    assert all("authorization" not in each.headers for each in elsewhere.taken)
    assert server.taken == []


@pytest.mark.parametrize("status", [302, 404])
def test_what_lies_elsewhere_and_cannot_be_read_is_not_told_by_its_address(status: int, api: JsonApi) -> None:
    with scripted_server() as elsewhere:
        elsewhere.replies = [Reply(status, b"", headers={"Location": "http://127.0.0.1:1/"})]

        with pytest.raises(GatepassError) as refused:
            api.elsewhere(f"{elsewhere.address}/v1/object/{SECRET}", "read the log")

    assert SECRET not in f"{refused.value} {refused.value.why} {refused.value.next_step}"


def test_a_log_elsewhere_is_not_fetched_over_plain_http(api: JsonApi) -> None:
    with pytest.raises(InvalidInput, match="not asked over plain http"):
        api.elsewhere("http://archivist.example.com/v1/object/abc", "read the log")


def test_of_a_long_text_its_end_is_kept(server: Scripted, api: JsonApi) -> None:
    server.replies = [Reply(200, b"a line of the log\n" * 200_000 + b"the end\n", "text/plain")]

    found = api.text("plans/1/output", "read the log")

    assert found.endswith(b"the end\n")
    assert len(found) < 1024 * 1024


@pytest.mark.parametrize("send", [lambda api: api.get("things", "see"), lambda api: api.make(MAKE, nothing)])
def test_a_request_says_who_asks_and_holds_the_token_in_its_header_alone(
    send: Callable[[JsonApi], object], server: Scripted, api: JsonApi
) -> None:
    server.replies = [Reply(201, one("things", "thing-1"))]

    send(api)

    (taken,) = server.taken
    assert taken.headers["authorization"] == f"Bearer {TOKEN}"
    assert taken.headers["user-agent"].startswith("gatepass/")
    assert TOKEN not in taken.path
    assert TOKEN.encode() not in taken.body
