"""Second factors of users: the codes of virtual devices."""

from __future__ import annotations

import base64
import hmac
import struct

from moto.iam.models import User

from gatepass.sandbox.memory.moto_iam import iam_of
from gatepass.sandbox.rights.authorization import Asking
from gatepass.sandbox.wire.refusals import Fault, Refusal

# https://datatracker.ietf.org/doc/html/rfc6238, as AWS uses it.
_STEP_SECONDS = 30
_DIGITS = 6
_STEPS_AROUND = (-1, 0, 1)


def gave_second_factor(asking: Asking) -> bool:
    """Tell whether a request carries a right code of the caller's own device.

    Raises:
        Refusal: it carries a wrong one, or one of another device.
    """
    serial, code = (asking.operation.parameters.text(name) for name in ("SerialNumber", "TokenCode"))
    if serial is None and code is None:
        return False
    user = asking.caller.entity
    device = iam_of(asking.caller.account).virtual_mfa_devices.get(serial or "")
    if isinstance(user, User) and serial in user.mfa_devices and device is not None:
        # Authenticators show the machine's time, wherever the sandbox's clock stands.
        step = int(asking.world.clock.wall_time()) // _STEP_SECONDS
        codes = [code_of(device.base32_string_seed, step + around) for around in _STEPS_AROUND]
        if any(hmac.compare_digest(each, code or "") for each in codes):
            return True
    raise Refusal(Fault.ACCESS_DENIED, "MultiFactorAuthentication failed with invalid MFA one time pass code.")


def code_of(seed: str, step: int) -> str:
    """Return the code that a device shows in a step of thirty seconds."""
    digest = hmac.digest(base64.b32decode(seed), struct.pack(">Q", step), "sha1")
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"
