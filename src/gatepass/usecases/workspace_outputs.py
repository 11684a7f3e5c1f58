"""What the runs of a workspace gave out: the role of each grant, held against the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.platform_run import Output
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.ports.orchestrators import Orchestrator
from gatepass.usecases.pass_of_workspace import ROLE_ARNS, role_of_outputs


def workspace_roles(setup: WorkspaceSetup, platform: Orchestrator) -> Mapping[GrantName, RoleArn]:
    """Return the role of every grant of the file, as the last applied run gave it out.

    Raises:
        NotThere: the workspace was not set up, or no run of it was applied.
        Conflict: the workspace is not ours, or an output names no role, or another one than the file's.
        GatepassError: the platform said no, or did not answer.
    """
    at = platform.our_workspace(setup)
    return roles_in(platform.outputs(at.workspace), setup)


def roles_in(outputs: Sequence[Output], setup: WorkspaceSetup) -> Mapping[GrantName, RoleArn]:
    """Return the role of every grant of the file; each must be the one that the file declares, in its account.

    Raises:
        NotThere: there are no outputs.
        Conflict: an output is sensitive, names no role, or another one.
    """
    if not outputs:
        raise NotThere(
            f"the workspace {setup.workspace} gave nothing out yet",
            why=f"no run of it was applied, or its root module has no output {ROLE_ARNS}",
            next_step=f"let it run: gatepass {setup.platform.value} run FILE --wait; a root module with that output is "
            "written by gatepass render terraform",
        )
    _demand_shown(outputs)
    _demand_nothing_foreign(outputs, setup.declaration)
    declaration = setup.declaration
    return {grant.name: role_of_outputs(grant, declaration, outputs) for grant in declaration.grants}


def has_roles(outputs: Sequence[Output]) -> bool:
    """Say whether roles stand in the state that gave this out; what cannot be read counts as roles."""
    told = next((one for one in outputs if one.name == ROLE_ARNS), None)
    if told is None:
        return bool(outputs)
    return not (isinstance(told.value, Mapping) and not told.value)


def _demand_shown(outputs: Sequence[Output]) -> None:
    if any(one.name == ROLE_ARNS and one.is_sensitive for one in outputs):
        raise Conflict(
            f"the output {ROLE_ARNS} is marked as sensitive",
            why="the platform does not tell what it says, and role ARNs are no secret",
            next_step="take sensitive = true out of that output, run the workspace, then do it again",
        )


def _demand_nothing_foreign(outputs: Sequence[Output], declaration: Declaration) -> None:
    """Let only outputs pass that name grants of the file: a role of none could be anybody's."""
    told = next((one.value for one in outputs if one.name == ROLE_ARNS), None)
    known = {str(grant.name) for grant in declaration.grants}
    foreign = sorted(str(name) for name in told if name not in known) if isinstance(told, Mapping) else []
    if foreign:
        raise Conflict(
            f"the workspace gave out a role for {len(foreign)} grant{'s' if len(foreign) != 1 else ''} that the file "
            "does not name",
            why="the repository's file is not the one that is read here",
            next_step="let both be the same file, run the workspace, then do it again",
        )
