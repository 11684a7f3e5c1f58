"""The command ``gatepass``: find the command, run it, print what went wrong."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

from gatepass import __version__
from gatepass.cli.output import ExitCode, masked, report
from gatepass.domain.errors import GatepassError, InvalidFile

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Name: module, attribute, one line of help. Modules are imported when their command runs,
# so that help and quick commands do not wait for what they never use.
_COMMANDS = {
    "demo": ("demo_command", "demo", "Play the whole story against an embedded AWS."),
    "sandbox": ("sandbox_commands", "sandbox", "Start and stop an embedded AWS for trying and testing."),
    "doctor": ("doctor_command", "doctor", "Tell what is well here and what is not; print the least rights."),
    "init": ("init_command", "init", "Write a first file, with every key explained."),
    "review": ("review_command", "review", "Say in plain words what a provider's offer or receipt means."),
    "accept": ("accept_command", "accept", "Write a provider's offer, or less of it, into the file."),
    "adopt": ("adopt_command", "adopt", "Take a role that somebody made by hand into the file."),
    "notify": ("notify_command", "notify", "Tell, by your own channels, which grants end soon."),
    "render": ("render_commands", "render", "Print templates and policies for other tools."),
    "schema": ("file_commands", "schema", "Print the JSON Schema of a file that people write."),
    "check": ("file_commands", "check", "Look for mistakes in a customer's file."),
    "plan": ("grant_commands", "plan", "Show what applying a file would change."),
    "apply": ("grant_commands", "apply", "Make the account as the file says."),
    "withdraw": ("grant_commands", "withdraw", "Delete a grant's role with everything on it."),
    "open": ("open_command", "open_command", "Let new sessions in, for good or for a time."),
    "close": ("switch_commands", "close", "Let no session in and no session act."),
    "rotate": ("rotate_command", "rotate", "Replace the second factor, with an overlap."),
    "revoke": ("switch_commands", "revoke", "End the live sessions; new ones may begin."),
    "pass": ("switch_commands", "pass_command", "Show what to hand to the provider."),
    "doors": ("doors_command", "doors", "List every role that anyone outside the account can enter."),
    "scalr": ("workspace_commands", "scalr", "Keep grants by a workspace of Scalr."),
    "hcp": ("workspace_commands", "hcp", "Keep grants by a workspace of HCP Terraform."),
    "keys": ("keys_command", "keys", "Make, show, exchange and back up your own keys."),
    "offer": ("offer_command", "offer", "Offer a customer to act for it, in a signed file."),
    "admit": ("admit_command", "admit_command", "Take a customer's pass, after a handshake."),
    "verify": ("verify_command", "verify", "Prove customers' doors again; quarantine unsafe ones."),
    "fleet": ("fleet_commands", "fleet", "Verify and reconcile all customers at once, durably."),
    "worker": ("worker_command", "worker", "Work on the fleet's runs, and begin scheduled ones."),
    "customers": ("customers_command", "customers", "Look into the register of customers and change it."),
    "audit": ("audit_commands", "audit", "Read, verify, sign and hand out the log of what was done."),
    "creds": ("identity_commands", "creds", "Load, show and forget your own credentials."),
    "whoami": ("whoami_command", "whoami", "Tell whose account you are in."),
    "sudo": ("session_commands", "sudo", "Enter a customer's role."),
    "request": ("request_command", "request", "Ask a customer to open a door, in a signed file."),
    "leave": ("session_commands", "leave", "Step out of the current session."),
    "status": ("status_command", "status", "List the live sessions, of this terminal and of others."),
    "region": ("shell_commands", "region", "Show the Region of this terminal, or choose another."),
    "shell-init": ("shell_commands", "shell_init", "Print what lets a shell follow into customers' accounts."),
    "shell-env": ("shell_commands", "shell_env", "Print the lines by which a shell's environment follows."),
    "completion": ("shell_commands", "completion", "Print what completes words behind the Tab key."),
    "exec": ("exec_command", "exec_command", "Run a command inside a session."),
    "console": ("console_command", "console", "Open the AWS console in a customer's account."),
    "credential-process": ("tool_commands", "credential_process", "Print a customer's credentials for AWS's tools."),
    "prompt": ("tool_commands", "prompt", "Print whose account this is, for your shell's prompt."),
    "list": ("list_command", "list_command", "List an account's resources of one kind."),
    "why": ("why_command", "why", "Explain a refused call, and say what to ask whom for."),
    "profiles": ("profiles_command", "profiles", "Keep AWS profiles for the customers you serve."),
    "can": ("can_command", "can", "Tell whether an engineer can do something, and why."),
    "lint": ("lint_command", "lint", "Probe a policy, a file or an account for doors that stand open."),
    "explain": ("decision_commands", "explain", "Say what AWS would answer to one request, and why."),
    "decide": ("decision_commands", "decide", "Decide many requests, one JSON line each."),
}
_SECTIONS = {
    "Try it": ("demo", "sandbox", "doctor"),
    "Customer": (
        "init",
        "review",
        "accept",
        "check",
        "plan",
        "apply",
        "withdraw",
        "open",
        "close",
        "rotate",
        "revoke",
        "pass",
        "adopt",
        "doors",
        "notify",
        "render",
        "scalr",
        "hcp",
        "schema",
    ),
    "Provider": ("customers", "keys", "offer", "admit", "verify", "fleet", "worker"),
    "Log": ("audit",),
    "Engineer": (
        "creds",
        "whoami",
        "request",
        "sudo",
        "leave",
        "exec",
        "console",
        "status",
        "region",
        "list",
        "why",
        "profiles",
        "credential-process",
        "prompt",
        "shell-init",
        "completion",
    ),
    "Decisions": ("can", "lint", "explain", "decide"),
}


class _LazyGroup(click.Group):
    """A group that knows its commands by name and imports each only when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"gatepass.cli.{module}"), attribute)
        from gatepass.cli.recording import recorded

        return recorded(command, cmd_name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return the commands that begin so, and the options, without importing any command."""
        from gatepass.cli.completion import commands

        shown = (name for names in _SECTIONS.values() for name in names)
        found = commands([(name, _COMMANDS[name][2]) for name in shown], incomplete)
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            near = difflib.get_close_matches(args[0], _COMMANDS, n=2)
            guess = f"; did you mean {' or '.join(near)}?" if near else ""
            ctx.fail(f"there is no command {args[0]}{guess}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands person by person, without importing them."""
        del ctx
        for section, names in _SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name, _COMMANDS[name][2]) for name in names])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="gatepass")
def cli() -> None:
    """Trusted, temporary, revocable access to customers' AWS accounts.

    The switch stays in the customer's hand.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done, 1 failed, 2 usage, 3 changes pending or something found."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an error nobody foresaw keeps its traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        outcome = cli.main(args=given, prog_name="gatepass", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.UsageError as error:
        _report_usage(error)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("\ngatepass: stopped; what was done stays done, and running it again goes on", err=True)
        return ExitCode.INTERRUPTED
    except GatepassError as error:
        report(error, as_json="--json" in given)
        return (
            ExitCode.FOUND_SOMETHING
            if isinstance(error, InvalidFile) and given[:1] in (["check"], ["lint"])
            else ExitCode.FAILED
        )
    return outcome if isinstance(outcome, int) else ExitCode.DONE


def _report_usage(error: click.UsageError) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    where = error.ctx.command_path if error.ctx else "gatepass"
    report(
        GatepassError(masked(error.format_message().rstrip(".")), next_step=f"{where} --help"),
        as_json=False,
    )
