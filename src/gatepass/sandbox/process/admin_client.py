"""Calls to a running sandbox's admin path."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gatepass.domain.errors import Conflict
from gatepass.sandbox.process.runtime import Facts, RuntimeFolder

PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class AdminClient:
    """Speaks to one running sandbox."""

    facts: Facts
    folder: RuntimeFolder

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """Return what the admin path answers; a body is sent as JSON.

        Raises:
            Conflict: the sandbox does not answer, or not to this token.
        """
        address = urlsplit(self.facts.endpoint)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE_SECONDS)
        try:
            headers = {"X-Sandbox-Token": self.folder.token()}
            content = json.dumps(body) if body is not None else None
            connection.request(method, f"/_sandbox{path}", body=content, headers=headers)
            response = connection.getresponse()
            answered = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._silent(f"{type(error).__name__} at {self.facts.endpoint}") from None
        finally:
            connection.close()
        if response.status != 200:
            raise self._silent(f"{self.facts.endpoint} answered {response.status}")
        answer = json.loads(answered)
        return answer if isinstance(answer, dict) else {}

    def _silent(self, why: str) -> Conflict:
        return Conflict(
            "the sandbox runs but does not answer",
            why=why,
            next_step=f"see {self.folder.log_file}, then: kill {self.facts.pid}",
        )
