"""AWS's identifiers and ours, parsed once at the border and trusted afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gatepass.domain.errors import InvalidInput

# IAM path under which every role of ours lives; it is how they are found and fenced off.
ROLE_PATH = "/gatepass/"

_ACCOUNT_ID = re.compile(r"[0-9]{12}", re.ASCII)
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_GRANT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}", re.ASCII)
# IAM API Reference, CreateRole: RoleName and Path.
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}):role(/(?:[!-~]*/)?)([\w+=,.@-]{1,64})", re.ASCII)
_POLICY_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}|aws):policy/[!-~]{1,512}", re.ASCII)
# STS API Reference, AssumeRole: ExternalId.
_STS_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
# STS API Reference, AssumeRole: RoleSessionName and SourceIdentity.
_SESSION_WORD = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_NOT_SESSION_CHARACTER = re.compile(r"[^\w+=,.@-]", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class AccountId:
    """A twelve-digit AWS account number, kept as text so that leading zeros survive.

    Raises:
        InvalidInput: not exactly twelve digits.
    """

    digits: str

    def __post_init__(self) -> None:
        if not _ACCOUNT_ID.fullmatch(self.digits):
            raise InvalidInput(
                f"{self.digits!r} is not an AWS account ID",
                why="an account ID has exactly 12 digits",
                next_step='copy it from the AWS console and quote it: "012345678901"',
            )

    def __str__(self) -> str:
        return self.digits


@dataclass(frozen=True, slots=True)
class Partition:
    """One of AWS's separate worlds: ``aws``, ``aws-cn`` or ``aws-us-gov``."""

    name: str = "aws"

    def __post_init__(self) -> None:
        if self.name not in _PARTITIONS:
            raise InvalidInput(
                f"{self.name!r} is not an AWS partition",
                why="AWS has the partitions " + ", ".join(_PARTITIONS),
                next_step="use the partition that stands second in the account's ARNs",
            )

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, order=True)
class GrantName:
    """The name of one grant in a customer's file: a letter, then letters, digits and hyphens, at most 32."""

    text: str

    def __post_init__(self) -> None:
        if not _GRANT_NAME.fullmatch(self.text):
            raise InvalidInput(
                f"{self.text!r} cannot name a grant",
                why="the name becomes part of an IAM role name: a letter, then letters, digits and hyphens, at most 32",
                next_step="choose a short name such as: support",
            )

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class RoleName:
    """An IAM role name, 1 to 64 characters; IAM keeps them unique in an account without regard to case."""

    text: str

    def __post_init__(self) -> None:
        if not _ROLE_NAME.fullmatch(self.text):
            raise InvalidInput(
                f"{self.text!r} is not a valid IAM role name",
                why="a role name has 1 to 64 letters, digits and +=,.@-_",
                next_step="shorten the grant's name or the naming tokens",
            )

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class RoleArn:
    """The ARN of an IAM role, safe to show and to send.

    Raises:
        InvalidInput: not the ARN of an IAM role; the text is not repeated when it is no ARN at all.
    """

    text: str
    partition: Partition = field(init=False)
    account: AccountId = field(init=False)
    path: str = field(init=False)
    name: RoleName = field(init=False)

    def __post_init__(self) -> None:
        match = _ROLE_ARN.fullmatch(self.text)
        if match is None:
            # What is no ARN may be an external ID pasted into the wrong place: it is not repeated.
            shown = repr(self.text) if self.text.startswith("arn:") else "that"
            raise InvalidInput(
                f"{shown} is not the ARN of an IAM role",
                why="a role's ARN reads arn:aws:iam::<12 digits>:role/<path><name>",
                next_step="copy the role ARN that the customer sent",
            )
        object.__setattr__(self, "partition", Partition(match[1]))
        object.__setattr__(self, "account", AccountId(match[2]))
        object.__setattr__(self, "path", match[3])
        object.__setattr__(self, "name", RoleName(match[4]))

    def __str__(self) -> str:
        return self.text


def role_arn(partition: Partition, account: AccountId, name: RoleName, path: str = ROLE_PATH) -> RoleArn:
    """Return the ARN of a role, by default of one of ours."""
    return RoleArn(f"arn:{partition}:iam::{account}:role{path}{name}")


@dataclass(frozen=True, slots=True, order=True)
class PolicyArn:
    """The ARN of a managed policy, AWS's own or the account's."""

    text: str

    def __post_init__(self) -> None:
        if not _POLICY_ARN.fullmatch(self.text):
            raise InvalidInput(
                f"{self.text!r} is not the ARN of a managed policy",
                why="a policy's ARN reads arn:aws:iam::<aws or 12 digits>:policy/<path><name>",
                next_step="write AWS's own policies by name, such as: ReadOnlyAccess",
            )

    def __str__(self) -> str:
        return self.text

    @property
    def name(self) -> str:
        """The policy's name, without its path."""
        return self.text.rsplit("/", 1)[1]


@dataclass(frozen=True, slots=True)
class ExternalId:
    """A second factor; it never shows itself, ``reveal`` marks each exit.

    Raises:
        InvalidInput: STS would not take it (2 to 1,224 characters of letters, digits and ``_+=,.@:/-``).
    """

    _text: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _STS_EXTERNAL_ID.fullmatch(self._text):
            raise InvalidInput(
                "that is not an external ID that STS takes",
                why="an external ID has 2 to 1,224 letters, digits and _+=,.@:/- and no spaces",
                next_step="paste it again, without quotes and line breaks",
            )

    def __repr__(self) -> str:
        return "ExternalId(****)"

    __str__ = __repr__

    def reveal(self) -> str:
        """Return the text itself, for AWS or for the person it belongs to."""
        return self._text

    @property
    def customer_key(self) -> str | None:
        """The provider's part of one of our own IDs, or None for an ID that others chose."""
        parts = self._text.split(".")
        return parts[1] if len(parts) == 3 and parts[0] == _OURS else None


# First part of every external ID of ours; the digit is the version of the form.
_OURS = "gp1"


def external_id(customer_key: str, code: str) -> ExternalId:
    """Join the provider's customer key and the customer's code into one external ID."""
    return ExternalId(f"{_OURS}.{customer_key}.{code}")


@dataclass(frozen=True, slots=True, order=True)
class EngineerName:
    """Who acts: the source identity and the session name, 2 to 64 characters of ``[A-Za-z0-9_+=,.@-]``."""

    text: str

    def __post_init__(self) -> None:
        if not _SESSION_WORD.fullmatch(self.text):
            raise InvalidInput(
                f"{self.text!r} cannot be a source identity",
                why="STS takes 2 to 64 letters, digits and _+=,.@-",
                next_step="use the name of your own IAM user or Identity Center user",
            )

    def __str__(self) -> str:
        return self.text


def engineer_name(text: str) -> EngineerName:
    """Return the name with characters that STS refuses replaced by hyphens, cut to 64."""
    return EngineerName(_NOT_SESSION_CHARACTER.sub("-", text)[:64].ljust(2, "-"))
