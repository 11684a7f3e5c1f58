"""The workspace's file: YAML to what is set up on a platform, with the place of every mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from gatepass.adapters.customer_file import CustomerFile, load_customer_file
from gatepass.adapters.form_problems import FormWords, form_problems
from gatepass.adapters.workspace_form import KEYS_OF, RepositoryForm, WorkspaceForm
from gatepass.adapters.written_workspace import demand_hostname, demand_organization, demand_scalr_account
from gatepass.adapters.yaml_source import KeyPath, YamlSource, read_yaml
from gatepass.domain.errors import GatepassError, InvalidFile, InvalidInput, Problem
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName
from gatepass.domain.workspace_setup import Platform, Repository, WorkspaceSetup

# Where HashiCorp runs HCP Terraform for everybody.
_HCP_HOST = "app.terraform.io"
# What the platforms' own tools read, in the order of their weight. Scalr: its command line tool, its Terraform
# provider. HCP Terraform: its Terraform provider, Terraform itself, its client for Go, which is given an address.
_HOST_VARIABLES = {
    Platform.SCALR: ("SCALR_HOSTNAME",),
    Platform.HCP: ("TFE_HOSTNAME", "TF_CLOUD_HOSTNAME", "TFE_ADDRESS"),
}
_OWNER_VARIABLES = {
    Platform.SCALR: ("SCALR_ACCOUNT", "SCALR_ACCOUNT_ID"),
    Platform.HCP: ("TFE_ORGANIZATION", "TF_CLOUD_ORGANIZATION"),
}
_OWNER_KEY = {Platform.SCALR: "account", Platform.HCP: "organization"}
_GROUP_KEY = {Platform.SCALR: "environment", Platform.HCP: "project"}


@dataclass(frozen=True)
class WorkspaceFile:
    """What a workspace's file declares, and where in the file it does so.

    Attributes:
        access: the customer's file that it names, with its places.
    """

    setup: WorkspaceSetup
    source: YamlSource
    access: CustomerFile


def load_workspace_file(path: Path, environ: Mapping[str, str]) -> WorkspaceFile:
    """Return what the file declares, with what the environment says where the file is silent.

    Args:
        path: the file; the customer's file that it names is seen from there.
        environ: the environment's variables.

    Raises:
        GatepassError: the file cannot be read.
        InvalidFile: every problem in it, and in the customer's file that it names, in the order of the files.
    """
    source = read_yaml(path)
    found = _Found(source, environ)
    try:
        form = WorkspaceForm.model_validate(source.data)
    except ValidationError as error:
        found.problems += form_problems(source, error.errors(include_url=False, include_input=False), _words())
        form = None
    found.problems += _misplaced(source)
    access = _access(source, path.parent, found)
    if access is not None:
        found.problems += _contradictions(source, access.declaration)
    host, owner = (found.host(form), found.owner(form)) if form is not None else ("", "")
    if found.problems or form is None or access is None:
        raise InvalidFile(tuple(found.problems))
    return WorkspaceFile(_setup(form, host, owner, access.declaration), source, access)


def workspace_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the workspace's file."""
    schema = WorkspaceForm.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


