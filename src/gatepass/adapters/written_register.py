"""Single values of the provider's file: each read once, each with its own error and its JSON Schema."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, PlainValidator, WithJsonSchema

from gatepass.adapters.written_values import Text
from gatepass.adapters.yaml_source import Bare
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import RoleArn, RoleName
from gatepass.domain.register import Access, CustomerName, TeamName
from gatepass.domain.register_words import demand_register_key, demand_shown

# IAM API Reference, CreateGroup: GroupName.
_GROUP = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
# Identity Store API Reference, CreateGroup: DisplayName.
_LONGEST_GROUP = 1024
_ACCESSES = [access.value for access in Access]


def _kind(value: object) -> str:
    if value != "provider":
        raise InvalidInput(
            "this is not a provider's file",
            why="a provider's file begins with: gatepass: provider",
            next_step="name the right file, or write: gatepass: provider",
        )
    return "provider"


def _customer_name(text: str) -> str:
    return CustomerName(text).text


def _team_name(text: str) -> str:
    return TeamName(text).text


def _customer_key(value: object) -> str:
    # What is no key may be an external ID in the wrong place: it is not repeated.
    if isinstance(value, Bare):
        raise InvalidInput(
            f"this key is read as {value.read_as}, not as text",
            why="YAML gives unquoted numbers a meaning of their own, and leading zeros would be lost",
            next_step="put it in quotes",
        )
    return demand_register_key(value if isinstance(value, str) else "")


def _role_name(text: str) -> str:
    if "/" in text or text.startswith("arn:"):
        raise InvalidInput(
            f"{text!r} is not a name alone",
            why="roles are named as IAM shows them, without path and ARN",
            next_step=f"write: {text.rpartition('/')[2]}",
        )
    return RoleName(text).text


def _group_name(text: str) -> str:
    if not _GROUP.fullmatch(text):
        raise InvalidInput(
            f"{text!r} is not the name of an IAM group",
            why="a group's name has 1 to 128 letters, digits and +=,.@-_, without path and ARN",
            next_step="copy the name from IAM",
        )
    return text


def _display_name(text: str) -> str:
    return demand_shown(text, _LONGEST_GROUP)


def _access(value: object) -> str:
    if value not in _ACCESSES:
        raise InvalidInput(
            "this is no means of access",
            why=f"a team is let in by one of: {', '.join(_ACCESSES)}",
            next_step="leave it out to use what each team has",
        )
    return str(value)


def _role_arn(value: object) -> RoleArn:
    return RoleArn(value if isinstance(value, str) else "")


def _schema(**schema: object) -> WithJsonSchema:
    return WithJsonSchema(schema)


_NAME_SCHEMA = _schema(type="string", pattern="^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")

ProviderKind = Annotated[Literal["provider"], BeforeValidator(_kind)]
CustomerKeyName = Annotated[Text, AfterValidator(_customer_name), _NAME_SCHEMA]
TeamKey = Annotated[Text, AfterValidator(_team_name), _NAME_SCHEMA]
RegisterKey = Annotated[str, BeforeValidator(_customer_key), _schema(type="string", pattern="^[A-Za-z0-9-]{8,64}$")]
OwnRole = Annotated[Text, AfterValidator(_role_name), _schema(type="string", pattern="^[A-Za-z0-9_+=,.@-]{1,64}$")]
OwnGroup = Annotated[Text, AfterValidator(_group_name), _schema(type="string", pattern="^[A-Za-z0-9_+=,.@-]{1,128}$")]
DisplayName = Annotated[Text, AfterValidator(_display_name), _schema(type="string", minLength=1, maxLength=1024)]
Company = Annotated[Text, AfterValidator(demand_shown), _schema(type="string", minLength=1, maxLength=100)]
AccessWord = Annotated[str, BeforeValidator(_access), _schema(enum=_ACCESSES)]
CustomersRole = Annotated[
    Any, PlainValidator(_role_arn), _schema(type="string", pattern="^arn:aws[a-z-]*:iam::[0-9]{12}:role/")
]
