"""Secrets in AWS Systems Manager Parameter Store, encrypted with the account's own key for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
from gatepass.domain.errors import AccessRefused
from gatepass.domain.kept_secrets import SECRETS_PATH, demand_secret_value, tens

# SSM API Reference, DescribeParameters: MaxResults.
_PAGE = 50


class SsmSecrets(AwsPlace):
    """Parameters of type SecureString under ``/gatepass/``, with the key ``alias/aws/ssm``.

    AWS keeps up to a hundred older values of a parameter until it is deleted; those IDs open nothing any more.
    """

    def __init__(self, session: boto3.Session, region: str | None = None) -> None:
        """Use the credentials of the boto3 session, in the Region, by default the session's own.

        Raises:
            GatepassError: no Region is chosen.
        """
        self._may_read_together = True
        super().__init__("ssm", "SSM Parameter Store", session, region)

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name."""
        path = _path(name)
        with in_our_words_without("", "ssm:GetParameter", path):
            try:
                answer = self._aws.get_parameter(Name=path, WithDecryption=True)
            except self._aws.exceptions.ParameterNotFound:
                return None
        return str(answer["Parameter"]["Value"])

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, by name: ten with each call, or one by one where that is all."""
        paths = {name: _path(name) for name in names}
        if self._may_read_together:
            try:
                return {name: value for ten in tens(names) for name, value in self._together(ten, paths)}
            except AccessRefused:
                # Who was given rights by an earlier version may read each, and not several at once.
                self._may_read_together = False
        return {name: value for name in names if (value := self.get(name)) is not None}

    def _together(self, names: Sequence[str], paths: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        with in_our_words_without("", "ssm:GetParameters", f"/{SECRETS_PATH}*"):
            answer = self._aws.get_parameters(Names=[paths[name] for name in names], WithDecryption=True)
        for found in answer["Parameters"]:
            yield str(found["Name"]).removeprefix(f"/{SECRETS_PATH}"), str(found["Value"])

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        path = _path(name)
        demand_secret_value(value)
        parameter = {"Name": path, "Value": value, "Type": "SecureString", "Description": DESCRIPTION}
        with in_our_words_without(value, "ssm:PutParameter", path):
            try:
                # AWS takes tags only with a new parameter.
                self._aws.put_parameter(**parameter, Tags=list(TAGS))
            except self._aws.exceptions.ParameterAlreadyExists:
                self._aws.put_parameter(**parameter, Overwrite=True)

    def delete(self, name: str) -> None:
        """Forget the secret with all its older values."""
        path = _path(name)
        with in_our_words_without("", "ssm:DeleteParameter", path):
            try:
                self._aws.delete_parameter(Name=path)
            except self._aws.exceptions.ParameterNotFound:
                return

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names under the prefix; GetParametersByPath would hand over the values, ten at a time."""
        folder = f"/{path_of(prefix)}" if prefix else f"/{SECRETS_PATH}".rstrip("/")
        below = [{"Key": "Path", "Option": "Recursive", "Values": [folder]}]
        with in_our_words_without("", "ssm:DescribeParameters", folder, EVERYTHING):
            pages = self._aws.get_paginator("describe_parameters").paginate(
                ParameterFilters=below, PaginationConfig={"PageSize": _PAGE}
            )
            return names_of((str(each["Name"])[1:] for page in pages for each in page["Parameters"]), prefix)


def _path(name: str) -> str:
    return f"/{path_of(name)}"
