"""The sign-in of the AWS console, and the person's browser."""

from __future__ import annotations

from typing import Protocol

from gatepass.domain.console import ConsoleLink, SigninToken
from gatepass.domain.session import Session


class Federation(Protocol):
    """AWS's federation endpoint, which signs the holder of a session in to the console."""

    @property
    def endpoint(self) -> str:
        """Its address, where links begin."""

    def signin_token(self, session: Session) -> SigninToken:
        """Return what signs the session's holder in.

        Raises:
            CredentialsRefused: the session has expired, or is none.
            GatepassError: the endpoint cannot be reached.
        """


class Browser(Protocol):
    """The person's own browser."""

    def open(self, link: ConsoleLink) -> bool:
        """Show the page, without the link in any process's arguments, and say whether it was seen to be read.

        Raises:
            GatepassError: there is no browser here.
        """
