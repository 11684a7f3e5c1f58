"""The AWS console as a place: where its sign-in is, and which address shows a service."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from urllib.parse import urlencode

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import Partition
from gatepass.domain.region_name import RegionName

# IAM User Guide, "Enable custom identity broker access to the AWS console": a token is good for 15 minutes.
LINK_LIVES = timedelta(minutes=15)

_SERVICE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_HOSTS = MappingProxyType(
    {
        "aws": ("signin.aws.amazon.com", "console.aws.amazon.com"),
        "aws-cn": ("signin.amazonaws.cn", "console.amazonaws.cn"),
        "aws-us-gov": ("signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
    }
)
# Where the console's word for a service is not the one of AWS's tools.
_CONSOLE_NAMES = MappingProxyType(
    {
        "cfn": "cloudformation",
        "dynamodb": "dynamodbv2",
        "logs": "cloudwatch",
        "sfn": "states",
        "ssm": "systems-manager",
        "stepfunctions": "states",
        "vpc": "vpcconsole",
    }
)


@dataclass(frozen=True, slots=True)
class SigninToken:
    """What signs one person in once; good for 15 minutes, and never shown but in the link."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """Return the text, for the link."""
        return self._text


@dataclass(frozen=True, slots=True)
class ConsoleLink:
    """An address that signs in whoever opens it, for 15 minutes; it hides itself."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """Return the address, for the person's own browser."""
        return self._text


def signin_endpoint(partition: Partition) -> str:
    """Return AWS's own federation endpoint of the partition."""
    return f"https://{_HOSTS[partition.name][0]}/federation"


def destination(partition: Partition, service: str | None, region: RegionName | None) -> str:
    """Return the page of a service in a Region, or the console's first page.

    Raises:
        InvalidInput: that is no name of a service.
    """
    query = f"?region={region}" if region is not None else ""
    host = _HOSTS[partition.name][1]
    if service is None:
        return f"https://{host}/console/home{query}"
    if not _SERVICE.fullmatch(service):
        raise InvalidInput(
            "that is no name of a service",
            why="a service's name has small letters, digits and hyphens",
            next_step="write it as AWS's tools do, such as: --service s3",
        )
    return f"https://{host}/{_CONSOLE_NAMES.get(service, service)}/home{query}"


def console_link(endpoint: str, token: SigninToken, page: str) -> ConsoleLink:
    """Return the address that signs in and shows the page."""
    query = urlencode({"Action": "login", "Issuer": "gatepass", "Destination": page, "SigninToken": token.reveal()})
    return ConsoleLink(f"{endpoint}?{query}")
