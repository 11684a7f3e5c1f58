"""The machine's own clock and randomness."""

from __future__ import annotations

import math
import os
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
    """The operating system's source, asked once for each word."""

    def word(self, bits: int) -> str:
        """Return as many letters as carry the bits."""
        # Each byte carries more than a letter, and 256 is a multiple of 32, so no letter is likelier than another.
        drawn = os.urandom(math.ceil(bits / _BITS_A_LETTER))
        return "".join(_LETTERS[byte % len(_LETTERS)] for byte in drawn)
