"""Answers made of botocore's own service models: every call is checked against them, and every member is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator

from gatepass.adapters.aws_calls import Call

_SESSION = botocore.session.get_session()
_INSTANT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
_DEEPEST = 12
_SCALARS: dict[str, object] = {
    "timestamp": _INSTANT,
    "boolean": True,
    "blob": b"x",
    **dict.fromkeys(("integer", "long", "float", "double"), 1_700_000_000_000),
}


class _AnyKey(dict[str, Any]):
    """A map that has every key."""

    def __init__(self, value: object) -> None:
        super().__init__({"SomeKey": value})
        self._value = value

    def get(self, key: str, default: object = None) -> Any:  # noqa: ANN401 - of any shape
        del key, default
        return self._value


class ModelCalls:
    """AWS as its models describe it: one of everything.

    Attributes:
        made: every call.
    """

    def __init__(self) -> None:
        self.made: list[Call] = []

    def pages(self, call: Call) -> Iterator[Mapping[str, Any]]:
        """Answer with one page, after checking the parameters."""
        self.made.append(call)
        model = operation_model(call.service, call.operation)
        shape = model.input_shape
        if shape is not None:
            report = ParamValidator().validate(dict(call.parameters), shape)
            assert not report.has_errors(), f"{call.service} {call.operation}: {report.generate_report()}"
        else:
            assert not call.parameters
        yield sample(model.output_shape)


def operation_model(service: str, operation: str) -> OperationModel:
    """Return the model of boto3's method."""
    model = _SESSION.get_service_model(service)
    names = {xform_name(name): name for name in model.operation_names}
    assert operation in names, f"{service} has no {operation}"
    return model.operation_model(names[operation])


def paged_keys(service: str, operation: str) -> list[str] | None:
    """Return the keys of an answer that boto3's pages add up, or None when it has no pages for the operation."""
    try:
        found = _SESSION.get_paginator_model(service).get_paginator(operation_model(service, operation).name)
    except ValueError:
        return None
    keys = found["result_key"]
    return [keys] if isinstance(keys, str) else list(keys)


def sample(shape: Shape, name: str = "", depth: int = 0) -> Any:  # noqa: ANN401 - of any shape
    """Return a value of the shape in which every member is there; every tag is called Name."""
    if depth > _DEEPEST:
        return None
    match shape.type_name:
        case "structure":
            return {each: sample(member, each, depth + 1) for each, member in shape.members.items()}
        case "list":
            return [sample(shape.member, name, depth + 1)]
        case "map":
            return _AnyKey(sample(shape.value, name, depth + 1))
        case "string":
            return "Name" if name.lower() == "key" else f"a/{name}"
        case scalar:
            return _SCALARS[scalar]
