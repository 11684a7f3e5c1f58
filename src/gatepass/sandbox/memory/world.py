"""Everything that one sandbox remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from gatepass.sandbox.memory.clock import Clock
from gatepass.sandbox.memory.events import EventLog
from gatepass.sandbox.memory.faults import StagedFaults
from gatepass.sandbox.memory.moto_state import MotoState
from gatepass.sandbox.memory.sessions import SessionBook
from gatepass.sandbox.memory.signin_tokens import SigninTokens
from gatepass.sandbox.memory.unique_ids import ACCESS_KEY_ID_LENGTH, LONG_TERM_KEY_PREFIX, secret_key, unique_id


@dataclass(frozen=True, slots=True)
class RootKey:
    """The access key of an account's root user."""

    account: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


class RootKeys:
    """The root user's key of every account that was asked for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of_account: dict[str, RootKey] = {}
        self._by_id: dict[str, RootKey] = {}

    def of_account(self, account: str) -> RootKey:
        """Return an account's key, the same one each time."""
        with self._lock:
            if account not in self._of_account:
                key_id = unique_id(LONG_TERM_KEY_PREFIX, account, ACCESS_KEY_ID_LENGTH)
                self.add(RootKey(account, key_id, secret_key()))
            return self._of_account[account]

    def add(self, key: RootKey) -> None:
        """Remember a key."""
        self._of_account[key.account] = self._by_id[key.access_key_id] = key

    def find(self, access_key_id: str) -> RootKey | None:
        """Return the key with an ID."""
        return self._by_id.get(access_key_id)

    def all(self) -> list[RootKey]:
        """Return every key."""
        return list(self._of_account.values())


class World:
    """The accounts, their resources, the sessions, the clock, the event log and the staged faults of one sandbox."""

    def __init__(self) -> None:
        self.moto = MotoState()
        self.clock = Clock()
        self.sessions = SessionBook()
        self.signins = SigninTokens()
        self.roots = RootKeys()
        self.events = EventLog()
        self.faults = StagedFaults()

    def reset(self) -> None:
        """Forget everything; the clock shows the machine's time again."""
        self.faults.clear()
        with self.moto.entered():
            self.moto.clear()
            self.clock.restore([])
            self.sessions = SessionBook()
            self.signins = SigninTokens()
            self.roots = RootKeys()
            self.events = EventLog()
