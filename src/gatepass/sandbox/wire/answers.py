"""What the sandbox answers by itself: query XML, written after the shapes of botocore's models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response; its body may hold credentials."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)


def new_request_id() -> str:
    """Return an ID for one request, as AWS gives each."""
    return str(uuid4())


def query_answer(operation: OperationModel, result: Mapping[str, object]) -> Answer:
    """Write the result of an operation as query XML; members that are ``None`` are left out."""
    parts: list[str] = []
    if operation.output_shape is not None:
        name = operation.output_shape.serialization.get("resultWrapper", f"{operation.name}Result")
        parts.append(_element(name, operation.output_shape, result))
    namespace = operation.service_model.metadata.get("xmlNamespace", "")
    metadata = f"<ResponseMetadata><RequestId>{new_request_id()}</RequestId></ResponseMetadata>"
    body = f'<{operation.name}Response xmlns="{namespace}">{"".join(parts)}{metadata}</{operation.name}Response>'
    return Answer(200, (("Content-Type", "text/xml"),), body.encode())


def _element(name: str, shape: Shape, value: object) -> str:
    return f"<{name}>{_content(shape, value)}</{name}>"


def _content(shape: Shape, value: object) -> str:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return "".join(
            _element(name, member, value[name]) for name, member in shape.members.items() if value.get(name) is not None
        )
    if isinstance(shape, ListShape) and isinstance(value, Sequence):
        return "".join(_element("member", shape.member, each) for each in value)
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return "".join(
            f"<entry>{_element('key', shape.key, key)}{_element('value', shape.value, each)}</entry>"
            for key, each in value.items()
        )
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return escape(str(value))
