"""Which operation of which service a request asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

from gatepass.sandbox.wire.call import Call, Pairs, decoded_pairs
from gatepass.sandbox.wire.parameters import Parameters, json_parameters, query_parameters
from gatepass.sandbox.wire.refusals import Fault, Protocol, Refusal
from gatepass.sandbox.wire.services import Route, Service, services_of

_FORM = "application/x-www-form-urlencoded"
_QUERY = frozenset({Protocol.QUERY, Protocol.EC2})
# A signature in the query string is no parameter of the operation.
_SIGNATURE_PARAMETERS = frozenset(
    {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders", "x-amz-signature"}
    | {"x-amz-security-token", "x-amz-content-sha256", "awsaccesskeyid", "signature", "expires"}
)
# What clients may add to any request: the operation's name, which says nothing that the rest does not say.
_ANYWHERE = frozenset({"x-id"})

_Match = tuple[Service, Route, dict[str, str]]


@dataclass(frozen=True)
class Operation:
    """One recognised operation.

    Attributes:
        path: for S3, of bucket and key, wherever the bucket's name stood; for others, as it came.
        pairs: the flat parameters of a query protocol, from the query string and the body.
        has_free_body: whether the body was not read as parameters.
    """

    service: Service
    name: str
    protocol: Protocol
    path: str
    parameters: Parameters = field(repr=False)
    pairs: Pairs = field(default=(), repr=False)
    has_free_body: bool = False

    @property
    def action(self) -> str:
        """The operation as IAM would name it, if it named every operation alike."""
        return f"{self.service.action_prefix}:{self.name}"


def parameter_pairs(call: Call) -> Pairs:
    """Return the query string's pairs without the signature's."""
    return tuple((name, value) for name, value in call.query if name.lower() not in _SIGNATURE_PARAMETERS)


def likely_protocol(call: Call, signing_name: str) -> Protocol:
    """Return the protocol to refuse in when the operation is not known."""
    if call.header("x-amz-target") is not None:
        return Protocol.JSON
    services = services_of(signing_name)
    offered = services[0].protocols if services else frozenset()
    if _has_action(call):
        return Protocol.EC2 if Protocol.EC2 in offered else Protocol.QUERY
    return next((protocol for protocol in Protocol if protocol in offered), Protocol.REST_XML)


def recognise(call: Call, signing_name: str) -> Operation:
    """Return the operation that a request signed for a service asks for.

    moto is told what was recognised in a form that it cannot read otherwise; whatever is ambiguous is refused.

    Raises:
        Refusal: no operation, or more than one.
    """
    services = services_of(signing_name)
    if not services:
        raise Refusal(Fault.UNKNOWN_OPERATION, f"There is no service {signing_name}.")
    if call.header("action") is not None:
        raise Refusal(Fault.MALFORMED, "Action is no header.")
    if call.header("x-amz-target") is not None:
        return _json_operation(call, services)
    if _has_action(call) and any(service.protocols & _QUERY for service in services):
        return _query_operation(call, services)
    return _rest_operation(call, services)


def _has_action(call: Call) -> bool:
    is_form = (call.header("content-type") or "").startswith(_FORM)
    return (is_form and call.path == "/" and bool(call.body)) or any(name == "Action" for name, _ in call.query)


def _query_operation(call: Call, services: tuple[Service, ...]) -> Operation:
    pairs = parameter_pairs(call)
    if call.body:
        if not (call.header("content-type") or "").startswith(_FORM):
            raise Refusal(Fault.MALFORMED, "The body is not a form.")
        pairs += decoded_pairs(call.body.decode("utf-8", "replace"), form=True)
    if call.path != "/":
        raise Refusal(Fault.UNKNOWN_OPERATION, f"There is nothing at {call.path}.")
    is_ec2 = any(Protocol.EC2 in service.protocols for service in services)
    parameters = Parameters(query_parameters(pairs, lists_are_plain=is_ec2))
    name, version = parameters.text("Action") or "", parameters.text("Version")
    for service in services:
        if name in service.operations and version in (None, service.api_version):
            protocol = Protocol.EC2 if is_ec2 else Protocol.QUERY
            return Operation(service, name, protocol, "/", parameters, pairs)
    raise Refusal(Fault.UNKNOWN_OPERATION, f"Could not find operation {name} for version {version}")


def _json_operation(call: Call, services: tuple[Service, ...]) -> Operation:
    if parameter_pairs(call) or call.path != "/":
        raise Refusal(Fault.MALFORMED, "A JSON service takes its parameters in the body only.")
    prefix, _, name = (call.header("x-amz-target") or "").rpartition(".")
    for service in services:
        known = Protocol.JSON in service.protocols and name in service.operations
        if known and service.target_prefix == prefix:
            return Operation(service, name, Protocol.JSON, "/", Parameters(json_parameters(call.body)))
    raise Refusal(Fault.UNKNOWN_OPERATION, f"There is no operation {prefix}.{name}.")


def _rest_operation(call: Call, services: tuple[Service, ...]) -> Operation:
    is_s3 = services[0].name == "s3"
    path = _s3_path(call) if is_s3 else call.path
    query = parameter_pairs(call)
    # moto tells S3 Control from S3 by this path.
    is_control = is_s3 and path.startswith("/v20180820/")
    candidates = [each for each in services if each.routes and (each.name == "s3control") is is_control]
    service, route, labels = _most_specific(_matches(call, candidates, path, query), call)
    values = _query_values(query, repeated=not is_s3)
    protocol = Protocol.REST_JSON if Protocol.REST_JSON in service.protocols else Protocol.REST_XML
    if service.name == "s3":
        misplaced = (values.keys() - route.known_query) & service.subresources
    else:
        _check_plain_path(call, candidates, query, route)
        misplaced = values.keys() - route.known_query - _ANYWHERE
    has_free_body = protocol is Protocol.REST_XML or route.has_payload
    if not has_free_body:
        body = json_parameters(call.body)
        misplaced |= body.keys() & (labels.keys() | values.keys())
        values |= body
    if misplaced:
        # moto looks for every parameter in every place.
        raise Refusal(Fault.MALFORMED, f"{min(misplaced)} does not go with {route.operation}.")
    parameters = Parameters(values | labels)
    return Operation(service, route.operation, protocol, path, parameters, has_free_body=has_free_body)


def _matches(call: Call, services: list[Service], path: str, query: Pairs) -> list[_Match]:
    return [
        (service, route, labels)
        for service in services
        for route in service.routes
        if _fits(call, route, query) and (labels := route.labels_of(path)) is not None
    ]


def _check_plain_path(call: Call, services: list[Service], query: Pairs, route: Route) -> None:
    """Check that the path asks for the same operation once it is decoded, which moto may do first.

    Raises:
        Refusal: it asks for another one, or is not in its plain form.
    """
    path = unquote(call.path)
    if path != "/" and any(part in ("", ".", "..") for part in path.strip("/").split("/")):
        raise Refusal(Fault.MALFORMED, "The path is not in its plain form.")
    decoded = _matches(call, services, path, query)
    if decoded and _most_specific(decoded, call)[1].operation != route.operation:
        raise Refusal(Fault.MALFORMED, f"{call.path} may be read in two ways.")


def _query_values(query: Pairs, *, repeated: bool) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, _ in query:
        found = [value for each, value in query if each == name]
        if len(found) > 1 and not repeated:
            raise Refusal(Fault.MALFORMED, f"The parameter {name} is given twice.")
        values[name] = found if len(found) > 1 else found[0]
    return values


def _s3_path(call: Call) -> str:
    """Return the path with the bucket in it, also when the bucket is in the host's name."""
    bucket, dot, rest = call.host_name.partition(".localhost")
    return f"/{bucket}{call.path}" if dot and not rest and bucket else call.path


def _fits(call: Call, route: Route, query: Pairs) -> bool:
    if route.method != call.method:
        return False
    values = dict(query)
    if any(values.get(name) is None or value not in ("", values[name]) for name, value in route.literals):
        return False
    return route.needed_query <= values.keys() and all(call.header(name) is not None for name in route.needed_headers)


def _most_specific(found: list[_Match], call: Call) -> _Match:
    def weight(match: _Match) -> tuple[int, int, bool]:
        route = match[1]
        conditions = len(route.literals) + len(route.needed_query) + len(route.needed_headers)
        # Of two paths, the one with more of it written out says more.
        return conditions, route.written_out, not route.deprecated

    best = sorted(found, key=weight, reverse=True)
    # The same path and conditions twice: S3's ListBuckets and ListDirectoryBuckets, of which moto knows the first.
    if not best or (len(best) > 1 and weight(best[0]) == weight(best[1]) and best[0][1].operation != "ListBuckets"):
        raise Refusal(Fault.UNKNOWN_OPERATION, f"{call.method} {call.path} is no operation, or more than one.")
    return best[0]
