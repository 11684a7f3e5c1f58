"""What a customer is told about its doors, and by which channels of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn

# SNS API Reference, CreateTopic: Name. A FIFO topic, whose name has a dot, takes no notices of EventBridge.
_TOPIC = re.compile(r"arn:(?:aws|aws-cn|aws-us-gov):sns:([a-z0-9-]{1,32}):([0-9]{12}):[A-Za-z0-9_-]{1,256}", re.ASCII)
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}", re.ASCII)
_PRINTABLE = re.compile(r"[!-~]{1,2000}", re.ASCII)
_THIS_MACHINE = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class TopicArn:
    """The ARN of a standard SNS topic.

    Raises:
        InvalidInput: it is none.
    """

    text: str
    region: str = field(init=False)
    account: AccountId = field(init=False)

    def __post_init__(self) -> None:
        match = _TOPIC.fullmatch(self.text)
        if match is None:
            raise InvalidInput(
                f"{self.text!r} is not the ARN of an SNS topic",
                why="a standard topic's ARN reads arn:aws:sns:<Region>:<12 digits>:<name>; a FIFO topic cannot be used",
                next_step="copy it from: aws sns list-topics",
            )
        object.__setattr__(self, "region", match[1])
        object.__setattr__(self, "account", AccountId(match[2]))

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One plain e-mail address, without a name and without quotes.

    Raises:
        InvalidInput: it is none.
    """

    text: str

    def __post_init__(self) -> None:
        if not _MAIL.fullmatch(self.text):
            raise InvalidInput(
                f"{self.text!r} is not an e-mail address",
                why="one plain address stands here, without a name",
                next_step="write for example: security@example.com",
            )

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class MailRoute:
    """Who writes to whom; Amazon SES must know the sender as verified."""

    to: MailAddress
    sender: MailAddress


@dataclass(frozen=True, slots=True)
class Webhook:
    """The address that takes notices; whoever knows it can post there, so it never shows itself.

    Raises:
        InvalidInput: neither https, nor http to this machine; the text is not repeated.
    """

    _text: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _is_webhook(self._text):
            raise InvalidInput(
                "that is not the address of a webhook",
                why="notices go to https://HOST/... only, without a name and password in it; "
                "http is for 127.0.0.1 and localhost, for trying",
                next_step="copy the address from the tool that takes the notices",
            )

    def __repr__(self) -> str:
        return f"Webhook({self.host}/****)"

    __str__ = __repr__

    @property
    def host(self) -> str:
        """The scheme, host and port, which are safe to show."""
        parts = urlsplit(self._text)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_public(self) -> bool:
        """Whether somebody else than this machine could reach it."""
        return urlsplit(self._text).hostname not in _THIS_MACHINE

    def reveal(self) -> str:
        """Return the whole address, to post to it."""
        return self._text


@dataclass(frozen=True, slots=True)
class Channels:
    """Where a customer wants to be told; each may be missing."""

    topic: TopicArn | None = None
    mail: MailRoute | None = None
    webhook: Webhook | None = None

    @property
    def are_none(self) -> bool:
        """Whether nobody is told."""
        return self.topic is None and self.mail is None and self.webhook is None


class Happening(StrEnum):
    """What a notice is about."""

    ENTERED = "entered"
    OPENED = "opened"
    CLOSED = "closed"
    ROTATED = "rotated"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    ENDS_SOON = "ends-soon"
    TRIAL = "trial"


_VERBS = {
    Happening.ENTERED: "was entered",
    Happening.OPENED: "was opened",
    Happening.CLOSED: "was closed: no session begins and none acts",
    Happening.ROTATED: "has a new second factor",
    Happening.REVOKED: "was revoked: its sessions are ended, new ones may begin",
    Happening.WITHDRAWN: "was withdrawn: its role is deleted",
    Happening.ENDS_SOON: "ends soon",
    Happening.TRIAL: "sends a trial notice: this channel works",
}
_ADVICE = {
    Happening.ENTERED: "If nobody should be in: gatepass close {grant}",
    Happening.OPENED: "To shut it: gatepass close {grant}",
    Happening.ENDS_SOON: "From then on nobody enters or acts, unless you give it a later end.",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a customer is told; it has no place for an external ID.

    Attributes:
        grant: the grant, or None when it is about the account.
        role: the grant's role, once there is one.
        who: who did it: the ARN of the caller, or a source identity; empty when nobody did.
        when: when it happened, UTC.
        until: when the grant or its opening ends, if it does.
    """

    happening: Happening
    account: AccountId
    when: datetime
    grant: GrantName | None = None
    role: RoleArn | None = None
    who: str = ""
    until: datetime | None = None

    @property
    def subject(self) -> str:
        """One short line: what happened to which grant."""
        about = f"grant {self.grant} of account {self.account}" if self.grant else f"account {self.account}"
        return f"Gatepass: {about} {_VERBS[self.happening].partition(':')[0]}"

    @property
    def text(self) -> str:
        """The whole notice for people, in a few lines."""
        about = f"grant {self.grant} of account {self.account}" if self.grant else f"account {self.account}"
        lines = [f"Gatepass: {about} {_VERBS[self.happening]}."]
        lines += [f"{label}: {value}" for label, value in self._details()]
        if self.grant and self.happening in _ADVICE:
            lines.append(_ADVICE[self.happening].format(grant=self.grant))
        return "\n".join(lines)

    def facts(self) -> dict[str, str]:
        """Return the same for machines; what is not known is left out."""
        facts = {"event": self.happening.value, "account": str(self.account), "when": self.when.isoformat()}
        named = {"grant": self.grant, "role": self.role, "who": self.who, "until": self.until and _iso(self.until)}
        return facts | {key: str(value) for key, value in named.items() if value}

    def _details(self) -> list[tuple[str, str]]:
        known = [
            ("ends", _spoken(self.until) if self.until else ""),
            ("role", str(self.role or "")),
            ("by", self.who),
            ("at", _spoken(self.when)),
        ]
        return [(label, value) for label, value in known if value]


@dataclass(frozen=True, slots=True)
class Told:
    """That the coming end of a role's access was told by a channel."""

    role: RoleArn
    until: datetime
    channel: str


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


def _spoken(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _is_webhook(text: str) -> bool:
    if not _PRINTABLE.fullmatch(text):
        return False
    try:
        parts: SplitResult = urlsplit(text)
        has_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        # A bracket without its pair, or a port that is no number.
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    return has_address and safe and "@" not in parts.netloc and not parts.fragment
