"""Runs that execute terraform from PATH for real, with the stand-in for hashicorp/aws."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from tests.platforms.fake.colours import without_colours
from tests.platforms.fake.execution import Applied, Halted, Job, Mode, Output, Planned, RunFailed, Stopped, Variable

_CHANGES = 2
_LOOK_SECONDS = 0.1
_COUNTS = re.compile(r"Plan: (\d+) to add, (\d+) to change, (\d+) to destroy")
_LEFT_BEHIND = shutil.ignore_patterns(".git", ".terraform", "*.tfstate*", "*.plan", "__pycache__")
_MODES = {Mode.APPLY: [], Mode.DESTROY: ["-destroy"], Mode.REFRESH: ["-refresh-only"]}


@dataclass(frozen=True, slots=True)
class RealTerraform:
    """Terraform, run in a copy of the repository.

    Attributes:
        configuration: the CLI configuration that finds the stand-in.
        repositories: the folder that stands for each repository, by its identifier.
        environment: what every run sees, such as where AWS is.
    """

    configuration: Path
    repositories: Mapping[str, Path]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def plan(self, job: Job) -> Planned:
        """Copy, initialise and plan.

        Raises:
            RunFailed: terraform says no.
            Stopped: somebody canceled it.
        """
        shutil.copytree(self.repositories[job.repository], job.folder, ignore=_LEFT_BEHIND, dirs_exist_ok=True)
        root = _root(job)
        if not root.is_dir():
            raise RunFailed(f"the repository has no folder {job.directory}")
        state = json.dumps(str(job.state))
        backend = f'terraform {{\n  backend "local" {{\n    path = {state}\n  }}\n}}\n'
        (root / "platform_backend_override.tf").write_text(backend, encoding="utf-8")
        _write_variables(root, [each for each in job.variables if not each.is_shell])
        self._run(job, ["init", "-input=false"], is_told=False)
        options = ["-json"] if job.is_structured else []
        asked = ["plan", "-input=false", "-detailed-exitcode", "-out=platform.plan", *options, *_MODES[job.mode]]
        code, said = self._run(job, asked, fine=(0, _CHANGES))
        return Planned(code == _CHANGES, *_counted(said))

    def apply(self, job: Job) -> Applied:
        """Apply the plan.

        Raises:
            RunFailed: terraform says no.
            Stopped: somebody canceled it.
        """
        options = ["-json"] if job.is_structured else []
        try:
            self._run(job, ["apply", "-input=false", *options, "platform.plan"])
        except Halted as end:
            end.left = stands(job.state) if job.state.exists() else None
            raise
        return stands(job.state)

    def _run(
        self, job: Job, words: list[str], *, fine: tuple[int, ...] = (0,), is_told: bool = True
    ) -> tuple[int, str]:
        process = subprocess.Popen(
            ["terraform", *words],  # noqa: S607 - whichever is on PATH
            cwd=_root(job), env=self._environment(job), text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        said: list[str] = []
        with process, _interruptible(process, job):
            for line in process.stdout or ():
                said.append(line)
                if is_told:
                    job.said(line)
        if job.stopped.is_set():
            raise Stopped
        if process.returncode not in fine:
            if not is_told:
                job.said("".join(said))
            raise RunFailed(f"terraform {words[0]} ended with {process.returncode}")
        return process.returncode, "".join(said)

    def _environment(self, job: Job) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(job.folder),
            "TF_CLI_CONFIG_FILE": str(self.configuration),
            "TF_IN_AUTOMATION": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(job.folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(job.folder / "no-credentials"),
            **self.environment,
            **job.environment,
            **{each.key: each.value for each in job.variables if each.is_shell},
        }


def stands(state: Path) -> Applied:
    """Return the outputs of a state, and how many resources it manages."""
    tree = json.loads(state.read_text(encoding="utf-8"))
    outputs = {
        name: Output(each["value"], each.get("sensitive", False), each["type"])
        for name, each in tree.get("outputs", {}).items()
    }
    return Applied(outputs, sum(each["mode"] == "managed" for each in tree.get("resources", [])))


@contextmanager
def _interruptible(process: subprocess.Popen[str], job: Job) -> Iterator[None]:
    """Interrupt terraform once the run is canceled, as ctrl+c does."""

    def watch() -> None:
        while process.poll() is None:
            if job.stopped.wait(_LOOK_SECONDS):
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGINT)
                return

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        process.wait()
        watcher.join()


def _root(job: Job) -> Path:
    return job.folder / job.directory.strip("/")


def _write_variables(root: Path, variables: list[Variable]) -> None:
    """Write what both platforms write: the workspace's values, which come before the repository's own."""
    lines = [f"{each.key} = {each.value if each.is_hcl else _quoted(each.value)}\n" for each in variables]
    place = root / "zzz-platform.auto.tfvars"
    place.touch(mode=0o600)
    place.write_text("".join(lines), encoding="utf-8")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _counted(said: str) -> tuple[int, int, int]:
    found = _COUNTS.search(without_colours(said))
    return (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)
