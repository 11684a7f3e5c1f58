"""The customer's file names its channels; each mistake is told with its place, and no webhook is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatepass.adapters.customer_file import load_customer_file
from gatepass.domain.errors import InvalidFile
from gatepass.domain.notice import Channels, MailAddress, MailRoute, TopicArn, Webhook

FILE = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [SecurityAudit]
"""
TOPIC = "arn:aws:sns:eu-west-1:444455556666:gatepass"


def load(folder: Path, text: str) -> Channels:
    path = folder / "access.yml"
    path.write_text(FILE + text, encoding="utf-8")
    return load_customer_file(path).declaration.notify


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("notify: {}\n", "8:9", "notify names no channel"),
        ("notify: sns\n", "8:9", "notify is not a mapping"),
        ("notify: {slack: x}\n", "8:10", "unknown key: slack"),
        ("notify: {sns: gatepass}\n", "8:15", "'gatepass' is not the ARN of an SNS topic"),
        (f"notify: {{sns: {TOPIC}.fifo}}\n", "8:15", "is not the ARN of an SNS topic"),
        ("notify: {sns: 12}\n", "8:15", "is not the ARN of an SNS topic"),
        ("notify: {sns: [a]}\n", "8:15", "is not the ARN of an SNS topic"),
        ("notify: {sns: arn:aws:sns:eu-west-1:999900001111:gatepass}\n", "8:15", "the topic stands in another account"),
        ("notify: {email: security@example.com}\n", "8:17", "email is not a mapping"),
        ("notify: {email: {to: security@example.com}}\n", "8:17", "from is missing"),
        ("notify: {email: {to: security, from: gatepass@example.com}}\n", "8:22", "'security' is not an e-mail address"),
        ("notify: {email: {to: a@example.com, from: b@example.com, cc: c}}\n", "8:58", "unknown key: cc"),
        ("notify: {webhook: http://hooks.example.com/SECRET}\n", "8:19", "that is not the address of a webhook"),
        ("notify: {webhook: 12}\n", "8:19", "that is not the address of a webhook"),
        (f"notify:\n  sns: {TOPIC}\n  webhook: SECRET\n", "10:12", "that is not the address of a webhook"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, place: str, words: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        load(tmp_path, text)

    found = [(problem.place.partition("access.yml:")[2], problem.what) for problem in caught.value.problems]
    assert any(where == place and words in what for where, what in found), found
    assert "SECRET" not in "".join(one.what + one.why + one.next_step for one in caught.value.problems)


def test_a_topic_of_another_account_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile) as caught:
        load(tmp_path, "notify: {sns: arn:aws:sns:eu-west-1:999900001111:gatepass}\n")

    assert "who enters your account" in caught.value.why


def test_nobody_is_told_unless_the_file_says_so(tmp_path: Path) -> None:
    assert load(tmp_path, "").are_none


def test_every_channel_arrives(tmp_path: Path) -> None:
    text = f"""\
notify:
  sns: {TOPIC}
  email: {{to: security@example.com, from: gatepass@example.com}}
  webhook: https://hooks.example.com/gatepass
"""

    assert load(tmp_path, text) == Channels(
        TopicArn(TOPIC),
        MailRoute(MailAddress("security@example.com"), MailAddress("gatepass@example.com")),
        Webhook("https://hooks.example.com/gatepass"),
    )


@pytest.mark.parametrize("text", [f"notify: {{sns: {TOPIC}}}\n", "notify: {webhook: 'http://127.0.0.1:8080/x'}\n"])
def test_one_channel_is_enough(tmp_path: Path, text: str) -> None:
    assert not load(tmp_path, text).are_none
