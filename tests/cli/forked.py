"""Commands in processes of their own that need not import anything anew: forked from a server that has done so.

The server is multiprocessing's own and has one thread, so that a fork of it holds no lock of anybody's.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

_PRELOADED = [
    "boto3.session",
    "botocore.httpsession",
    "gatepass.adapters.customer_file",
    "gatepass.adapters.customer_writer",
    "gatepass.adapters.iam_roles",
    "gatepass.cli.exec_command",
    "gatepass.cli.grant_commands",
    "gatepass.cli.main",
    "gatepass.cli.session_commands",
    "gatepass.cli.switch_commands",
    "gatepass.usecases.list_doors",
    "tests.cli.forked",
]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(_PRELOADED)


def run_forked(
    arguments: Sequence[str], stdin: str, folder: Path, environment: Mapping[str, str]
) -> CompletedProcess[str]:
    """Run gatepass with these arguments, as a process of its own, and return what it printed."""
    with TemporaryDirectory() as streams:
        given, printed = Path(streams) / "in", Path(streams) / "out"
        given.write_text(stdin, encoding="utf-8")
        process = _CONTEXT.Process(target=_command, args=(list(arguments), given, printed, folder, dict(environment)))
        process.start()
        process.join()
        return CompletedProcess(
            ["gatepass", *arguments], process.exitcode or 0, printed.read_bytes().decode("utf-8"), None
        )


def _command(arguments: list[str], given: Path, printed: Path, folder: Path, environment: dict[str, str]) -> None:
    """Become the command: its folder, its environment, its streams."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for path, flags, descriptors in (
        (given, os.O_RDONLY, (0,)),
        (printed, os.O_WRONLY | os.O_CREAT, (1, 2)),
    ):
        opened = os.open(path, flags, 0o600)
        for descriptor in descriptors:
            os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(0, "r", encoding="utf-8"),
        os.fdopen(1, "w", encoding="utf-8", buffering=1),
        os.fdopen(2, "w", encoding="utf-8", buffering=1),
    )
    from gatepass.cli.main import main  # noqa: PLC0415 - in the process that is to become the command

    sys.argv = ["gatepass", *arguments]
    main(arguments)
