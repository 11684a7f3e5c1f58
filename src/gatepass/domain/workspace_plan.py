"""What a setup needs on its platform: what is there, what is missing, what differs, and what must not be touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatepass.domain.workspace_objects import (
    Doors,
    Environment,
    Found,
    Link,
    OwnAccess,
    PlatformObject,
    Schedule,
    Standing,
    Workspace,
)
from gatepass.domain.workspace_setup import Platform, Repository, WorkspaceSetup


@dataclass(frozen=True, slots=True)
class Make:
    """Make what is not there."""

    what: PlatformObject


@dataclass(frozen=True, slots=True)
class Alter:
    """Bring what is ours to what is wanted.

    Attributes:
        differing: in which facts it differs, in words; nothing secret is in them.
    """

    what: PlatformObject
    found: Found[PlatformObject]
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave what is as it should be.

    Attributes:
        remark: what could not be compared, or that it is used although it is not ours; empty for nothing to say.
    """

    found: Found[PlatformObject]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """Delete what is ours and no longer wanted."""

    found: Found[PlatformObject]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Change nothing, for this is not ours or cannot be made.

    Attributes:
        what: what is in the way, and the reason.
        next_step: one action.
    """

    what: str
    why: str
    next_step: str


WorkspaceChange = Make | Alter | Keep | Drop | Refuse


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should lie there, as far as it is known.

    Attributes:
        own_access: how the platform should enter; None where nobody could ask AWS, or the setup names none.
        doors: what the variable should say; None while external IDs are not drawn yet.
    """

    own_access: OwnAccess | None = None
    doors: Doors | None = None


def plan_workspace_changes(setup: WorkspaceSetup, standing: Standing, wanted: Wanted) -> tuple[WorkspaceChange, ...]:
    """Return what to do, in the order that is safe, what stands as it should included.

    The platform's access comes before what uses it, the variable before any run, and the clock last of all: nothing
    runs by itself before everything that a run needs is there.
    """
    is_foreign = standing.workspace is not None and not standing.workspace.is_ours
    inside = () if is_foreign else (_link, _doors, _schedule)
    parts = (_environment, _workspace, _own_access, *inside)
    return tuple(change for part in parts for change in part(setup, standing, wanted))


def with_found(standing: Standing, found: Found[PlatformObject]) -> Standing:
    """Return what stands after this object was made."""
    what, made = found.what, found.id
    match what:
        case Environment():
            return replace(standing, environment=Found(made, found.is_ours, what))
        case Workspace():
            return replace(standing, workspace=Found(made, found.is_ours, what))
        case OwnAccess():
            return replace(standing, own_access=Found(made, found.is_ours, what))
        case Link():
            return replace(standing, link=Found(made, found.is_ours, what))
        case Doors():
            return replace(standing, doors=Found(made, found.is_ours, what))
        case Schedule():
            return replace(standing, schedule=Found(made, found.is_ours, what))


def object_words(what: PlatformObject, setup: WorkspaceSetup) -> str:
    """Return what a person calls the object, with its name on the platform."""
    is_scalr = setup.platform is Platform.SCALR
    match what:
        case Environment(name):
            return f"{'environment' if is_scalr else 'project'} {name}"
        case OwnAccess(name, role):
            return f"provider configuration {name} ({role})" if is_scalr else f"variables of the access by {role}"
        case Workspace(name):
            return f"workspace {name}"
        case Link():
            return f"link of {setup.workspace} to {setup.access_name}"
        case Doors():
            return f"sensitive variable doors of {setup.workspace}"
        case Schedule(cron):
            return f"schedule of {setup.workspace}: {cron} UTC"


def _environment(setup: WorkspaceSetup, standing: Standing, _: Wanted) -> Iterator[WorkspaceChange]:
    found = standing.environment
    if found is None:
        yield Make(Environment(setup.environment))
    else:
        yield Keep(found, "" if found.is_ours else "not ours: it is used, and never changed or removed")


def _workspace(setup: WorkspaceSetup, standing: Standing, _: Wanted) -> Iterator[WorkspaceChange]:
    found = standing.workspace
    wanted = Workspace(setup.workspace, setup.repository, setup.terraform_version)
    if found is None:
        yield Make(wanted)
    elif not found.is_ours:
        yield _not_ours(found, setup, "name another workspace in the file, or tag that one gatepass if you made it")
    else:
        differing = tuple(_workspace_differences(wanted, found.what))
        yield Alter(wanted, found, differing) if differing else Keep(found)


