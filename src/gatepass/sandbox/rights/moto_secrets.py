"""The ARNs of secrets and keys, which their names do not tell."""

from __future__ import annotations

from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

from gatepass.sandbox.rights.access import Place


def secret_arn(name: str, place: Place) -> str:
    """Return the ARN of a secret; one that does not exist gets an ARN that no secret has."""
    secrets = secretsmanager_backends[place.account][place.region].secrets
    secret = secrets.get(name)
    if secret is not None:
        return str(secret.arn)
    return f"arn:aws:secretsmanager:{place.region}:{place.account}:secret:{name}-000000"


def key_arn(name: str, place: Place) -> str:
    """Return the ARN of a key, also by its alias."""
    keys = kms_backends[place.account][place.region]
    key_id = keys.get_key_id_from_alias(name) if name.startswith("alias/") else None
    kind = f"key/{key_id or name}" if key_id or not name.startswith("alias/") else name
    return f"arn:aws:kms:{place.region}:{place.account}:{kind}"
