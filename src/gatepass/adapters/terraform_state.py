"""Terraform's states and plans as JSON: the IAM roles in them, with the addresses of their parts and nothing secret.

``terraform show -json`` prints a state or a plan (https://developer.hashicorp.com/terraform/internals/json-format);
``terraform.tfstate`` is the same in another form, version 4. Both hold external IDs in clear. Only names, addresses
and ARNs of roles and policies are taken out, so that nothing else can reach an output.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import RoleArn, RoleName
from gatepass.domain.json_text import read_json
from gatepass.domain.terraform_roles import Part, Standing, TerraformRole, TerraformRoles

_STANDARD_INPUT = Path("-")
# A state of ten thousand resources has about 20 MB.
_MOST_BYTES = 50_000_000
_STATE_VERSION = 4

_ROLE = "aws_iam_role"
_SHARED = "aws_iam_policy_attachment"
# Which attribute names the role, and what Terraform wants to know to import it: the provider's documentation.
_PARTS = {
    _ROLE: ("name", "{name}"),
    "aws_iam_role_policy": ("role", "{role}:{name}"),
    "aws_iam_role_policy_attachment": ("role", "{role}/{policy_arn}"),
    "aws_iam_role_policies_exclusive": ("role_name", "{role_name}"),
    "aws_iam_role_policy_attachments_exclusive": ("role_name", "{role_name}"),
}
_KEY = r'\[(?:\d+|"(?:[^"\\\x00-\x1f\x7f]|\\["\\nrtu])*")\]'
_ADDRESS = re.compile(rf"(?:module\.[\w-]+(?:{_KEY})?\.)*\w+\.[\w-]+(?:{_KEY})?")
_ID_WORD = re.compile(r"[\w+=,.@:/-]{1,2048}", re.ASCII)


def load_terraform(path: Path) -> TerraformRoles:
    """Return the roles of a state or a plan; ``-`` is standard input.

    Raises:
        GatepassError: the file cannot be read.
        InvalidInput: it is too large, or neither a state nor a plan in JSON.
    """
    name = "standard input" if path == _STANDARD_INPUT else str(path)
    return parse_terraform(_content(path), name)


def parse_terraform(content: bytes, name: str) -> TerraformRoles:
    """Return the roles of a state or a plan.

    Raises:
        InvalidInput: it is neither.
    """
    if content.startswith(b"PK\x03\x04"):
        raise _odd(name, "it is a saved plan, which is not JSON", f"terraform show -json {name} > plan.json")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _odd(name, "it is not text in UTF-8", _HOW) from None
    if not text.lstrip().startswith("{"):
        raise _odd(name, "it does not begin as JSON does", _HOW)
    try:
        data = read_json(text)
    except InvalidInput as error:
        raise _odd(name, error.what, _HOW) from None
    if not isinstance(data, dict):
        raise _odd(name, "it is not a JSON object", _HOW)
    try:
        return _roles(list(_resources(data, name)))
    except (TypeError, KeyError, AttributeError):
        # What such an error says may hold a value of the file.
        raise _odd(name, "it has not the form that Terraform writes", _HOW) from None


_HOW = "terraform show -json > state.json, and name that file"


@dataclass(frozen=True, slots=True)
class _Resource:
    address: str
    kind: str
    standing: Standing
    values: Mapping[str, Any]


def _content(path: Path) -> bytes:
    try:
        if path == _STANDARD_INPUT:
            content = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be read: {error.strerror or 'it is no file'}",
            why="it must be a state or a plan of Terraform as JSON",
            next_step=_HOW,
        ) from None
    if len(content) > _MOST_BYTES:
        raise InvalidInput(
            f"{path} is larger than {_MOST_BYTES // 1_000_000} MB",
            why="so large a file is no state or plan that could be read here",
            next_step="name a state or a plan of the one configuration that has the roles",
        )
    return content


def _resources(data: Mapping[str, Any], name: str) -> Iterator[_Resource]:
    """Yield the resources that are about roles, whatever form the file has."""
    if "resource_changes" in data or "planned_values" in data:
        yield from _of_plan(data)
    elif "format_version" in data:
        values = data.get("values") or {}
        yield from _of_modules(values.get("root_module") or {})
    elif "encrypted_data" in data:
        raise _odd(name, "it is encrypted", "tofu show -json > state.json, and name that file")
    elif data.get("version") == _STATE_VERSION and "resources" in data:
        yield from _of_state(data)
    elif isinstance(data.get("version"), int) and "lineage" in data:
        why = f"its form is version {data['version']}, and version {_STATE_VERSION} is read"
        raise _odd(name, why, _HOW)
    else:
        raise _odd(name, "it is neither a state nor a plan of Terraform", _HOW)


def _of_plan(data: Mapping[str, Any]) -> Iterator[_Resource]:
    for change in data.get("resource_changes") or []:
        if change.get("mode") != "managed" or change.get("type") not in _KINDS or "deposed" in change:
            continue
        yield _Resource(change["address"], change["type"], *_planned(change["change"]))


def _planned(change: Mapping[str, Any]) -> tuple[Standing, Mapping[str, Any]]:
    before = change.get("before")
    if before is None or change.get("importing") is not None:
        return Standing.PLANNED, change.get("after") or before or {}
    return Standing.LEAVING if "delete" in change["actions"] else Standing.HELD, before


def _of_modules(root: Mapping[str, Any]) -> Iterator[_Resource]:
    waiting = [root]
    while waiting:
        module = waiting.pop(0)
        for found in module.get("resources") or []:
            if found.get("mode") == "managed" and found.get("type") in _KINDS and "deposed_key" not in found:
                yield _Resource(found["address"], found["type"], Standing.HELD, found.get("values") or {})
        waiting += module.get("child_modules") or []


def _of_state(data: Mapping[str, Any]) -> Iterator[_Resource]:
    for found in data["resources"]:
        if found.get("mode") != "managed" or found.get("type") not in _KINDS:
            continue
        stem = f"{found['type']}.{found['name']}"
        if found.get("module"):
            stem = f"{found['module']}.{stem}"
        for each in found.get("instances") or []:
            if "deposed" not in each:
                address = stem + _index(each.get("index_key"))
                yield _Resource(address, found["type"], Standing.HELD, each.get("attributes") or {})


_KINDS = frozenset({*_PARTS, _SHARED})


def _index(key: object) -> str:
    """Return the key as Terraform writes it behind an address."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    return "[" + json.dumps(str(key), ensure_ascii=False).replace("${", "$${").replace("%{", "%%{") + "]"


def _roles(resources: Iterable[_Resource]) -> TerraformRoles:
    roles: dict[str, list[tuple[_Resource, Part]]] = {}
    unplaced, shared = [], []
    for each in resources:
        if not isinstance(each.address, str) or not _is_address(each.address):
            raise TypeError("an address")
        if each.kind == _SHARED:
            shared.append(each)
            continue
        owner, import_id = _owner(each), _import_id(each)
        if owner is None or import_id is None:
            unplaced.append(each.address)
        else:
            roles.setdefault(owner.lower(), []).append((each, Part(each.address, import_id, each.standing)))
    found = []
    for parts in roles.values():
        parts.sort(key=lambda pair: (pair[0].kind != _ROLE, pair[0].kind != "aws_iam_role_policy", pair[1].address))
        role, part = parts[0]
        if role.kind != _ROLE:
            # Its role is not this configuration's, and neither is what becomes of it.
            continue
        found.append(_role(role, part, [part for _, part in parts[1:]], shared))
    return TerraformRoles(tuple(sorted(found, key=lambda role: str(role.name))), tuple(sorted(unplaced)))


def _role(role: _Resource, part: Part, others: Iterable[Part], shared: Iterable[_Resource]) -> TerraformRole:
    arn = role.values.get("arn")
    account = RoleArn(arn).account if isinstance(arn, str) and arn else None
    name = RoleName(part.import_id)
    listing = tuple(each.address for each in shared if str(name) in (each.values.get("roles") or []))
    return TerraformRole(name, account, (part, *others), listing)


def _is_address(text: str) -> bool:
    """Say whether that is an address and nothing else: it goes into a command to paste."""
    return text.isprintable() and _ADDRESS.fullmatch(text) is not None


def _owner(resource: _Resource) -> str | None:
    value = resource.values.get(_PARTS[resource.kind][0])
    return value if isinstance(value, str) and _is_plain(value) else None


def _import_id(resource: _Resource) -> str | None:
    form = _PARTS[resource.kind][1]
    words = {key: resource.values.get(key) for key in re.findall(r"\{(\w+)\}", form)}
    plain = {key: word for key, word in words.items() if isinstance(word, str) and _is_plain(word)}
    return form.format(**plain) if len(plain) == len(words) else None


def _is_plain(word: str) -> bool:
    return _ID_WORD.fullmatch(word) is not None


def _odd(name: str, why: str, next_step: str) -> InvalidInput:
    return InvalidInput(f"{name} cannot be read as a state or a plan of Terraform", why=why, next_step=next_step)
