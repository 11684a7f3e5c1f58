"""Passing an allowed request on to moto, in a form that moto can read in one way only."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urlencode

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

from gatepass.sandbox.signing.chunks import STREAMING
from gatepass.sandbox.signing.signature import UNSIGNED_PAYLOAD
from gatepass.sandbox.wire.answers import Answer
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.operations import Operation, parameter_pairs
from gatepass.sandbox.wire.refusals import Fault, Protocol, Refusal
from gatepass.sandbox.wire.wsgi import wsgi_environ

# Headers that are the sandbox's to say, or were used up by it.
_DROPPED = frozenset(
    {"authorization", "connection", "content-length", "content-type", "expect", "host", "transfer-encoding"}
    | {"user-agent", "x-amz-decoded-content-length", "x-amz-security-token", "x-amz-trailer"}
)
_DROPPED_PREFIXES = ("x-moto", "x-forwarded")
_UNTRUSTED_TYPES = ("application/x-www-form-urlencoded", "multipart/")
# The server writes these itself, or nobody should: moto opens everything to every web page.
_DROPPED_FROM_ANSWER = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})
_CORS = "access-control-"

# Services that moto answers under another's name.
_NAMES_IN_MOTO = {
    "apigatewayv2": "apigateway",
    "elbv2": "elb",
    "lambda": "awslambda",
    "neptune": "rds",
    "opensearch": "es",
}

_dispatcher = DomainDispatcherApplication(create_backend_app)


def forward(call: Call, operation: Operation, *, account: str, access_key_id: str, region: str) -> Answer:
    """Have moto answer a request, as an account.

    Raises:
        Refusal: moto does not know the operation.
    """
    scope = f"{access_key_id}/20000101/{region}/{operation.service.signing_name}/aws4_request"
    environ = _environ(call, operation) | {
        "HTTP_X_MOTO_ACCOUNT_ID": account,
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=checked",
    }
    if not _is_emulated(operation, environ):
        raise _not_emulated(operation)
    try:
        return _answer(environ, operation)
    except NotImplementedError:
        raise _not_emulated(operation) from None
    except ModuleNotFoundError as error:
        # CloudFormation and a few others need more than moto's core.
        words = f"moto needs the Python module {error.name} for {operation.action}: pip install 'moto[all]'"
        raise Refusal(Fault.NOT_EMULATED, words) from None


def _environ(call: Call, operation: Operation) -> dict[str, object]:
    path, query, content_type, body = _rewritten(call, operation)
    uri = f"{path}?{query}" if query else path
    port = call.host.rpartition(":")[2]
    return {
        **wsgi_environ("POST" if operation.pairs else call.method, uri, body),
        "REQUEST_URI": uri,
        "REMOTE_ADDR": call.source_ip,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": port if port.isdigit() else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        **_headers(call, is_s3=operation.service.name == "s3"),
        **({"CONTENT_TYPE": content_type} if content_type else {}),
        "HTTP_HOST": f"127.0.0.1:{port}" if port.isdigit() else "127.0.0.1",
    }


def _not_emulated(operation: Operation) -> Refusal:
    return Refusal(Fault.NOT_EMULATED, f"moto, which answers for the sandbox, does not know {operation.action}.")


def _is_emulated(operation: Operation, environ: dict[str, object]) -> bool:
    """Tell whether moto would pass the request to the service that it was allowed for."""
    host = _dispatcher.infer_service_region_host(environ, str(environ["PATH_INFO"]))
    service = operation.service.name.replace("-", "")
    return host is not None and _service_at(host) in (service, _NAMES_IN_MOTO.get(service))


@lru_cache(maxsize=1024)
def _service_at(host: str) -> str:
    """Return moto's service at a host; moto itself gives some services by their name."""
    url = f"http://{host}"
    return next((name for name, pattern in _dispatcher.backend_url_patterns if pattern.match(url)), host)


def _rewritten(call: Call, operation: Operation) -> tuple[str, str, str, bytes]:
    """Return path, query string, content type and body as moto shall see them."""
    content_type = call.header("content-type") or ""
    match operation.protocol:
        case Protocol.QUERY | Protocol.EC2:
            return "/", "", "application/x-www-form-urlencoded; charset=utf-8", urlencode(operation.pairs).encode()
        case Protocol.JSON:
            version = operation.service.json_version or "1.1"
            return "/", "", f"application/x-amz-json-{version}", _plain_json(call.body)
        case Protocol.REST_JSON | Protocol.REST_XML:
            if content_type.startswith(_UNTRUSTED_TYPES):
                # moto would take parameters from the form.
                content_type = "application/octet-stream"
            pairs = parameter_pairs(call)
            if operation.has_free_body and not pairs:
                # Without any query string moto would take parameters from the body, whatever it holds.
                pairs = (("x-id", operation.name),)
            query = "&".join(
                quote(name, safe="") + (f"={quote(value, safe='')}" if value else "") for name, value in pairs
            )
            body = call.body if operation.has_free_body else _plain_json(call.body)
            return operation.path, query, content_type, body


def _plain_json(body: bytes) -> bytes:
    """Return the same JSON without an ampersand, at which moto would look for parameters of a form."""
    return body.replace(b"&", b"\\u0026")


def _headers(call: Call, *, is_s3: bool) -> dict[str, object]:
    headers: dict[str, object] = {}
    written: dict[str, str] = {}
    for name, _ in call.header_pairs:
        folded = name.lower()
        if folded in _DROPPED or folded.startswith(_DROPPED_PREFIXES):
            continue
        # Only the metadata of S3 objects may have underscores in its names, as in moto's own server.
        if "_" in folded and not folded.startswith("x-amz-meta-"):
            continue
        value = call.header(folded) or ""
        key = f"HTTP_{folded.upper().replace('-', '_')}"
        if folded == "x-amz-content-sha256" and value in STREAMING:
            value = UNSIGNED_PAYLOAD
        if folded == "content-encoding" and not is_s3:
            # moto would decompress what was read, and decided on, as it came.
            continue
        if folded == "content-encoding":
            value = ",".join(part for part in value.split(",") if part.strip() != "aws-chunked")
            if not value:
                continue
        headers[key] = value
        if "_" in folded:
            written[key] = name
    if written:
        headers["moto.preserved_header_names"] = written
    return headers


def _answer(environ: dict[str, object], operation: Operation) -> Answer:
    body, status_line, headers = run_wsgi_app(_dispatcher, environ, buffered=True)
    status = int(status_line.split(" ", 1)[0])
    content = b"".join(body)
    kept = tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in _DROPPED_FROM_ANSWER and not name.lower().startswith(_CORS)
    )
    if status == 404 and headers.get("Content-Type", "").startswith("text/html"):
        # Flask's page for a path that no service of moto answers.
        raise _not_emulated(operation)
    if environ["REQUEST_METHOD"] == "HEAD" and (length := headers.get("Content-Length")) is not None:
        kept += (("Content-Length", length),)
    return Answer(status, kept, content)
