"""Devices that show codes, and the sessions that a code begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from gatepass.domain.session import Credentials


class SecondDevices(Protocol):
    """The MFA devices of one IAM user."""

    def serials(self) -> Sequence[str]:
        """Return the serial numbers of the caller's own devices.

        Raises:
            AccessRefused: the credentials may not know.
        """

    def begin(self, serial: str, code: str, duration: timedelta) -> Credentials:
        """Return short-lived credentials of the same user, for a device's code.

        Raises:
            AccessRefused: the code or the device is wrong, or the credentials are none of a user's.
        """
