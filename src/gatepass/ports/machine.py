"""The machine that a command runs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gatepass.domain.session import Caller


@dataclass(frozen=True, slots=True)
class StoreStanding:
    """How the local store of secrets stands.

    Attributes:
        text: what is there and what protects it, in words.
        advice: what would protect it better, or what is to be done.
        is_wrong: whether something must be done.
    """

    text: str
    advice: str = ""
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What can be told of the machine that a command runs on.

    Attributes:
        versions: of Python and the packages that matter.
        missing_extras: the optional parts that are not installed, each with what it is for.
        region: the Region that was chosen, if any.
        endpoints: the environment variables that lead elsewhere than to AWS.
        state_folder: where credentials and sessions are kept.
        folder_trouble: why that is not for its owner alone; empty when it is.
        keys_kept: where what creds load takes is kept, in words; empty when nobody looked.
        local_store: how the local store of secrets stands; None when there is none, or nobody looked.
    """

    versions: Mapping[str, str]
    missing_extras: Mapping[str, str]
    region: str | None
    endpoints: Mapping[str, str]
    state_folder: str
    folder_trouble: str = ""
    keys_kept: str = ""
    local_store: StoreStanding | None = None


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """Which credentials a command begins from; never the secret part."""

    origin: str
    key_id: str | None = None
    expires_at: datetime | None = None


class ReadTrial(Protocol):
    """Calls that only read, made to see whether AWS allows them."""

    def caller(self) -> Caller:
        """Return whose credentials these are.

        Raises:
            AccessRefused: they are not accepted.
        """

    def aws_time(self) -> datetime | None:
        """Return AWS's clock as of the last answer, a refusal included; None before one."""

    def may_read(self, action: str) -> bool | None:
        """Say whether AWS allows the action; None when it cannot be tried without changing something.

        Raises:
            AccessRefused: it does not.
        """


class Clock(Protocol):
    """Our own clock, which may differ from AWS's."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""

    def sleep(self, duration: timedelta) -> None:
        """Wait."""


class Randomness(Protocol):
    """A source that nobody can guess."""

    def word(self, bits: int) -> str:
        """Return capital letters and digits that carry at least so many random bits."""
