"""Scalr's types, as its API reference and its Go client name their attributes, relations and filters.

https://docs.scalr.io/reference and github.com/Scalr/go-scalr, v2/scalr/schemas and v2/scalr/ops.
"""

from __future__ import annotations

from tests.platforms.fake.kinds import Attribute, Kind, Relation, Words

WORDS = Words("Invalid Attribute", "Invalid Relationship", "Invalid Query Parameter")

_TOLD = Attribute(is_written=False)
_FLAG = Attribute(bool, default=False)
_TOLD_FLAG = Attribute(bool, default=False, is_written=False)
_TEXT = Attribute()
_NAME = Attribute(is_required=True, pattern=r"[A-Za-z0-9_-]+")
_ACCOUNT = Relation("accounts", is_fixed=True)
_TAGS = Relation("tags", is_many=True)
_STATUSES = Attribute(dict, is_written=False)

ACCOUNT = Kind("accounts", "acc", "Account", {"name": _TOLD, "created-at": _TOLD}, filters={"[name]": "name"})
USER = Kind("users", "user", "User", {"username": _TOLD, "email": _TOLD, "full-name": _TOLD, "status": _TOLD})
TAG = Kind(
    "tags", "tag", "AccountTag", {"name": Attribute(is_required=True)}, {"account": _ACCOUNT},
    {"[name]": "name", "[tag]": "", "[account]": "account"}, ("name",), ("name",),
)  # fmt: skip
VCS_PROVIDER = Kind(
    "vcs-providers", "vcs", "VcsProvider",
    {"name": _TOLD, "vcs-type": _TOLD, "auth-type": _TOLD, "url": _TOLD, "error-message": _TOLD, "is-shared": _TOLD_FLAG,
     "token": Attribute(is_written=False, is_secret=True)},
    {"account": _ACCOUNT, "environments": Relation("environments", is_many=True)},
    {"[account]": "account", "[environment]": "environments", "[name]": "name", "[vcs-provider]": "",
     "[vcs-type]": "vcs-type"},
    ("name",), ("name",),
)  # fmt: skip
ENVIRONMENT = Kind(
    "environments", "env", "Environment",
    {"name": Attribute(is_required=True), "is-federated-to-account": _FLAG,
     "mask-sensitive-output": Attribute(bool, default=True), "remote-backend": Attribute(bool, default=True),
     "remote-backend-overridable": _FLAG, "created-at": _TOLD, "updated-at": _TOLD, "locked": _TOLD_FLAG,
     "lock-reason": _TOLD, "status": Attribute(is_written=False, default="Active")},
    {"account": _ACCOUNT, "tags": _TAGS,
     "default-provider-configurations": Relation("provider-configurations", is_many=True),
     "provider-configurations": Relation("provider-configurations", is_many=True, is_written=False)},
    {"[account]": "account", "[environment]": "", "[name]": "name", "[tag]": "tags"}, ("name",), ("name", "created-at"),
)  # fmt: skip
PROVIDER_CONFIGURATION = Kind(
    "provider-configurations", "pcfg", "ProviderConfiguration",
    {"name": Attribute(is_required=True), "provider-name": Attribute(is_required=True, is_fixed=True),
     "export-shell-variables": _FLAG, "is-shared": _FLAG, "is-custom": _FLAG, "is-allowed-in-module-test": _FLAG,
     "apply-only": _FLAG, "aws-account-type": Attribute(choices=("regular", "gov-cloud", "cn-cloud")),
     "aws-credentials-type": Attribute(choices=("access_keys", "role_delegation", "oidc")),
     "aws-trusted-entity-type": Attribute(choices=("aws_account", "aws_service")),
     "aws-credentials-source": Attribute(choices=("Ec2InstanceMetadata", "EcsContainer")),
     "aws-role-arn": _TEXT, "aws-external-id": _TEXT, "aws-audience": _TEXT, "aws-access-key": _TEXT,
     "aws-secret-key": Attribute(is_secret=True), "aws-default-tags": Attribute(dict),
     "aws-default-tags-strategy": Attribute(choices=("skip", "update")),
     "status": Attribute(is_written=False, default="active"), "error-message": _TOLD},
    {"account": _ACCOUNT, "environments": Relation("environments", is_many=True), "tags": _TAGS,
     "owners": Relation("teams", is_many=True),
     "parameters": Relation("provider-configuration-parameters", is_many=True, is_written=False)},
    {"[account]": "account", "[environment]": "environments", "[name]": "name", "[provider-configuration]": "",
     "[provider-name]": "provider-name", "[status]": "status", "[tag]": "tags"},
    (), ("name",),
)  # fmt: skip
LINK = Kind(
    "provider-configuration-links", "pcfgl", "ProviderConfigurationLink",
    {"alias": _TEXT, "default": _TOLD_FLAG},
    {"provider-configuration": Relation("provider-configurations", is_required=True, is_fixed=True),
     "workspace": Relation("workspaces", is_written=False), "environment": Relation("environments", is_written=False)},
)  # fmt: skip

