"""Commands that make a shell follow Gatepass into customers' accounts: its function, its environment, its Region."""

from __future__ import annotations

import os
import sys

import click

from gatepass.cli.completion import Regions
from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.region_name import RegionName
from gatepass.render.shell_quoting import SHELLS, environment_lines
from gatepass.render.shell_scripts import (
    COMPLETED,
    completion_script,
    prompt_segment,
    shell_function,
    starship_module,
)
from gatepass.wiring import machine, shell

_STARSHIP = "starship"


@click.command("shell-init")
@click.argument("name", metavar="|".join((*SHELLS, _STARSHIP)), type=click.Choice((*SHELLS, _STARSHIP)))
@click.option("--no-prompt", is_flag=True, help="Leave the prompt as it is.")
@click.option("--no-completion", is_flag=True, help="Leave the Tab key as it is.")
def shell_init(name: str, *, no_prompt: bool, no_completion: bool) -> int:
    """Print what lets this shell follow into customers' accounts, for its start file.

    \b
    bash        ~/.bashrc:                   eval "$(gatepass shell-init bash)"
    zsh         ~/.zshrc, behind compinit:   eval "$(gatepass shell-init zsh)"
    fish        ~/.config/fish/config.fish:  gatepass shell-init fish | source
    powershell  $PROFILE:                    gatepass shell-init powershell | Out-String | Invoke-Expression
    starship    its module: gatepass shell-init starship >> ~/.config/starship.toml
    """  # noqa: D301 - click's own mark of lines to keep
    if name == _STARSHIP:
        result(starship_module().rstrip("\n"))
        return ExitCode.DONE
    parts = [shell_function(name, _value_options())]
    if not no_prompt:
        parts.append(prompt_segment(name))
    if not no_completion and name in COMPLETED:
        parts.append(completion_script(name))
    result("".join(parts).rstrip("\n"))
    return ExitCode.DONE


@click.command()
@click.argument("name", metavar="|".join(COMPLETED), type=click.Choice(COMPLETED))
def completion(name: str) -> int:
    """Print what completes the words of gatepass behind the Tab key; shell-init prints it too."""
    result(completion_script(name).strip("\n"))
    return ExitCode.DONE


@click.command("shell-env", hidden=True)
@click.argument("name", metavar="|".join(SHELLS), type=click.Choice(SHELLS))
def shell_env(name: str) -> int:
    """Print the lines by which a shell's environment follows; the function of shell-init evaluates them."""
    if sys.stdout.isatty():
        raise click.UsageError("these lines hold credentials, for a shell to evaluate: gatepass shell-init --help")
    lines = environment_lines(name, shell.wanted_changes())
    # As bytes: a value of the person's own need not be text.
    click.echo(os.fsencode(lines), nl=False)
    return ExitCode.DONE


@click.command()
@click.argument("name", metavar="[REGION]", required=False, type=Regions())
@json_option
def region(name: RegionName | None, *, as_json: bool) -> int:
    """Show the Region of this terminal, or use REGION from here on."""
    # The shell follows behind this command, and stays where it is.
    shell.begin_where_the_shell_is()
    if name is not None:
        shell.choose_region(name)
    current = machine.region()
    if as_json:
        json_result({"region": current})
    elif current is None:
        note("no Region is chosen; AWS's tools take the one of their configuration, and Gatepass us-east-1")
    else:
        result(current)
    if name is not None and not shell.is_followed() and not as_json:
        note("for every gatepass command of this terminal; other tools follow after: gatepass shell-init --help")
    return ExitCode.DONE


def _value_options() -> list[str]:
    """Return the options of sudo that take the word behind them."""
    from gatepass.cli.session_commands import sudo

    options = (each for each in sudo.params if isinstance(each, click.Option))
    return [name for each in options if not each.is_flag and not each.count for name in each.opts]
