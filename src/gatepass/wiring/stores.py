"""Where secrets lie."""

from __future__ import annotations

from gatepass.domain.errors import InvalidInput
from gatepass.domain.kept_secrets import STORES
from gatepass.ports.secrets import SecretStore
from gatepass.wiring.machine import region
from gatepass.wiring.own_account import connected


def secret_store(kind: str) -> SecretStore:
    """Return the store of that kind: ``file``, ``keyring``, ``ssm`` or ``secrets-manager``.

    Raises:
        InvalidInput: there is no such kind.
        GatepassError: it cannot be used here.
    """
    match kind:
        case "file":
            from gatepass.adapters.secret_file import FileSecrets

            return FileSecrets()
        case "keyring":
            from gatepass.adapters.secret_keyring import KeyringSecrets

            return KeyringSecrets()
        case "ssm":
            from gatepass.adapters.secret_ssm import SsmSecrets

            return SsmSecrets(connected(), region())
        case "secrets-manager":
            from gatepass.adapters.secret_manager import ManagerSecrets

            return ManagerSecrets(connected(), region())
        case _:
            raise InvalidInput(
                f"there is no secret store {kind!r}",
                why="Gatepass keeps secrets in: " + ", ".join(STORES),
                next_step="use one of these",
            )
