"""What lets one into a platform: from the environment, the keyring, or a file of the platform's own tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from gatepass.adapters.json_api_documents import read_tree
from gatepass.adapters.json_api_exchange import is_this_machine
from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.workspace_setup import Platform
from gatepass.private_files import demand_private, read_private

_TOKEN = re.compile(r"[!-~]{1,4096}", re.ASCII)
_CREDENTIALS_BLOCK = re.compile(
    r'^\s*credentials\s+"([^"\s]+)"\s*\{[^{}]*?\btoken\s*=\s*"([^"\\]*)"[^{}]*\}', re.MULTILINE
)
_KEYRING_SERVICE = "gatepass"
_LONGEST_FILE = 1024 * 1024

Keyring = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class PlatformToken:
    """A token, which shows itself to nobody.

    Attributes:
        text: the token.
        origin: where it came from, in words.
        how_to_give: how to give another one.
    """

    text: str = field(repr=False)
    origin: str
    how_to_give: str = "give another token"

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.text):
            raise InvalidInput(
                f"the token from {self.origin} cannot be used",
                why="it is empty, or has a space, a line end or a letter in it that no token has",
                next_step="copy it again, without what stands around it",
            )

    def reveal(self) -> str:
        """Return the token, for the header of a request."""
        return self.text


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a platform's tokens lie.

    Attributes:
        variable: the environment variable for the one host that `host_variable` names.
        own: the platform's own domains: a token that is sent there reaches nobody else.
    """

    variable: str
    host_variable: str
    own: tuple[str, ...]
    log_in: str


_PLACES = {
    Platform.SCALR: _Places("SCALR_TOKEN", "SCALR_HOSTNAME", (".scalr.io",), "scalr -configure"),
    Platform.HCP: _Places("TFE_TOKEN", "TFE_HOSTNAME", ("app.terraform.io", "app.eu.terraform.io"), "terraform login"),
}


def platform_token(
    platform: Platform, hostname: str, environment: Mapping[str, str], home: Path, keyring: Keyring | None = None
) -> PlatformToken:
    """Return the token for that host: the environment's, the keyring's, or that of the platform's own tools.

    Args:
        platform: which.
        hostname: for which host; no token is given to another.
        environment: the environment variables.
        home: the person's folder.
        keyring: looks into a keyring, by service and user; by default the desktop's, where the extra is installed.

    Raises:
        GatepassError: there is none.
        InvalidInput: it has a line end or the like in it.
        Conflict: the file that it lies in may be read by others.
    """
    places = _PLACES[platform]
    how = f"export {places.variable}=... with {places.host_variable}={hostname}, or log in: {places.log_in}"
    for found in (
        _from_environment(platform, hostname, environment),
        _from_keyring(hostname, keyring),
        _from_files(platform, hostname, environment, home),
    ):
        if found is not None:
            text, origin = found
            return PlatformToken(text, origin, how)
    withheld = places.variable in environment
    raise GatepassError(
        f"there is no token for {platform.title} at {hostname}",
        why=f"{places.variable} is set, but {places.host_variable} does not say that it is for this host"
        if withheld
        else f"{places.variable} is not set, and neither the keyring nor a file of its own tools holds one",
        next_step=f"export {places.host_variable}={hostname}" if withheld else how,
    )


def _from_environment(platform: Platform, hostname: str, environment: Mapping[str, str]) -> tuple[str, str] | None:
    if platform is Platform.HCP:
        # As Terraform reads them: hyphens are written as two underscores since 1.2, and before as they are.
        plain = hostname.lower().replace(".", "_")
        for name in (f"TF_TOKEN_{plain.replace('-', '__')}", f"TF_TOKEN_{plain}"):
            if environment.get(name):
                return environment[name], name
    places = _PLACES[platform]
    token = environment.get(places.variable)
    return (token, places.variable) if token and _is_for(hostname, places, environment) else None


def _is_for(hostname: str, places: _Places, environment: Mapping[str, str]) -> bool:
    """Say whether the variable's token is for that host: a file from elsewhere could name any."""
    named = environment.get(places.host_variable, "").strip().lower()
    host = hostname.lower()
    if named:
        return named == host
    bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    own = any(bare == each or (each.startswith(".") and bare.endswith(each)) for each in places.own)
    return own or is_this_machine(bare.strip("[]"))


def _from_keyring(hostname: str, keyring: Keyring | None) -> tuple[str, str] | None:
    found = (keyring or _desktop_keyring)(_KEYRING_SERVICE, hostname)
    return (found, "the keyring") if found else None


def _desktop_keyring(service: str, user: str) -> str | None:
    if find_spec("keyring") is None:
        return None
    import keyring  # noqa: PLC0415 - an optional extra, and looking for backends takes its time
    from keyring.errors import KeyringError  # noqa: PLC0415 - loaded where a keyring is asked

    try:
        return keyring.get_password(service, user)
    except (KeyringError, RuntimeError):
        # Locked, or none is there: the files come next, and the error in the end names all places.
        return None


def _from_files(
    platform: Platform, hostname: str, environment: Mapping[str, str], home: Path
) -> tuple[str, str] | None:
    if platform is Platform.SCALR:
        path = home / ".scalr" / "scalr.conf"
        kept = _scalr_token(_private_tree(path), hostname)
        if kept:
            return kept, str(path)
    path = home / ".terraform.d" / "credentials.tfrc.json"
    credentials = _private_tree(path).get("credentials")
    entry = credentials.get(hostname) if isinstance(credentials, dict) else None
    token = entry.get("token") if isinstance(entry, dict) else None
    if isinstance(token, str) and token:
        return token, str(path)
    given = environment.get("TF_CLI_CONFIG_FILE") or environment.get("TERRAFORM_CONFIG")
    return _from_settings(Path(given) if given else home / ".terraformrc", hostname)


def _private_tree(path: Path) -> Mapping[str, object]:
    try:
        return read_tree(read_private(path)[:_LONGEST_FILE])
    except FileNotFoundError:
        return {}
    except ValueError:
        raise GatepassError(
            f"{path} cannot be read",
            why="it is no JSON object, as the tool that writes it makes it",
            next_step="log in with that tool again, or give the token by the environment",
        ) from None


def _scalr_token(tree: Mapping[str, object], hostname: str) -> str:
    """Return the token that the file holds for the host, at the top or in one of its profiles."""
    if tree.get("hostname") == hostname and isinstance(tree.get("token"), str):
        return str(tree["token"])
    inside = (each for each in tree.values() if isinstance(each, dict))
    return next(filter(None, (_scalr_token(each, hostname) for each in inside)), "")


def _from_settings(path: Path, hostname: str) -> tuple[str, str] | None:
    """Return the token of Terraform's own settings, where they hold it in a plain block."""
    try:
        if path.stat().st_size > _LONGEST_FILE:
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    for host, token in _CREDENTIALS_BLOCK.findall(text):
        if host == hostname and token:
            # Settings alone may be read by everybody; with a token in them they may not.
            demand_private(path)
            return token, str(path)
    return None
