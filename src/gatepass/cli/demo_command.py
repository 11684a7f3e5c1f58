"""Play the story: real commands, each in a process of its own, against an embedded AWS."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepass.cli.demo_story import ACCESS_FILE, BUCKETS, STORY, Facts, Scene, Step
from gatepass.cli.main import run
from gatepass.cli.output import ExitCode
from gatepass.cli.paired_story import PAIRED_STORY, REGISTER_FILE
from gatepass.domain.errors import GatepassError

if TYPE_CHECKING:
    from gatepass.sandbox.stage import Keys, Stage

_CODE = re.compile(r"(gp1\.[A-Z0-9]+\.)[A-Z0-9]+")
_SECOND_FACTOR = re.compile(r"^second factor: (gp1\.\S+)$", re.MULTILINE)
_REFUSED = re.compile(r"^gatepass: error: AWS (refused|does not accept) ", re.MULTILINE)
_WITH_KEYS = ("admin", "lead")
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TERM", "TMPDIR")


@dataclass
class _Players:
    """The people of the story, each with a home and credentials of their own."""

    folder: Path
    endpoint: str
    keys: dict[str, tuple[str, str]]
    external_ids: list[str] = field(default_factory=list)

    def facts(self) -> Facts:
        """Return what the players know."""
        return Facts(
            keys=lambda name: json.dumps(dict(zip(("AccessKeyId", "SecretAccessKey"), self.keys[name], strict=True))),
            external_id=lambda: self.external_ids[-1],
            old_external_id=lambda: self.external_ids[-2],
        )

    def environment(self, actor: str) -> dict[str, str]:
        """Return the actor's environment; those who administer an account have their keys in it."""
        home = self.folder / actor
        own = {
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "AWS_CONFIG_FILE": str(home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "NO_COLOR": "1",
        }
        if actor in _WITH_KEYS:
            own |= dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), self.keys[actor], strict=True))
        return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | own

    def learn(self, output: str) -> None:
        """Take note of an external ID that the administrator was shown."""
        self.external_ids += _SECOND_FACTOR.findall(output)


@click.command()
@click.option("--paired", is_flag=True, help="Hand over by offer and pass, and enter by the customer's name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a step.")
def demo(*, paired: bool, as_json: bool) -> int:
    """Play the whole story against an embedded AWS on 127.0.0.1; exit 1 if anything ends otherwise.

    Two accounts, a customer and a provider, and a stranger. Every line is the real command.
    """
    with tempfile.TemporaryDirectory(prefix="gatepass-demo-") as folder:
        raise_curtain, story = (_raise_paired_curtain, PAIRED_STORY) if paired else (_raise_curtain, STORY)
        players = raise_curtain(Path(folder), as_json=as_json)
        try:
            wrong = _play(players, story, as_json=as_json)
        finally:
            _quietly(players.folder, "gatepass sandbox stop")
    if wrong:
        click.echo(f"gatepass: {wrong} of the steps ended otherwise than they must", err=True)
    return ExitCode.FAILED if wrong else ExitCode.DONE


def _stage(folder: Path) -> Stage:
    """Start a sandbox of the demo's own."""
    from gatepass.sandbox.stage import Stage

    code, output = _quietly(folder, "gatepass sandbox start --json")
    if code != ExitCode.DONE:
        raise GatepassError("the sandbox did not start", why=output.strip(), next_step="gatepass sandbox start")
    started = json.loads(output)
    return Stage(started["endpoint"], Path(started["admin_token_file"]))


def _raise_curtain(folder: Path, *, as_json: bool) -> _Players:
    """Put people and buckets into a sandbox, for the story in which the second factor is told."""
    from gatepass.sandbox.stage import CUSTOMER, ENTER, PROVIDER, STRANGER

    stage = _stage(folder)
    root = stage.root(CUSTOMER)
    stage.add_buckets(CUSTOMER, *BUCKETS)
    people = {
        "admin": root,
        "netops-1": stage.add_user(PROVIDER, "netops-1", ENTER, f"arn:aws:iam::{CUSTOMER}:role/gatepass/*"),
        "helpdesk-1": stage.add_user(PROVIDER, "helpdesk-1", ("iam:ListUsers",), "*"),
        "stranger": stage.add_user(STRANGER, "stranger", ENTER, "*"),
    }
    players = _seated(folder, stage, people)
    (folder / "admin" / "access.yml").write_text(ACCESS_FILE, encoding="utf-8")
    if not as_json:
        click.echo(f"An embedded AWS answers on {stage.endpoint}; it enforces trust policies and permissions.")
        click.echo(f"Provider {PROVIDER} has the engineers netops-1, who may assume customers' roles, and helpdesk-1.")
        click.echo(f"Customer {CUSTOMER} has some buckets, and this file access.yml:\n")
        click.echo("".join(f"    {line}\n" for line in ACCESS_FILE.splitlines()), nl=False)
    return players


