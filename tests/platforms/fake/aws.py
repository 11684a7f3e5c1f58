"""How the platform itself enters AWS: from its own account, by a role and an external ID."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SCALR_ACCOUNT = "919814621061"
"""The AWS account that Scalr's shared platform acts from: https://docs.scalr.io/docs/aws."""


class NotEntered(Exception):
    """AWS refused; the text is AWS's own."""


@dataclass(frozen=True, slots=True)
class AwsPlace:
    """Where AWS is, and who the platform is there.

    Attributes:
        endpoint: of the sandbox.
        keys: the access key of the platform's own principal.
    """

    endpoint: str
    keys: tuple[str, str] = field(repr=False)

    def entered(self, role: str, external_id: str | None, session: str) -> dict[str, str]:
        """Return the environment of a session of the role.

        Raises:
            NotEntered: AWS refuses.
        """
        import boto3  # noqa: PLC0415 - takes long, and most fakes never enter
        from botocore.exceptions import ClientError  # noqa: PLC0415

        # The default session is no good for threads.
        sts: Any = boto3.session.Session().client(
            "sts", endpoint_url=self.endpoint, region_name="us-east-1",
            aws_access_key_id=self.keys[0], aws_secret_access_key=self.keys[1],
        )  # fmt: skip
        given = {"ExternalId": external_id} if external_id else {}
        try:
            keys = sts.assume_role(RoleArn=role, RoleSessionName=session, **given)["Credentials"]
        except ClientError as error:
            raise NotEntered(str(error)) from None
        return {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
