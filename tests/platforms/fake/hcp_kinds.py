"""HCP Terraform's types: https://developer.hashicorp.com/terraform/cloud-docs/api-docs."""

from __future__ import annotations

from tests.platforms.fake.kinds import Attribute, Kind, Relation, Words

WORDS = Words("invalid attribute", "invalid relation", "invalid parameter")

_TOLD = Attribute(is_written=False)
_FLAG = Attribute(bool, default=False)
_TOLD_FLAG = Attribute(bool, default=False, is_written=False)
_TEXT = Attribute()
_COUNT = Attribute(int, default=0, is_written=False)
_TOLD_MAP = Attribute(dict, is_written=False)
_ORGANIZATION = Relation("organizations", is_written=False)
_MODES = ("remote", "local", "agent")
_DURATION = r"[1-9]\d{0,3}[dh]"

ORGANIZATION = Kind(
    "organizations", "org", "Organization",
    {"name": _TOLD, "external-id": _TOLD, "email": _TOLD, "created-at": _TOLD, "default-execution-mode": _TOLD},
    {"default-project": Relation("projects", is_written=False)},
)  # fmt: skip
USER = Kind("users", "user", "User", {"username": _TOLD, "email": _TOLD, "is-service-account": _TOLD_FLAG})
PROJECT = Kind(
    "projects", "prj", "Project",
    {"name": Attribute(is_required=True, pattern=r"(?! )[A-Za-z0-9 _-]{3,40}(?<! )"), "description": _TEXT,
     "auto-destroy-activity-duration": Attribute(pattern=_DURATION),
     "default-execution-mode": Attribute(default="remote", choices=_MODES), "setting-overwrites": Attribute(dict),
     "workspace-count": _COUNT, "permissions": _TOLD_MAP},
    {"organization": _ORGANIZATION},
    sorts=("name",),
)  # fmt: skip

