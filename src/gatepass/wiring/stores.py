"""Where secrets lie."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gatepass.domain.errors import InvalidInput
from gatepass.domain.kept_secrets import STORES
from gatepass.ports.secrets import SecretStore
from gatepass.wiring.machine import region
from gatepass.wiring.own_account import connected

if TYPE_CHECKING:
    from gatepass.adapters.store_keys import StoreKeys


def secret_store(kind: str) -> SecretStore:
    """Return the store of that kind; when a second factor is replaced, no session that the old one opened is kept here.

    Raises:
        InvalidInput: there is no such kind.
        GatepassError: it cannot be used here.
    """
    from gatepass.adapters.purging_secrets import PurgingSecrets
    from gatepass.adapters.session_cache import SessionCache

    return PurgingSecrets(_store(kind), lambda: SessionCache().purge())


def _store(kind: str) -> SecretStore:
    """Return the store of that kind: ``file``, ``keyring``, ``ssm``, ``secrets-manager`` or ``vault``.

    Raises:
        InvalidInput: there is no such kind.
        GatepassError: it cannot be used here.
    """
    match kind:
        case "file":
            from gatepass.adapters.secret_file import FileSecrets

            return FileSecrets(keys=_local_keys())
        case "keyring":
            from gatepass.adapters.secret_keyring import KeyringSecrets

            return KeyringSecrets()
        case "ssm" | "secrets-manager":
            from gatepass.wiring.quick_aws import quick_store

            return quick_store(kind, lambda: _whole_store(kind)) or _whole_store(kind)
        case "vault":
            from gatepass.adapters.secret_vault import VaultSecrets
            from gatepass.adapters.vault_place import vault_place

            return VaultSecrets(vault_place(os.environ, Path.home()))
        case _:
            raise InvalidInput(
                f"there is no secret store {kind!r}",
                why="Gatepass keeps secrets in: " + ", ".join(STORES),
                next_step="use one of these",
            )


@cache
def _local_keys() -> StoreKeys:
    """Return the keys of local stores; a passphrase is asked for once, and worked out once, in a process."""
    from gatepass.adapters.store_keys import StoreKeys

    return StoreKeys()


def _whole_store(kind: str) -> SecretStore:
    """Return the store of AWS by way of boto3."""
    if kind == "ssm":
        from gatepass.adapters.secret_ssm import SsmSecrets

        return SsmSecrets(connected(), region())
    from gatepass.adapters.secret_manager import ManagerSecrets

    return ManagerSecrets(connected(), region())
