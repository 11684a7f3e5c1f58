"""The machine's own clock and randomness."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta

# Crockford's base 32: capital letters and digits without I, L, O and U, easy to read over the telephone.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS_A_LETTER = 5


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        return datetime.now(UTC)

    def sleep(self, duration: timedelta) -> None:
        """Wait."""
        time.sleep(duration.total_seconds())


class SystemRandomness:
    """The operating system's source, by way of ``secrets``."""

    def word(self, bits: int) -> str:
        """Return as many letters as carry the bits."""
        # Engineers' commands need the clock alone.
        import secrets  # noqa: PLC0415

        return "".join(secrets.choice(_LETTERS) for _ in range(math.ceil(bits / _BITS_A_LETTER)))
