"""The workspace's file as an argument, its grants, and the places that the commands about it share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gatepass.cli.options import Grant
from gatepass.cli.recording import about
from gatepass.cli.telling import tell_channels
from gatepass.domain.errors import InvalidInput, NotThere
from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.notice import Happening, Notice
from gatepass.domain.platform_run import Run
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.wiring import audit, machine, workspaces

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from gatepass.usecases.hand_over_door import HandingDesk
    from gatepass.usecases.take_pass import ProviderHalf

_Command = TypeVar("_Command", bound=Callable[..., Any])
USUAL_FILE = "workspace.yml"


class WorkspaceGrant(Grant):
    """The name of a grant that the workspace keeps."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """Return the grants of the workspace's access file that begin so."""
        from gatepass.cli.completion import workspace_grants

        return workspace_grants(ctx, param, incomplete)


def workspace_argument(command: _Command) -> _Command:
    """Add the workspace's file."""
    kind = click.Path(path_type=Path)
    return click.argument("file", metavar="[FILE]", type=kind, default=USUAL_FILE)(command)


def passes_option(command: _Command) -> _Command:
    """Add where passes are left."""
    return click.option(
        "--passes", metavar="PLACE", default=".", show_default=True,
        help="Where passes are left: a folder, s3://BUCKET/PREFIX, or STORE:PREFIX such as ssm:handover.",
    )(command)  # fmt: skip


def places_options(command: _Command) -> _Command:
    """Add where passes are left and receipts come in."""
    receipts = click.option(
        "--receipts", metavar="PLACE", help="Where the provider's receipts come in; default: --passes."
    )
    return passes_option(receipts(command))


def loaded(file: Path, platform: Platform) -> WorkspaceSetup:
    """Return what the file says.

    Raises:
        InvalidFile: every problem in it.
        InvalidInput: it is for the other platform.
    """
    setup = workspaces.load_setup(file)
    if setup.platform is not platform:
        raise InvalidInput(
            f"{file} is for {setup.platform.title}, not {platform.title}",
            why=f"it says platform: {setup.platform.value}",
            next_step=f"type gatepass {setup.platform.value} in place of gatepass {platform.value}",
        )
    return setup


def handing(
    setup: WorkspaceSetup,
    passes: str,
    receipts: str | None,
    watch: Callable[[Run], Run],
    provider: ProviderHalf | None = None,
) -> HandingDesk:
    """Return what handing over the workspace's doors needs."""
    outbox = workspaces.tray(passes)
    inbox = workspaces.tray(receipts) if receipts else outbox
    return workspaces.handing(workspaces.moving(setup, watch), outbox, inbox, provider)


@contextlib.contextmanager
def failures_recorded(setup: WorkspaceSetup, grant: GrantName | None = None) -> Iterator[None]:
    """Tell the log whom a deed was about that fails; wrong words and names that are nobody's are none."""
    try:
        yield
    except (InvalidInput, NotThere):
        raise
    except BaseException:
        about(customer=str(setup.declaration.account), **({"grant": str(grant)} if grant is not None else {}))
        raise


def tell_moved(
    setup: WorkspaceSetup, happening: Happening, grant: GrantName, role: RoleArn | None, until: datetime | None = None
) -> None:
    """Tell the channels of the access file of a door that a run moved; call it last.

    Args:
        setup: the workspace.
        happening: what happened to the door.
        grant: which door.
        role: its role, where it is known.
        until: when the grant ends.
    """
    channels = setup.declaration.notify
    if channels.are_none:
        return
    notice = Notice(
        happening, setup.declaration.account, machine.clock().now(), grant, role, audit.local_actor(), until
    )
    tell_channels(channels, [notice])
