"""STS as the decoder of refusals."""

from __future__ import annotations

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words


class StsDecoder:
    """The decoding of one holder of credentials; a message is decoded in the account that it is of."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self._sts = client(session, "sts")

    def decoded(self, encoded: str) -> str:
        """Return the message as JSON text."""
        with in_our_words("sts:DecodeAuthorizationMessage"):
            return str(self._sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
