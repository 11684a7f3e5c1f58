"""Secrets in AWS Systems Manager Parameter Store, encrypted with the account's own key for it."""

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


class SsmSecrets:
    """Parameters of type SecureString under ``/gatepass/``, with the key ``alias/aws/ssm``.

    AWS keeps up to a hundred older values of a parameter until it is deleted; those IDs open nothing any more.
    """

    def __init__(self, session: boto3.Session, region: str | None = None) -> None:
        """Use the credentials of the boto3 session, in the Region, by default the session's own.

        Raises:
            GatepassError: no Region is chosen.
        """
        self._session, self._region = session, demand_region(session, region)
        self._ssm = client(session, "ssm", self._region)

    @cached_property
    def title(self) -> str:
        """Where the secrets lie."""
        return place_in_words("SSM Parameter Store", self._session, self._region)

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name."""
        path = _path(name)
        with in_our_words_without("", "ssm:GetParameter", path):
            try:
                answer = self._ssm.get_parameter(Name=path, WithDecryption=True)
            except self._ssm.exceptions.ParameterNotFound:
                return None
        return str(answer["Parameter"]["Value"])

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        path = _path(name)
        demand_secret_value(value)
        parameter = {"Name": path, "Value": value, "Type": "SecureString", "Description": DESCRIPTION}
        with in_our_words_without(value, "ssm:PutParameter", path):
            try:
                # AWS takes tags only with a new parameter.
                self._ssm.put_parameter(**parameter, Tags=list(TAGS))
            except self._ssm.exceptions.ParameterAlreadyExists:
                self._ssm.put_parameter(**parameter, Overwrite=True)

    def delete(self, name: str) -> None:
        """Forget the secret with all its older values."""
        path = _path(name)
        with in_our_words_without("", "ssm:DeleteParameter", path):
            try:
                self._ssm.delete_parameter(Name=path)
            except self._ssm.exceptions.ParameterNotFound:
                return


def _path(name: str) -> str:
    demand_secret_name(name)
    return f"/{PATH}{name}"
