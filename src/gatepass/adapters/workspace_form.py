"""The form of the workspace's file, key by key; the JSON Schema is made from it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from gatepass.adapters.written_values import GrantKey, Text, Version
from gatepass.adapters.written_workspace import (
    Branch,
    Connection,
    Cron,
    Directory,
    EnvironmentName,
    Hostname,
    Organization,
    PlatformWord,
    ProjectName,
    RepositoryName,
    ScalrAccount,
    TerraformVersion,
    WorkspaceKind,
    WorkspaceName,
)
from gatepass.domain.workspace_setup import Platform

# Keys that one platform has and the other has not.
KEYS_OF = {
    Platform.SCALR: ("account", "environment", "schedule"),
    Platform.HCP: ("organization", "project"),
}


def _apart(schema: dict[str, Any]) -> None:
    """Say in the schema which keys belong to which platform."""
    is_scalr = {"properties": {"platform": {"const": Platform.SCALR.value}}}
    for_scalr, for_hcp = (dict.fromkeys(KEYS_OF[other], False) for other in (Platform.HCP, Platform.SCALR))
    schema["if"] = is_scalr
    schema["then"] = {"properties": for_scalr, "required": ["environment"]}
    schema["else"] = {"properties": for_hcp, "required": ["project"]}


class _Form(BaseModel):
    """Unknown keys are errors: an unread key would be a setting someone thinks is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RepositoryForm(_Form):
    """Where the workspace's configuration lies."""

    connection: Connection = Field(description="the platform's connection to your repositories, by name or id")
    identifier: RepositoryName = Field(description="the repository, with its owner")
    branch: Branch | None = Field(None, description="default: the repository's own first branch")
    directory: Directory = Field("", description="where in it the root module lies; default: the top")


class WorkspaceForm(_Form):
    """One workspace that keeps the grants of one customer's file."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_apart)

    gatepass: WorkspaceKind = Field(description="the kind of this file")
    version: Version = Field(description="the form of this file")
    platform: PlatformWord = Field(description="scalr, or hcp for HCP Terraform and Terraform Enterprise")
    hostname: Hostname | None = Field(
        None, description="the platform's host; default: SCALR_HOSTNAME, or TFE_HOSTNAME and app.terraform.io"
    )
    account: ScalrAccount | None = Field(None, description="Scalr: the account; default: SCALR_ACCOUNT")
    organization: Organization | None = Field(None, description="hcp: the organization; default: TFE_ORGANIZATION")
    environment: EnvironmentName | None = Field(None, description="Scalr: the environment")
    project: ProjectName | None = Field(None, description="hcp: the project")
    workspace: WorkspaceName = Field(description="the workspace")
    access: Text = Field(description="the customer's file that the root module reads, seen from this file")
    repository: RepositoryForm | None = Field(None, description="where the root module lies; default: nowhere")
    own_access: GrantKey | None = Field(
        None, description="the grant by which the platform itself enters; it stands in another customer's file"
    )
    schedule: Cron | None = Field(None, description="Scalr: when it runs by itself, as cron in UTC; default: never")
    terraform: TerraformVersion | None = Field(None, description="the version; default: the platform's latest")
