"""Single values of the files that people write: each read once, each with its own error and its JSON Schema."""

from __future__ import annotations

import difflib
import ipaddress
import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator

from gatepass.adapters.written_policies import custom_policy
from gatepass.adapters.written_words import kind_of_file, schema
from gatepass.adapters.yaml_source import Bare
from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import PrincipalPattern, Window
from gatepass.domain.identifiers import AccountId, GrantName, PolicyArn, RoleName
from gatepass.domain.kept_secrets import STORES
from gatepass.domain.known_accounts import PRESETS
from gatepass.domain.offered_keys import demand_customer_key, demand_recipient
from gatepass.domain.role import is_our_tag
from gatepass.domain.signed_words import is_file_id

_DURATION = re.compile(r"([0-9]{1,4})(m|h)", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2})?([Zz]|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Bare):
        raise InvalidInput(
            f"{value.text} is read as {value.read_as}, not as text",
            why="YAML gives unquoted words and numbers meanings of its own",
            next_step=f'put it in quotes: "{value.text}"',
        )
    raise InvalidInput(
        "this must be text", why="a name or a path stands here", next_step="write one word or a quoted text"
    )


def _account(value: object) -> str:
    if isinstance(value, Bare):
        raise InvalidInput(
            "the account number is not quoted",
            why="YAML reads a bare 012345670123 as a number, in some readers as an octal one, and the account changes",
            next_step='put it in quotes, as in "012345678901"',
        )
    return AccountId(_text(value)).digits


def _provider(value: object) -> str:
    """Return the account number, of a known provider by its name too."""
    if isinstance(value, str) and not value[:1].isdigit():
        preset = PRESETS.get(value.lower())
        if preset is None:
            near = difflib.get_close_matches(value.lower(), PRESETS, n=2)
            raise InvalidInput(
                f"{value!r} is not a provider that is known by name",
                why="a provider is written as its account number; a few vendors have names here",
                next_step=f"did you mean {' or '.join(near)}?" if near else "known are: " + ", ".join(sorted(PRESETS)),
            )
        return preset.account.digits
    return _account(value)


def _role_name(value: object) -> str:
    return RoleName(_text(value)).text


def _grant_name(value: object) -> str:
    return GrantName(_text(value)).text


def _policy(value: object) -> str:
    text = _text(value)
    if text.startswith("arn:"):
        return PolicyArn(text).text
    if not re.fullmatch(r"(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,128}", text, re.ASCII):
        raise InvalidInput(
            f"{text!r} is not the name of a managed policy",
            why="a policy is written by name, by path and name, or by ARN",
            next_step="write for example: SecurityAudit",
        )
    return text


def _policy_arn(value: object) -> str:
    return PolicyArn(_text(value)).text


def _duration(value: object) -> timedelta:
    match = _DURATION.fullmatch(str(value)) if isinstance(value, str | Bare) else None
    if match is None:
        raise InvalidInput(
            f"{value} is not a duration" if isinstance(value, str | Bare) else "this is not a duration",
            why="a bare number could mean seconds, minutes or hours",
            next_step="write hours or minutes with their unit: 1h or 90m",
        )
    return timedelta(hours=int(match[1])) if match[2] == "h" else timedelta(minutes=int(match[1]))


def _session_limit(value: object) -> timedelta:
    duration = _duration(value)
    if not timedelta(hours=1) <= duration <= timedelta(hours=12):
        raise InvalidInput(
            f"a session of {value} is out of range",
            why="IAM lets a role's sessions last from 1 to 12 hours",
            next_step="write for example: session: 1h",
        )
    return duration


def _instant(value: object) -> datetime:
    text = str(value) if isinstance(value, str | Bare) else ""
    if not _INSTANT.fullmatch(text):
        raise InvalidInput(
            f"{text} is not an instant" if text else "this is not an instant",
            why="a window begins and ends at a date with a time",
            next_step="write for example: 2026-11-27T18:00:00Z",
        )
    try:
        instant = datetime.fromisoformat(text)
        Window(instant)
    except InvalidInput:
        raise
    except ValueError:
        raise InvalidInput(
            f"{text} does not exist", why="no calendar or clock has it", next_step="check day, month and hour"
        ) from None
    return instant


def _network(value: object) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    text = str(value) if isinstance(value, str | Bare) else ""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise InvalidInput(
            f"{text!r} is not a range of IP addresses",
            why="a range is written as address/bits, and the bits behind the slash cut off must be zero",
            next_step="write for example: 203.0.113.0/24",
        ) from None


def _flag(value: object) -> bool:
    if isinstance(value, Bare) and value.kind == "bool":
        return value.text.lower() == "true"
    raise InvalidInput("this is neither true nor false", why="it can only be on or off", next_step="write: true")


