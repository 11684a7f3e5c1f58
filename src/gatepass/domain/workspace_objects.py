"""What lies on a platform for one workspace, as it is wanted and as it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.domain.workspace_setup import Repository


@dataclass(frozen=True, slots=True)
class Environment:
    """What groups workspaces: an environment of Scalr, a project of HCP Terraform."""

    name: str


@dataclass(frozen=True, slots=True)
class OwnAccess:
    """How the platform itself enters the account: a provider configuration of Scalr, variables in HCP Terraform.

    Attributes:
        name: the provider configuration's name; in HCP Terraform it is not used.
        external_id: what it enters with; None where the platform does not tell.
        seal: what tells one external ID from another without telling it; empty where the platform keeps none.
    """

    name: str
    role: RoleArn
    external_id: ExternalId | None = field(repr=False)
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What runs Terraform.

    Attributes:
        terraform_version: None for the platform's latest when it is made; afterwards it is left as it is.
    """

    name: str
    repository: Repository | None
    terraform_version: str | None
    applies_by_itself: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """That the workspace runs with the platform's own access; HCP Terraform needs none."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The sensitive variable with every door's external IDs.

    Attributes:
        value: the expression in HCL; empty as it was found, for the platform does not tell.
        seal: what tells one value from another without telling it.
    """

    value: str = field(repr=False, compare=False)
    seal: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the workspace runs by itself, as cron in UTC."""

    cron: str


PlatformObject = Environment | OwnAccess | Workspace | Link | Doors | Schedule
Kind_co = TypeVar("Kind_co", bound=PlatformObject, covariant=True)


@dataclass(frozen=True, slots=True)
class Found(Generic[Kind_co]):
    """An object as it lies on the platform.

    Attributes:
        id: the platform's own id, such as ``ws-...``.
        is_ours: whether it carries our tag; what can carry none is as its workspace or environment.
        what: the object.
    """

    id: str
    is_ours: bool
    what: Kind_co


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found under the names of a setup; None for what is not there."""

    environment: Found[Environment] | None = None
    own_access: Found[OwnAccess] | None = None
    workspace: Found[Workspace] | None = None
    link: Found[Link] | None = None
    doors: Found[Doors] | None = None
    schedule: Found[Schedule] | None = None
