"""What the AWS CLI holds after a login, and an Identity Center portal that answers for it on this machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

_LATER = "2099-01-01T00:00:00Z"
_LOGIN = "arn:aws:iam::111122223333:user/ann"
_CONFIG = f"""\
[profile centre]
sso_session = example
sso_account_id = 111122223333
sso_role_name = Engineers
[sso-session example]
sso_region = us-east-1
sso_start_url = https://example.com/start
[profile login]
login_session = {_LOGIN}
"""


@contextmanager
def portal(keys: Mapping[str, Any], home: Path) -> Iterator[str]:
    """Yield the portal's address while the context lasts; the files of the AWS CLI are in the home."""
    ends: datetime = keys["Expiration"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            names = {"accessKeyId": "AccessKeyId", "secretAccessKey": "SecretAccessKey", "sessionToken": "SessionToken"}
            held = {ours: keys[theirs] for ours, theirs in names.items()} | {"expiration": int(ends.timestamp()) * 1000}
            body = json.dumps({"roleCredentials": held}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            """Say nothing."""

    (home / "config").write_text(_CONFIG, encoding="utf-8")
    _held(home / ".aws" / "sso" / "cache", hashlib.sha1(b"example").hexdigest(), {  # noqa: S324 - as the AWS CLI names it
        "startUrl": "https://example.com/start", "region": "us-east-1", "accessToken": "held", "expiresAt": _LATER,
    })  # fmt: skip
    _held(home / ".aws" / "login" / "cache", hashlib.sha256(_LOGIN.encode()).hexdigest(), {
        "accessToken": {
            "accessKeyId": keys["AccessKeyId"], "secretAccessKey": keys["SecretAccessKey"],
            "sessionToken": keys["SessionToken"], "accountId": "111122223333", "expiresAt": ends.isoformat(),
        },
        "refreshToken": "held", "dpopKey": "held", "clientId": "held",
    })  # fmt: skip
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _held(folder: Path, name: str, content: Mapping[str, object]) -> None:
    folder.mkdir(parents=True)
    (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
