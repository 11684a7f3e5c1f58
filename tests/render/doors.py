"""Whether a role's door opens, tried for real in the sandbox."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tests.conftest import CUSTOMER, Cloud


def enters(
    cloud: Cloud, engineer: tuple[str, str], grant: str, external_id: str | None, account: str = CUSTOMER
) -> bool:
    """Say whether the engineer of provider 111122223333 begins a session; any other failure than a refusal is raised."""
    arn = f"arn:aws:iam::{account}:role/gatepass/ServiceProvider-111122223333-{grant}"
    given = {"ExternalId": external_id} if external_id else {}
    try:
        cloud.client("sts", engineer).assume_role(RoleArn=arn, RoleSessionName="netops-1", **given)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True
