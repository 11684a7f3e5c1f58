"""Failures a person can act on: what happened, why, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass


class GatepassError(Exception):
    """A failure with three parts; nothing in it may be secret.

    Attributes:
        what: the object and the outcome, without a full stop.
        why: what is known of the cause.
        next_step: one action, best a command to paste.
    """

    def __init__(self, what: str, *, why: str = "", next_step: str = "") -> None:
        """Keep the three parts."""
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step


class InvalidInput(GatepassError, ValueError):
    """Something a person wrote cannot be used."""


class AccessRefused(GatepassError):
    """AWS (or the sandbox) said no.

    Attributes:
        code: AWS's error code, such as ``AccessDenied``.
        message: AWS's own words.
    """

    def __init__(
        self, what: str, *, why: str = "", next_step: str = "", code: str = "AccessDenied", message: str = ""
    ) -> None:
        """Keep AWS's own words beside ours."""
        super().__init__(what, why=why, next_step=next_step)
        self.code = code
        self.message = message


class CredentialsRefused(AccessRefused):
    """AWS does not accept the credentials at all: expired, unknown, or of something that was deleted."""


class NotThere(GatepassError):
    """The named thing does not exist."""


class Conflict(GatepassError):
    """The world is not as the command needs it: somebody else's role, another run, a changed account."""


class Overtaken(Conflict):
    """Somebody else wrote first, and nothing was lost: doing the same once more goes by what stands now."""


class NotAnswered(GatepassError):
    """AWS does not answer, or is too busy to: nothing is known of what was asked."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file that people write.

    Attributes:
        path: the keys and positions that lead to it in the file, such as ``("grants", "support", "provider")``.
        what: the problem, without a full stop.
        why: the reason it is one.
        next_step: one action that mends it.
        place: ``file:line:column`` once somebody who knows the file has looked it up.
    """

    path: tuple[str | int, ...]
    what: str
    why: str
    next_step: str
    place: str = ""


class InvalidFile(InvalidInput):
    """A file that people write has problems; all of them at once.

    Attributes:
        problems: every problem found, in the order of the file; never empty.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Sort the problems by file, line and column; the first speaks for all."""
        problems = tuple(sorted(problems, key=_file_line_and_column))
        first = problems[0]
        super().__init__(first.what, why=first.why, next_step=first.next_step)
        self.problems = problems


def _file_line_and_column(problem: Problem) -> tuple[str, int, int]:
    parts = problem.place.rsplit(":", 2)
    numbers = [int(part) for part in parts[1:] if part.isdigit()]
    return (parts[0], numbers[0], numbers[1]) if len(numbers) == 2 else ("", 0, 0)
