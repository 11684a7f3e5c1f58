"""How the customer's file names the channels that take its notices, with the JSON Schema of each value."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from gatepass.adapters.yaml_source import Bare
from gatepass.domain.errors import InvalidInput
from gatepass.domain.notice import Channels, MailAddress, MailRoute, TopicArn, Webhook


def _text(value: object) -> str:
    """Return the text; what is none becomes empty, which no channel takes, and is never repeated."""
    return str(value) if isinstance(value, str | Bare) else ""


def _topic(value: object) -> TopicArn:
    return TopicArn(_text(value))


def _address(value: object) -> MailAddress:
    return MailAddress(_text(value))


def _webhook(value: object) -> Webhook:
    return Webhook(_text(value))


Topic = Annotated[
    TopicArn,
    PlainValidator(_topic),
    WithJsonSchema({"type": "string", "pattern": "^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$"}),
]
Address = Annotated[MailAddress, PlainValidator(_address), WithJsonSchema({"type": "string", "format": "email"})]
WebhookAddress = Annotated[
    Webhook, PlainValidator(_webhook), WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://"})
]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)


class EmailForm(_Form):
    """Who writes to whom by Amazon SES."""

    to: Address = Field(description="who is told")
    from_: Address = Field(alias="from", description="the sender, verified in Amazon SES of this account")


class NotifyForm(_Form):
    """Where you want to be told about your doors."""

    sns: Topic | None = Field(None, description="ARN of an SNS topic of this account")
    email: EmailForm | None = Field(None, description="e-mail by Amazon SES of this account")
    webhook: WebhookAddress | None = Field(None, description="https address that takes JSON with a text")

    @model_validator(mode="after")
    def _names_a_channel(self) -> Self:
        if self.channels().are_none:
            raise InvalidInput(
                "notify names no channel",
                why="nobody would be told",
                next_step="add sns, email or webhook below it, or leave notify out",
            )
        return self

    def channels(self) -> Channels:
        """Return the channels as the rest of Gatepass knows them."""
        mail = MailRoute(self.email.to, self.email.from_) if self.email else None
        return Channels(self.sns, mail, self.webhook)
