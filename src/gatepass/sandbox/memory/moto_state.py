"""What moto remembers, of which there is one in a process, for every sandbox its own."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock

from moto.backends import get_backend
from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend
from moto.core.model_instances import model_data
from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends

from gatepass.sandbox.memory.pickling import pickled

# moto's own list of the services that hold anything.
_in_use: list[BackendDict[BaseBackend]] = vars(BackendDict)["_instances"]

# moto is not safe to use from several threads, and has one state for a process.
_ENTRANCE = RLock()


@dataclass(frozen=True)
class SavedMoto:
    """What moto remembered, as it goes into a file; each backend pickled by itself."""

    backends: list[tuple[str, str, str, bytes]] = field(repr=False)
    bucket_accounts: dict[str, tuple[str, str]]
    organisation_accounts: dict[str, tuple[str, str]]


class MotoState:
    """The resources of one sandbox.

    moto keeps them in globals of its modules. They are swapped in when their sandbox answers a request, so
    that two sandboxes in one process do not see each other.
    """

    _present: MotoState | None = None

    def __init__(self) -> None:
        self._backends: list[tuple[BackendDict[BaseBackend], dict[str, AccountSpecificBackend[BaseBackend]]]] = []
        self._bucket_accounts: dict[str, tuple[str, str]] = {}
        self._organisation_accounts: dict[str, tuple[str, str]] = {}

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Make this state moto's, for one request at a time."""
        with _ENTRANCE:
            present = MotoState._present
            if present is not self:
                if present is not None:
                    present._take_out()  # noqa: SLF001 - another of this class
                self._put_in()
                MotoState._present = self
            yield

    def clear(self) -> None:
        """Forget every resource."""
        with self.entered():
            # moto remembers every object it ever made, of all sandboxes alike, and S3 would close them all.
            for models in model_data.values():
                for model in models.values():
                    model.instances_tracked.clear()  # type: ignore[attr-defined]  # set by moto's metaclass
            BackendDict.reset()
            s3_backends.bucket_accounts.clear()
            organizations_backends.master_accounts.clear()

    def leave(self) -> None:
        """Forget every resource and make room for another state."""
        with _ENTRANCE:
            self.clear()
            MotoState._present = None

    def saved(self) -> tuple[SavedMoto, list[str]]:
        """Return every resource in a form that can be kept, and the names of what cannot."""
        kept, lost = [], []
        with self.entered():
            for backends in _in_use:
                for account, region, backend in backends.iter_backends():
                    try:
                        kept.append((backends.service_name, account, region, pickled(backend)))
                    except (pickle.PicklingError, TypeError, AttributeError) as error:
                        lost.append(f"{backends.service_name} of {account} in {region}: {error}")
            buckets, members = dict(s3_backends.bucket_accounts), dict(organizations_backends.master_accounts)
        return SavedMoto(kept, buckets, members), lost

    def restore(self, saved: SavedMoto) -> None:
        """Replace every resource by what was saved."""
        self.clear()
        with self.entered():
            for service, account, region, content in saved.backends:
                backend = pickle.loads(content)  # noqa: S301 - out of our own file, see state.py
                dict.__setitem__(_backends_named(service)[account], region, backend)
            s3_backends.bucket_accounts.update(saved.bucket_accounts)
            organizations_backends.master_accounts.update(saved.organisation_accounts)

    def _take_out(self) -> None:
        self._backends = [(backends, dict(backends)) for backends in _in_use]
        for backends, _ in self._backends:
            backends.clear()
        _in_use.clear()
        self._bucket_accounts = s3_backends.bucket_accounts
        self._organisation_accounts = organizations_backends.master_accounts

    def _put_in(self) -> None:
        for backends, accounts in self._backends:
            backends.update(accounts)
            _in_use.append(backends)
        s3_backends.bucket_accounts = self._bucket_accounts
        organizations_backends.master_accounts = self._organisation_accounts


def _backends_named(service: str) -> BackendDict[BaseBackend]:
    # The names were moto's own when they were saved.
    backends: BackendDict[BaseBackend] = get_backend(service)  # type: ignore[call-overload]  # moto lists every name as a literal
    return backends


def bucket_owner(bucket: str) -> str | None:
    """Return the account that owns a bucket."""
    owner = s3_backends.bucket_accounts.get(bucket)
    return owner[1] if owner else None
