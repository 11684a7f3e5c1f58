"""The prompt's segment: words before colours, and nothing that a shell could take for more than text."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gatepass.render.prompt_segment import SHELLS, customer_segment
from tests.programs import demand_shell

ROLE = "arn:aws:iam::444455556666:role/gatepass/HIO-DEV-EUW1-ServiceProvider-support"
EVIL = "$(touch pwned)`touch pwned`${PWNED:=x}\\$(touch pwned)%n%{\\[\\e[31m!!;'\"\x1b]0;x\x07\x01\n\r"


def segment(
    left: float | None = 3600, shell: str = "plain", *, way: str = "acme-prod/support", colour: bool = True
) -> str:
    ends_at = None if left is None else 1_000.0 + left
    return customer_segment(way, ROLE, "eu-west-1", ends_at, 1_000.0, shell, colour=colour)


@pytest.mark.parametrize(
    ("left", "words", "tint"),
    [
        (None, "EXPIRED", "1;31"), (-1, "EXPIRED", "1;31"), (0, "EXPIRED", "1;31"), (59, "<1m", "38;5;208"), (60, "1m", "38;5;208"),
        (300, "5m", "38;5;208"), (301, "5m", "32"), (3599, "59m", "32"), (3600, "1h00m", "32"), (43_200, "12h00m", "32"),
    ],
)  # fmt: skip
def test_the_time_left_is_told_in_words_and_in_colour(left: float | None, words: str, tint: str) -> None:
    assert segment(left) == f"customer acme-prod/support 444455556666 eu-west-1 {words}"
    assert segment(left, "fish").endswith(f"\x1b[{tint}m{words}\x1b[0m")


@pytest.mark.parametrize(("shell", "before", "after"), [("bash", "\\[", "\\]"), ("zsh", "%{", "%}")])
def test_each_shell_is_told_which_characters_take_no_room(shell: str, before: str, after: str) -> None:
    shown = segment(3600, shell)

    assert shown.count("\x1b") == 4
    assert shown.count(f"{before}\x1b[") == shown.count(f"m{after}") == 4


@pytest.mark.parametrize("shell", SHELLS)
def test_without_colour_the_words_say_the_same(shell: str) -> None:
    assert segment(3600, shell, colour=False) == segment(3600, "plain")


def test_a_role_that_no_register_knows_is_told_by_its_name() -> None:
    assert segment(way="/").startswith("customer HIO-DEV-EUW1-ServiceProvider-support 444455556666")


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_shell_could_take_for_more_than_text_is_left_out(shell: str) -> None:
    shown = customer_segment(EVIL, f"arn:aws:iam::{EVIL}:role/{EVIL}", EVIL, None, 0.0, shell, colour=False)

    assert not set(shown) & set("$`\\%!;'\"(){}[]\x1b\x07\x01\n\r")
    assert len(shown) < 400


@pytest.mark.parametrize(
    ("shell", "draw"),
    [
        ("bash", 'PS1="$1 "; printf %s "${PS1@P}"'),
        ("zsh", 'setopt prompt_subst prompt_bang; print -rP -- "$1 "'),
        ("fish", 'eval "function fish_prompt; printf %s \\"$argv[1]\\"; end"; fish_prompt'),
    ],
)
def test_shells_draw_what_an_attacker_wrote_and_run_nothing(tmp_path: Path, shell: str, draw: str) -> None:
    demand_shell(shell)
    shown = customer_segment(EVIL, f"arn:aws:iam::{EVIL}:role/{EVIL}", EVIL, None, 0.0, shell, colour=True)
    words = [shell, "-c", draw, *(["shell"] if shell != "fish" else []), shown]

    done = subprocess.run(
        words,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        check=True,
        text=True,
        capture_output=True,
    )

    assert "customer" in done.stdout
    assert "EXPIRED" in done.stdout
    assert not (tmp_path / "pwned").exists()
