"""The program that terraform starts as terraform-provider-aws: a server on a socket, told by one line."""

from __future__ import annotations

import base64
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tf.gen import grpc_controller_pb2, grpc_controller_pb2_grpc, grpc_stdio_pb2_grpc, tfplugin_pb2_grpc

from tests.terraform.standin.service import StandIn


class _Controller(grpc_controller_pb2_grpc.GRPCControllerServicer):  # type: ignore[misc]  # the stubs have no types
    def __init__(self, over: Event) -> None:
        self._over = over

    def Shutdown(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del request, context
        self._over.set()
        return grpc_controller_pb2.Empty()


class _Stdio(grpc_stdio_pb2_grpc.GRPCStdioServicer):  # type: ignore[misc]  # the stubs have no types
    def StreamStdio(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del request, context
        return iter(())


def _certificate() -> tuple[bytes, bytes, bytes]:
    """Return a key and its certificate in PEM, and the certificate in DER: go-plugin wants TLS on its socket."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem, der = (certificate.public_bytes(each) for each in (serialization.Encoding.PEM, serialization.Encoding.DER))
    return private, pem, der


def main() -> None:
    """Serve until terraform says that it is over."""
    over = Event()
    server = grpc.server(ThreadPoolExecutor(max_workers=10))
    tfplugin_pb2_grpc.add_ProviderServicer_to_server(StandIn(), server)
    grpc_controller_pb2_grpc.add_GRPCControllerServicer_to_server(_Controller(over), server)
    grpc_stdio_pb2_grpc.add_GRPCStdioServicer_to_server(_Stdio(), server)
    private, pem, der = _certificate()
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/provider.sock"
        server.add_secure_port(f"unix:{socket}", grpc.ssl_server_credentials([(private, pem)]))
        server.start()
        # https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md: the handshake.
        line = base64.b64encode(der).decode().rstrip("=")
        print(f"1|6|unix|{socket}|grpc|{line}", flush=True)  # noqa: T201 - the handshake
        parent = os.getppid()
        # A terraform that was killed says nothing; then the parent is another one.
        while not over.wait(1) and os.getppid() == parent:
            pass
        server.stop(grace=0).wait()


main()
