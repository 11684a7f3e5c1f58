"""The command that runs another command inside a customer's session."""

from __future__ import annotations

import os
import shutil

import click

from gatepass.cli import completion
from gatepass.cli.entering import current_session, entered, is_known
from gatepass.cli.entering_options import Wish, entering_options
from gatepass.cli.output import note
from gatepass.domain.session import Session
from gatepass.domain.shell_environment import handed_on
from gatepass.wiring import machine

# What exec sets anew, or what would point AWS's tools elsewhere.
_MISLEADING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_DASHES = "gatepass.exec.command"


class ExecCommand(click.Command):
    """A command line in two halves: ours, and behind ``--`` somebody else's, which is passed on untouched."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Cut at the first ``--`` that is ours; one behind two words is the command's own."""
        head = args[: args.index("--")] if "--" in args else args
        if len(head) < len(args) and self._names_at_most_one(ctx, head):
            ctx.meta[_DASHES] = tuple(args[len(head) + 1 :])
            return super().parse_args(ctx, [*head])
        ctx.allow_interspersed_args = False
        return super().parse_args(ctx, args)

    def _names_at_most_one(self, ctx: click.Context, head: list[str]) -> bool:
        try:
            given, _, _ = self.make_parser(ctx).parse_args([*head])
        except click.UsageError:
            # Behind a word it may be an option of the command; before one it is ours, and wrong.
            return not any(not each.startswith("-") for each in head[:1])
        words = given.get("words")
        return not isinstance(words, tuple | list) or len(words) <= 1


@click.command("exec", cls=ExecCommand)
@entering_options
@click.argument(
    "words",
    metavar="[CUSTOMER[/GRANT]|ARN] -- COMMAND...",
    nargs=-1,
    type=click.UNPROCESSED,
    shell_complete=completion.first_of_exec,
)
@click.pass_context
def exec_command(ctx: click.Context, words: tuple[str, ...], *, wish: Wish) -> int:
    """Run COMMAND inside a session, as: gatepass exec acme -- aws s3 ls.

    Without CUSTOMER or ARN it runs in the current session. The exit code is the command's own. For an ARN that
    no register knows, the external ID is asked for, or is the first line of standard input; the rest is the
    command's.
    """
    target, command = _halves(ctx, words, wish)
    if not command:
        raise click.UsageError("no command was given, such as: gatepass exec acme -- aws s3 ls")
    session = current_session(wish, "gatepass exec CUSTOMER -- COMMAND") if target is None else entered(target, wish)
    return _replace_process(command, session, str(wish.region) if wish.region is not None else machine.region())


def _halves(ctx: click.Context, words: tuple[str, ...], wish: Wish) -> tuple[str | None, tuple[str, ...]]:
    """Return whom to enter, None for where one is already, and the command."""
    behind: tuple[str, ...] | None = ctx.meta.get(_DASHES)
    if behind is not None:
        return (words[0] if words else None), behind
    if not words:
        return None, ()
    first, rest = words[0], words[1:]
    if not first.startswith("arn:") and not is_known(first, wish.register):
        return None, words
    if shutil.which(first) is not None or (rest and rest[0].startswith("-")):
        raise click.UsageError(
            f"it is not clear where the command begins; write: gatepass exec {first} -- COMMAND, "
            f"or gatepass exec -- {first} ..."
        )
    return first, rest


def _replace_process(command: tuple[str, ...], session: Session, region: str | None) -> int:
    environment = {name: value for name, value in handed_on(os.environ).items() if name not in _MISLEADING}
    environment |= session.environment(region)
    try:
        os.execvpe(command[0], list(command), environment)  # noqa: S606 - running the person's command is the purpose
    except FileNotFoundError:
        note(f"gatepass: {command[0]}: command not found")
        return _NOT_FOUND
    except OSError as error:
        note(f"gatepass: {command[0]}: {error.strerror}")
        return _NOT_EXECUTABLE
