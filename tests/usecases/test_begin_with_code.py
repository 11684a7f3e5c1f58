"""A session from a device's code: which device, which code, and what AWS refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from gatepass.domain.errors import AccessRefused, Conflict, GatepassError, InvalidInput, NotThere
from gatepass.domain.session import Credentials
from gatepass.usecases.begin_with_code import begin_with_code

PHONE, KEY = "arn:aws:iam::111122223333:mfa/phone", "arn:aws:iam::111122223333:mfa/key"
LONG, SHORT = Credentials("AKIAMEMORYMEMORYMEM0", "s"), Credentials("ASIAMEMORYMEMORYMEM0", "s", "t")


@dataclass
class MemoryDevices:
    """A user's devices, each of which shows 123456."""

    held: tuple[str, ...] = (PHONE,)
    may_list: bool = True
    begun: list[tuple[str, timedelta]] = field(default_factory=list)

    def serials(self) -> Sequence[str]:
        if not self.may_list:
            raise AccessRefused("AWS refused iam:ListMFADevices")
        return self.held

    def begin(self, serial: str, code: str, duration: timedelta) -> Credentials:
        if code != "123456" or serial not in self.held:
            raise AccessRefused(
                "AWS refused", message="MultiFactorAuthentication failed with invalid MFA one time pass code."
            )
        self.begun.append((serial, duration))
        return SHORT


@pytest.mark.parametrize(
    ("own", "devices", "serial", "code", "kind", "words"),
    [
        (SHORT, MemoryDevices(), None, "123456", InvalidInput, "short-lived already"),
        (LONG, MemoryDevices(()), None, "123456", NotThere, "has no MFA device"),
        (LONG, MemoryDevices((PHONE, KEY)), None, "123456", Conflict, "several MFA devices"),
        (LONG, MemoryDevices(may_list=False), None, "123456", AccessRefused, "--mfa arn:aws:iam::ACCOUNT:mfa/NAME"),
        (LONG, MemoryDevices(), None, "12345", InvalidInput, "six digits"),
        (LONG, MemoryDevices(), None, "１２３４５６", InvalidInput, "six digits"),  # noqa: RUF001 - digits of another script
        (LONG, MemoryDevices(), None, "654321", AccessRefused, "wait for the next code"),
        (LONG, MemoryDevices(), KEY, "123456", AccessRefused, "wait for the next code"),
    ],
)
def test_what_cannot_begin_is_told(  # noqa: PLR0917 - one for each column
    own: Credentials, devices: MemoryDevices, serial: str | None, code: str, kind: type[GatepassError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        begin_with_code(own, serial, devices, lambda _: code)

    assert words in f"{caught.value.what} {caught.value.why} {caught.value.next_step}"
    assert not devices.begun


@pytest.mark.parametrize(("held", "named"), [((PHONE,), None), ((PHONE, KEY), PHONE)])
def test_a_code_begins_a_days_work(held: tuple[str, ...], named: str | None) -> None:
    devices, asked = MemoryDevices(held), list[str]()

    def answer(words: str) -> str:
        asked.append(words)
        return " 123 456 "

    begun = begin_with_code(LONG, named, devices, answer)

    assert begun == SHORT
    assert devices.begun == [(PHONE, timedelta(hours=12))]
    assert asked == [f"Code of {PHONE}: "]
