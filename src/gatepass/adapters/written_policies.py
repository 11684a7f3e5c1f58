"""A policy of the customer's own: inline in its file, or in a JSON or YAML file beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationInfo

from gatepass.adapters.yaml_source import Bare, read_yaml
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.domain.documents import Document, document, parse_document
from gatepass.domain.errors import InvalidFile, InvalidInput


def custom_policy(value: object, info: ValidationInfo) -> Document | None:
    """Return the policy, inline or from a file beside the customer's; what IAM would refuse to save is refused."""
    if isinstance(value, dict):
        return _iam_policy(document(_json(value)), "custom_policy")
    if isinstance(value, str):
        folder = (info.context or {}).get("folder", Path())
        return _iam_policy(_policy_file(folder / value), f"custom_policy {value}")
    raise InvalidInput(
        "custom_policy is neither a path nor a policy",
        why="it names a JSON or YAML file beside this one, or holds the policy itself",
        next_step="write for example: custom_policy: policies/extra.json",
    )


def _policy_file(path: Path) -> Document:
    if path.suffix not in (".yml", ".yaml"):
        return parse_document(_file_text(path))
    _file_text(path)
    try:
        source = read_yaml(path)
    except InvalidFile as error:
        raise InvalidInput(
            f"{error.problems[0].place}: {error.what}", why=error.why, next_step=error.next_step
        ) from None
    if source.problems or not isinstance(source.data, dict):
        first = source.problems[0].what if source.problems else "it is not a mapping"
        raise InvalidInput(first, why="a policy is an object with Version and Statement", next_step="mend the file")
    return document(_json(source.data))


def _iam_policy(found: Document, name: str) -> Document:
    try:
        parse_policy(found.text, PolicyKind.IDENTITY)
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error.what}", why=error.why, next_step=error.next_step) from None
    return found


def _file_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InvalidInput(
            f"custom_policy {path} cannot be read: {reason}",
            why="a path is looked up beside the customer's file",
            next_step="put the policy there, or write it inline",
        ) from None


def _json(value: object) -> Any:  # noqa: ANN401 - JSON is any of its types
    """Return what JSON would hold for values as they stand in YAML."""
    if isinstance(value, Bare):
        return json.loads(value.text.lower()) if value.kind in ("bool", "int", "float") else value.text
    if isinstance(value, Mapping):
        return {key: _json(entry) for key, entry in value.items()}
    return [_json(entry) for entry in value] if isinstance(value, list) else value
