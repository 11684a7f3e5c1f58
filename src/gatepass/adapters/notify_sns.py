"""An SNS topic of the customer's own as a channel of notices."""

from __future__ import annotations

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.notice import Notice, TopicArn

# SNS API Reference, Publish: Subject has fewer than 100 characters; e-mail subscribers see it.
_LONGEST_SUBJECT = 99


class SnsNotifier:
    """The topic, as the credentials may publish to it."""

    channel = "sns"

    def __init__(self, session: boto3.Session, topic: TopicArn) -> None:
        """Use the credentials of the boto3 session, in the topic's own Region."""
        self._session = session
        self._topic = topic

    @property
    def target(self) -> str:
        """The topic's ARN."""
        return str(self._topic)

    def send(self, notice: Notice) -> None:
        """Publish the text; the facts go along as attributes, so that a subscription can filter by them."""
        facts = {name: {"DataType": "String", "StringValue": value} for name, value in notice.facts().items()}
        try:
            with in_our_words(f"sns:Publish to {self._topic}"):
                client(self._session, "sns", self._topic.region).publish(
                    TopicArn=str(self._topic),
                    Subject=notice.subject[:_LONGEST_SUBJECT],
                    Message=notice.text,
                    MessageAttributes=facts,
                )
        except (Conflict, NotThere) as error:
            error.next_step = (
                f"look at it: aws sns get-topic-attributes --topic-arn {self._topic} --region {self._topic.region}"
            )
            raise
