"""The person's own credentials, as ``creds load`` took them."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.session import Caller, Credentials


@dataclass(frozen=True, slots=True)
class LoadedCredentials:
    """Credentials that were loaded, and what was known of them then.

    Attributes:
        origin: where they came from, in words; empty when nobody said.
        caller: whose they are, as AWS told when they were loaded.
        in_keyring: whether the secret lies in the desktop's keyring and not in a file.
    """

    credentials: Credentials
    origin: str = ""
    caller: Caller | None = None
    in_keyring: bool = False
