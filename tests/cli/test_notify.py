"""The customer is told which grants end soon, once; and gets a template for what AWS can tell by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.adapters.hook_server import Hook, hook_server
from tests.cli.person import Person
from tests.conftest import PROVIDER, Cloud

FILE = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [SecurityAudit]
    window: {{until: {until:%Y-%m-%dT%H:%M:%SZ}}}
"""


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as listening:
        yield listening


def write(admin: Person, notify: str, *, hours: float = 3) -> None:
    text = FILE.format(until=datetime.now(UTC) + timedelta(hours=hours)) + notify
    (admin.home / "access.yml").write_text(text, encoding="utf-8")


@pytest.fixture
def admin(cloud: Cloud, tmp_path: Path, hook: Hook) -> Person:
    """Return the administrator of an account where the grant is applied and ends within the day."""
    person = cloud.administrator(tmp_path / "admin")
    write(person, f"notify: {{webhook: '{hook.address}'}}\n")
    assert person.types("gatepass apply --yes --wait 0s").returncode == 0
    # A role that was made is a door that was opened, and that is told.
    assert [notice["event"] for notice in hook.taken] == ["opened"]
    hook.taken.clear()
    return person


def test_without_a_channel_nobody_can_be_told(admin: Person) -> None:
    write(admin, "")

    for command in ("gatepass notify", "gatepass notify --test"):
        refused = admin.types(command)

        assert refused.returncode == 1
        assert "access.yml names nobody to tell" in refused.stdout


def test_with_credentials_of_another_account_nothing_is_told(cloud: Cloud, admin: Person, hook: Hook) -> None:
    stranger = cloud.person(admin.home, cloud.aws.root_credentials(PROVIDER))

    refused = stranger.types("gatepass notify")

    assert refused.returncode == 1
    assert "the file is for account 444455556666" in refused.stdout
    assert hook.taken == []


def test_an_hourly_run_tells_an_end_once(admin: Person, hook: Hook) -> None:
    first, second = admin.types("gatepass notify"), admin.types("gatepass notify")

    assert (first.returncode, second.returncode) == (0, 0)
    assert "(told by webhook)" in first.stdout
    assert "told before by webhook" in second.stdout
    (notice,) = hook.taken
    assert (notice["event"], notice["grant"]) == ("ends-soon", "support")
    assert notice["role"] == "arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support"


def test_what_ends_later_is_not_told_yet(admin: Person, hook: Hook) -> None:
    told = admin.types("gatepass notify --within 90m")

    assert told.returncode == 0
    assert "no open grant ends within 1h30m" in told.stdout
    assert hook.taken == []


def test_a_channel_that_failed_is_tried_by_the_next_run(admin: Person, hook: Hook) -> None:
    hook.answers = [403]

    failed = admin.types("gatepass notify --json")
    again = admin.types("gatepass notify --json")

    assert (failed.returncode, again.returncode) == (1, 0)
    (first,), (second,) = json.loads(failed.stdout)["endings"], json.loads(again.stdout)["endings"]
    assert first["untold"][0]["why"] == "it answered 403"
    assert (first["told"], second["told"]) == ([], ["webhook"])
    assert "SECRET" not in failed.stdout


def test_a_trial_goes_out_by_every_channel(cloud: Cloud, admin: Person, hook: Hook) -> None:
    cloud.client(
        "sns", (admin.environment["AWS_ACCESS_KEY_ID"], admin.environment["AWS_SECRET_ACCESS_KEY"])
    ).create_topic(Name="gatepass")
    write(
        admin,
        "notify:\n  sns: arn:aws:sns:us-east-1:444455556666:gatepass\n"
        "  email: {to: security@example.com, from: gatepass@example.com}\n"
        f"  webhook: {hook.address}\n",
    )

    tried = admin.types("gatepass notify --test")

    assert tried.returncode == 1
    assert "sent by sns: arn:aws:sns:us-east-1:444455556666:gatepass" in tried.stdout
    assert "not told by email: " in tried.stdout
    assert "verify gatepass@example.com in Amazon SES in us-east-1" in tried.stdout
    assert f"sent by webhook: http://127.0.0.1:{hook.port}/****" in tried.stdout
    assert [notice["event"] for notice in hook.taken] == ["trial"]
    assert "SECRET" not in tried.stdout


def test_a_trial_leaves_the_real_notices_to_come(admin: Person, hook: Hook) -> None:
    tried = json.loads(admin.types("gatepass notify --test --json").stdout)

    assert tried["told"] == [{"channel": "webhook", "target": f"http://127.0.0.1:{hook.port}/****"}]
    assert "(told by webhook)" in admin.types("gatepass notify").stdout


def test_a_template_is_refused_where_aws_could_reach_nobody(admin: Person) -> None:
    refused = admin.types("gatepass render notify")

    assert refused.returncode == 1
    assert "names no channel that AWS could reach" in refused.stdout


def test_a_template_comes_with_what_one_must_know(admin: Person) -> None:
    """It needs no credentials and reaches nobody."""
    write(admin, "notify: {sns: arn:aws:sns:eu-west-1:444455556666:gatepass}\n")

    rendered = Person(admin.home).types("gatepass render notify access.yml")

    template, remarks = rendered.stdout.split("\n}\n")
    assert rendered.returncode == 0
    assert "Endssupport" in json.loads(template + "}")["Resources"]
    assert "deploy it in eu-west-1" in remarks
    assert "us-east-1, where AWS logs changes to roles" in remarks
