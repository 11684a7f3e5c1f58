"""No value runs: every shell takes back exactly what was written for it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatepass.domain.errors import InvalidInput
from gatepass.render.shell_quoting import (
    SHELLS,
    environment_lines,
    quoted_for_fish,
    quoted_for_posix,
    quoted_for_powershell,
)
from tests.programs import SHELLS as REAL
from tests.programs import demand_shell

_SHOW = {
    "bash": 'for n in "${!GATEPASS_T@}"; do printf "%s=%s\\n" "$n" "${!n}"; done',
    "zsh": 'for n in ${(ok)parameters[(I)GATEPASS_T*]}; do printf "%s=%s\\n" "$n" "${(P)n}"; done',
    "fish": 'for n in (set -nx | string match "GATEPASS_T*"); printf "%s=%s\\n" $n "$$n"; end',
}
_FLAGS = {"bash": ("--norc", "--noprofile"), "zsh": ("-f",), "fish": ("--no-config",)}
_NASTY = [
    "", " ", "'", '"', "\\", "\\'", "'\\''", "$HOME", "$(touch owned)", "`touch owned`", "; touch owned", "(touch owned)",
    "$'x'", "!!", "~", "*", "-n", "--", "#", "&", "a\tb", "ünïcode ✓ 日本", "\u2018\u2019\u201a\u201b", "\x1b[31m", "%s%n",
    "\\", "\\\\", "x\\", "'; touch owned; '", "{a,b}", "[[", "|", "<owned", ">owned", "^", "\x7f",
]  # fmt: skip
_VALUES = st.lists(
    st.text(st.characters(blacklist_characters="\0\r\n", blacklist_categories=["Cs"])), min_size=1, max_size=40
)


def evaluated(shell: str, values: list[str], folder: Path) -> list[str]:
    """Return the values after the shell has evaluated the lines that set them."""
    changes = {f"GATEPASS_T{number:03}": value for number, value in enumerate(values)}
    script = environment_lines(shell, changes) + _SHOW[shell] + "\n"
    done = subprocess.run(
        [demand_shell(shell), *_FLAGS[shell]], input=script.encode(), capture_output=True, check=True, cwd=folder,
        env={"PATH": "/nowhere", "LC_ALL": "C.UTF-8", "HOME": str(folder)},
    )  # fmt: skip
    assert done.stderr == b""
    lines = done.stdout.decode().split("\n")[:-1]
    return [line.partition("=")[2] for line in sorted(lines)]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b", "\n"])
def test_what_no_line_can_hold_is_refused_and_not_repeated(shell: str, value: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be handed to the shell") as caught:
        environment_lines(shell, {"AWS_PROFILE": value})

    assert value not in caught.value.what + caught.value.why


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ["", "A B", "x;y", "1A", "A\n", "Ä"])
def test_a_name_that_is_none_becomes_no_line(shell: str, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a variable"):
        environment_lines(shell, {name: None})


@pytest.mark.parametrize("shell", REAL)
def test_every_value_comes_out_of_the_shell_as_it_went_in(shell: str, tmp_path: Path) -> None:
    @settings(max_examples=40)
    @example(_NASTY)
    @given(_VALUES)
    def check(values: list[str]) -> None:
        assert evaluated(shell, values, tmp_path) == values

    check()
    assert not [path for path in tmp_path.rglob("*") if path.name == "owned"]


@pytest.mark.parametrize("shell", REAL)
def test_unsetting_unsets(shell: str, tmp_path: Path) -> None:
    script = environment_lines(shell, {"GATEPASS_T1": "x", "GATEPASS_T2": "y"})
    script += environment_lines(shell, {"GATEPASS_T1": None, "GATEPASS_T3": None}) + _SHOW[shell] + "\n"

    done = subprocess.run(
        [demand_shell(shell), *_FLAGS[shell]], input=script, capture_output=True, check=True, text=True,
        env={"PATH": "/nowhere", "HOME": str(tmp_path)},
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("GATEPASS_T2=y\n", "")


def test_powershell_doubles_every_mark_that_it_takes_for_a_quotation_mark() -> None:
    """It is not run here: Debian does not package it. Its own EscapeSingleQuotedStringContent doubles the same."""
    assert quoted_for_powershell("it's $env:X `n \u2018a\u2019 \u201ab\u201b \u201cc\u201d") == (
        "'it''s $env:X `n \u2018\u2018a\u2019\u2019 \u201a\u201ab\u201b\u201b \u201cc\u201d'"
    )
    assert environment_lines("powershell", {"A": "x", "B": None}) == (
        "$env:A = 'x'\nRemove-Item Env:B -ErrorAction SilentlyContinue\n"
    )


def test_one_word_stays_readable() -> None:
    assert quoted_for_posix("it's") == "'it'\\''s'"
    assert quoted_for_fish("it's \\") == "'it\\'s \\\\'"
