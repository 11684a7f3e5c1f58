"""What a person declares of a workspace on a platform that runs Terraform for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName

# The tag of everything of ours on a platform; what lacks it is never changed.
MARK = "gatepass"
# The variable of the root module that holds every door's external IDs.
DOORS_VARIABLE = "doors"


class Platform(Enum):
    """A platform that runs Terraform."""

    SCALR = "scalr"
    HCP = "hcp"

    @property
    def title(self) -> str:
        """The name as its makers write it."""
        return {Platform.SCALR: "Scalr", Platform.HCP: "HCP Terraform"}[self]


@dataclass(frozen=True, slots=True)
class Repository:
    """Where the workspace's configuration lies.

    Attributes:
        connection: the platform's connection to the version control system, by name or id.
        identifier: the repository, such as ``acme/aws-access``.
        branch: the branch; None for the repository's own first.
        directory: where in it the root module lies; empty for the top.
    """

    connection: str
    identifier: str
    branch: str | None = None
    directory: str = ""


@dataclass(frozen=True, slots=True)
class WorkspaceSetup:
    """One workspace that keeps the grants of one customer's file.

    Attributes:
        hostname: the platform's host, with a port only where it is not the usual one.
        owner: the account of Scalr (``acc-...``), or the organisation of HCP Terraform.
        environment: the environment of Scalr, or the project of HCP Terraform.
        workspace: the workspace's name.
        repository: what it runs; None where its configuration comes by another way.
        declaration: the customer's file that the workspace's root module reads; it keeps every grant of it.
        own_access: the grant by which the platform itself enters the account. It stands in another file, applied by
            ``gatepass apply``: kept by what the platform runs, it could lock the platform out.
        schedule: when it runs by itself, as cron in UTC; None for never. HCP Terraform has no such thing.
        terraform_version: such as ``1.11.4``; None for the platform's latest.
    """

    platform: Platform
    hostname: str
    owner: str
    environment: str
    workspace: str
    repository: Repository | None
    declaration: Declaration
    own_access: GrantName | None = None
    schedule: str | None = None
    terraform_version: str | None = None

    @property
    def access_name(self) -> str:
        """What the platform's own access is called among its provider configurations; empty without one.

        Workspaces of one account share it: it enters by one role, with one external ID.
        """
        return f"{MARK}-{self.declaration.account}-{self.own_access}" if self.own_access is not None else ""
