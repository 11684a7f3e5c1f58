"""The commands that start and stop a sandbox of one's own."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from gatepass.cli.main import run
from gatepass.sandbox.process import admin_client


@dataclass(frozen=True)
class Shell:
    """Somebody's terminal, with a state folder of its own."""

    home: Path

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gatepass", "sandbox", *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "NO_COLOR": "1", **variables},
        )

    def facts(self, *arguments: str) -> dict[str, Any]:
        finished = self.run(*arguments, "--json")
        assert finished.returncode == 0, finished.stderr
        found = json.loads(finished.stdout)
        assert isinstance(found, dict)
        return found

    @property
    def folder(self) -> Path:
        return self.home / ".local" / "state" / "gatepass" / "sandbox"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    shell.run("stop")


def refused(finished: subprocess.CompletedProcess[str], words: str) -> None:
    assert finished.returncode == 1
    assert finished.stderr.startswith("gatepass: error: ")
    assert words in finished.stderr
    assert "Traceback" not in finished.stderr
    assert "  next: " in finished.stderr


def test_without_a_running_sandbox(shell: Shell) -> None:
    refused(shell.run("env"), "no sandbox is running")
    refused(shell.run("reset"), "no sandbox is running")
    refused(shell.run("fault", "denied"), "no sandbox is running")
    refused(shell.run("faults"), "no sandbox is running")
    assert (shell.run("status").returncode, json.loads(shell.run("status", "--json").stdout)) == (1, {"running": False})
    assert shell.run("stop").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("start", "--port", "0"),
        ("start", "--port", "70000"),
        ("start", "--port", "x"),
        ("env", "--account", "1"),
        ("fault",),
        ("fault", "fire"),
        ("fault", "denied", "putRolePolicy"),
        ("fault", "denied", "--after", "-1"),
        ("fault", "denied", "--times", "0"),
        ("go",),
    ],
)
def test_wrong_usage(shell: Shell, arguments: tuple[str, ...]) -> None:
    assert shell.run(*arguments).returncode == 2


def test_without_moto_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "moto" else object())

    code = run(["sandbox", "start"])

    assert code == 1
    assert "  next: pip install 'gatepass[sandbox]'" in capsys.readouterr().err


def test_the_commands_do_not_load_what_only_the_server_needs() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import gatepass.cli.sandbox_commands, sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert not {"moto", "flask", "werkzeug", "botocore", "boto3", "cryptography"} & set(loaded)


def test_from_start_to_stop(shell: Shell) -> None:
    began = time.monotonic()
    started = shell.run("start", "--json")
    took = time.monotonic() - began
    facts = json.loads(started.stdout)

    assert took < 10, "3 s on a quiet machine; see bench/sandbox.py"
    assert set(facts) == {"endpoint", "admin_token_file", "pid"}
    again = shell.run("start", "--json")
    assert (again.returncode, json.loads(again.stdout)) == (0, facts)
    assert "runs already" in again.stderr
    status = shell.facts("status")
    assert status["running"] is True
    assert {name: status[name] for name in facts} == facts
    variables = shell.facts("env", "--account", "444455556666")
    assert _client("sts", variables).get_caller_identity()["Account"] == "444455556666"
    _a_fault_hits_once(shell, variables)
    assert shell.run("reset").returncode == 0
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        _client("sts", variables).get_caller_identity()
    assert shell.facts("stop") == {"running": False}
    with pytest.raises(EndpointConnectionError):
        _client("sts", variables).get_caller_identity()
    assert not Path(facts["admin_token_file"]).exists()


def _a_fault_hits_once(shell: Shell, variables: dict[str, Any]) -> None:
    assert shell.run("faults").stdout == "no fault is staged\n"
    assert shell.run("fault", "denied", "ListUsers").stdout == "denied: calls of ListUsers: hit 0 of 1\n"
    with pytest.raises(ClientError, match="AccessDenied"):
        _client("iam", variables).list_users()
    assert shell.run("faults").stdout == "denied: calls of ListUsers: hit 1 of 1\n"
    (fault,) = shell.facts("faults")["faults"]
    assert (fault["kind"], fault["operation"], fault["hit"]) == ("denied", "ListUsers", 1)
    assert shell.facts("faults", "--clear") == {"faults": []}


