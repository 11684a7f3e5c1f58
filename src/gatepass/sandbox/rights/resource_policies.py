"""The policies of resources that the sandbox enforces: buckets, keys and secrets."""

from __future__ import annotations

from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends

from gatepass.decision.policy import Policy, PolicyKind
from gatepass.sandbox.rights.access import Access
from gatepass.sandbox.rights.documents import parsed


def resource_policy(access: Access) -> Policy | None:
    """Return the policy of the resource, or ``None`` when it has none.

    Raises:
        Refusal: the stored policy is malformed.
    """
    match access.resource.split(":", 5):
        case [_, _, "s3", _, _, path]:
            bucket = path.partition("/")[0]
            document = _bucket_policy(access.account, bucket)
        case [_, _, "kms", region, _, path] if path.startswith("key/"):
            key = kms_backends[access.account][region].keys.get(path.removeprefix("key/"))
            document = key.policy if key is not None else None
        case [_, _, "secretsmanager", region, _, _]:
            secret = secretsmanager_backends[access.account][region].secrets.get(access.resource)
            document = getattr(secret, "policy", None)
        case _:
            document = None
    return parsed(document, PolicyKind.RESOURCE, access.resource) if document else None


def blocks_public_access(access: Access) -> bool:
    """Return whether a bucket's settings keep its policy from granting to everybody."""
    match access.resource.split(":", 5):
        case [_, _, "s3", _, _, path] if access.account:
            bucket = s3_backends[access.account]["aws"].buckets.get(path.partition("/")[0])
            block = getattr(bucket, "public_access_block", None)
            return block is not None and str(block.restrict_public_buckets).lower() == "true"
        case _:
            return False


def _bucket_policy(account: str, name: str) -> str | None:
    if not account:
        return None
    bucket = s3_backends[account]["aws"].buckets.get(name)
    policy = getattr(bucket, "policy", None)
    return policy.decode() if isinstance(policy, bytes) else policy
