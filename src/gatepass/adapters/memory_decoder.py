"""An in-memory twin of what decodes refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepass.domain.errors import AccessRefused


@dataclass
class MemoryDecoder:
    """Messages with what they say.

    Attributes:
        messages: the JSON text by encoded message; any other is refused.
    """

    messages: Mapping[str, str] = field(default_factory=dict)

    def decoded(self, encoded: str) -> str:
        """Return what it was given for the message."""
        if encoded not in self.messages:
            raise AccessRefused("AWS refused sts:DecodeAuthorizationMessage")
        return self.messages[encoded]
