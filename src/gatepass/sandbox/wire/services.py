"""The services that can be called, read from botocore's models when first needed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

from gatepass.sandbox.wire.refusals import Protocol

# Where one signing name serves several models, or a model under another name. Everything else is its own name.
_SERVICES_OF_SIGNING_NAME: dict[str, tuple[str, ...]] = {
    "aidevops": ("devops-agent",),
    "aoss": ("opensearchserverless",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "aps": ("amp",),
    "aws-marketplace": ("meteringmarketplace",),
    "bedrock": ("bedrock", "bedrock-agent", "bedrock-runtime"),
    "bedrock-agentcore": ("bedrock-agentcore", "bedrock-agentcore-control"),
    "cloudhsm": ("cloudhsmv2",),
    "connect-campaigns": ("connectcampaigns",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elb", "elbv2"),
    "elasticmapreduce": ("emr",),
    "es": ("es", "opensearch"),
    "execute-api": ("apigatewaymanagementapi",),
    "iotdata": ("iot-data",),
    "kinesisanalytics": ("kinesisanalyticsv2",),
    "kinesisvideo": ("kinesisvideo", "kinesis-video-archived-media"),
    "lex": ("lexv2-models",),
    "mediastore": ("mediastore", "mediastore-data"),
    "monitoring": ("cloudwatch",),
    "rds": ("rds", "neptune"),
    "s3": ("s3", "s3control"),
    "sagemaker": ("sagemaker", "sagemaker-runtime", "sagemaker-metrics"),
    "servicecatalog": ("servicecatalog", "servicecatalog-appregistry"),
    "servicequotas": ("service-quotas",),
    "ses": ("ses", "sesv2"),
    "sso": ("sso-admin",),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
    "timestream": ("timestream-query", "timestream-write", "timestream-influxdb"),
}

# IAM's prefix of a service's actions where it is not the signing name.
_ACTION_PREFIXES: dict[str, str] = {
    "apigatewayv2": "apigateway",
    "apigatewaymanagementapi": "execute-api",
    "cloudcontrol": "cloudformation",
    "cloudwatch": "cloudwatch",
    "iot-data": "iot",
    "resourcegroupstaggingapi": "tag",
}

REST = frozenset({Protocol.REST_JSON, Protocol.REST_XML})

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """How a REST operation is recognised.

    Attributes:
        path: matches the encoded path; its groups are `labels`, in order.
        written_out: how much of the path is no label, in characters.
        literals: query parameters that must be there, with their values ("" for any).
        needed_query: names of query parameters that must be there.
        needed_headers: lower-case names of headers that must be there.
        known_query: names of every query parameter that belongs to the operation.
        has_payload: whether the body is one member's content, not the parameters.
    """

    operation: str
    method: str
    path: re.Pattern[str]
    labels: tuple[str, ...]
    written_out: int
    literals: tuple[tuple[str, str], ...]
    needed_query: frozenset[str]
    needed_headers: frozenset[str]
    known_query: frozenset[str]
    deprecated: bool
    has_payload: bool

    def labels_of(self, path: str) -> dict[str, str] | None:
        """Return the labels in a path, decoded, or ``None`` when the path is another's."""
        match = self.path.fullmatch(path)
        if match is None:
            return None
        return {label: unquote(value) for label, value in zip(self.labels, match.groups(), strict=True)}


@dataclass(frozen=True)
class Service:
    """One service as botocore describes it, without the parts that are not needed."""

    name: str
    signing_name: str
    action_prefix: str
    endpoint_prefix: str
    protocols: frozenset[Protocol]
    api_version: str
    target_prefix: str
    json_version: str
    query_compatible: bool
    operations: frozenset[str]
    routes: tuple[Route, ...] = field(repr=False)
    subresources: frozenset[str] = field(repr=False)


def services_of(signing_name: str) -> tuple[Service, ...]:
    """Return the services that are signed for under a name; empty when there are none."""
    names = _SERVICES_OF_SIGNING_NAME.get(signing_name, (signing_name,))
    services = (service_named(name) for name in names)
    return tuple(service for service in services if service is not None and service.signing_name == signing_name)


@lru_cache(maxsize=256)
def service_named(name: str) -> Service | None:
    """Return a service by botocore's name for it."""
    model = _model(name)
    if model is None:
        return None
    offered = model.metadata.get("protocols", [model.metadata["protocol"]])
    protocols = frozenset(protocol for protocol in Protocol if protocol.value in offered)
    routes = tuple(_route(model.operation_model(name)) for name in model.operation_names) if protocols & REST else ()
    return Service(
        name,
        model.signing_name,
        _ACTION_PREFIXES.get(name, model.signing_name),
        model.endpoint_prefix,
        protocols,
        model.api_version,
        model.metadata.get("targetPrefix", ""),
        model.metadata.get("jsonVersion", ""),
        "awsQueryCompatible" in model.metadata,
        frozenset(model.operation_names),
        routes,
        frozenset(name for route in routes for name, _ in route.literals)
        | frozenset(name for route in routes for name in route.needed_query),
    )


@lru_cache(maxsize=8)
def service_model(name: str) -> ServiceModel:
    """Return the whole model of a service whose shapes are needed again and again."""
    model = _model(name)
    if model is None:
        raise LookupError(name)
    return model


def _model(name: str) -> ServiceModel | None:
    if not re.fullmatch(r"[a-z0-9-]+", name):
        return None
    try:
        return ServiceModel(_loader().load_service_model(name, "service-2"), name)
    except UnknownServiceError:
        return None


def _loader() -> Loader:
    # A loader of its own each time: botocore's keeps every model it ever read.
    return Loader()


def _route(operation: OperationModel) -> Route:
    uri, _, query = operation.http["requestUri"].partition("?")
    literals = tuple((name, value) for name, _, value in (pair.partition("=") for pair in query.split("&") if pair))
    needed_query, needed_headers, known_query = set(), set(), {name for name, _ in literals}
    shape = operation.input_shape
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            place = member.serialization.get("location")
            wire_name = member.serialization.get("name", name)
            if place == "querystring":
                known_query.add(wire_name)
                if name in shape.required_members:
                    needed_query.add(wire_name)
            elif place == "header" and name in shape.required_members:
                needed_headers.add(wire_name.lower())
    return Route(
        operation.name,
        operation.http["method"],
        _path_pattern(uri),
        tuple(label[1] for label in _LABEL.finditer(uri)),
        len(_LABEL.sub("", uri)),
        literals,
        frozenset(needed_query),
        frozenset(needed_headers),
        frozenset(known_query),
        operation.deprecated,
        shape is not None and "payload" in shape.serialization,
    )


def _path_pattern(uri: str) -> re.Pattern[str]:
    pattern, end = "", 0
    for label in _LABEL.finditer(uri):
        pattern += re.escape(uri[end : label.start()]) + ("(.+)" if label[2] else "([^/]+)")
        end = label.end()
    pattern += re.escape(uri[end:])
    # A slash at the end of a path that does not end in a greedy label says nothing.
    return re.compile(pattern if pattern.endswith("(.+)") else pattern.removesuffix("/") + "/?", re.DOTALL)
