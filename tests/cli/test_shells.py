"""bash, zsh and fish follow into a customer's account and out of it, and keep to themselves what was typed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import boto3
import pexpect
import pytest

from gatepass.adapters.customer_file import load_customer_file
from gatepass.adapters.iam_roles import IamRoles
from gatepass.adapters.system import SystemClock, SystemRandomness
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.hand_over import hand_over
from gatepass.usecases.plan_grants import plan_account
from tests.cli.shell_story import FLAGS, LOOK, scripts
from tests.cli.test_story import ACCESS, ENTER_EVERYTHING, ROLE
from tests.conftest import CUSTOMER, PROVIDER, Cloud
from tests.people import SUPPORT
from tests.programs import SHELLS, demand_shell

# What a shell must bring back exactly, and must not run.
ODD = 'it\'s "$HOME" `touch owned` \\ $(touch owned) ünïcode; touch owned'
# What differs from one command to the next and is no business of ours.
_SHELLS_OWN = {"_", "SHLVL", "PWD", "OLDPWD"}


@dataclass(frozen=True)
class Told:
    """What a shell left behind in its folder."""

    home: Path
    external_id: str
    printed: str
    code: int

    def environment(self, name: str) -> dict[str, str]:
        """Return the environment that the shell had handed to a command."""
        lines = (self.home / f"{name}.env").read_text(encoding="utf-8").splitlines()
        pairs = (line.partition("=")[::2] for line in lines)
        return {name: value for name, value in pairs if name not in _SHELLS_OWN}

    def seen(self, name: str) -> dict[str, str]:
        """Return AWS's and our own variables as another tool saw them."""
        found: dict[str, str] = json.loads((self.home / f"{name}.json").read_text(encoding="utf-8"))["names"]
        return found

    def json(self, name: str) -> dict[str, object]:
        """Return what a command printed."""
        found: dict[str, object] = json.loads((self.home / f"{name}.json").read_text(encoding="utf-8"))
        return found


@dataclass(frozen=True)
class Scene:
    """A customer with one grant, and an engineer."""

    cloud: Cloud
    keys: tuple[str, str]
    external_id: str

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment of somebody whose every gatepass command is written down with its arguments."""
        (home / "bin").mkdir(parents=True)
        wrapper = home / "bin" / "gatepass"
        real = Path(sys.executable).with_name("gatepass")
        wrapper.write_text(f'#!/bin/sh\necho "$*" >> "{home}/argv.log"\nexec {real} "$@"\n', encoding="utf-8")
        wrapper.chmod(0o700)
        person = self.cloud.person(home, self.keys)
        return {
            **person._environment(),  # noqa: SLF001 - the other way to type
            "PATH": f"{home / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "AWS_SESSION_EXPIRATION": ODD,
            "ROLE": ROLE,
            "ID": self.external_id,
        }


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    file = tmp_path_factory.mktemp("customer") / "access.yml"
    file.write_text(ACCESS, encoding="utf-8")
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        session = boto3.Session(*aws.root_credentials(CUSTOMER), region_name="us-east-1")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
            roles = IamRoles(session)
            planned = plan_account(load_customer_file(file).declaration, roles, SystemClock(), SystemRandomness())
            list(apply_changes(planned.changes, roles, SystemClock(), timedelta()))
            (handed,) = hand_over(SUPPORT, roles)
        assert handed.external_id is not None
        keys = cloud.user(PROVIDER, "netops-1", ENTER_EVERYTHING)
        yield Scene(cloud, keys, handed.external_id.reveal())


@pytest.fixture(scope="module", params=SHELLS)
def told(request: pytest.FixtureRequest, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Told:
    shell: str = request.param
    path, home = demand_shell(shell), tmp_path_factory.mktemp(shell)
    environment = scene.environment(home)
    story, nested = scripts(shell)
    for name, text in (
        ("look.py", LOOK),
        (f"story.{shell}", story),
        (f"nested.{shell}", nested),
        ("id.txt", scene.external_id),
    ):
        (home / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [path, FLAGS[shell], f"story.{shell}"], cwd=home, env=environment, check=False, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return Told(home, scene.external_id, done.stdout, done.returncode)


def test_a_refused_entry_leaves_the_environment_as_it_was(told: Told) -> None:
    assert "refused: 1" in told.printed
    assert told.environment("refused") == told.environment("before")


def test_nothing_that_was_typed_behind_the_role_is_in_any_argument(told: Told) -> None:
    """Everybody on the machine can read the arguments of every process."""
    arguments = (told.home / "argv.log").read_text(encoding="utf-8")

    assert "sudo" in arguments
    assert told.external_id not in arguments
    assert "WRONGWRONG" not in arguments + told.printed
    assert told.external_id not in told.printed
    assert "stays in your shell's history" in told.printed


def test_inside_every_tool_is_the_session(told: Told) -> None:
    seen = told.seen("first")
    assert f"{CUSTOMER}:assumed-role/" in str(told.json("first")["who"])
    assert seen["GATEPASS_ROLE"] == ROLE
    assert seen["AWS_REGION"] == seen["AWS_DEFAULT_REGION"] == "us-east-1"
    assert seen["AWS_CREDENTIAL_EXPIRATION"] == seen["AWS_SESSION_EXPIRATION"]
    assert seen["AWS_SESSION_EXPIRATION"].endswith("Z")
    assert seen["AWS_ACCESS_KEY_ID"].startswith("ASIA")


def test_a_second_session_begins_from_the_persons_own_keys_and_lies_over_the_first(told: Told, scene: Scene) -> None:
    entered = [str(event) for event in scene.cloud.aws.events() if event["eventName"] == "AssumeRole"]

    assert all("user/netops-1" in event for event in entered)
    assert told.seen("second")["AWS_ACCESS_KEY_ID"] != told.seen("first")["AWS_ACCESS_KEY_ID"]
    assert told.json("whoami")["account"] == CUSTOMER
    assert told.seen("third")["AWS_ACCESS_KEY_ID"] == told.seen("first")["AWS_ACCESS_KEY_ID"]


def test_the_region_that_is_chosen_inside_holds_until_one_is_out(told: Told) -> None:
    assert told.seen("second")["AWS_REGION"] == told.seen("second")["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert told.environment("after")["AWS_REGION"] == "us-east-1"


def test_out_again_everything_is_exactly_as_before(told: Told) -> None:
    assert told.code == 0, told.printed
    assert told.environment("after") == told.environment("before")
    assert told.environment("after")["AWS_SESSION_EXPIRATION"] == ODD
    assert not list(told.home.rglob("owned"))
    assert not list((told.home / "state").rglob("*.json"))


def test_a_shell_that_is_started_inside_leaves_for_itself(told: Told) -> None:
    """It begins in the session that its parent is in; the parent stays there, and nobody else's stack is touched."""
    assert told.environment("inner")["AWS_ACCESS_KEY_ID"] == told.seen("second")["AWS_ACCESS_KEY_ID"]
    assert told.environment("nested")["AWS_ACCESS_KEY_ID"].startswith("AKIA")
    assert told.environment("nested")["AWS_SESSION_EXPIRATION"] == ODD
    assert not any(name.startswith(("GATEPASS_ROLE", "GATEPASS_OWN")) for name in told.environment("nested"))
    assert told.seen("kept") == told.seen("second")