def _client(service: str, variables: dict[str, Any]) -> Any:  # noqa: ANN401 - boto3's
    return boto3.client(
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_what_is_private_is_private(shell: Shell) -> None:
    facts = shell.facts("start")
    token = Path(facts["admin_token_file"]).read_text(encoding="utf-8")

    assert stat.S_IMODE(shell.folder.stat().st_mode) == 0o700
    for path in (Path(facts["admin_token_file"]), shell.folder / "sandbox.json", shell.folder / "sandbox.log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    command_line = Path(f"/proc/{facts['pid']}/cmdline")
    if command_line.exists():
        assert token.encode() not in command_line.read_bytes()
        assert token.encode() not in Path(f"/proc/{facts['pid']}/environ").read_bytes()
    assert token not in (shell.folder / "sandbox.log").read_text(encoding="utf-8")
    assert token not in (shell.folder / "sandbox.json").read_text(encoding="utf-8")


def test_a_shell_can_evaluate_env(shell: Shell) -> None:
    shell.facts("start")
    printed = shell.run("env", "--account", "444455556666", AWS_REGION="eu-west-1; touch x").stdout

    finished = subprocess.run(
        ["/bin/sh", "-c", 'eval "$1"; echo "$AWS_REGION|$AWS_ENDPOINT_URL|${AWS_PROFILE-none}"', "sh", printed],
        check=True, capture_output=True, text=True, cwd=shell.home, env={"AWS_PROFILE": "other"},
    )  # fmt: skip

    assert shlex.split(printed)
    region, endpoint, profile = finished.stdout.strip().split("|")
    assert (region, profile) == ("eu-west-1; touch x", "none")
    assert endpoint.startswith("http://127.0.0.1:")
    assert not (shell.home / "x").exists()


def test_a_port_that_is_taken(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        refused(shell.run("start", "--port", str(port)), f"cannot listen on port {port}")
    assert shell.facts("start", "--port", str(port))["endpoint"] == f"http://127.0.0.1:{port}"


def test_the_state_is_kept_in_a_file(shell: Shell) -> None:
    state = shell.home / "my state"
    shell.facts("start", "--state", str(state))
    variables = shell.facts("env", "--account", "444455556666")
    _client("s3", variables).create_bucket(Bucket="kept")

    shell.facts("stop")

    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    shell.facts("start", "--state", str(state))
    again = shell.facts("env", "--account", "444455556666")
    assert again["AWS_SECRET_ACCESS_KEY"] == variables["AWS_SECRET_ACCESS_KEY"]
    buckets = _client("s3", again).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["kept"]


def test_a_state_file_that_others_may_write(shell: Shell) -> None:
    state = shell.home / "state"
    state.write_bytes(b"")
    state.chmod(0o666)

    refused(shell.run("start", "--state", str(state)), f"{state} is not used")


def test_a_runtime_folder_that_others_may_enter(shell: Shell) -> None:
    shell.folder.mkdir(parents=True)
    shell.folder.chmod(0o755)

    refused(shell.run("start"), f"{shell.folder} is not used")


def test_a_sandbox_that_was_killed_leaves_nothing_in_the_way(shell: Shell) -> None:
    facts = shell.facts("start")
    os.kill(facts["pid"], signal.SIGKILL)

    _wait_for(lambda: shell.run("status").returncode == 1)

    refused(shell.run("env"), "no sandbox is running")
    assert shell.run("stop").returncode == 0
    assert shell.facts("start")["pid"] != facts["pid"]


def test_files_of_a_sandbox_long_gone_are_not_believed(shell: Shell) -> None:
    """The process with that number is somebody else's by now."""
    shell.folder.mkdir(parents=True, mode=0o700)
    (shell.folder / "sandbox.json").write_text(
        json.dumps({"endpoint": "http://127.0.0.1:1", "admin_token_file": "x", "pid": os.getpid()}), encoding="utf-8"
    )
    (shell.folder / "sandbox.json").chmod(0o600)

    assert shell.run("status").returncode == 1
    assert shell.facts("start")["pid"] != os.getpid()


def test_a_sandbox_that_hangs_is_told_of(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = shell.facts("start")
    monkeypatch.setenv("XDG_STATE_HOME", str(shell.home / ".local" / "state"))
    monkeypatch.setattr(admin_client, "PATIENCE_SECONDS", 0.2)
    os.kill(facts["pid"], signal.SIGSTOP)
    try:
        code = run(["sandbox", "status"])
    finally:
        os.kill(facts["pid"], signal.SIGCONT)

    said = capsys.readouterr().err
    assert code == 1
    assert "does not answer" in said
    assert f"kill {facts['pid']}" in said


def _wait_for(condition: Any) -> None:  # noqa: ANN401 - a claim
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
