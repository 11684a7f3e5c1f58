"""Single values of the provider's file: each read once, each with its own error and its JSON Schema."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, PlainValidator

from gatepass.adapters.written_values import Text
from gatepass.adapters.written_words import kind_of_file, schema
from gatepass.adapters.yaml_source import Bare
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import RoleArn, RoleName
from gatepass.domain.offered_keys import demand_register_key
from gatepass.domain.plain_lines import demand_line
from gatepass.domain.register import LONGEST_COMPANY, NO_TEAMS, Access, CustomerName, TeamName
from gatepass.domain.signed_file import PublicKey, parse_public_key
from gatepass.domain.team_access import demand_policy_prefix

# IAM API Reference, CreateGroup: GroupName.
_GROUP = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
# Identity Store API Reference, CreateGroup: DisplayName.
_LONGEST_GROUP = 1024
_ACCESSES = [access.value for access in Access]


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
    demand_line(text, "name of the group", _LONGEST_GROUP)
    return text


def _company(text: str) -> str:
    demand_line(text, "company", LONGEST_COMPANY)
    return text


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


def _public_key(value: object) -> PublicKey:
    try:
        return parse_public_key(value if isinstance(value, str) else "")
    except InvalidInput:
        raise InvalidInput(
            "this is no public key",
            why="it reads ed25519: and 44 letters and digits of base64",
            next_step="take the line out to trust the next pass's key once you compared it, and admit it again",
        ) from None


_NAME_PATTERN = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"
_NAME_SCHEMA = schema(type="string", pattern=_NAME_PATTERN)
_TEAM_SCHEMA = schema(type="string", pattern=_NAME_PATTERN, **{"not": {"enum": sorted(NO_TEAMS)}})

ProviderKind = Annotated[Literal["provider"], BeforeValidator(kind_of_file("provider"))]
CustomerKeyName = Annotated[Text, AfterValidator(_customer_name), _NAME_SCHEMA]
TeamKey = Annotated[Text, AfterValidator(_team_name), _TEAM_SCHEMA]
RegisterKey = Annotated[str, BeforeValidator(_customer_key), schema(type="string", pattern="^[A-Za-z0-9-]{8,64}$")]
OwnRole = Annotated[Text, AfterValidator(_role_name), schema(type="string", pattern="^[A-Za-z0-9_+=,.@-]{1,64}$")]
OwnGroup = Annotated[Text, AfterValidator(_group_name), schema(type="string", pattern="^[A-Za-z0-9_+=,.@-]{1,128}$")]
PolicyPrefix = Annotated[
    Text, AfterValidator(demand_policy_prefix), schema(type="string", pattern="^[A-Za-z0-9_+=,.@-]{1,122}$")
]
DisplayName = Annotated[Text, AfterValidator(_display_name), schema(type="string", minLength=1, maxLength=1024)]
Company = Annotated[Text, AfterValidator(_company), schema(type="string", minLength=1, maxLength=100)]
PublicKeyText = Annotated[
    PublicKey, PlainValidator(_public_key), schema(type="string", pattern="^ed25519:[A-Za-z0-9+/]{43}=$")
]
AccessWord = Annotated[str, BeforeValidator(_access), schema(enum=_ACCESSES)]
CustomersRole = Annotated[
    Any, PlainValidator(_role_arn), schema(type="string", pattern="^arn:aws[a-z-]*:iam::[0-9]{12}:role/")
]
