"""A request for any operation of any service, as botocore would send it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.session import Session

from gatepass.sandbox.wire.call import Call

_SAMPLES = {
    "integer": 1,
    "long": 1,
    "float": 1.0,
    "double": 1.0,
    "boolean": True,
    "timestamp": 1_700_000_000,
    "blob": b"{}",
}


@lru_cache(maxsize=1)
def session() -> Session:
    """Return a botocore session, whose reading of models is slow enough to share it."""
    return Session()


def sample(shape: Shape, depth: int = 0) -> Any:  # noqa: ANN401 - any shape
    """Return a value of a shape with what is required only; shapes that hold themselves end somewhere."""
    if isinstance(shape, StructureShape):
        names = list(shape.members)[:1] if shape.is_tagged_union else shape.required_members
        return {name: sample(shape.members[name], depth + 1) for name in names if depth < 8}
    if isinstance(shape, ListShape):
        return [sample(shape.member, depth + 1)] if depth < 8 else []
    if isinstance(shape, MapShape):
        return {"key": sample(shape.value, depth + 1)} if depth < 8 else {}
    if shape.type_name == "string" and shape.metadata.get("enum"):
        return shape.metadata["enum"][0]
    is_arn = shape.name.endswith(("Arn", "ARN"))
    return _SAMPLES.get(shape.type_name, "arn:aws:service:us-east-1:111122223333:thing/one" if is_arn else "sample")


def sample_call(service: str, operation: OperationModel) -> Call:
    """Return the request that boto3 would send for an operation."""
    caught: list[AWSPreparedRequest] = []

    def catch(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        caught.append(request)
        raise _CaughtError

    client = _client(service)
    client.meta.events.register("before-send", catch, unique_id="catch")
    parameters = sample(operation.input_shape) if operation.input_shape else {}
    try:
        client._make_api_call(operation.name, parameters)  # noqa: SLF001 - by its wire name
    except _CaughtError:
        (request,) = caught
        return call_of(request)
    finally:
        client.meta.events.unregister("before-send", unique_id="catch")
    raise AssertionError(operation.name)


@lru_cache(maxsize=4)
def _client(service: str) -> Any:  # noqa: ANN401 - botocore's
    return session().create_client(
        service,
        endpoint_url="http://127.0.0.1:1",
        region_name="us-east-1",
        aws_access_key_id="AKIAWO645SY5PQ2VBVJE",
        aws_secret_access_key="x",
        config=Config(parameter_validation=False, inject_host_prefix=False, retries={"total_max_attempts": 1}),
    )


class _CaughtError(Exception):
    """The request was caught before it was sent."""


def call_of(request: AWSPreparedRequest) -> Call:
    """Return a request of botocore as the sandbox reads it."""
    parts = urlsplit(request.url)
    body = request.body if request.body is not None else b""
    content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
    headers = tuple(
        (name, value.decode() if isinstance(value, bytes) else value) for name, value in request.headers.items()
    )
    return Call(request.method, parts.path or "/", parts.query, (*headers, ("Host", parts.netloc)), bytes(content))
