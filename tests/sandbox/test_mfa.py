"""Second factors of users: virtual MFA devices."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

from gatepass.sandbox.answering.mfa import code_of
from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import PROVIDER, Keys, allow, client, enter, refused, role, root, trust, user

NEEDS_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@dataclass(frozen=True)
class Device:
    """Somebody with a device."""

    keys: Keys
    serial: str
    seed: str

    def code(self) -> str:
        return code_of(self.seed, int(time.time()) // 30)


@pytest.fixture(scope="module")
def device(aws: EmbeddedAws) -> Device:
    keys = user(aws, PROVIDER, "careful", allow("sts:AssumeRole", "s3:*"), allow("iam:ListUsers", Condition=NEEDS_MFA))
    iam = client(aws, "iam", root(aws, PROVIDER))
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="careful")["VirtualMFADevice"]
    seed = made["Base32StringSeed"].decode()
    iam.enable_mfa_device(
        UserName="careful",
        SerialNumber=made["SerialNumber"],
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    return Device(keys, made["SerialNumber"], seed)


def test_the_published_example() -> None:
    """RFC 6238, appendix B, at 1111111109 seconds, six digits."""
    assert code_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1_111_111_109 // 30) == "081804"


@pytest.mark.parametrize("other", ["code", "device"])
def test_a_wrong_code_or_device_is_refused(aws: EmbeddedAws, device: Device, other: str) -> None:
    given: dict[str, Any] = {"SerialNumber": device.serial, "TokenCode": device.code()}
    if other == "code":
        given["TokenCode"] = f"{(int(device.code()) + 500_000) % 1_000_000:06}"
    else:
        given["SerialNumber"] = "arn:aws:iam::111122223333:mfa/other"

    code, message = refused(client(aws, "sts", device.keys).get_session_token, **given)

    assert code == "AccessDenied"
    assert message.startswith("MultiFactorAuthentication failed")


def test_somebody_elses_device_is_refused(aws: EmbeddedAws, device: Device) -> None:
    other = user(aws, PROVIDER, "careless", allow("*"))

    code, _ = refused(client(aws, "sts", other).get_session_token, SerialNumber=device.serial, TokenCode=device.code())

    assert code == "AccessDenied"


def test_a_role_can_ask_for_it(aws: EmbeddedAws, device: Device) -> None:
    statements = trust()
    statements[0]["Condition"] |= NEEDS_MFA
    arn = role(aws, "guarded", trusts=statements)

    assert refused(enter, aws, device.keys, arn)[0] == "AccessDenied"
    assert enter(aws, device.keys, arn, SerialNumber=device.serial, TokenCode=device.code())


def test_a_session_with_it_may_call_iam(aws: EmbeddedAws, device: Device) -> None:
    assert refused(client(aws, "iam", device.keys).list_users)[0] == "AccessDenied"

    found = client(aws, "sts", device.keys).get_session_token(SerialNumber=device.serial, TokenCode=device.code())

    keys = found["Credentials"]
    session = Keys(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    assert client(aws, "iam", session).list_users()["Users"]