def test_a_command_gets_the_session_without_the_persons_own_keys_and_its_exit_code_comes_back(told: Told) -> None:
    assert "exec: 7" in told.printed
    assert told.environment("exec")["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert not any(name.startswith(("GATEPASS_OWN", "GATEPASS_S")) for name in told.environment("exec"))


def test_status_lists_the_stack_and_no_key(told: Told) -> None:
    text = (told.home / "status.json").read_text(encoding="utf-8")
    (session,) = json.loads(text)["sessions"]

    assert (session["where"], session["current"], session["account"]) == ("this terminal", True, CUSTOMER)
    assert not session["expired"]
    assert "ASIA" not in text


# What a person has in the start file before the line for Gatepass: a prompt of one's own.
_START = {
    "bash": ("bashrc", "PS1='mine> '; PROMPT_COMMAND='true;'\neval \"$(gatepass shell-init bash)\"\n"),
    "zsh": (".zshrc", "PROMPT='mine> '\nautoload -Uz compinit; compinit -u\neval \"$(gatepass shell-init zsh)\"\n"),
    "fish": (
        ".config/fish/config.fish",
        "function fish_greeting; end\nfunction fish_prompt; printf 'mine> '; end\ngatepass shell-init fish | source\n",
    ),
}
_ARGUMENTS = {"bash": ["--noprofile", "--rcfile", "bashrc", "-i"], "zsh": ["-i"], "fish": ["-i"]}
REGISTER = f"""\
gatepass: provider
version: 1
account: "{PROVIDER}"
teams:
  netops: {{iam_groups: [NetOps]}}
customers:
  acme-prod:
    company: acme
    account: "{CUSTOMER}"
    key: KEY00001
    roles: {{support: "{ROLE}"}}
    teams: {{support: [netops]}}
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_at_a_terminal_tab_completes_and_the_prompt_tells_whose_account_it_is(
    scene: Scene, shell: str, tmp_path: Path
) -> None:
    environment = scene.environment(tmp_path / shell)
    home = tmp_path / shell
    name, start = _START[shell]
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    (home / name).write_text(start, encoding="utf-8")
    (home / "register.yml").write_text(REGISTER, encoding="utf-8")
    environment |= {"TERM": "xterm", "HOME": str(home), "ZDOTDIR": str(home)}
    terminal = pexpect.spawn(
        demand_shell(shell), _ARGUMENTS[shell], cwd=str(home), env=environment, encoding="utf-8", timeout=20,
        dimensions=(30, 200),
    )  # fmt: skip

    terminal.expect("mine> ")
    terminal.send("gatepass customers show --file register.yml acm\t")
    terminal.expect("acme-prod")
    terminal.send("\n")
    terminal.expect(ROLE)
    terminal.expect("mine> ")
    terminal.sendline('gatepass sudo $ROLE "$ID"')
    terminal.expect("in customer account 444455556666")
    terminal.expect("customer ServiceProvider-111122223333-support 444455556666 us-east-1 5[0-9]m mine> ")
    terminal.sendline({"fish": "set -gx"}.get(shell, "export") + _PAST[shell])
    terminal.expect("customer ServiceProvider-111122223333-support 444455556666 us-east-1 EXPIRED mine> ")
    terminal.sendline("gatepass leave")
    terminal.expect("left customer account 444455556666")
    terminal.expect(r"[\r\n]([^\r\n]*)mine> ")
    assert "customer" not in str(terminal.match[1])
    terminal.sendline("exit")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert scene.external_id not in (home / "argv.log").read_text(encoding="utf-8")


_PAST = {
    "bash": " AWS_SESSION_EXPIRATION=2020-01-01T00:00:00Z",
    "zsh": " AWS_SESSION_EXPIRATION=2020-01-01T00:00:00Z",
    "fish": " AWS_SESSION_EXPIRATION 2020-01-01T00:00:00Z",
}