def _raise_paired_curtain(folder: Path, *, as_json: bool) -> _Players:
    """Put people and buckets into a sandbox, for the story in which files are handed over."""
    from gatepass.sandbox.stage import CUSTOMER, ENTER, PROVIDER

    stage = _stage(folder)
    stage.add_buckets(CUSTOMER, *BUCKETS)
    # TagSession carries no source identity; a Deny of the two calls that do binds the verifier to its own name.
    other_names = {"StringNotEquals": {"sts:SourceIdentity": "gatepass-verifier"}}
    bound = {"Effect": "Deny", "Action": list(ENTER[:2]), "Resource": "*", "Condition": other_names}
    verifier = stage.add_user(PROVIDER, "gatepass-verifier", ENTER, "arn:aws:iam::*:role/gatepass/*", bound)
    people = {
        "admin": stage.root(CUSTOMER),
        "lead": stage.add_user(PROVIDER, "lead", ("ssm:*", "iam:*"), "*"),
        "netops-1": stage.add_user(PROVIDER, "netops-1", ("iam:ListUsers",), "*"),
        "helpdesk-1": stage.add_user(PROVIDER, "helpdesk-1", ("iam:ListUsers",), "*"),
    }
    stage.add_to_group(PROVIDER, "NetOps", "netops-1")
    players = _seated(folder, stage, people)
    profile = f"[gatepass-verifier]\naws_access_key_id={verifier.access_key_id}\n"
    profile += f"aws_secret_access_key={verifier.secret_access_key}\n"
    (folder / "lead" / "credentials").write_text(profile, encoding="utf-8")
    (folder / "lead" / "customers.yml").write_text(REGISTER_FILE, encoding="utf-8")
    if not as_json:
        click.echo(f"An embedded AWS answers on {stage.endpoint}; it enforces trust policies and permissions.")
        click.echo(
            f"Provider {PROVIDER} has an access lead, the engineers netops-1, in the group NetOps, and helpdesk-1,"
        )
        click.echo("a user gatepass-verifier that proves doors, and this register customers.yml:\n")
        click.echo("".join(f"    {line}\n" for line in REGISTER_FILE.splitlines()), nl=False)
        click.echo(
            f"\nCustomer {CUSTOMER} has some buckets. Files travel by e-mail; nothing in them is secret in clear."
        )
    return players


def _seated(folder: Path, stage: Stage, people: Mapping[str, Keys]) -> _Players:
    """Give each of the people a home and keys."""
    for name in people:
        (folder / name).mkdir()
    keys = {name: (key.access_key_id, key.secret_access_key) for name, key in people.items()}
    return _Players(folder, stage.endpoint, keys)


def _play(players: _Players, story: Sequence[Scene], *, as_json: bool) -> int:
    """Play every step and return how many ended otherwise than they must."""
    wrong = number = 0
    for scene in story:
        if not as_json:
            click.echo(f"\n{click.style(scene.sentence, bold=True)}")
        for step in scene.steps:
            number += 1
            if not as_json:
                click.echo(f"\n{click.style(step.actor + '$', fg='cyan')} {step.typed or step.command}")
            code, output = _perform(players, step)
            outcome = _outcome(code, output)
            is_right = outcome == step.expected and all(text in output for text in step.shows)
            wrong += not is_right
            _tell(number, step, outcome, output, is_right=is_right, as_json=as_json)
    return wrong


def _tell(number: int, step: Step, outcome: str, output: str, *, is_right: bool, as_json: bool) -> None:  # noqa: PLR0913 - what a step tells
    if as_json:
        facts = {"step": number, "actor": step.actor, "command": step.typed or step.command}
        click.echo(json.dumps({**facts, "expected": step.expected, "outcome": outcome, "ok": is_right}))
        return
    # What an administrator is shown stays out of transcripts, even when it opens nothing but a sandbox.
    click.echo(_CODE.sub(r"\1****", output), nl=False)
    if not is_right:
        click.echo(
            f"!! expected: {step.expected}, showing {', '.join(step.shows) or 'nothing special'}; got: {outcome}"
        )


def _outcome(code: int, output: str) -> str:
    if code == ExitCode.DONE:
        return "done"
    if code == ExitCode.CHANGES_PENDING:
        return "changes"
    return "refused" if code == ExitCode.FAILED and _REFUSED.search(output) else f"exit {code}"


def _perform(players: _Players, step: Step) -> tuple[int, str]:
    given = step.stdin(players.facts()) if step.stdin else ""
    home = players.folder / step.actor
    if step.brings and (players.folder / step.brings).exists():
        shutil.copy(players.folder / step.brings, home)
    code, output = _run(step.command, players.environment(step.actor), home, given)
    if step.actor == "admin":
        players.learn(output)
    return code, output


def _quietly(folder: Path, command: str) -> tuple[int, str]:
    """Run a command about the sandbox, whose files stay inside the demo's folder."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return _run(command, {**environment, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}, folder, "")


def _run(command: str, environment: dict[str, str], folder: Path, given: str) -> tuple[int, str]:
    """Run one gatepass command in a process of its own and return its exit code and all it printed.

    The process is forked from this one, so that the story does not wait half a second for
    Python and boto3 at every line; what runs in it is the command's own entry point.
    """
    output_end, output_begin = os.pipe()
    input_end, input_begin = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(output_end)
        os.close(input_begin)
        _become(command, environment, folder, (input_end, output_begin))
    os.close(output_begin)
    os.close(input_end)
    with os.fdopen(input_begin, "w", encoding="utf-8") as stdin:
        stdin.write(given)
    with os.fdopen(output_end, encoding="utf-8") as stdout:
        output = stdout.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), output


def _become(command: str, environment: dict[str, str], folder: Path, ends: tuple[int, int]) -> None:
    """Turn this child into the command; it never returns."""
    code = int(ExitCode.FAILED)
    try:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        os.dup2(ends[0], 0)
        os.dup2(ends[1], 1)
        os.dup2(ends[1], 2)
        code = run(shlex.split(command)[1:])
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - the child must not return into its parent's code, whatever happens
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)
