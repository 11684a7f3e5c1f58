"""The block assume_role of the provider: a role that it enters before it does anything."""

from __future__ import annotations

from typing import Any

from tests.terraform.standin.values import Attributes, Unknown

_LIST: list[str] = ["set", "string"]
_MAP: list[str] = ["map", "string"]

# https://registry.terraform.io/providers/hashicorp/aws/latest/docs#assume_role-configuration-block
ASSUME_ROLE: Attributes = {
    "duration": {"type": "string", "optional": True},
    "external_id": {"type": "string", "optional": True},
    "policy": {"type": "string", "optional": True},
    "policy_arns": {"type": _LIST, "optional": True},
    "role_arn": {"type": "string", "optional": True},
    "session_name": {"type": "string", "optional": True},
    "source_identity": {"type": "string", "optional": True},
    "tags": {"type": _MAP, "optional": True},
    "transitive_tag_keys": {"type": _LIST, "optional": True},
}


class AssumedRole:
    """A session of the role of one block.

    Attributes:
        keys: for boto3; none before it is entered, or while the role is not yet known.
    """

    def __init__(self, block: Attributes, region: str) -> None:
        self.keys: dict[str, str] = {}
        self._block, self._region = block, region

    def enter(self) -> None:
        """Enter the role, as the real provider does before its first call."""
        role = self._block["role_arn"]
        if not role or isinstance(role, Unknown):
            return
        import boto3  # noqa: PLC0415 - terraform starts the stand-in mostly for its schema

        asked: dict[str, Any] = {
            "RoleArn": role,
            "RoleSessionName": self._block["session_name"] or "terraform",
            "ExternalId": self._block["external_id"],
            "Policy": self._block["policy"],
            "SourceIdentity": self._block["source_identity"],
            "PolicyArns": [{"arn": each} for each in self._block["policy_arns"] or []],
            "Tags": [{"Key": key, "Value": value} for key, value in (self._block["tags"] or {}).items()],
            "TransitiveTagKeys": list(self._block["transitive_tag_keys"] or []),
        }
        sts = boto3.client("sts", region_name=self._region)
        keys = sts.assume_role(**{name: value for name, value in asked.items() if value})["Credentials"]
        self.keys = {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }
