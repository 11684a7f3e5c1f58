"""Kept-alive connections that many clients share, whatever thread and whose credentials a call comes from."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping

from gatepass.adapters.aws_endpoints import Endpoint
from gatepass.adapters.http_exchange import Answer, Connection

# Servers close what nobody uses for some seconds; more than this many were never in use at once for long.
_MOST_IDLE = 64


class ConnectionPool:
    """Idle connections by endpoint; a connection in use is one thread's alone."""

    def __init__(self) -> None:
        """Begin with none."""
        self._idle: dict[tuple[str, str, int, str], list[Connection]] = defaultdict(list)
        self._lock = threading.Lock()

    def post(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send the body over an idle connection, or a new one, and return the answer.

        Raises:
            OSError: nobody answered, or not in the form of HTTP.
        """
        address = (endpoint.scheme, endpoint.host, endpoint.port, endpoint.path)
        with self._lock:
            idle = self._idle[address]
            connection = idle.pop() if idle else Connection(endpoint)
        answer = connection.post(headers, body)
        with self._lock:
            keeps = len(self._idle[address]) < _MOST_IDLE
            if keeps:
                self._idle[address].append(connection)
        if not keeps:
            connection.close()
        return answer

    def close(self) -> None:
        """Let every idle connection go."""
        with self._lock:
            found = [each for idle in self._idle.values() for each in idle]
            self._idle.clear()
        for connection in found:
            connection.close()
