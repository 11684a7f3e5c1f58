"""What AWS tells of a refusal beyond its first words."""

from __future__ import annotations

from typing import Protocol


class MessageDecoder(Protocol):
    """What decodes the messages that EC2 encodes, because they show the account's policies."""

    def decoded(self, encoded: str) -> str:
        """Return the message as JSON text.

        Raises:
            AccessRefused: it needs sts:DecodeAuthorizationMessage.
            GatepassError: it cannot be decoded.
        """
