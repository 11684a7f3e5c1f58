"""What every channel of notices promises, the in-memory twin and the real ones alike."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import boto3
import pytest
from moto.ses.models import ses_backends

from gatepass.adapters.memory import MemoryClock
from gatepass.adapters.memory_notices import MemoryNotices, MemoryTold
from gatepass.adapters.notify_email import EmailNotifier
from gatepass.adapters.notify_sns import SnsNotifier
from gatepass.adapters.notify_webhook import WebhookNotifier
from gatepass.adapters.told_notices import KeptTold
from gatepass.domain.errors import AccessRefused, Conflict, GatepassError, InvalidInput
from gatepass.domain.identifiers import Partition, RoleName, role_arn
from gatepass.domain.notice import Happening, MailAddress, MailRoute, Notice, Told, TopicArn, Webhook
from gatepass.ports.notices import Notifier, ToldNotices
from gatepass.sandbox.embedded import EmbeddedAws
from tests.adapters.hook_server import SECRET_PATH, Hook, hook_server
from tests.people import CUSTOMER, MORNING, SUPPORT

ARN = role_arn(Partition(), CUSTOMER, RoleName("ServiceProvider-111122223333-support"))
NOTICE = Notice(Happening.OPENED, CUSTOMER, MORNING, grant=SUPPORT, role=ARN, who="arn:aws:iam::444455556666:user/ann")
TOPIC = "arn:aws:sns:eu-west-1:444455556666:gatepass"
ROUTE = MailRoute(MailAddress("security@example.com"), MailAddress("gatepass@example.com"))


@dataclass
class Channel:
    """One channel, with a look at the other end.

    Attributes:
        notifier: the channel itself.
        broken: the same kind of channel, where nobody takes anything.
        arrived: returns subjects and texts as they arrived.
    """

    notifier: Notifier
    broken: Notifier
    arrived: Callable[[], list[str]]


def memory_channel() -> Channel:
    notices = MemoryNotices()
    return Channel(
        notices,
        MemoryNotices(failure=Conflict("the test's own failure")),
        lambda: [one.text for one in notices.notices],
    )


def customer_session(stack: ExitStack) -> boto3.Session:
    aws = stack.enter_context(EmbeddedAws())
    stack.enter_context(pytest.MonkeyPatch.context()).setenv("AWS_ENDPOINT_URL", aws.endpoint)
    return boto3.Session(*aws.root_credentials(str(CUSTOMER)), region_name="us-east-1")


def sns_channel(stack: ExitStack) -> Channel:
    session = customer_session(stack)
    sns, sqs = session.client("sns", region_name="eu-west-1"), session.client("sqs", region_name="eu-west-1")
    queue = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=sns.create_topic(Name="gatepass")["TopicArn"], Protocol="sqs", Endpoint=arn)

    def arrived() -> list[str]:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"])["Message"] for message in messages]

    return Channel(SnsNotifier(session, TopicArn(TOPIC)), SnsNotifier(session, TopicArn(f"{TOPIC}-gone")), arrived)


def email_channel(stack: ExitStack) -> Channel:
    session = customer_session(stack)
    session.client("sesv2").create_email_identity(EmailIdentity=str(ROUTE.sender))
    unverified = MailRoute(ROUTE.to, MailAddress("nobody@example.com"))

    def arrived() -> list[str]:
        # No call of SES tells what was sent; moto remembers it.
        messages = ses_backends[str(CUSTOMER)]["us-east-1"].sent_messages
        return [message.body for message in messages if message.destinations == {"ToAddresses": [str(ROUTE.to)]}]

    return Channel(EmailNotifier(session, ROUTE), EmailNotifier(session, unverified), arrived)


def webhook_channel(stack: ExitStack) -> Channel:
    hook = stack.enter_context(hook_server())
    deaf = stack.enter_context(hook_server())
    deaf.answers = [404]
    return Channel(
        WebhookNotifier(Webhook(hook.address), MemoryClock()),
        WebhookNotifier(Webhook(deaf.address), MemoryClock()),
        lambda: [taken["text"] for taken in hook.taken],
    )


@pytest.fixture(params=["memory", "sns", "email", "webhook"])
def channel(request: pytest.FixtureRequest) -> Iterator[Channel]:
    with ExitStack() as stack:
        match request.param:
            case "sns":
                yield sns_channel(stack)
            case "email":
                yield email_channel(stack)
            case "webhook":
                yield webhook_channel(stack)
            case _:
                yield memory_channel()


def test_a_channel_that_does_not_take_a_notice_says_so_with_a_next_step(channel: Channel) -> None:
    with pytest.raises(GatepassError) as caught:
        channel.broken.send(NOTICE)

    assert caught.value.what
    assert channel.broken.channel == "memory" or caught.value.next_step
    assert "SECRET" not in caught.value.what + caught.value.why + caught.value.next_step + channel.broken.target


def test_what_is_sent_arrives_once_with_its_text(channel: Channel) -> None:
    channel.notifier.send(NOTICE)

    assert channel.arrived() == [NOTICE.text]
    assert channel.notifier.channel in ("memory", "sns", "email", "webhook")


def test_a_topic_that_the_credentials_may_not_publish_to_is_a_refusal() -> None:
    with ExitStack() as stack:
        session = customer_session(stack)
        session.client("sns", region_name="eu-west-1").create_topic(Name="gatepass")
        iam = session.client("iam")
        iam.create_user(UserName="reader")
        key = iam.create_access_key(UserName="reader")["AccessKey"]
        reader = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")

        with pytest.raises(AccessRefused, match="sns:Publish"):
            SnsNotifier(reader, TopicArn(TOPIC)).send(NOTICE)


def test_a_sender_that_is_not_verified_is_told_where_to_verify_it() -> None:
    with ExitStack() as stack, pytest.raises(Conflict) as caught:
        EmailNotifier(customer_session(stack), ROUTE).send(NOTICE)

    assert "verify gatepass@example.com in Amazon SES in us-east-1" in caught.value.next_step


def test_a_subscription_can_filter_by_the_facts() -> None:
    with ExitStack() as stack:
        session = customer_session(stack)
        sns, sqs = session.client("sns", region_name="eu-west-1"), session.client("sqs", region_name="eu-west-1")
        queue = sqs.create_queue(QueueName="closings")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = sns.create_topic(Name="gatepass")["TopicArn"]
        only_closings = {"FilterPolicy": json.dumps({"event": ["closed"]})}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=only_closings)
        notifier = SnsNotifier(session, TopicArn(TOPIC))

        notifier.send(NOTICE)
        notifier.send(Notice(Happening.CLOSED, CUSTOMER, MORNING, grant=SUPPORT))

        (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        assert "was closed" in json.loads(message["Body"])["Message"]


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as listening:
        yield listening


def failure_of(webhook: str, clock: MemoryClock | None = None) -> GatepassError:
    with pytest.raises(GatepassError) as caught:
        WebhookNotifier(Webhook(webhook), clock or MemoryClock()).send(NOTICE)
    return caught.value


def test_a_redirect_is_not_followed(hook: Hook) -> None:
    """It could lead the notice to anybody."""
    hook.answers = [302]

    failure = failure_of(hook.address)

    assert hook.paths == [SECRET_PATH]
    assert "redirect" in failure.why


def test_a_webhook_that_stays_busy_is_asked_three_times(hook: Hook) -> None:
    hook.answers = [503, 429, 500, 503]
    clock = MemoryClock()

    failure = failure_of(hook.address, clock)

    assert len(hook.taken) == 3
    assert clock.slept == timedelta(seconds=3)
    assert failure.why == "it answered 500"


def test_a_webhook_that_refuses_is_asked_once(hook: Hook) -> None:
    hook.answers = [403]

    assert failure_of(hook.address).why == "it answered 403"
    assert len(hook.taken) == 1


def test_a_webhook_that_was_busy_takes_the_next_attempt(hook: Hook) -> None:
    hook.answers = [503, 503]

    WebhookNotifier(Webhook(hook.address), MemoryClock()).send(NOTICE)

    assert len(hook.taken) == 3


def test_a_webhook_gets_the_text_and_every_fact(hook: Hook) -> None:
    WebhookNotifier(Webhook(hook.address), MemoryClock()).send(NOTICE)

    assert hook.taken == [{"text": NOTICE.text, **NOTICE.facts()}]


@pytest.mark.parametrize("kind", ["nobody listens", "no TLS", "busy"])
def test_no_failure_and_no_log_holds_the_secret_of_a_webhook(
    hook: Hook, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    with hook_server() as gone:
        closed = gone.address
    address, words = {
        "nobody listens": (closed, "cannot be reached"),
        "no TLS": (hook.address.replace("http:", "https:"), "TLS"),
        "no such host": (f"https://nobody.invalid{SECRET_PATH}", "name is not known"),
        "busy": (hook.address, "it answered 503"),
    }[kind]
    hook.answers = [503, 503, 503]

    with caplog.at_level(logging.INFO):
        failure = failure_of(address)

    assert words in failure.why
    assert failure.__cause__ is failure.__context__ is None
    assert "SECRET" not in failure.what + failure.why + failure.next_step + repr(failure) + caplog.text


@pytest.fixture(params=["memory", "file"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> ToldNotices:
    return MemoryTold() if request.param == "memory" else KeptTold(tmp_path / "state")


def test_nothing_was_told_before_the_first_time(shelf: ToldNotices) -> None:
    assert shelf.told() == frozenset()


def test_what_was_told_is_kept_exactly(shelf: ToldNotices) -> None:
    """The same instant in another time zone is the same."""
    later = datetime(2026, 11, 23, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    first, second = Told(ARN, MORNING, "sns"), Told(ARN, later, "email")

    shelf.put(frozenset({first}))
    shelf.put(frozenset({first, second}))

    assert shelf.told() == {first, Told(ARN, later.astimezone(UTC), "email")}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"told": [1]}', '{"told": [{"role": "x", "until": "y", "channel": "z"}]}', "\xff"]
)
def test_a_damaged_memory_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "told-notices.json"
    path.write_text(text, encoding="latin-1")
    path.chmod(0o600)

    with pytest.raises(InvalidInput, match=r"told-notices\.json cannot be read"):
        KeptTold(tmp_path).told()


def test_a_memory_that_others_could_write_is_not_used(tmp_path: Path) -> None:
    """Whoever can write it could keep the customer from being told."""
    KeptTold(tmp_path).put(frozenset())
    (tmp_path / "told-notices.json").chmod(0o666)

    with pytest.raises(Conflict):
        KeptTold(tmp_path).told()
