"""Single values of the workspace's file: each read once, each with its own error and its JSON Schema."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator

from gatepass.adapters.written_values import Text
from gatepass.adapters.written_words import kind_of_file, schema
from gatepass.domain.cron import demand_cron
from gatepass.domain.errors import InvalidInput
from gatepass.domain.plain_lines import demand_line
from gatepass.domain.workspace_setup import Platform

_HOST = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::[0-9]{1,5})?"
_PORTS = range(1, 65536)
_LONGEST_HOST = 253
# Scalr's ids read acc-, and letters and digits.
_SCALR_ACCOUNT = r"acc-[A-Za-z0-9]{1,60}"
# HCP Terraform API, "Organizations", "Projects" and "Workspaces"; Scalr takes these names too.
_ORGANIZATION = r"[A-Za-z0-9_-]{3,40}"
_PROJECT = r"[A-Za-z0-9_-](?:[A-Za-z0-9 _-]{1,38})[A-Za-z0-9_-]"
_ENVIRONMENT = r"[A-Za-z0-9_-](?:[A-Za-z0-9 ._-]{0,88}[A-Za-z0-9._-])?"
_WORKSPACE = r"[A-Za-z0-9_-]{1,90}"
_IDENTIFIER = r"[A-Za-z0-9_~-][A-Za-z0-9 _.~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9 _.~-]*)+"
_BRANCH = r"[A-Za-z0-9_][A-Za-z0-9._/@+-]{0,254}"
_DIRECTORY = r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*"
_VERSION = r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}"
# required_version of the module service-provider-access.
_OLDEST_TERRAFORM = (1, 5, 0)
_LONGEST_CONNECTION = 255


def demand_hostname(text: str) -> str:
    """Return the host in small letters, with its port where one is written.

    Raises:
        InvalidInput: it is more than a host, such as an address with a scheme, or none.
    """
    # A name and a password may stand before an @: nothing of the text is repeated.
    if any(sign in text for sign in "/@?#\\"):
        raise InvalidInput(
            "the hostname is more than a host",
            why="a scheme, a path, a name or a password does not belong to it",
            next_step="write the host alone, such as: example.scalr.io",
        )
    host, _, port = text.lower().partition(":")
    if not re.fullmatch(_HOST, text.lower()) or len(host) > _LONGEST_HOST or (port and int(port) not in _PORTS):
        raise InvalidInput(
            "the hostname is not the name of a host",
            why="a host has letters, digits, hyphens and dots, and a port behind a colon where it is not the usual one",
            next_step="write for example: example.scalr.io",
        )
    return text.lower()


def demand_scalr_account(text: str) -> str:
    """Return the id of an account of Scalr.

    Raises:
        InvalidInput: it is none.
    """
    return _matching(text, _SCALR_ACCOUNT, "is not the id of an account of Scalr", "it reads acc- and more", "acc-...")


def demand_organization(text: str) -> str:
    """Return the name of an organisation of HCP Terraform.

    Raises:
        InvalidInput: it is none.
    """
    why = "a name has 3 to 40 letters, digits, hyphens and underscores"
    return _matching(text, _ORGANIZATION, "cannot name an organization", why, "acme")


def _environment(text: str) -> str:
    why = "a name has up to 90 letters, digits, dots, hyphens and underscores, with spaces inside"
    return _matching(text, _ENVIRONMENT, "cannot name an environment", why, "aws-access")


def _project(text: str) -> str:
    why = "a name has 3 to 40 letters, digits, hyphens and underscores, with spaces inside"
    return _matching(text, _PROJECT, "cannot name a project", why, "aws-access")


def _workspace(text: str) -> str:
    why = "a name has up to 90 letters, digits, hyphens and underscores"
    return _matching(text, _WORKSPACE, "cannot name a workspace", why, "access-444455556666")


def _connection(text: str) -> str:
    demand_line(text, "connection", _LONGEST_CONNECTION)
    return text


def _identifier(text: str) -> str:
    why = "a repository is written with its owner, without host and scheme"
    return _matching(text, _IDENTIFIER, "is not a repository", why, "acme/aws-access")


def _branch(text: str) -> str:
    is_odd = ".." in text or "//" in text or text.endswith(("/", ".", ".lock")) or "@{" in text
    why = "git does not take it"
    return _matching("" if is_odd else text, _BRANCH, "cannot name a branch", why, "main", shown=text)


def _directory(text: str) -> str:
    bare = text.removeprefix("./").rstrip("/")
    is_odd = text.startswith("/") or any(part in (".", "..", "") for part in bare.split("/"))
    why = "it leads from the top of the repository to the root module, and not out of it"
    return _matching("" if is_odd else bare, _DIRECTORY, "is not a directory of the repository", why, "customer",
                     shown=text)  # fmt: skip


def _terraform_version(text: str) -> str:
    why = "a version has three numbers"
    version = _matching(text, _VERSION, "is not a version of Terraform", why, '"1.11.4"')
    if tuple(int(number) for number in version.split(".")) < _OLDEST_TERRAFORM:
        raise InvalidInput(
            f"Terraform {version} is too old",
            why="the modules of Gatepass need 1.5.0 or newer",
            next_step="write a newer one, or leave it out for the platform's latest",
        )
    return version


def _matching(text: str, pattern: str, what: str, why: str, example: str, *, shown: str | None = None) -> str:  # noqa: PLR0913 - the words of one error
    if not re.fullmatch(pattern, text, re.ASCII):
        raise InvalidInput(
            f"{shown if shown is not None else text!r} {what}", why=why, next_step=f"write for example: {example}"
        )
    return text


def _platform(value: object) -> str:
    known = [platform.value for platform in Platform]
    if value not in known:
        raise InvalidInput(
            "this is no platform that Gatepass knows",
            why=f"known are: {', '.join(known)}",
            next_step="write: platform: scalr, or: platform: hcp for HCP Terraform and Terraform Enterprise",
        )
    return str(value)


def _pattern(pattern: str) -> object:
    return schema(type="string", pattern=f"^{pattern}$")


WorkspaceKind = Annotated[Literal["workspace"], BeforeValidator(kind_of_file("workspace"))]
PlatformWord = Annotated[Literal["scalr", "hcp"], BeforeValidator(_platform)]
Hostname = Annotated[Text, AfterValidator(demand_hostname), _pattern(_HOST)]
ScalrAccount = Annotated[Text, AfterValidator(demand_scalr_account), _pattern(_SCALR_ACCOUNT)]
Organization = Annotated[Text, AfterValidator(demand_organization), _pattern(_ORGANIZATION)]
EnvironmentName = Annotated[Text, AfterValidator(_environment), _pattern(_ENVIRONMENT)]
ProjectName = Annotated[Text, AfterValidator(_project), _pattern(_PROJECT)]
WorkspaceName = Annotated[Text, AfterValidator(_workspace), _pattern(_WORKSPACE)]
Connection = Annotated[Text, AfterValidator(_connection), schema(type="string", minLength=1, maxLength=255)]
RepositoryName = Annotated[Text, AfterValidator(_identifier), _pattern(_IDENTIFIER)]
Branch = Annotated[Text, AfterValidator(_branch), _pattern(_BRANCH)]
Directory = Annotated[Text, AfterValidator(_directory), _pattern(rf"(?:\./)?{_DIRECTORY}/?")]
Cron = Annotated[Text, AfterValidator(demand_cron), schema(type="string", examples=["0 3 * * *"])]
TerraformVersion = Annotated[Text, AfterValidator(_terraform_version), _pattern(_VERSION)]
