"""What customers are told, and which channels they may name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import GrantName, Partition, RoleName, role_arn
from gatepass.domain.notice import Channels, Happening, MailAddress, Notice, TopicArn, Webhook
from tests.people import CUSTOMER, SUPPORT

ARN = role_arn(Partition(), CUSTOMER, RoleName("ServiceProvider-111122223333-support"))
WHEN = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "http://hooks.example.com/SECRET",
        "ftp://hooks.example.com/SECRET",
        "https://user:SECRET@hooks.example.com/",
        "https:///SECRET",
        "https://hooks.example.com/SEC RET",
        "https://hooks.example.com/SECRET\nHost: elsewhere",
        "https://hooks.example.com/SECRET#part",
        "https://hooks.example.com:SECRET/",
        "https://hooks.example.com:0/SECRET",
        "https://[hooks.example.com/SECRET",
        "http://localhost.example.com/SECRET",
        "http://127.0.0.1@example.com/SECRET",
        "hooks.example.com/SECRET",
        "",
    ],
)
def test_what_is_no_safe_webhook_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Webhook(text)

    assert "SECRET" not in str(caught.value) + caught.value.why + caught.value.next_step


@pytest.mark.parametrize(
    "text", ["https://hooks.example.com/SECRET?a=b", "http://localhost:8080/SECRET", "http://127.0.0.1/SECRET"]
)
def test_a_webhook_shows_its_host_and_hides_the_rest(text: str) -> None:
    webhook = Webhook(text)

    assert webhook.reveal() == text
    assert webhook.host in text
    for shown in (repr(webhook), str(webhook), webhook.host, repr(Channels(webhook=webhook))):
        assert "SECRET" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:sqs:eu-west-1:444455556666:gatepass",
        "arn:aws:sns:eu-west-1:44445555666:gatepass",
        "arn:aws:sns:eu-west-1:444455556666:gatepass.fifo",
        "arn:aws:sns:eu-west-1:444455556666:gatepass:3a2b",
        "arn:aws:sns::444455556666:gatepass",
        "gatepass",
    ],
)
def test_what_is_no_standard_topic_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not the ARN of an SNS topic"):
        TopicArn(text)


def test_a_topic_tells_its_region_and_account() -> None:
    topic = TopicArn("arn:aws-cn:sns:cn-north-1:444455556666:gatepass")

    assert (topic.region, topic.account) == ("cn-north-1", CUSTOMER)


@pytest.mark.parametrize(
    "text",
    [
        "security",
        "a@b",
        "Ann <ann@example.com>",
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        "@example.com",
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not an e-mail address"):
        MailAddress(text)


@pytest.mark.parametrize("happening", Happening)
def test_a_notice_tells_people_and_machines_the_same(happening: Happening) -> None:
    who = "arn:aws:iam::444455556666:user/ann"
    until = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    notice = Notice(happening, CUSTOMER, WHEN, grant=SUPPORT, role=ARN, who=who, until=until)

    assert notice.facts() == {
        "event": happening.value,
        "account": "444455556666",
        "grant": "support",
        "role": str(ARN),
        "who": who,
        "when": "2026-11-22T08:00:00+00:00",
        "until": "2026-11-22T12:00:00+00:00",
    }
    for said in ("support", "444455556666", str(ARN), who, "2026-11-22 08:00:00Z", "2026-11-22 12:00:00Z"):
        assert said in notice.text
    assert "support" in notice.subject


def test_what_a_notice_does_not_know_it_leaves_out() -> None:
    notice = Notice(Happening.TRIAL, CUSTOMER, WHEN)

    assert set(notice.facts()) == {"event", "account", "when"}
    assert "None" not in notice.text + notice.subject


def test_a_subject_fits_every_channel() -> None:
    """SNS takes fewer than 100 characters in one line."""
    longest = GrantName("a" * 32)

    for happening in Happening:
        assert len(Notice(happening, CUSTOMER, WHEN, grant=longest).subject) < 100
