"""What a shell evaluates when it starts, so that it follows Gatepass into customers' accounts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from gatepass.render.shell_quoting import quoted_for_powershell

_FOLDER = Path(__file__).with_name("shells")
_START_FILES = {"bash": "~/.bashrc", "zsh": "~/.zshrc"}
_FUNCTIONS = {"bash": "gatepass.sh", "zsh": "gatepass.sh", "fish": "gatepass.fish", "powershell": "gatepass.ps1"}
_SUFFIXES = {"bash": "bash", "zsh": "zsh", "fish": "fish", "powershell": "ps1"}
_OPTION = re.compile(r"--?[a-z][a-z-]*", re.ASCII)
# What completion is written for.
COMPLETED = ("bash", "zsh", "fish")


def shell_function(shell: str, value_options: Iterable[str]) -> str:
    """Return the function ``gatepass`` of the shell.

    Args:
        shell: which one.
        value_options: the options of ``sudo`` that take the next word, so that it is not taken for an external ID.
    """
    options = sorted(value_options)
    if not options or not all(_OPTION.fullmatch(each) for each in options):
        raise ValueError("the options of sudo cannot be written into a shell's function")
    written = {
        "fish": " ".join(options),
        "powershell": ", ".join(quoted_for_powershell(each) for each in options),
    }.get(shell, "|".join(options))
    text = _text(_FUNCTIONS[shell]).replace("@VALUE_OPTIONS@", written)
    return text.replace("@SHELL@", shell).replace("@FILE@", _START_FILES.get(shell, ""))


def prompt_segment(shell: str) -> str:
    """Return what puts the segment in front of the person's own prompt."""
    return _text(f"prompt.{_SUFFIXES[shell]}")


def completion_script(shell: str) -> str:
    """Return what completes the words of ``gatepass`` behind the Tab key."""
    return _text(f"completion.{_SUFFIXES[shell]}")


def starship_module() -> str:
    """Return the module for starship's configuration."""
    return _text("starship.toml")


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