def _version(value: object) -> int:
    if str(value) != "1" or not isinstance(value, Bare):
        raise InvalidInput(
            "this version of the file is not known",
            why="this Gatepass reads version 1",
            next_step="write: version: 1, or install a newer Gatepass",
        )
    return 1


def _tag_key(value: object) -> str:
    text = _text(value)
    if not 1 <= len(text) <= 128 or text.lower().startswith("aws:") or is_our_tag(text):
        raise InvalidInput(
            f"{text!r} cannot be the key of a tag",
            why="a key has 1 to 128 characters, and aws: and gatepass: are reserved",
            next_step="choose another key",
        )
    return text


def _tag_value(value: object) -> str:
    text = _text(value)
    if len(text) > 256:
        raise InvalidInput("a tag's value is too long", why="IAM takes up to 256 characters", next_step="shorten it")
    return text


def _second_factor(value: object) -> str:
    if value not in ("required", "none"):
        raise InvalidInput(
            "second_factor is neither required nor none",
            why="a role either asks for an external ID or does not",
            next_step="leave it out: required is the default",
        )
    return str(value)


def _store(value: object) -> str:
    if value not in STORES:
        raise InvalidInput(
            "this is no store for second factors",
            why=f"they can be kept in one of: {', '.join(STORES)}",
            next_step="leave it out to keep them in AWS's trust policies alone",
        )
    return str(value)


def _principal(value: object) -> PrincipalPattern:
    return PrincipalPattern(_text(value))


def _customer_key(value: object) -> str:
    return demand_customer_key(_text(value))


def _recipient(value: object) -> str:
    return demand_recipient(_text(value))


def _offer_id(value: object) -> str:
    text = _text(value)
    if not is_file_id(text):
        raise InvalidInput(
            "that is not the id of an offer",
            why="an id has 26 to 40 capital letters and digits, as Gatepass draws them",
            next_step="leave it out, or copy it from: gatepass review OFFER --json",
        )
    return text


Account = Annotated[str, BeforeValidator(_account), schema(type="string", pattern="^[0-9]{12}$")]
Provider = Annotated[
    str,
    BeforeValidator(_provider),
    schema(anyOf=[{"type": "string", "pattern": "^[0-9]{12}$"}, {"enum": sorted(PRESETS)}]),
]
RoleKey = Annotated[str, BeforeValidator(_role_name), schema(type="string", pattern="^[A-Za-z0-9_+=,.@-]{1,64}$")]
Policy = Annotated[str, BeforeValidator(_policy), schema(type="string", minLength=1, maxLength=640)]
Instant = Annotated[datetime, PlainValidator(_instant), schema(type="string", format="date-time")]
Network = Annotated[Any, PlainValidator(_network), schema(type="string", examples=["203.0.113.0/24"])]
Principal = Annotated[
    PrincipalPattern, PlainValidator(_principal), schema(type="string", pattern="^(role|user)/[A-Za-z0-9_+=,.@/*?-]+$")
]
Text = Annotated[str, BeforeValidator(_text)]
Token = Annotated[str, BeforeValidator(_text), schema(type="string", pattern="^[A-Za-z0-9]{1,12}$")]
GrantKey = Annotated[str, BeforeValidator(_grant_name), schema(type="string", pattern="^[A-Za-z][A-Za-z0-9-]{0,31}$")]
CustomerKey = Annotated[str, BeforeValidator(_customer_key), schema(type="string", pattern="^[0-9A-Z]{8,32}$")]
Recipient = Annotated[str, BeforeValidator(_recipient), schema(type="string", pattern="^age1[0-9a-z]{58}$")]
OfferId = Annotated[str, BeforeValidator(_offer_id), schema(type="string", pattern="^[0-9A-HJKMNP-TV-Z]{26,40}$")]
Boundary = Annotated[str, BeforeValidator(_policy_arn), schema(type="string")]
CustomPolicy = Annotated[Any, PlainValidator(custom_policy), schema(type=["string", "object"])]
SecondFactor = Annotated[Literal["required", "none"], BeforeValidator(_second_factor)]
Store = Annotated[str, BeforeValidator(_store), schema(enum=list(STORES))]
SessionLimit = Annotated[timedelta, PlainValidator(_session_limit), schema(type="string", pattern="^[0-9]+(m|h)$")]
Flag = Annotated[bool, PlainValidator(_flag), schema(type="boolean")]
Kind = Annotated[Literal["customer"], BeforeValidator(kind_of_file("customer"))]
Version = Annotated[int, PlainValidator(_version), schema(const=1)]
TagKey = Annotated[str, BeforeValidator(_tag_key), schema(type="string")]
TagValue = Annotated[str, BeforeValidator(_tag_value), schema(type="string", maxLength=256)]
