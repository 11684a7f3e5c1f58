"""Secrets in HashiCorp Vault or OpenBao: in its KV store of version 2, under ``gatepass/``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from gatepass import __version__
from gatepass.adapters.vault_place import VaultPlace
from gatepass.domain.errors import AccessRefused, Conflict, GatepassError, NotAnswered, NotThere
from gatepass.domain.kept_secrets import (
    SECRETS_PATH,
    demand_secret_name,
    demand_secret_value,
    is_secret_name,
    names_under,
)

_TIMEOUT = urllib3.Timeout(connect=5, read=10)
_OK, _NO_CONTENT, _MISSING = 200, 204, 404


class VaultSecrets:
    """Secrets with one field, ``value``.

    Vault keeps ten older versions of a secret until it is deleted; those IDs open nothing any more. Nothing that
    Vault says is repeated in an error: it could quote what was sent.
    """

    def __init__(self, place: VaultPlace) -> None:
        """Use the Vault at that place; nothing is asked yet."""
        self._place = place
        certificates = str(place.certificates) if place.certificates is not None else None
        # It goes through no proxy and follows no redirect: the token is for this host alone.
        self._pool = urllib3.PoolManager(ca_certs=certificates, cert_reqs="CERT_REQUIRED")

    @property
    def title(self) -> str:
        """Where the secrets lie."""
        inside = f" in namespace {self._place.namespace}" if self._place.namespace is not None else ""
        return f"Vault at {self._place.host}{inside}, under {self._place.mount}/{SECRETS_PATH}"

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name or it was deleted."""
        answer = self._ask("GET", "data", _path(name))
        held = answer.get("data")
        value = held.get("value") if isinstance(held, dict) else None
        # Somebody may have put other fields there; those are none of ours.
        return value if isinstance(value, str) else None

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, one after the other."""
        return {name: value for name in names if (value := self.get(name)) is not None}

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        path = _path(name)
        demand_secret_value(value)
        answer = self._ask("POST", "data", path, {"data": {"value": value}})
        if "version" not in answer:
            # A KV store of version 1 takes this for a secret named data/..., and could not list or delete it.
            self._ask("DELETE", "data", path)
            raise Conflict(
                f"the KV store {self._place.mount} of {self._place.host} is not of version 2",
                why="Vault took what was written as a store of version 1 does; it was deleted again",
                next_step="name a store of version 2 with GATEPASS_VAULT_MOUNT, or make this one so: "
                f"vault kv enable-versioning {self._place.mount}",
            )

    def delete(self, name: str) -> None:
        """Forget the secret with all its versions."""
        self._ask("DELETE", "metadata", _path(name))

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names under the prefix; Vault lists one folder a call."""
        folder = f"{_path(prefix)}/" if prefix else SECRETS_PATH
        found = (path.removeprefix(SECRETS_PATH) for path in self._listed(folder))
        return names_under(prefix, filter(is_secret_name, found))

    def _listed(self, folder: str) -> Iterator[str]:
        keys = self._ask("LIST", "metadata", folder).get("keys")
        for key in keys if isinstance(keys, list) else ():
            if str(key).endswith("/"):
                yield from self._listed(f"{folder}{key}")
            else:
                yield f"{folder}{key}"

    def _ask(self, method: str, kind: str, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
        """Return the data of Vault's answer; none when there is nothing of that name.

        Raises:
            AccessRefused: the token may not.
            NotThere: the store or the namespace does not exist.
            NotAnswered: Vault is sealed, too busy, or cannot be reached.
            GatepassError: it answers in another way than Vault does.
        """
        place = self._place
        headers = {"X-Vault-Token": place.token, "X-Vault-Request": "true", "User-Agent": f"gatepass/{__version__}"}
        if place.namespace is not None:
            headers["X-Vault-Namespace"] = place.namespace
        try:
            answer = self._pool.request(
                method, f"{place.address}/v1/{place.mount}/{kind}/{path}", json=body, headers=headers,
                timeout=_TIMEOUT, retries=False, redirect=False,
            )  # fmt: skip
        except HTTPError as error:
            raise self._unreachable(error) from None
        if answer.status == _NO_CONTENT:
            return {}
        told = _tree(answer.data)
        if answer.status == _OK:
            if not isinstance(told.get("data"), dict):
                raise self._strange(answer.status)
            return dict(told["data"])
        if answer.status == _MISSING and told.get("errors", [] if "data" in told else None) == []:
            # Of what was deleted Vault still tells when; its value is gone.
            return {}
        if answer.status == _MISSING and "errors" not in told:
            raise self._strange(answer.status)
        raise self._refused(answer.status, f"{place.mount}/{kind}/{path}")

    def _refused(self, status: int, path: str) -> GatepassError:
        place = self._place
        match status:
            case 403:
                return AccessRefused(
                    f"Vault at {place.host} refused {path}",
                    why="the token has expired, or its policy does not allow it",
                    next_step="log in again (vault login, or bao login), or ask for: "
                    f'path "{place.mount}/data/{SECRETS_PATH}*" {{ capabilities = ["create", "read", "update"] }} and '
                    f'path "{place.mount}/metadata/{SECRETS_PATH}*" {{ capabilities = ["list", "delete"] }}; '
                    "or use another store",
                    code="403",
                )
            case 404:
                where = f" in namespace {place.namespace}" if place.namespace is not None else ""
                return NotThere(
                    f"Vault at {place.host} has no KV store {place.mount}{where}",
                    why="nothing is mounted there, or there is no such namespace",
                    next_step="name the mount with GATEPASS_VAULT_MOUNT and the namespace with VAULT_NAMESPACE",
                )
            case 503:
                return NotAnswered(
                    f"Vault at {place.host} is sealed, or not ready",
                    why="until it is unsealed it gives and takes nothing",
                    next_step="ask whoever runs it to unseal it, then run the same command again",
                )
            case 429 | 500 | 502 | 504:
                return NotAnswered(
                    f"Vault at {place.host} could not answer",
                    why=f"it answered {status}: it is too busy, or something in it failed",
                    next_step="run the same command again; if it stays so, ask whoever runs it",
                )
            case _:
                return self._strange(status)

    def _strange(self, status: int) -> GatepassError:
        redirects = ", a redirect, which is not followed" if 300 <= status < 400 else ""
        return GatepassError(
            f"what is at {self._place.host} does not answer as Vault does",
            why=f"it answered {status}{redirects}",
            next_step="check VAULT_ADDR; it is Vault's own address, without a path",
        )

    def _unreachable(self, error: HTTPError) -> NotAnswered:
        # The error's own words hold the whole address.
        if isinstance(error, SSLError):
            why, next_step = "its certificate was not accepted", "name the authority's certificate with VAULT_CACERT"
        else:
            why, next_step = "nobody answers at that address", "check VAULT_ADDR, and whether this machine reaches it"
        return NotAnswered(f"Vault at {self._place.host} cannot be reached", why=why, next_step=next_step)


def _path(name: str) -> str:
    demand_secret_name(name)
    return f"{SECRETS_PATH}{name}"


def _tree(content: bytes) -> dict[str, Any]:
    """Return the answer's JSON object; an empty one for anything else."""
    try:
        tree = json.loads(content)
    except ValueError:
        return {}
    return tree if isinstance(tree, dict) else {}
