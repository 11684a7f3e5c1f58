"""What README and docs tell people to type exists."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from gatepass.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
_TYPED = re.compile(r"(?:^|`|\| )(?:[\w-]+\$ )?(gatepass(?: [^`\n#|<]*)?)", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def typed(page: Path) -> list[list[str]]:
    """Return the gatepass commands that the page shows, word by word."""
    commands = [found.split() for found in _TYPED.findall(page.read_text(encoding="utf-8"))]
    return [words for words in commands if len(words) > 1 and re.fullmatch(r"[a-z-]+", words[1])]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_and_option_of_a_page_exists(page: Path) -> None:
    context = click.Context(cli, info_name="gatepass")
    for words in typed(page):
        command = cli.get_command(context, words[1])
        assert command is not None, f"{page.name}: {' '.join(words)}"
        rest = words[2:]
        if isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z-]+", rest[0]):
            command = command.get_command(context, rest[0])
            assert command is not None, f"{page.name}: {' '.join(words)}"
        own = rest[: rest.index("--")] if "--" in rest else rest
        options = {name for parameter in command.params for name in parameter.opts} | {"--help", "--version"}
        assert not [word for word in own if word.startswith("--") and word.split("=")[0] not in options], words


def test_the_readme_begins_with_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert lines[3].startswith("make demo")
    assert lines[4].startswith("make test")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"
