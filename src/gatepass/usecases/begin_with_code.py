"""Turn a user's long-lived key into a session that a device's code vouches for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from gatepass.domain.errors import AccessRefused, Conflict, InvalidInput, NotThere
from gatepass.domain.session import Credentials
from gatepass.ports.second_devices import SecondDevices

# GetSessionToken's own default; a user may ask for 36 hours, which nobody's day has.
_A_DAYS_WORK = timedelta(hours=12)
_CODE = re.compile(r"\d{6}", re.ASCII)


def begin_with_code(
    own: Credentials | None, serial: str | None, devices: SecondDevices, ask_code: Callable[[str], str]
) -> Credentials:
    """Return credentials for a day's work that carry the second factor of the person.

    Args:
        own: the key that it begins from; None when it is not known.
        serial: the device, by its ARN or the number on it; None to look it up.
        devices: the user's devices.
        ask_code: asks the person for the code, in the words it is given.

    Raises:
        InvalidInput: the key is short-lived already, or the code is none.
        AccessRefused: AWS did not take the code, or does not tell the device.
        NotThere: the user has no device.
        Conflict: the user has several.
    """
    if own is not None and own.session_token is not None:
        raise InvalidInput(
            "these credentials are short-lived already",
            why="a code begins a session from an IAM user's long-lived key only",
            next_step="load them without --mfa, or use --mfa with the user's own key",
        )
    chosen = serial or _only_device(devices)
    code = ask_code(f"Code of {chosen}: ").strip().replace(" ", "")
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            "that is no code of a device", why="a code has six digits", next_step="run the command again"
        )
    try:
        return devices.begin(chosen, code, _A_DAYS_WORK)
    except AccessRefused as refusal:
        if "MultiFactor" in refusal.message:
            refusal.what = "AWS did not take the code"
            refusal.next_step = "wait for the next code (each works once, for half a minute), then run it again"
        raise


def _only_device(devices: SecondDevices) -> str:
    try:
        serials = devices.serials()
    except AccessRefused as refusal:
        refusal.next_step = "name the device: --mfa arn:aws:iam::ACCOUNT:mfa/NAME, as the console shows it"
        raise
    if not serials:
        raise NotThere(
            "this user has no MFA device",
            why="IAM lists none for it",
            next_step="set one up in the AWS console: IAM, Users, Security credentials",
        )
    if len(serials) > 1:
        raise Conflict(
            "this user has several MFA devices",
            why="\n".join(serials),
            next_step=f"name the one at hand: --mfa {serials[0]}",
        )
    return serials[0]
