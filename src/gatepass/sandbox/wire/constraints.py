"""The limits that botocore's models state for parameters, checked as AWS does before anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from botocore.model import ListShape, Shape, StructureShape

from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.refusals import Refusal, service_error
from gatepass.sandbox.wire.services import service_model


def check_constraints(operation: Operation) -> None:
    """Check an operation's parameters against its model.

    Raises:
        Refusal: some break a limit; all of them are named.
    """
    shape = service_model(operation.service.name).operation_model(operation.name).input_shape
    if not isinstance(shape, StructureShape):
        return
    broken = list(_broken(shape, operation.parameters.values, ""))
    if broken:
        plural = "" if len(broken) == 1 else "s"
        raise validation_error(f"{len(broken)} validation error{plural} detected: {'; '.join(broken)}")


def validation_error(message: str) -> Refusal:
    """Return the refusal of a request that breaks a limit."""
    return service_error("ValidationError", message)


def _broken(shape: Shape, value: object, place: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        values = value if isinstance(value, Mapping) else {}
        for name, member in shape.members.items():
            inner = f"{place}.{name[0].lower()}{name[1:]}".lstrip(".")
            if name in values:
                yield from _broken(member, values[name], inner)
            elif name in shape.required_members:
                yield f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"
        return
    if isinstance(shape, ListShape):
        # An empty list travels as an empty text.
        each_value = value if isinstance(value, list) else []
        yield from _broken_limit(shape, len(each_value), str(each_value), place, "have length")
        for position, each in enumerate(each_value, start=1):
            yield from _broken(shape.member, each, f"{place}.{position}.member")
        return
    text = value if isinstance(value, str) else ""
    if shape.type_name in ("integer", "long"):
        yield from _broken_number(shape, text, place)
    elif shape.type_name == "string":
        yield from _broken_limit(shape, len(text), text, place, "have length")
        yield from _broken_text(shape, text, place)


def _broken_number(shape: Shape, text: str, place: str) -> Iterator[str]:
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        raise service_error("MalformedInput", f"{text} is no number")
    yield from _broken_limit(shape, int(text), text, place, "have value")


def _broken_limit(shape: Shape, size: int, shown: str, place: str, words: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    start = f"Value '{shown}' at '{place}' failed to satisfy constraint: Member must {words}"
    if least is not None and size < least:
        yield f"{start} greater than or equal to {least}"
    if most is not None and size > most:
        yield f"{start} less than or equal to {most}"


def _broken_text(shape: Shape, text: str, place: str) -> Iterator[str]:
    start = f"Value '{text}' at '{place}' failed to satisfy constraint: Member must satisfy"
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not _compiled(pattern).fullmatch(text):
        yield f"{start} regular expression pattern: {pattern}"
    allowed = shape.metadata.get("enum")
    if allowed and text not in allowed:
        yield f"{start} enum value set: [{', '.join(allowed)}]"


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    if r"\p{" in pattern:
        # Within a class there is no "letters" in Python: \w says letters, digits and underscore.
        for java, own in ((r"\p{L}", r"\w"), (r"\p{Z}", r"\s"), (r"\p{N}", r"\d")):
            pattern = pattern.replace(java, own)
        return re.compile(pattern)
    # \u10000 would be read as \u1000 and a zero.
    return re.compile(pattern.replace(r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF"), re.ASCII)
