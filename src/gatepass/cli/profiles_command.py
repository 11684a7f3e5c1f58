"""The command that keeps an engineer's AWS profiles in step with the register."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli import completion
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.register import TeamName
from gatepass.usecases.sync_profiles import Synced, remove_profiles, sync_profiles
from gatepass.wiring import file_access, registers

_PATH = click.Path(path_type=Path)


@click.group()
def profiles() -> None:
    """Keep AWS profiles for customers in the configuration file of AWS's tools."""


@profiles.command()
@click.option("--team", shell_complete=completion.teams, help="Only the customers of this team.")
@click.option("--register", "book", type=_PATH, default="customers.yml", show_default=True, help="The provider's file.")
@click.option("--config", type=_PATH, help="The file to write; by default AWS_CONFIG_FILE, or ~/.aws/config.")
@click.option("--region", help="The Region that the profiles begin in.")
@click.option("--remove", is_flag=True, help="Take the profiles out again.")
@click.option("--json", "as_json", is_flag=True, help="Print the same facts as JSON.")
def sync(  # noqa: PLR0913 - one for each option
    *, team: str | None, book: Path, config: Path | None, region: str | None, remove: bool, as_json: bool
) -> int:
    """Write one profile for each customer's grant, in a marked block; the rest of the file stays as it is.

    The profiles hold no key and no external ID: AWS's tools ask Gatepass for credentials when they need some.
    """
    file = file_access.profile_file(config)
    if remove:
        synced = remove_profiles(file)
    else:
        chosen = TeamName(team) if team is not None else None
        synced = sync_profiles(registers.register_book(book).load(), file, chosen, region)
    if as_json:
        json_result(_facts(synced, file.title))
    else:
        _show(synced, file.title)
    return ExitCode.DONE


def _show(synced: Synced, title: str) -> None:
    for name in synced.added:
        result(f"+ {name}")
    for name in synced.removed:
        result(f"- {name}")
    for profile in synced.left_out:
        note(f"left out: {profile.source}; {title} has a profile {profile.name} already, which stays as it is")
    count = len(synced.profiles)
    done = f"{count} profile{'s' if count != 1 else ''} of Gatepass in {title}"
    result(done if synced.is_changed else f"{done}, as before")


def _facts(synced: Synced, title: str) -> dict[str, object]:
    return {
        "file": title,
        "profiles": [{"name": each.name, "source": each.source} for each in synced.profiles],
        "added": list(synced.added),
        "removed": list(synced.removed),
        "left_out": [{"name": each.name, "source": each.source} for each in synced.left_out],
        "changed": synced.is_changed,
    }