_REPOSITORY = {
    "identifier": Attribute(is_required=True), "branch": _TEXT, "path": _TEXT, "ingress-submodules": _FLAG,
    "dry-runs-enabled": Attribute(bool, default=True), "trigger-prefixes": Attribute(list), "trigger-patterns": _TEXT,
    "version-constraint": _TEXT,
}  # fmt: skip
_HOOKS = dict.fromkeys(("pre-init", "pre-plan", "post-plan", "pre-apply", "post-apply"), _TEXT)
WORKSPACE = Kind(
    "workspaces", "ws", "Workspace",
    {"name": _NAME, "auto-apply": _FLAG, "auto-destroy-days": Attribute(int),
     "auto-queue-runs": Attribute(default="skip_first", choices=("skip_first", "always", "never", "on_create_only")),
     "deletion-protection-enabled": Attribute(bool, default=True),
     "environment-type": Attribute(
         default="unmapped", choices=("production", "staging", "testing", "development", "unmapped")),
     "execution-mode": Attribute(default="remote", choices=("remote", "local")), "force-latest-run": _FLAG,
     "hooks": Attribute(dict, parts=_HOOKS),
     "iac-platform": Attribute(default="terraform", choices=("terraform", "opentofu")),
     "operations": Attribute(bool, default=True), "remote-backend": Attribute(bool, default=True),
     "remote-state-sharing": _FLAG, "run-operation-timeout": Attribute(int),
     "terraform-version": Attribute(default="1.11.4", pattern=r"\d+\.\d+\.\d+"), "terragrunt": Attribute(dict),
     "var-files": Attribute(list), "vcs-repo": Attribute(dict, parts=_REPOSITORY), "working-directory": _TEXT,
     "created-at": _TOLD, "updated-at": _TOLD, "has-resources": _TOLD_FLAG, "locked": _TOLD_FLAG, "lock-reason": _TOLD,
     "apply-schedule": _TOLD, "destroy-schedule": _TOLD},
    {"environment": Relation("environments", is_required=True, is_fixed=True),
     "vcs-provider": Relation("vcs-providers"), "tags": _TAGS,
     "agent-pool": Relation("agent-pools"), "module-version": Relation("module-versions"),
     "current-run": Relation("runs", is_written=False), "latest-run": Relation("runs", is_written=False),
     "locked-by": Relation("users", is_written=False), "locked-by-run": Relation("runs", is_written=False)},
    {"[account]": "environment.account", "[environment]": "environment", "[environment][name]": "environment.name",
     "[name]": "name", "[tag]": "tags", "[workspace]": "", "[vcs-provider]": "vcs-provider",
     "[environment-type]": "environment-type", "[has-resources]": "has-resources",
     "[run][status]": "current-run.status"},
    ("name",), ("name", "created-at", "updated-at"),
)  # fmt: skip
VARIABLE = Kind(
    "vars", "var", "Variable",
    {"key": Attribute(is_required=True),
     "value": Attribute(default=""), "description": Attribute(default=""), "hcl": _FLAG, "sensitive": _FLAG,
     "final": _FLAG, "category": Attribute(is_required=True, is_fixed=True, choices=("terraform", "shell", "env")),
     "updated-at": _TOLD, "updated-by-email": _TOLD},
    {"workspace": Relation("workspaces", is_fixed=True), "environment": Relation("environments", is_fixed=True),
     "account": _ACCOUNT},
    {"[account]": "account", "[category]": "category", "[environment]": "environment", "[key]": "key", "[var]": "",
     "[workspace]": "workspace"},
    (), ("key", "category"),
)  # fmt: skip
RUN = Kind(
    "runs", "run", "Run",
    {"message": _TEXT, "is-destroy": _FLAG, "is-dry": _FLAG, "auto-apply": Attribute(bool),
     "refresh": Attribute(bool, default=True), "refresh-only": _FLAG, "replace-addrs": Attribute(list),
     "target-addrs": Attribute(list), "plan-at": _TEXT, "save-plan": _FLAG,
     "status": _TOLD, "status-timestamps": _STATUSES, "error-message": _TOLD, "has-changes": _TOLD_FLAG,
     "created-at": _TOLD, "source": _TOLD, "position-in-queue": Attribute(int, is_written=False)},
    {"workspace": Relation("workspaces", is_required=True), "plan": Relation("plans", is_written=False),
     "apply": Relation("applies", is_written=False), "environment": Relation("environments", is_written=False)},
    {"[account]": "environment.account", "[environment]": "environment", "[is-dry]": "is-dry", "[run]": "",
     "[source]": "source", "[status]": "status", "[workspace]": "workspace"},
    ("message",),
)  # fmt: skip
_PHASE = {
    "status": _TOLD, "status-timestamps": _STATUSES, "resource-additions": Attribute(int, is_written=False),
    "resource-changes": Attribute(int, is_written=False), "resource-destructions": Attribute(int, is_written=False),
}  # fmt: skip
PLAN = Kind("plans", "plan", "Plan", {**_PHASE, "has-changes": _TOLD_FLAG})
APPLY = Kind("applies", "apply", "Apply", _PHASE)
SCHEDULE = Kind(
    "run-schedule-rules", "rule", "RunScheduleRule",
    {"schedule": Attribute(is_required=True),
     "schedule-mode": Attribute(is_required=True, choices=("apply", "destroy", "refresh"))},
    {"workspace": Relation("workspaces", is_required=True, is_fixed=True)},
    {"[workspace]": "workspace", "[schedule-mode]": "schedule-mode"},
)  # fmt: skip

KINDS = {
    each.type: each
    for each in (
        ACCOUNT,
        USER,
        TAG,
        VCS_PROVIDER,
        ENVIRONMENT,
        PROVIDER_CONFIGURATION,
        LINK,
        WORKSPACE,
        VARIABLE,
        RUN,
        PLAN,
        APPLY,
        SCHEDULE,
    )
}
