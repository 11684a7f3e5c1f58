"""Credentials that are ready to hand out, found and read with next to no imports: people wait for these.

A question is everything that decides which session is meant, as far as it can be told without a look into the register
or the store. For each question there is a small file, a pointer, which names the file of the session and the files on
which that answer rests; when one of those has changed, the question is asked anew. Both kinds of file lie in private
folders, and neither holds an external ID.
"""

from __future__ import annotations

import os
import stat
import time

# botocore asks for fresh credentials when less is left.
LEAST_LEFT = 15 * 60
# What decides whose credentials are used, where they are asked, and in which register and store the customer is.
_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSM",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "GATEPASS_ACCESS_KEY_ID",
    "GATEPASS_OWN_AWS_ACCESS_KEY_ID",
    "GATEPASS_OWN_AWS_PROFILE",
    "GATEPASS_REGISTER",
    "GATEPASS_STORE",
    "XDG_STATE_HOME",
)
# A prime number. That two texts get one name harms nobody, because the file repeats its text.
_NAMES = 2**128 - 159
_FORM = "gatepass 1"
_LONGEST = 65_536


def cache_folder() -> str:
    """Return the folder for what can be had again: ``$XDG_CACHE_HOME/gatepass``."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification has relative paths ignored.
    return f"{given if given.startswith('/') else os.path.expanduser('~/.cache')}/gatepass"


def sessions_folder() -> str:
    """Return the folder of the sessions that are ready to hand out."""
    return f"{cache_folder()}/sessions"


def question(*words: str) -> str:
    """Return the question that these words ask here and now."""
    environment = os.environ
    parts = [_FORM, *words, *(f"{name}={environment.get(name, '')}" for name in _VARIABLES)]
    key_id = environment.get("AWS_ACCESS_KEY_ID")
    if not key_id or key_id == environment.get("GATEPASS_ACCESS_KEY_ID"):
        # Other keys may stand in the same file by now.
        parts += [mark(path) for path in own_files()]
    return "\x1f".join(parts).replace("\n", "\x1e")


def own_files() -> list[str]:
    """Return the files that one's own credentials may lie in."""
    environment, home = os.environ, os.path.expanduser("~")
    given = environment.get("XDG_STATE_HOME", "")
    state = given if given.startswith("/") else f"{home}/.local/state"
    return [
        f"{state}/gatepass/credentials.json",
        environment.get("AWS_SHARED_CREDENTIALS_FILE") or f"{home}/.aws/credentials",
        environment.get("AWS_CONFIG_FILE") or f"{home}/.aws/config",
    ]


def mark(path: str) -> str:
    """Return what changes whenever the file or the folder at the path does."""
    try:
        found = os.stat(path)
    except OSError:
        return f"- {path}"
    return f"{found.st_mtime_ns} {found.st_ctime_ns} {found.st_size} {found.st_ino} {path}"


def short_name(text: str) -> str:
    """Return a file's name for the text, without the library of digests; the file itself says which text it is for."""
    return f"{int.from_bytes(text.encode('utf-8', 'surrogateescape'), 'big') % _NAMES:032x}"


def pointer_name(asked: str) -> str:
    """Return the name of the question's file."""
    return f"asked-{short_name(asked)}"


def pointer_text(asked: str, session_name: str, rests_on: list[str]) -> str:
    """Return what the question's file says; ``rests_on`` are marks of files."""
    return "\n".join([asked, session_name, *rests_on, ""])


def session_name_of(asked: str) -> str | None:
    """Return the name of the session that was handed out for the question, unless what it rests on has changed."""
    text = read_own(f"{sessions_folder()}/{pointer_name(asked)}")
    if text is None:
        return None
    found, session_name, *rests_on = text.split("\n")[:-1] or ("", "")
    if found != asked or "/" in session_name:
        return None
    for each in rests_on:
        if mark(each[each.index("/") :] if "/" in each else "") != each:
            return None
    return session_name


def ready_answer(asked: str, least_left: float = LEAST_LEFT) -> str | None:
    """Return the credentials for the question, as AWS's tools want them, if they last that long; else None."""
    name = session_name_of(asked)
    return session_answer(name, least_left) if name else None


def session_answer(name: str, least_left: float) -> str | None:
    """Return what is handed out for the session of that name, if it lasts that long; else None."""
    lines = (read_own(f"{sessions_folder()}/{name}") or "").split("\n")
    # Three lines and the end of the last: a file that was cut off is not used.
    if len(lines) != 4 or lines[3] or not lines[0].isdigit():
        return None
    return lines[1] if int(lines[0]) - time.time() >= least_left else None


def read_own(path: str) -> str | None:
    """Return the text of a private file of one's own; None when it is anything else."""
    descriptor = opened_own(path)
    if descriptor is None:
        return None
    try:
        return os.read(descriptor, _LONGEST).decode("utf-8", "surrogateescape")
    except OSError:
        return None
    finally:
        os.close(descriptor)


def opened_own(path: str) -> int | None:
    """Open a private file of one's own, in a private folder of one's own; None when it is anything else.

    What is not used is made anew, so nobody is told.
    """
    try:
        folder = os.lstat(os.path.dirname(path))
        if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.getuid() or folder.st_mode & 0o077:
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    # Of what was opened: another file may be at the path by now.
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077:
        return descriptor
    os.close(descriptor)
    return None
