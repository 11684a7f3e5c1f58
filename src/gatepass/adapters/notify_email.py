"""E-mail by Amazon SES of the customer's own account as a channel of notices."""

from __future__ import annotations

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.notice import MailRoute, Notice

_CHARSET = "UTF-8"


class EmailNotifier:
    """Amazon SES in one Region, as the credentials may send by it."""

    channel = "email"

    def __init__(self, session: boto3.Session, route: MailRoute) -> None:
        """Use the credentials and the Region of the boto3 session."""
        self._session = session
        self._route = route

    @property
    def target(self) -> str:
        """Whom it is sent to."""
        return str(self._route.to)

    def send(self, notice: Notice) -> None:
        """Send the text as a plain mail."""
        service = client(self._session, "sesv2")
        try:
            with in_our_words(f"ses:SendEmail from {self._route.sender}"):
                service.send_email(
                    FromEmailAddress=str(self._route.sender),
                    Destination={"ToAddresses": [str(self._route.to)]},
                    Content={
                        "Simple": {
                            "Subject": {"Data": notice.subject, "Charset": _CHARSET},
                            "Body": {"Text": {"Data": notice.text, "Charset": _CHARSET}},
                        }
                    },
                )
        except (Conflict, NotThere) as error:
            region = service.meta.region_name
            error.next_step = f"verify {self._route.sender} in Amazon SES in {region}, or set AWS_REGION to where it is"
            raise