_REPOSITORY = {
    "identifier": _TEXT, "oauth-token-id": _TEXT, "github-app-installation-id": _TEXT, "branch": Attribute(default=""),
    "ingress-submodules": _FLAG, "tags-regex": _TEXT,
}  # fmt: skip
WORKSPACE = Kind(
    "workspaces", "ws", "Workspace",
    {"name": Attribute(is_required=True, pattern=r"[A-Za-z0-9_-]+"), "agent-pool-id": _TEXT,
     "allow-destroy-plan": Attribute(bool, default=True), "assessments-enabled": _FLAG, "auto-apply": _FLAG,
     "auto-apply-run-trigger": _FLAG, "auto-destroy-at": _TEXT,
     "auto-destroy-activity-duration": Attribute(pattern=_DURATION), "description": _TEXT,
     "execution-mode": Attribute(default="remote", choices=_MODES),
     "file-triggers-enabled": Attribute(bool, default=True), "global-remote-state": _FLAG,
     "operations": Attribute(bool, default=True), "queue-all-runs": _FLAG, "source-name": _TEXT, "source-url": _TEXT,
     "speculative-enabled": Attribute(bool, default=True), "terraform-version": Attribute(default="1.11.4"),
     "structured-run-output-enabled": Attribute(bool, default=True),
     "trigger-patterns": Attribute(list, default=()), "trigger-prefixes": Attribute(list, default=()),
     "vcs-repo": Attribute(dict, parts=_REPOSITORY), "working-directory": _TEXT, "setting-overwrites": Attribute(dict),
     "created-at": _TOLD, "updated-at": _TOLD, "latest-change-at": _TOLD, "locked": _TOLD_FLAG, "locked-reason": _TOLD,
     "resource-count": _COUNT, "tag-names": Attribute(list, is_written=False), "environment": _TOLD,
     "source": Attribute(is_written=False, default="tfe-api"), "vcs-repo-identifier": _TOLD, "actions": _TOLD_MAP,
     "permissions": _TOLD_MAP},
    {"organization": _ORGANIZATION, "project": Relation("projects"),
     "current-run": Relation("runs", is_written=False), "latest-run": Relation("runs", is_written=False),
     "locked-by": Relation("users", is_written=False),
     "outputs": Relation("state-version-outputs", is_many=True, is_written=False),
     "vars": Relation("vars", is_many=True, is_written=False)},
    {"[project][id]": "project", "[current-run][status]": "current-run.status"},
    sorts=("name", "latest-change-at"),
)  # fmt: skip
VARIABLE = Kind(
    "vars", "var", "Variable",
    {"key": Attribute(is_required=True), "value": Attribute(default=""), "description": _TEXT,
     "category": Attribute(is_required=True, choices=("terraform", "env")), "hcl": _FLAG, "sensitive": _FLAG,
     "version-id": _TOLD, "created-at": _TOLD},
    {"configurable": Relation("workspaces", is_written=False)},
)  # fmt: skip
_ADDRESSES = Attribute(list)
RUN = Kind(
    "runs", "run", "Run",
    {"message": Attribute(default="Queued manually via the Terraform Enterprise API"), "is-destroy": _FLAG,
     "auto-apply": Attribute(bool), "plan-only": _FLAG, "refresh": Attribute(bool, default=True), "refresh-only": _FLAG,
     "allow-empty-apply": _FLAG, "allow-config-generation": _FLAG, "debugging-mode": _FLAG, "save-plan": _FLAG,
     "replace-addrs": _ADDRESSES, "target-addrs": _ADDRESSES, "invoke-action-addrs": _ADDRESSES,
     "variables": Attribute(list, default=()), "terraform-version": _TEXT,
     "actions": _TOLD_MAP, "canceled-at": _TOLD, "created-at": _TOLD, "has-changes": _TOLD_FLAG, "source": _TOLD,
     "status": _TOLD, "status-timestamps": _TOLD_MAP, "trigger-reason": Attribute(is_written=False, default="manual"),
     "permissions": _TOLD_MAP},
    {"workspace": Relation("workspaces", is_required=True), "plan": Relation("plans", is_written=False),
     "apply": Relation("applies", is_written=False)},
    {"[status]": "status", "[source]": "source", "[operation]": "operation", "[status_group]": "group"},
)  # fmt: skip
_PHASE = {
    "status": _TOLD, "status-timestamps": _TOLD_MAP, "log-read-url": _TOLD, "execution-details": _TOLD_MAP,
    "resource-additions": Attribute(int, is_written=False), "resource-changes": Attribute(int, is_written=False),
    "resource-destructions": Attribute(int, is_written=False), "resource-imports": Attribute(int, is_written=False),
}  # fmt: skip
PLAN = Kind("plans", "plan", "Plan", {**_PHASE, "has-changes": _TOLD_FLAG})
APPLY = Kind("applies", "apply", "Apply", _PHASE)
OUTPUT = Kind(
    "state-version-outputs", "wsout", "State version output",
    {"name": _TOLD, "sensitive": _TOLD_FLAG, "type": _TOLD, "value": _TOLD, "detailed-type": _TOLD},
)  # fmt: skip
OAUTH_CLIENT = Kind(
    "oauth-clients", "oc", "OAuth client",
    {"name": _TOLD, "service-provider": _TOLD, "service-provider-display-name": _TOLD, "http-url": _TOLD,
     "api-url": _TOLD, "created-at": _TOLD, "organization-scoped": _TOLD_FLAG},
    {"organization": _ORGANIZATION, "oauth-tokens": Relation("oauth-tokens", is_many=True, is_written=False)},
)  # fmt: skip
OAUTH_TOKEN = Kind(
    "oauth-tokens", "ot", "OAuth token",
    {"created-at": _TOLD, "service-provider-user": _TOLD, "has-ssh-key": _TOLD_FLAG},
    {"oauth-client": Relation("oauth-clients", is_written=False)},
)  # fmt: skip

KINDS = {
    each.type: each
    for each in (
        ORGANIZATION,
        USER,
        PROJECT,
        WORKSPACE,
        VARIABLE,
        RUN,
        PLAN,
        APPLY,
        OUTPUT,
        OAUTH_CLIENT,
        OAUTH_TOKEN,
    )
}
