"""The in-memory twin of the configuration file of AWS's tools."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.errors import Conflict


@dataclass
class MemoryProfileFile:
    """A file that is forgotten with the process."""

    content: bytes = b""
    title: str = "the memory of this process"
    written: int = 0

    def read(self) -> bytes:
        """Return what is in it."""
        return self.content

    def replace(self, before: bytes, after: bytes) -> None:
        """Hold this instead."""
        if self.content != before:
            raise Conflict("it was changed by somebody else meanwhile")
        self.content = after
        self.written += 1
