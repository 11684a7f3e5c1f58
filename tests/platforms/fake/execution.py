"""What a run executes: Terraform, or something quick in its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from tests.platforms.fake.colours import bold


class Mode(Enum):
    """What a run sets out to do."""

    APPLY = "apply"
    DESTROY = "destroy"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the workspace.

    Attributes:
        is_shell: whether it goes to the environment in place of Terraform's variables.
        is_hcl: whether its value is an expression.
    """

    key: str
    value: str = field(repr=False)
    is_shell: bool = False
    is_hcl: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One run, as whoever executes it sees it.

    Attributes:
        repository: the identifier of what is executed; empty without one.
        environment: what the platform adds, such as credentials.
        is_structured: whether the log is wanted as Terraform's JSON lines.
        said: takes each piece of the log as it comes.
        stopped: is set when somebody cancels the run.
        state: the file with the workspace's state.
        folder: a place for this run alone.
    """

    run: str
    workspace: str
    mode: Mode
    repository: str
    directory: str
    variables: tuple[Variable, ...]
    environment: Mapping[str, str] = field(repr=False)
    is_structured: bool
    said: Callable[[str], None] = field(repr=False)
    stopped: Event = field(repr=False)
    state: Path = field(repr=False)
    folder: Path = field(repr=False)


@dataclass(frozen=True, slots=True)
class Output:
    """An output of the state."""

    value: Any = field(repr=False)
    is_sensitive: bool = False
    type: Any = "string"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan would change."""

    has_changes: bool
    additions: int = 0
    changes: int = 0
    destructions: int = 0


@dataclass(frozen=True, slots=True)
class Applied:
    """What stands after an apply."""

    outputs: Mapping[str, Output]
    resources: int = 1


class Halted(Exception):
    """A run came to its end early.

    Attributes:
        left: what stands after an apply that was not finished.
    """

    left: Applied | None = None


class RunFailed(Halted):
    """The run is errored; its text ends the log."""


class Stopped(Halted):
    """Somebody canceled the run, and it came to its end."""


class Execution(Protocol):
    """How runs are executed."""

    def plan(self, job: Job) -> Planned:
        """Plan.

        Raises:
            RunFailed: something is wrong.
            Stopped: somebody canceled it.
        """

    def apply(self, job: Job) -> Applied:
        """Apply what was planned.

        Raises:
            RunFailed: something is wrong.
            Stopped: somebody canceled it.
        """


@dataclass(frozen=True, slots=True)
class Said:
    """What something quick does in place of Terraform."""

    log: str = "Apply complete!\n"
    outputs: Mapping[str, Output] = field(default_factory=dict)
    resources: int = 1


def _nothing(_variables: Mapping[str, str]) -> Said:
    return Said()


class Quick:
    """Runs that take no time, or as long as they are told, and execute a function of the variables.

    What the same variables applied before has no changes, as with Terraform.
    """

    def __init__(self, answer: Callable[[Mapping[str, str]], Said] = _nothing, seconds: float = 0.0) -> None:
        self._answer, self.seconds = answer, seconds
        self._applied: dict[str, tuple[Mode, tuple[Variable, ...]]] = {}

    def plan(self, job: Job) -> Planned:
        """Say whether anything differs from what was applied last."""
        self._wait(job)
        has_changes = self._applied.get(job.workspace) != (job.mode, job.variables) and job.mode is not Mode.REFRESH
        tell(job, "Terraform will perform the following actions:" if has_changes else "No changes.")
        return Planned(has_changes, additions=int(has_changes))

    def apply(self, job: Job) -> Applied:
        """Do it."""
        self._wait(job)
        said = self._answer({each.key: each.value for each in job.variables})
        self._applied[job.workspace] = (job.mode, job.variables)
        tell(job, said.log)
        return Applied({}, 0) if job.mode is Mode.DESTROY else Applied(said.outputs, said.resources)

    def _wait(self, job: Job) -> None:
        if job.stopped.wait(self.seconds / 2) if self.seconds else job.stopped.is_set():
            raise Stopped


def tell(job: Job, text: str, *, is_error: bool = False) -> None:
    """Write to the log in the form that is wanted."""
    if not job.is_structured:
        job.said(f"╷\n│ {bold('Error: ')}{text}\n╵\n" if is_error else f"{bold(text)}\n")
        return
    message: dict[str, object] = {
        "@level": "error" if is_error else "info",
        "@message": f"Error: {text}" if is_error else text,
        "@module": "terraform.ui",
        "@timestamp": datetime.now(UTC).isoformat(),
        "type": "diagnostic" if is_error else "log",
    }
    if is_error:
        message |= {"diagnostic": {"severity": "error", "summary": text, "detail": ""}}
    job.said(f"{json.dumps(message)}\n")
