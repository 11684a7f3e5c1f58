"""Choosing at a terminal: type, filter, arrows, Esc; and the terminal is as it was afterwards."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.cli.person import Person
from tests.conftest import PROVIDER, Cloud

CUSTOMERS = ("acme-dev", "acme-prod", "blue-media", "north-bank")
ROLE = "arn:aws:iam::44445555666{0}:role/gatepass/ServiceProvider-111122223333-support"
REGISTER = 'gatepass: provider\nversion: 1\naccount: "111122223333"\nteams: {netops: {iam_groups: [NetOps]}}\ncustomers:\n' + "".join(
    f"  {name}:\n    company: {name.partition('-')[0]}\n    account: \"44445555666{number}\"\n    key: KEYOF{number}KEYOF{number}\n"
    f"    roles: {{support: {ROLE.format(number)}}}\n    teams: {{support: [netops]}}\n"
    for number, name in enumerate(CUSTOMERS)
)  # fmt: skip
# Keys as terminals send them.
DOWN, UP, ENTER, ESC, CTRL_C = "\x1b[B", "\x1b[A", "\r", "\x1b", "\x03"
# Without its second factor nobody enters, and the refusal names who was chosen.
CHOSEN = r"keeps no second factor for (\S+)"


@pytest.fixture(scope="module")
def netops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    home = tmp_path_factory.mktemp("netops")
    (home / "customers.yml").write_text(REGISTER, encoding="utf-8")
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        keys = cloud.user(PROVIDER, "netops-1", '{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}')
        person = cloud.person(home, keys)
        person.environment |= {"TERM": "xterm", "GATEPASS_STORE": "file"}
        yield person


def choosing(netops: Person, command: str = "gatepass sudo", rows: int = 24, columns: int = 80) -> pexpect.spawn[str]:
    """Type the command in a shell, between two looks at the terminal's settings."""
    line = f"stty -g > before; python -m {command}; echo code $?; stty -g > after"
    return netops.at_terminal_of(["sh", "-c", line], (rows, columns))


def ended(shell: pexpect.spawn[str], home: Path) -> str:
    """Return what the command said last, once the terminal has been seen to be as it was."""
    shell.expect(r"code \d+")
    code = str(shell.after)
    said = str(shell.before)
    shell.expect(pexpect.EOF)
    assert (home / "after").read_text(encoding="utf-8") == (home / "before").read_text(encoding="utf-8")
    return f"{said}{code}"


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (ENTER, "acme-dev/support"),
        (DOWN + DOWN + UP + ENTER, "acme-prod/support"),
        ("nbk" + ENTER, "north-bank/support"),
        ("xx\x7f\x7fMEDIA" + ENTER, "blue-media/support"),
        ("acme" + DOWN + DOWN + DOWN + ENTER, "acme-prod/support"),
    ],
)
def test_what_is_typed_filters_and_enter_takes_the_marked_one(netops: Person, keys: str, chosen: str) -> None:
    shell = choosing(netops)
    shell.expect("Which customer")
    shell.send(keys)

    said = ended(shell, netops.home)

    assert re.findall(CHOSEN, said) == [chosen]
    assert said.endswith("code 1")


def test_esc_chooses_nobody_and_an_interrupt_is_one(netops: Person) -> None:
    for keys, words, code in (
        (ESC, "nothing was chosen", 1),
        ("zzz" + ENTER + ESC, "nothing was chosen", 1),
        (CTRL_C, "stopped", 130),
    ):
        shell = choosing(netops)
        shell.expect("Which customer")
        shell.send(keys)
        said = ended(shell, netops.home)
        assert words in said
        assert said.endswith(f"code {code}")


def test_a_process_that_is_ended_leaves_the_terminal_as_it_was(netops: Person) -> None:
    shell = choosing(netops)
    shell.expect("Which customer")
    # The command's own process, the shell's only child.
    child = int(Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text(encoding="utf-8").split()[0])
    os.kill(child, signal.SIGTERM)

    assert ended(shell, netops.home).endswith("code 143")


def test_a_small_terminal_and_one_that_changes_show_what_fits(netops: Person) -> None:
    shell = choosing(netops, rows=5, columns=18)
    shell.expect("Which customer")
    shell.setwinsize(30, 100)
    shell.expect("north-bank/support")
    shell.setwinsize(4, 10)
    shell.send("bank" + ENTER)

    assert re.findall(CHOSEN, ended(shell, netops.home).replace("\r\n", " ")) == ["north-bank/support"]


def test_without_colours_the_marked_one_has_a_sign(netops: Person) -> None:
    shell = choosing(netops)
    shell.expect("> .*acme-dev/support")
    shell.send(ESC)

    assert not re.search(
        r"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|38|48)[;m]",
        ended(shell, netops.home).partition("gatepass: error")[0].removesuffix("\x1b[31m"),
    )


def test_a_company_of_several_accounts_offers_these(netops: Person) -> None:
    shell = choosing(netops, "gatepass sudo acme")
    shell.expect("acme has several accounts")
    shell.send("prod" + ENTER)

    assert re.findall(CHOSEN, ended(shell, netops.home)) == ["acme-prod/support"]


def test_away_from_a_terminal_nothing_is_asked(netops: Person) -> None:
    alone = netops.types("gatepass sudo")
    company = netops.types("gatepass sudo acme")

    assert alone.returncode == 2
    assert "there is no terminal here to choose one at" in alone.stdout
    assert company.returncode == 1
    assert [name for name in CUSTOMERS if name in company.stdout] == ["acme-dev", "acme-prod"]
