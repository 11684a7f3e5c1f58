"""What Scalr refuses beyond the form of a document."""

from __future__ import annotations

from dataclasses import dataclass

from tests.platforms.fake.aws import AwsPlace, NotEntered
from tests.platforms.fake.cron import is_cron
from tests.platforms.fake.exchange import Problem
from tests.platforms.fake.kinds import Draft, Kind
from tests.platforms.fake.run_flow import OVER
from tests.platforms.fake.scalr_kinds import WORDS
from tests.platforms.fake.store import Attributes, Objects, Ref, Thing

_UNIQUE_IN = {"workspaces": "environment", "environments": "account", "tags": "account",
              "provider-configurations": "account"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScalrRules:
    """The rules."""

    objects: Objects
    repositories: frozenset[str]
    aws: AwsPlace | None

    def check_new(self, kind: Kind, draft: Draft) -> None:
        """Refuse what cannot be made.

        Raises:
            Problem: it cannot.
        """
        self._check(kind, draft.attributes, draft.relations, None)

    def check_change(self, kind: Kind, thing: Thing, draft: Draft) -> None:
        """Refuse what cannot be changed.

        Raises:
            Problem: it cannot.
        """
        if kind.type == "vars" and thing.attributes["sensitive"]:
            if draft.attributes.get("sensitive") is False:
                raise WORDS.wrong("sensitive", "A sensitive variable cannot be made visible.")
            if draft.attributes.get("key", thing.attributes["key"]) != thing.attributes["key"]:
                raise WORDS.wrong("key", "The key of a sensitive variable cannot be changed.")
        self._check(kind, thing.attributes | draft.attributes, thing.relations | draft.relations, thing)

    def settle(self, thing: Thing) -> None:
        """Put in order what was just written."""
        attributes = thing.attributes
        if thing.type == "vars":
            if attributes["category"] != "terraform":
                attributes["hcl"] = False
            if attributes["value"] is not None:
                thing.kept["value"] = attributes["value"]
            attributes["value"] = None if attributes["sensitive"] else thing.kept["value"]
        if thing.type == "provider-configurations":
            self._try(thing)
        if thing.type == "workspaces":
            attributes.setdefault("locked", False)
            attributes.setdefault("has-resources", False)

    def check_link(self, workspace: Thing, draft: Draft) -> None:
        """Refuse a link to what the environment may not use, or a second one without an alias.

        Raises:
            Problem: it cannot be linked.
        """
        ref = draft.relations["provider-configuration"]
        assert isinstance(ref, Ref)
        configuration = self.objects.of(ref)
        environment = workspace.one("environment")
        if not configuration.attributes["is-shared"] and environment not in configuration.many("environments"):
            raise WORDS.wrong_relation(
                "provider-configuration", "The provider configuration is not available in the workspace's environment."
            )
        for link in self.objects.all("provider-configuration-links"):
            if link.one("workspace") == workspace.ref and link.attributes["alias"] == draft.attributes["alias"]:
                there = self.objects.of(link.related("provider-configuration")[0])
                if there.attributes["provider-name"] == configuration.attributes["provider-name"]:
                    raise WORDS.wrong("alias", "The workspace has a configuration of this provider already.")

    def removed_with(self, thing: Thing) -> list[Thing]:
        """Return what goes with an object, itself last.

        Raises:
            Problem: something stands against it.
        """
        users = [each for each in self.objects if any(thing.ref in each.related(name) for name in each.relations)]
        if thing.type == "environments" and any(each.type == "workspaces" for each in users):
            raise Problem(409, "Conflict", "The environment has workspaces.")
        if thing.type == "provider-configurations" and any("link" in each.type for each in users):
            raise Problem(409, "Conflict", "The provider configuration is used by workspaces.")
        if thing.type == "workspaces":
            self._check_idle(thing)
            parts = [
                each for each in users if each.type in {"vars", "run-schedule-rules", "runs"} or "link" in each.type
            ]
            phases = [
                self.objects.of(ref) for each in parts for name in ("plan", "apply") for ref in each.related(name)
            ]
            return [*phases, *parts, thing]
        return [*(each for each in users if each.type == "vars"), thing]

    def _check_idle(self, workspace: Thing) -> None:
        if workspace.attributes["locked"]:
            raise Problem(409, "Conflict", "The workspace is locked.")
        if workspace.attributes["has-resources"] and workspace.attributes["deletion-protection-enabled"]:
            raise Problem(409, "Conflict", "The workspace has resources, and its deletion protection is enabled.")
        for run in self.objects.all("runs"):
            if run.one("workspace") == workspace.ref and run.attributes["status"] not in OVER:
                raise Problem(409, "Conflict", "The workspace has a run that is not over.")

    def _check(
        self, kind: Kind, attributes: Attributes, relations: dict[str, Ref | list[Ref] | None], thing: Thing | None
    ) -> None:
        if kind.type in _UNIQUE_IN:
            self._check_name(kind, attributes, relations[_UNIQUE_IN[kind.type]], thing)
        match kind.type:
            case "workspaces":
                self._check_repository(attributes["vcs-repo"], relations)
            case "provider-configurations":
                _check_credentials(attributes)
            case "vars":
                self._check_variable(attributes, relations, thing)
            case "run-schedule-rules":
                if not is_cron(attributes["schedule"]):
                    raise WORDS.wrong("schedule", "schedule is not a cron expression.")

    def _check_name(
        self, kind: Kind, attributes: Attributes, place: Ref | list[Ref] | None, thing: Thing | None
    ) -> None:
        for other in self.objects.all(kind.type):
            is_beside = other.relations.get(_UNIQUE_IN[kind.type]) == place and other is not thing
            if is_beside and other.attributes["name"] == attributes["name"]:
                raise WORDS.wrong("name", f"{kind.title} with name '{attributes['name']}' already exists.")

    def _check_repository(self, repository: Attributes | None, relations: dict[str, Ref | list[Ref] | None]) -> None:
        if repository is None:
            return
        if not repository.get("identifier"):
            raise WORDS.wrong("vcs-repo/identifier", "Identifier cannot be empty.")
        if repository.get("trigger-prefixes") and repository.get("trigger-patterns"):
            raise WORDS.wrong("vcs-repo/trigger-patterns", "trigger-patterns and trigger-prefixes exclude each other.")
        if not relations.get("vcs-provider"):
            raise WORDS.wrong_relation("vcs-provider", "vcs-provider is required with vcs-repo.")
        if self.repositories and repository["identifier"] not in self.repositories:
            raise WORDS.wrong("vcs-repo/identifier", f"Repository '{repository['identifier']}' not found.")

    def _check_variable(
        self, attributes: Attributes, relations: dict[str, Ref | list[Ref] | None], thing: Thing | None
    ) -> None:
        scope = next((relations[name] for name in ("workspace", "environment", "account") if relations.get(name)), None)
        if attributes["category"] == "terraform" and not relations.get("workspace"):
            raise WORDS.wrong_relation("workspace", "workspace is required for a terraform variable.")
        for other in self.objects.all("vars"):
            place = next((ref for name in ("workspace", "environment", "account") if (ref := other.one(name))), None)
            is_twin = all(other.attributes[name] == attributes[name] for name in ("key", "category"))
            if other is not thing and is_twin and place == scope:
                raise WORDS.wrong("key", f"Variable with key '{attributes['key']}' already exists in this scope.")

    def _try(self, configuration: Thing) -> None:
        """Try a role as it is saved, and note what AWS says."""
        attributes = configuration.attributes
        attributes |= {"status": "active", "error-message": None}
        if self.aws is None or attributes["aws-trusted-entity-type"] != "aws_account" or attributes["is-custom"]:
            return
        try:
            self.aws.entered(attributes["aws-role-arn"], attributes["aws-external-id"], "scalr-validation")
        except NotEntered as refusal:
            attributes |= {"status": "errored", "error-message": str(refusal)}


def _check_credentials(attributes: Attributes) -> None:
    """Refuse what a credential type lacks, as docs/resources/provider_configuration.md of Scalr's provider has it."""
    if attributes["provider-name"] != "aws":
        return
    needed = {
        "role_delegation": ("aws-account-type", "aws-trusted-entity-type", "aws-role-arn"),
        "access_keys": ("aws-account-type", "aws-access-key", "aws-secret-key"),
        "oidc": ("aws-role-arn", "aws-audience"),
        None: ("aws-credentials-type",),
    }[attributes["aws-credentials-type"]]
    if attributes["aws-trusted-entity-type"] == "aws_account":
        needed = (*needed, "aws-external-id")
    for name in needed:
        if not attributes[name]:
            raise WORDS.wrong(name, f"{name} is required with these credentials.")
