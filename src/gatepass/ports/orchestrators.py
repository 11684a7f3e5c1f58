"""Platforms that run Terraform for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gatepass.domain.platform_run import Output, Run
from gatepass.domain.workspace_objects import Doors, Found, OwnAccess, PlatformObject, Standing
from gatepass.domain.workspace_setup import WorkspaceSetup


@dataclass(frozen=True, slots=True)
class OurWorkspace:
    """A workspace that carries our tag, with its variable of doors.

    Attributes:
        workspace: the platform's id of it.
        doors: the platform's id of the variable.
        seal: what tells the variable's present value from another one.
        is_locked: whether somebody keeps runs from beginning.
    """

    workspace: str
    doors: str
    seal: str
    is_locked: bool = False


class Orchestrator(Protocol):
    """One account or organisation on such a platform.

    Every call may raise:
        CredentialsRefused: the platform does not take the token (401).
        AccessRefused: the token may not do that (403).
        NotThere: what was asked for is not there (404).
        Conflict: it is locked, or not in a state for that (409).
        InvalidInput: the platform finds something wrong with what was sent (422), named by its pointer.
        NotAnswered: it was asked several times and did not answer (429, 5xx, time-out, a broken connection).
    No error holds a token or an external ID. What may have been done although no answer came is looked for before it
    is done again, so nothing is made twice.
    """

    @property
    def title(self) -> str:
        """Which platform, account and host, in words for a person."""

    def standing(self, setup: WorkspaceSetup) -> Standing:
        """Return what lies there under the setup's names; nothing is changed."""

    def make(self, setup: WorkspaceSetup, wanted: PlatformObject, standing: Standing) -> Found[PlatformObject]:
        """Make what is not there, and mark it as ours.

        Args:
            setup: where it belongs.
            wanted: what to make.
            standing: what is there already, such as the environment of a workspace to be made.
        """

    def change(self, setup: WorkspaceSetup, wanted: PlatformObject, found: Found[PlatformObject]) -> None:
        """Bring what is ours to what is wanted."""

    def remove(self, setup: WorkspaceSetup, found: Found[PlatformObject], *, leave_roles: bool = False) -> None:
        """Delete what is ours; deleting what is gone is a success.

        Args:
            setup: where it belongs.
            found: what to delete.
            leave_roles: whether a workspace goes although roles stand in its state, which nothing keeps from then on.

        Raises:
            Conflict: it still keeps something, such as a workspace whose roles stand in AWS, or an environment that
                holds other workspaces.
        """

    def our_workspace(self, setup: WorkspaceSetup) -> OurWorkspace:
        """Return the ids of the workspace and its variable; one call where both are known from before.

        Raises:
            NotThere: there is no such workspace, or no such variable in it.
            Conflict: it does not carry our tag.
        """

    def write_doors(self, at: OurWorkspace, doors: Doors) -> None:
        """Write the variable whole, in one call."""

    def write_own_access(self, setup: WorkspaceSetup, wanted: OwnAccess) -> None:
        """Let the platform enter with this external ID from its next run on.

        Raises:
            NotThere: the platform has no access of that name.
            Conflict: it is not ours.
        """

    def start_run(self, workspace: str, reason: str, *, dry: bool = False, destroy: bool = False) -> Run:
        """Begin a run, applied by itself unless it is dry, or return the one that has this very reason.

        Args:
            workspace: the platform's id.
            reason: the run's message; unlike that of every other run, so that no answer lost begins it twice.
            dry: whether it only plans.
            destroy: whether it deletes everything that stands in the workspace's state.
        """

    def run(self, run: str) -> Run:
        """Return how far the run with this id is."""

    def latest_run(self, workspace: str) -> Run | None:
        """Return the run that began last, or None."""

    def confirm(self, run: Run) -> None:
        """Let a run apply that waits for a person's word."""

    def discard(self, run: Run) -> None:
        """Drop a run that waits, or stop it; one that is over already is left as it is."""

    def log(self, run: Run) -> str:
        """Return what Terraform said, at most its last 200 lines; empty while there is none."""

    def outputs(self, workspace: str) -> Sequence[Output]:
        """Return the outputs of the workspace's state; none where it never applied."""
