"""A webhook of the customer's own as a channel of notices: JSON with a text that chat tools show, and the facts."""

from __future__ import annotations

import json
from datetime import timedelta

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from gatepass import __version__
from gatepass.domain.errors import GatepassError
from gatepass.domain.notice import Notice, Webhook
from gatepass.ports.machine import Clock

_TIMEOUT = urllib3.Timeout(connect=5, read=5)
# The first attempt is made at once; a chat tool that throttles asks for about a second.
_PAUSES = (timedelta(0), timedelta(seconds=1), timedelta(seconds=2))
_WORTH_ANOTHER_TRY = frozenset({429, 500, 502, 503, 504})


class WebhookNotifier:
    """The webhook; its address may hold a secret and is in no error."""

    channel = "webhook"

    def __init__(self, webhook: Webhook, clock: Clock) -> None:
        """Post to the webhook, and wait by the clock between attempts."""
        self._webhook = webhook
        self._clock = clock

    @property
    def target(self) -> str:
        """The host; what follows in the address stays hidden."""
        return f"{self._webhook.host}/****"

    def send(self, notice: Notice) -> None:
        """Post the notice; twice more when the host does not answer or is too busy, never to another address."""
        body = json.dumps({"text": notice.text, **notice.facts()}).encode()
        outcome = ""
        for pause in _PAUSES:
            if pause:
                self._clock.sleep(pause)
            status, outcome = self._post(body)
            if 200 <= status < 300:
                return
            if status and status not in _WORTH_ANOTHER_TRY:
                break
        raise GatepassError(
            f"the webhook at {self._webhook.host} did not take the notice",
            why=outcome,
            next_step="check its address in the file, then try it: gatepass notify --test",
        )

    def _post(self, body: bytes) -> tuple[int, str]:
        """Return the status of the answer, or 0 when there is none, and what that means."""
        headers = {"Content-Type": "application/json", "User-Agent": f"gatepass/{__version__}"}
        # urllib3's own retries log the address as a warning; a redirect could lead the notice anywhere.
        try:
            with urllib3.PoolManager() as pool:
                answer = pool.request(
                    "POST", self._webhook.reveal(), body=body, headers=headers,
                    timeout=_TIMEOUT, retries=False, redirect=False, preload_content=False,
                )  # fmt: skip
                answer.close()
        except HTTPError as error:
            return 0, _meaning(error)
        redirects = " with a redirect, which is not followed" if 300 <= answer.status < 400 else ""
        return answer.status, f"it answered {answer.status}{redirects}"


def _meaning(error: HTTPError) -> str:
    """Return what failed; the error's own words hold the address."""
    match error:
        case NameResolutionError():
            return "its host's name is not known"
        case NewConnectionError():
            # It is a kind of ConnectTimeoutError.
            return "it cannot be reached"
        case ConnectTimeoutError() | ReadTimeoutError():
            return "it did not answer within 5 seconds"
        case SSLError():
            return "its certificate was not accepted, or it does not speak TLS"
        case _:
            return "it cannot be reached"
