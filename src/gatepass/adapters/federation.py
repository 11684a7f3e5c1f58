"""AWS's federation endpoint, asked by POST: credentials stand in no address and so in no log on the way."""

from __future__ import annotations

import ipaddress
import json
import os
from urllib.parse import urlencode, urlsplit

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from gatepass import __version__
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.console import SigninToken, signin_endpoint
from gatepass.domain.errors import CredentialsRefused, GatepassError, InvalidInput
from gatepass.domain.identifiers import Partition
from gatepass.domain.session import Session

_SETTING = "GATEPASS_SIGNIN_ENDPOINT"
_PATH = "/federation"
_TIMEOUT_SECONDS = 15
_DEAD = (400, 401, 403)


class AwsFederation:
    """One endpoint, and no other that it may point to."""

    def __init__(self, endpoint: str) -> None:
        """Ask this address."""
        self._endpoint = endpoint

    @property
    def endpoint(self) -> str:
        """Its address, where links begin."""
        return self._endpoint

    def signin_token(self, session: Session) -> SigninToken:
        """Return what signs the session's holder in."""
        keys = session.credentials
        named = {
            "sessionId": keys.access_key_id,
            "sessionKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
        }
        form = urlencode({"Action": "getSigninToken", "Session": json.dumps(named)}).encode()
        status, answer = self._posted(form)
        if status in _DEAD:
            raise CredentialsRefused(
                f"AWS signs nobody in to the console with this session of account {session.account}",
                why=f"the sign-in answered {status}: the session has expired or was ended, or its role is gone",
                next_step=f"leave it, and enter again: gatepass console {session.role}",
                code="ExpiredToken",
            )
        try:
            return SigninToken(str(json.loads(answer)["SigninToken"]))
        except (ValueError, KeyError, TypeError):
            raise GatepassError(
                f"the console's sign-in at {urlsplit(self._endpoint).netloc} gave no token",
                why=f"it answered {status}, and not as AWS's does",
                next_step="check the network and GATEPASS_SIGNIN_ENDPOINT, then run it again",
            ) from None

    def _posted(self, form: bytes) -> tuple[int, bytes]:
        """Return the status and the body of the answer; a redirect is an answer, and is not followed."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": f"gatepass/{__version__}",
            "Accept": "application/json",
        }
        # A proxy for plain HTTP would see what goes to this machine only.
        proxies = {} if _is_here(self._endpoint) else get_environ_proxies(self._endpoint)
        http = URLLib3Session(verify=os.environ.get("AWS_CA_BUNDLE") or True, proxies=proxies, timeout=_TIMEOUT_SECONDS)
        with in_our_words("the console's sign-in"):
            answer = http.send(AWSRequest("POST", self._endpoint, headers, data=form).prepare())
        return int(answer.status_code), bytes(answer.content)


def federation_endpoint(partition: Partition) -> str:
    """Return where to sign in: AWS's own address, or the sandbox's on this machine.

    The secret parts of a session go there, unlike to any other endpoint, which gets signatures only.
    So no file can name it, and an ``AWS_ENDPOINT_URL`` counts only where it leads to this machine.

    Raises:
        InvalidInput: what the environment names is neither https nor on this machine.
    """
    named = os.environ.get(_SETTING)
    if named:
        if urlsplit(named).scheme != "https" and not _is_here(named):
            raise InvalidInput(
                f"{_SETTING} is not an address to send credentials to",
                why="it is neither https nor on this machine",
                next_step=f"unset {_SETTING}, and AWS's own address is used",
            )
        return named
    elsewhere = os.environ.get("AWS_ENDPOINT_URL", "")
    return elsewhere.rstrip("/") + _PATH if _is_here(elsewhere) else signin_endpoint(partition)


def _is_here(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or parts.hostname is None:
        return False
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"
