"""Secrets in AWS Secrets Manager.

A deleted secret can be brought back for seven days, the shortest that AWS allows. Deleting at
once would be worse: AWS does it in the background, the name is not free until it has, and many
accounts forbid it. What is brought back opens nothing, because the role knows its ID no more.
"""

from __future__ import annotations

from functools import cached_property

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_secret_place import (
    DESCRIPTION,
    PATH,
    TAGS,
    demand_region,
    in_our_words_without,
    place_in_words,
)
from gatepass.domain.kept_secrets import demand_secret_name, demand_secret_value

# Secrets Manager API Reference, DeleteSecret: RecoveryWindowInDays.
_RECOVERY_DAYS = 7


class ManagerSecrets:
    """Secrets under ``gatepass/``, with the key ``aws/secretsmanager``."""

    def __init__(self, session: boto3.Session, region: str | None = None) -> None:
        """Use the credentials of the boto3 session, in the Region, by default the session's own.

        Raises:
            GatepassError: no Region is chosen.
        """
        self._session, self._region = session, demand_region(session, region)
        self._manager = client(session, "secretsmanager", self._region)

    @cached_property
    def title(self) -> str:
        """Where the secrets lie."""
        return place_in_words("AWS Secrets Manager", self._session, self._region)

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name or it is being deleted."""
        path = _path(name)
        if self._is_being_deleted(path) is not False:
            return None
        with in_our_words_without("", "secretsmanager:GetSecretValue", path):
            value = self._manager.get_secret_value(SecretId=path).get("SecretString")
        # Somebody may have put bytes there; those are none of ours.
        return str(value) if value is not None else None

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there; one that is being deleted is brought back first."""
        path = _path(name)
        demand_secret_value(value)
        being_deleted = self._is_being_deleted(path)
        if being_deleted is None:
            with in_our_words_without(value, "secretsmanager:CreateSecret", path):
                self._manager.create_secret(Name=path, SecretString=value, Description=DESCRIPTION, Tags=list(TAGS))
            return
        if being_deleted:
            with in_our_words_without("", "secretsmanager:RestoreSecret", path):
                self._manager.restore_secret(SecretId=path)
        with in_our_words_without(value, "secretsmanager:PutSecretValue", path):
            self._manager.put_secret_value(SecretId=path, SecretString=value)

    def delete(self, name: str) -> None:
        """Delete the secret; AWS forgets it after seven days, and shows it to nobody until then."""
        path = _path(name)
        if self._is_being_deleted(path) is not False:
            return
        with in_our_words_without("", "secretsmanager:DeleteSecret", path):
            self._manager.delete_secret(SecretId=path, RecoveryWindowInDays=_RECOVERY_DAYS)

    def _is_being_deleted(self, path: str) -> bool | None:
        """Say whether the secret is scheduled for deletion, or None when there is no such secret."""
        with in_our_words_without("", "secretsmanager:DescribeSecret", path):
            try:
                return "DeletedDate" in self._manager.describe_secret(SecretId=path)
            except self._manager.exceptions.ResourceNotFoundException:
                return None


def _path(name: str) -> str:
    demand_secret_name(name)
    return PATH + name
