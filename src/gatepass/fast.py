"""The command ``gatepass``: what people wait for runs at once, everything else as ``gatepass.cli.main``.

A Python that does nothing takes 12 ms, and the libraries of a command line five times as long. So the usual forms of
``credential-process``, ``prompt`` and ``sudo`` are told here by their words alone; with any other option they are
commands like all others. tests/cli/test_imports.py lists what may be loaded on the way.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeVar

    T = TypeVar("T")

# Modules of the standard library that others import for what our hot path never asks of them: dataclasses the first
# two, urllib.parse (for pathlib) the third, socket the fourth, pathlib the last. Each is loaded once it is used.
# Together they take longer to load than all our values.
_PUT_OFF = ("inspect", "copy", "ipaddress", "selectors", "ntpath")
_USUAL_SECONDS = 3600
_SHELLS = frozenset({"plain", "bash", "zsh", "fish", "powershell", "starship"})


def main() -> NoReturn:
    """Run one command and exit: 0 done, 1 failed, 2 usage, 3 changes pending or something found."""
    words = sys.argv[1:]
    code = None
    if len(words) == 2 and words[0] == "credential-process" and not words[1].startswith("-"):
        code = _hand_out(words[1])
    elif len(words) == 2 and words[0] == "sudo" and not words[1].startswith(("-", "arn:")):
        code = _sudo(words[1])
    elif words and words[0] == "prompt":
        code = _prompt(words[1:])
    if code is None:
        from gatepass.cli.main import main as whole  # noqa: PLC0415

        gc.enable()
        whole()
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End at once: there is nothing to tidy up, and Python would take every module apart."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        # Whoever read it has gone, and wants no more.
        os._exit(1)
    os._exit(code)


def _hand_out(target: str) -> int | None:
    """Print credentials that are ready, or enter; None to leave it to the whole command line."""
    from gatepass.adapters import warm_answers  # noqa: PLC0415

    register, store = _places()
    asked = warm_answers.question("credential-process", target, str(_USUAL_SECONDS), register, store)
    answer = warm_answers.ready_answer(asked)
    if answer is None:
        _load_lightly()
        answer = _told(lambda: _handed_out(target, register, store, asked))
    if answer is None:
        return 1
    sys.stdout.write(f"{answer}\n")
    return 0


def _handed_out(target: str, register: str, store: str, asked: str) -> str:
    from gatepass.cli.handing_out import handed_out  # noqa: PLC0415
    from gatepass.cli.registered_entry import USUAL_DURATION  # noqa: PLC0415

    return handed_out(target, USUAL_DURATION, register, store, asked)


def _sudo(target: str) -> int | None:
    """Enter a registered customer's role; None to leave it to the whole command line."""
    # The shell's function hands on an external ID that was typed.
    if "GATEPASS_TYPED" in os.environ:
        return None
    _load_lightly()
    is_in = _told(lambda: _entered(target))
    return 1 if is_in is None else 0 if is_in else None


def _entered(target: str) -> bool:
    from gatepass.cli.registered_entry import quick_sudo  # noqa: PLC0415

    return quick_sudo(target, *_places())


def _places() -> tuple[str, str]:
    """Return the register and the kind of store that are meant without options."""
    environment = os.environ
    register = os.path.abspath(environment.get("GATEPASS_REGISTER") or "customers.yml")
    return register, environment.get("GATEPASS_STORE") or "ssm"


def _told(work: Callable[[], T]) -> T | None:
    """Return what comes of the work, or None once its failure was told as every command tells it."""
    from gatepass.domain.errors import GatepassError  # noqa: PLC0415

    try:
        return work()
    except GatepassError as error:
        from gatepass.cli.output import report  # noqa: PLC0415

        report(error, as_json=False)
        return None
    except KeyboardInterrupt:
        sys.stderr.write("\ngatepass: stopped\n")
        sys.exit(130)


def _prompt(words: list[str]) -> int | None:
    """Print the prompt's segment; None to leave it to the whole command line."""
    shell, always = "plain", "--always" in words
    rest = [word for word in words if word != "--always"]
    if len(rest) == 1 and rest[0].startswith("--shell="):
        shell = rest[0][len("--shell=") :]
    elif len(rest) == 2 and rest[0] == "--shell":
        shell = rest[1]
    elif rest:
        return None
    if shell not in _SHELLS:
        return None
    from gatepass.adapters.prompt_label import place_here  # noqa: PLC0415

    place = place_here()
    if place is not None:
        import time  # noqa: PLC0415

        from gatepass.render.prompt_segment import customer_segment  # noqa: PLC0415

        environment = os.environ
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or ""
        colour = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
        segment = customer_segment(place[0], place[1], region, place[2], time.time(), shell, colour=colour)
        sys.stdout.write(f"{segment}\n")
    elif always:
        sys.stdout.write("provider\n")
    return 0


def _load_lightly() -> None:
    """Make loading quick: put off what nobody uses here, and look for no garbage in what stays to the end.

    Where the whole command line takes over, both begin again.
    """
    from gatepass.put_off import PutOff  # noqa: PLC0415

    gc.disable()
    for name in _PUT_OFF:
        if name not in sys.modules:
            sys.modules[name] = PutOff(name)