class _Found:
    """The problems found so far, and what the environment says where the file is silent."""

    def __init__(self, source: YamlSource, environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = list(source.problems)
        self._source = source
        self._environ = environ

    def host(self, form: WorkspaceForm) -> str:
        platform = Platform(form.platform)
        last = _HCP_HOST if platform is Platform.HCP else ""
        return form.hostname or self._given("hostname", _HOST_VARIABLES[platform], _host_of, last)

    def owner(self, form: WorkspaceForm) -> str:
        platform = Platform(form.platform)
        demand = demand_scalr_account if platform is Platform.SCALR else demand_organization
        written = form.account if platform is Platform.SCALR else form.organization
        return written or self._given(_OWNER_KEY[platform], _OWNER_VARIABLES[platform], demand)

    def _given(self, key: str, names: tuple[str, ...], demand: Callable[[str], str], last: str = "") -> str:
        """Return what the first variable says that is set, as if it stood in the file."""
        for name in names:
            if text := self._environ.get(name, "").strip():
                try:
                    return demand(text)
                except InvalidInput as error:
                    self.problems.append(Problem((key,), f"{name}: {error.what}", error.why, error.next_step, name))
                    return ""
        if not last:
            why = "the workspace lies there, and no variable says it either"
            step = f"add {key}:, or set {names[0]}"
            self.problems.append(Problem((key,), f"{key} is missing", why, step, self._source.place(())))
        return last


def _host_of(text: str) -> str:
    """Return the host of an address; what has no scheme is a host already."""
    address = urlsplit(text)
    is_plain = address.scheme in ("http", "https") and address.path in ("", "/") and not address.query
    return demand_hostname(address.netloc if is_plain else text)


def _setup(form: WorkspaceForm, host: str, owner: str, declaration: Declaration) -> WorkspaceSetup:
    repository = form.repository
    return WorkspaceSetup(
        platform=Platform(form.platform),
        hostname=host,
        owner=owner,
        environment=form.environment or form.project or "",
        workspace=form.workspace,
        repository=Repository(**repository.model_dump()) if repository is not None else None,
        declaration=declaration,
        own_access=GrantName(form.own_access) if form.own_access is not None else None,
        schedule=form.schedule,
        terraform_version=form.terraform,
    )


def _access(source: YamlSource, folder: Path, found: _Found) -> CustomerFile | None:
    """Return the customer's file that is named, or note why it cannot be used."""
    named = _mapping(source.data).get("access")
    if not isinstance(named, str) or not named:
        return None
    try:
        return load_customer_file(folder / named)
    except InvalidFile as error:
        found.problems += error.problems
    except GatepassError as error:
        path = ("access",)
        step = "write its path as seen from this file, such as: access.yml"
        found.problems.append(Problem(path, error.what, error.why, step, source.place(path)))
    return None


def _misplaced(source: YamlSource) -> Iterator[Problem]:
    """Yield the keys of the other platform, and the group of workspaces where it is missing."""
    data = _mapping(source.data)
    written = data.get("platform")
    for platform in Platform:
        if written != platform.value:
            continue
        (other,) = set(Platform) - {platform}
        for key in KEYS_OF[other]:
            if key in data:
                place = source.place((key,), of_key=True)
                yield Problem((key,), f"{platform.title} has no {key}", *_instead(platform, key), place)
        group = _GROUP_KEY[platform]
        if group not in data:
            why, step = f"workspaces of {platform.title} lie in one", f"add {group}:"
            yield Problem((group,), f"{group} is missing", why, step, source.place(()))


def _instead(platform: Platform, key: str) -> tuple[str, str]:
    """Return why a platform has no such key, and what to write."""
    match key:
        case "schedule":
            return "it begins no run by the clock", "take it out; gatepass hcp run can be begun by a scheduler of yours"
        case "account" | "organization":
            return "it belongs to the other platform", f"write {_OWNER_KEY[platform]}: instead"
        case _:
            return "it belongs to the other platform", f"write {_GROUP_KEY[platform]}: instead"


def _contradictions(source: YamlSource, declaration: Declaration) -> Iterator[Problem]:
    """Yield what the workspace cannot keep of the customer's file."""
    own = _mapping(source.data).get("own_access")
    for grant in declaration.grants:
        if isinstance(own, str) and str(grant.name).lower() == own.lower():
            path: KeyPath = ("own_access",)
            what = f"the workspace would keep the grant {grant.name}, by which its platform enters"
            why = "one run with a mistake in it could lock the platform out, and no run could mend it"
            step = "move that grant into another file, and apply it with gatepass apply"
            yield Problem(path, what, why, step, source.place(path))
        if grant.adopted is not None:
            path = ("access",)
            what = f"the grant {grant.name} keeps a role that stands already"
            why = f"Terraform would make a role {grant.adopted} of its own, and IAM has that name"
            step = "take role: out of the grant, or keep it in a file for gatepass apply"
            yield Problem(path, what, why, step, source.place(path))


def _mapping(value: object) -> dict[str, object]:
    """Return the mapping, or an empty one for what should be a mapping and is not."""
    return value if isinstance(value, dict) else {}


def _words() -> FormWords:
    unread = "an unread key would be a setting you think you made"
    return FormWords(_known_keys, unread, "gatepass schema workspace", entries=())


def _known_keys(path: KeyPath) -> Iterator[str]:
    form: type[BaseModel] = RepositoryForm if path[:1] == ("repository",) and len(path) > 1 else WorkspaceForm
    return iter(form.model_fields)
