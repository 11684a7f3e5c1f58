"""Secrets in AWS Secrets Manager.

A deleted secret can be brought back for seven days, the shortest that AWS allows. Deleting at
once would be worse: AWS does it in the background, the name is not free until it has, and many
accounts forbid it. What is brought back opens nothing, because the role knows its ID no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import boto3

from gatepass.adapters.aws_secret_place import (
    DESCRIPTION,
    EVERYTHING,
    TAGS,
    AwsPlace,
    in_our_words_without,
    names_of,
    path_of,
)
from gatepass.domain.kept_secrets import SECRETS_PATH, demand_secret_value

# Secrets Manager API Reference, DeleteSecret: RecoveryWindowInDays.
RECOVERY_DAYS = 7
# Secrets Manager API Reference, ListSecrets: MaxResults.
_PAGE = 100


class ManagerSecrets(AwsPlace):
    """Secrets under ``gatepass/``, with the key ``aws/secretsmanager``."""

    def __init__(self, session: boto3.Session, region: str | None = None) -> None:
        """Use the credentials of the boto3 session, in the Region, by default the session's own.

        Raises:
            GatepassError: no Region is chosen.
        """
        super().__init__("secretsmanager", "AWS Secrets Manager", session, region)

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name or it is being deleted."""
        path = path_of(name)
        # An engineer may read his team's values and nothing more, so nothing is asked before.
        with in_our_words_without("", "secretsmanager:GetSecretValue", path):
            try:
                value = self._aws.get_secret_value(SecretId=path).get("SecretString")
            except self._aws.exceptions.ResourceNotFoundException:
                return None
            except self._aws.exceptions.InvalidRequestException as error:
                # "marked for deletion" in AWS's words; of what else is wrong AWS tells by the same error.
                if "delet" not in str(error).lower():
                    raise
                return None
        # Somebody may have put bytes there; those are none of ours.
        return str(value) if value is not None else None

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, one after the other."""
        return {name: value for name in names if (value := self.get(name)) is not None}

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there; one that is being deleted is brought back first."""
        path = path_of(name)
        demand_secret_value(value)
        being_deleted = self._is_being_deleted(path)
        if being_deleted is None:
            with in_our_words_without(value, "secretsmanager:CreateSecret", path):
                self._aws.create_secret(Name=path, SecretString=value, Description=DESCRIPTION, Tags=list(TAGS))
            return
        if being_deleted:
            with in_our_words_without("", "secretsmanager:RestoreSecret", path):
                self._aws.restore_secret(SecretId=path)
        with in_our_words_without(value, "secretsmanager:PutSecretValue", path):
            self._aws.put_secret_value(SecretId=path, SecretString=value)

    def delete(self, name: str) -> None:
        """Delete the secret; AWS forgets it after seven days, and shows it to nobody until then."""
        path = path_of(name)
        if self._is_being_deleted(path) is not False:
            return
        with in_our_words_without("", "secretsmanager:DeleteSecret", path):
            self._aws.delete_secret(SecretId=path, RecoveryWindowInDays=RECOVERY_DAYS)

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names under the prefix; AWS leaves out those that are being deleted."""
        folder = f"{path_of(prefix)}/" if prefix else SECRETS_PATH
        with in_our_words_without("", "secretsmanager:ListSecrets", folder, EVERYTHING):
            pages = self._aws.get_paginator("list_secrets").paginate(
                Filters=[{"Key": "name", "Values": [folder]}], PaginationConfig={"PageSize": _PAGE}
            )
            return names_of((str(each["Name"]) for page in pages for each in page["SecretList"]), prefix)

    def _is_being_deleted(self, path: str) -> bool | None:
        """Say whether the secret is scheduled for deletion, or None when there is no such secret."""
        with in_our_words_without("", "secretsmanager:DescribeSecret", path):
            try:
                return "DeletedDate" in self._aws.describe_secret(SecretId=path)
            except self._aws.exceptions.ResourceNotFoundException:
                return None
