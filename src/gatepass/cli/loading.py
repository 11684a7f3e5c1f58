"""Read a customer's file and tell every mistake in it at once, those that only AWS can know included."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gatepass.domain.errors import GatepassError, InvalidFile, Problem
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.resolve_policies import unknown_policies
from gatepass.wiring import file_access

if TYPE_CHECKING:
    from gatepass.wiring.file_access import CustomerFile, YamlSource


def load(file: Path, roles: RoleDirectory | None) -> CustomerFile:
    """Return what the file declares.

    Args:
        file: the customer's file.
        roles: the account to ask for policies when the file has other mistakes, or None.

    Raises:
        InvalidFile: every problem, each with its place.
    """
    try:
        return file_access.load_customer_file(file)
    except InvalidFile as error:
        if roles is None:
            raise
        raise InvalidFile((*error.problems, *_only_aws_knows(file, error, roles))) from None


@contextlib.contextmanager
def placed(loaded: CustomerFile) -> Iterator[None]:
    """Give the problems that a use-case found their places in the file."""
    try:
        yield
    except InvalidFile as error:
        raise InvalidFile(_with_places(error.problems, loaded.source)) from None


def _only_aws_knows(file: Path, error: InvalidFile, roles: RoleDirectory) -> tuple[Problem, ...]:
    """Return the policies that the account does not have; none when AWS or the file cannot be read."""
    with contextlib.suppress(GatepassError):
        known = {problem.path for problem in error.problems}
        written, source = file_access.written_policies(file)
        unasked = {path: text for path, text in written.items() if path not in known}
        return _with_places(unknown_policies(unasked, roles.managed_policies()), source)
    return ()


def _with_places(problems: tuple[Problem, ...], source: YamlSource) -> tuple[Problem, ...]:
    return tuple(replace(problem, place=problem.place or source.place(problem.path)) for problem in problems)