def _workspace_differences(wanted: Workspace, found: Workspace) -> Iterator[str]:
    if wanted.repository is not None:
        yield from _repository_differences(wanted.repository, found.repository)
    if wanted.terraform_version is not None and wanted.terraform_version != found.terraform_version:
        yield f"Terraform {wanted.terraform_version} instead of {found.terraform_version or 'the latest'}"
    if wanted.applies_by_itself and not found.applies_by_itself:
        yield "runs apply by themselves"


def _repository_differences(wanted: Repository, found: Repository | None) -> Iterator[str]:
    if found is None:
        yield f"repository {wanted.identifier} instead of none"
        return
    facts: tuple[tuple[str, str | None, str | None], ...] = (
        ("connection", wanted.connection, found.connection),
        ("repository", wanted.identifier, found.identifier),
        ("branch", wanted.branch, found.branch if wanted.branch is not None else None),
        ("directory", wanted.directory or "the top", found.directory or "the top"),
    )
    for name, now, before in facts:
        if now != before:
            yield f"{name} {now} instead of {before or 'the usual one'}"


def _own_access(setup: WorkspaceSetup, standing: Standing, wanted: Wanted) -> Iterator[WorkspaceChange]:
    found, access = standing.own_access, wanted.own_access
    if setup.own_access is None:
        return
    if found is None and access is None:
        yield Refuse(
            f"nobody could ask account {setup.declaration.account} how {setup.platform.title} enters by "
            f"{setup.own_access}",
            "the role and its external ID are read from AWS, and there are no credentials of that account",
            f"set AWS_PROFILE to credentials of {setup.declaration.account}, or take own_access out of the file",
        )
    elif found is None and access is not None:
        yield Make(access)
    elif found is not None and not found.is_ours:
        yield _not_ours(found, setup, "rename the grant of own_access, or remove that object if you made it")
    elif found is not None and access is None:
        yield Keep(found, "not compared with AWS: no credentials of the account")
    elif found is not None and access is not None:
        differing = tuple(_access_differences(access, found.what))
        yield Alter(access, found, differing) if differing else Keep(found)


def _access_differences(wanted: OwnAccess, found: OwnAccess) -> Iterator[str]:
    if wanted.role != found.role:
        yield f"enters {wanted.role} instead of {found.role}"
    is_same = wanted.external_id == found.external_id if found.external_id is not None else wanted.seal == found.seal
    if not is_same:
        yield "another external ID"


def _link(setup: WorkspaceSetup, standing: Standing, _: Wanted) -> Iterator[WorkspaceChange]:
    if setup.own_access is None or setup.platform is not Platform.SCALR:
        return
    yield Keep(standing.link) if standing.link is not None else Make(Link())


def _doors(setup: WorkspaceSetup, standing: Standing, wanted: Wanted) -> Iterator[WorkspaceChange]:
    found = standing.doors
    # Before external IDs are drawn nobody knows what it will say, only that it will be something else.
    doors = wanted.doors or Doors("", "")
    if found is None:
        yield Make(doors)
    elif not found.is_ours:
        yield _not_ours(found, setup, "remove that variable if you made it: nobody else can know what it says")
    elif wanted.doors is None:
        yield Alter(doors, found, ("external IDs that are not drawn yet",))
    elif found.what.seal != doors.seal:
        yield Alter(doors, found, ("other external IDs than the store keeps",))
    else:
        yield Keep(found)


def _schedule(setup: WorkspaceSetup, standing: Standing, _: Wanted) -> Iterator[WorkspaceChange]:
    found = standing.schedule
    if found is None:
        if setup.schedule is not None:
            yield Make(Schedule(setup.schedule))
    elif not found.is_ours:
        yield _not_ours(found, setup, "remove that schedule if you made it")
    elif setup.schedule is None:
        yield Drop(found)
    elif found.what.cron.split() != setup.schedule.split():
        yield Alter(Schedule(setup.schedule), found, (f"at {setup.schedule} instead of {found.what.cron}",))
    else:
        yield Keep(found)


def _not_ours(found: Found[PlatformObject], setup: WorkspaceSetup, next_step: str) -> Refuse:
    return Refuse(
        f"the {object_words(found.what, setup)} ({found.id}) is not ours",
        "it carries no tag gatepass, and what others made is never changed",
        next_step,
    )
