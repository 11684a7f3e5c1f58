"""A local store with something in it, sealed or in clear, and everything that lies around it."""

from __future__ import annotations

from pathlib import Path

from gatepass.adapters.secret_file import FileSecrets
from tests.local_store import store_in

SUPPORT, AUDIT = "customer/444455556666/support", "customer/444455556666/audit"
ROTATION = "customer/rotation-/444455556666/support"
ID, OTHER_ID, NEW_ID = "gp1.KEYA.MARKERA0MARKERA0", "gp1.KEYB.MARKERB0MARKERB0", "gp1.KEYC.MARKERC0MARKERC0"
WORDS = "correct horse battery staple"


def file_of(folder: Path, name: str) -> Path:
    return folder / "secrets" / name.replace("/", ".")


def key_file(folder: Path) -> Path:
    (found,) = (folder / "keys").iterdir()
    return found


def filled(folder: Path, words: str | None = None) -> FileSecrets:
    store = store_in(folder, words)
    store.put(SUPPORT, ID)
    store.put(AUDIT, OTHER_ID)
    return store


def in_clear(folder: Path) -> None:
    """Leave a store as an earlier version wrote it, with what a writing left that was stopped."""
    (folder / "secrets").mkdir(parents=True, mode=0o700)
    for path, text in ((file_of(folder, SUPPORT), ID), (file_of(folder, AUDIT), OTHER_ID)):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    left = folder / "secrets" / ".customer.444455556666.support.4711"
    left.write_text(NEW_ID, encoding="utf-8")
    left.chmod(0o600)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
