"""Policies of keys and secrets."""

from __future__ import annotations

from typing import Any

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import CUSTOMER, PROVIDER, STRANGER, allow, client, document, refused, root, user


@pytest.fixture(scope="module")
def kms(aws: EmbeddedAws) -> Any:  # noqa: ANN401 - boto3's
    return client(aws, "kms", root(aws, CUSTOMER))


def test_a_key_obeys_its_own_policy(aws: EmbeddedAws, kms: Any) -> None:  # noqa: ANN401 - boto3's
    only_root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{CUSTOMER}:root"},
        "Action": "kms:Describe*",
        "Resource": "*",
    }
    shut = kms.create_key(Policy=document(only_root), BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["KeyId"]
    usual = kms.create_key()["KeyMetadata"]["KeyId"]
    keys = user(aws, CUSTOMER, "keeper", allow("kms:*"))
    mute = user(aws, CUSTOMER, "mute")

    code, message = refused(client(aws, "kms", keys).encrypt, KeyId=shut, Plaintext=b"x")

    assert code == "AccessDeniedException"
    assert message.endswith("because no resource-based policy allows the kms:Encrypt action")
    assert refused(client(aws, "kms", mute).encrypt, KeyId=usual, Plaintext=b"x")[0] == "AccessDeniedException"
    sealed = client(aws, "kms", keys).encrypt(KeyId=usual, Plaintext=b"x")["CiphertextBlob"]
    assert client(aws, "kms", keys).decrypt(KeyId=usual, CiphertextBlob=sealed)["Plaintext"] == b"x"


def test_a_secret_is_shared_with_another_account_by_its_policy(aws: EmbeddedAws) -> None:
    owner = client(aws, "secretsmanager", root(aws, CUSTOMER))
    arn = owner.create_secret(Name="shared", SecretString="value")["ARN"]
    reads = allow("secretsmanager:GetSecretValue")
    reader = client(aws, "secretsmanager", user(aws, PROVIDER, "reader", reads))
    stranger = client(aws, "secretsmanager", user(aws, STRANGER, "reader", reads))
    assert refused(reader.get_secret_value, SecretId=arn)[0] == "AccessDeniedException"

    shared = allow("secretsmanager:GetSecretValue", Principal={"AWS": PROVIDER})
    owner.put_resource_policy(SecretId="shared", ResourcePolicy=document(shared))

    assert refused(stranger.get_secret_value, SecretId=arn)[0] == "AccessDeniedException"
    assert reader.get_secret_value(SecretId=arn)["SecretString"] == "value"
    assert refused(reader.get_secret_value, SecretId="shared")[0] == "ResourceNotFoundException"
