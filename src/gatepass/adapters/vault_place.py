"""Where a Vault is and with what one enters it, as Vault's own command line reads it from the environment."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gatepass.domain.errors import GatepassError
from gatepass.private_files import read_private

# Where a Vault in development mode, and most guides, mount a KV store of version 2.
USUAL_MOUNT = "secret"
_TOKEN = re.compile(r"[!-~]{1,4096}", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class VaultPlace:
    """One KV store in one Vault, or in an OpenBao.

    Attributes:
        address: ``https://host:port``.
        token: what lets one in.
        mount: where the KV store of version 2 is mounted.
        namespace: the namespace that the mount is in; None for the root.
        certificates: a file of certificates to trust; None for those of the system.
    """

    address: str
    token: str = field(repr=False)
    mount: str = USUAL_MOUNT
    namespace: str | None = None
    certificates: Path | None = None

    def __post_init__(self) -> None:
        _demand_address(self.address)
        if not _TOKEN.fullmatch(self.token):
            raise GatepassError(
                "the token of Vault cannot be used",
                why="it is empty, or has a space or a line end in it",
                next_step="log in again: vault login, or bao login",
            )
        for name, text in (("GATEPASS_VAULT_MOUNT", self.mount), ("VAULT_NAMESPACE", self.namespace)):
            if text is not None and not _PATH.fullmatch(text):
                raise GatepassError(
                    f"{name} is no path of Vault",
                    why="it has letters, digits, dots, hyphens and slashes between them",
                    next_step=f"{name}={USUAL_MOUNT}",
                )
        if self.certificates is not None and not self.certificates.is_file():
            raise GatepassError(
                f"{self.certificates} is no file of certificates",
                why="VAULT_CACERT names it, and without it nobody could tell Vault from somebody else",
                next_step="name the PEM file of the authority that signed Vault's certificate",
            )

    @property
    def host(self) -> str:
        """The host with its port."""
        return urlsplit(self.address).netloc


def vault_place(environment: Mapping[str, str], home: Path) -> VaultPlace:
    """Return what the environment says: VAULT_ADDR, VAULT_TOKEN or ~/.vault-token, VAULT_NAMESPACE, VAULT_CACERT.

    Raises:
        GatepassError: something is missing, or is none that can be used.
        Conflict: the file of the token may be read by others.
    """
    address, certificates = environment.get("VAULT_ADDR"), environment.get("VAULT_CACERT")
    if not address:
        raise GatepassError(
            "it is not known where Vault is",
            why="VAULT_ADDR is not set",
            next_step="export VAULT_ADDR=https://vault.example.com:8200",
        )
    return VaultPlace(
        address=address.rstrip("/"),
        token=environment.get("VAULT_TOKEN") or _kept_token(home / ".vault-token"),
        mount=(environment.get("GATEPASS_VAULT_MOUNT") or USUAL_MOUNT).strip("/"),
        namespace=(environment.get("VAULT_NAMESPACE") or "").strip("/") or None,
        certificates=Path(certificates) if certificates else None,
    )


def _kept_token(path: Path) -> str:
    try:
        return read_private(path).decode(errors="replace").strip()
    except FileNotFoundError:
        raise GatepassError(
            "there is no token for Vault",
            why=f"VAULT_TOKEN is not set, and {path} is not there",
            next_step="log in: vault login, or bao login",
        ) from None


def _demand_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or parts.path or parts.query or "@" in parts.netloc:
        raise GatepassError(
            "VAULT_ADDR is no address of a Vault",
            why="it has a scheme, a host and a port, and nothing else",
            next_step="VAULT_ADDR=https://vault.example.com:8200",
        )
    if parts.scheme == "http" and not _is_this_machine(host):
        raise GatepassError(
            f"Vault at {parts.netloc} is not asked over plain HTTP",
            why="the token and the second factors would cross the network for everybody to read",
            next_step="use https:// in VAULT_ADDR, or an agent on this machine",
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
