"""The WSGI environment of one request, as PEP 3333 asks for it, on both sides of the gateway."""

from __future__ import annotations

import io
import sys
from urllib.parse import unquote_to_bytes


def wsgi_environ(method: str, uri: str, body: bytes) -> dict[str, object]:
    """Return what every request's environment holds; its addresses and headers are the caller's to add.

    Args:
        method: the HTTP method.
        uri: path and query as they were sent, still encoded, because a signature covers them so.
        body: the whole body.
    """
    path, _, query = uri.partition("?")
    return {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": uri,
        "CONTENT_LENGTH": str(len(body)),
    }
