"""The passphrase of the local store, as a person or a machine's administrator gives it; never as an argument."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from gatepass.domain.errors import Conflict, GatepassError, InvalidInput

PASSPHRASE, PASSPHRASE_FILE = "GATEPASS_STORE_PASSPHRASE", "GATEPASS_STORE_PASSPHRASE_FILE"
SHORTEST = 12
_LONGEST_BYTES = 4096
_ROOT = 0


def typed_passphrase(environment: Mapping[str, str], *, is_new: bool) -> str:
    """Return the passphrase: from the environment, the file that it names, or the terminal.

    Args:
        environment: of the process.
        is_new: whether values will be sealed with it from now on; then it must be long, and is asked for twice.

    Raises:
        GatepassError: nobody gave one, and there is no terminal to ask at.
        InvalidInput: it is too short to protect anything.
        Conflict: others may read its file.
    """
    given, file = environment.get(PASSPHRASE), environment.get(PASSPHRASE_FILE)
    found = given or (_from_file(file) if file else _asked(is_new=is_new))
    if is_new and len(found) < SHORTEST:
        raise InvalidInput(
            f"the passphrase is shorter than {SHORTEST} characters",
            why="whoever has a copy of the store can try short ones one after the other",
            next_step="choose five or more random words",
        )
    return found


def _from_file(path: str) -> str:
    """Return the first line of the file; a link is followed, as secrets are handed to services by links."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_uid not in {os.getuid(), _ROOT} or found.st_mode & 0o027:
                raise Conflict(
                    f"{path} is not used",
                    why="the passphrase of the store may be in a plain file of yours or root's only, closed to others",
                    next_step=f"chmod 600 {path}",
                )
            text = file.read(_LONGEST_BYTES).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be read: {error.strerror}",
            why=f"{PASSPHRASE_FILE} names it as the file with the passphrase of the local store",
            next_step=f"ls -l {path}",
        ) from None
    return text.partition("\n")[0].removesuffix("\r")


def _asked(*, is_new: bool) -> str:
    from getpass import getpass  # noqa: PLC0415 - few are asked

    try:
        # Looked at first: getpass would fall back to standard input, which may be somebody's list of accounts.
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
        found = getpass("Passphrase of the local store: ")
        if is_new and getpass("The same again: ") != found:
            raise InvalidInput("the two passphrases differ", next_step="run it again")
    except (OSError, EOFError):
        raise GatepassError(
            "the local store is sealed with a passphrase, and nobody is at a terminal to type it",
            why=f"neither {PASSPHRASE} nor {PASSPHRASE_FILE} is set",
            next_step=f"set {PASSPHRASE_FILE} to a file with it that only you may read, or run it at a terminal",
        ) from None
    return found
