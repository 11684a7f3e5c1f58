"""Kept-alive connections that many clients share, whatever thread and whose credentials a call comes from."""

from __future__ import annotations

from collections.abc import Mapping

from gatepass.adapters.aws_endpoints import Endpoint
from gatepass.adapters.http_exchange import Answer, Connection

# Servers close what nobody uses for some seconds; more than this many were never in use at once for long.
_MOST_IDLE = 64


class ConnectionPool:
    """Idle connections by endpoint; a connection in use is one call's alone, so no answer reaches another call."""

    def __init__(self) -> None:
        """Begin with none."""
        self._idle: dict[tuple[str, str, int, str], list[Connection]] = {}

    def send(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes, method: str = "POST") -> Answer:
        """Send the request over an idle connection, or a new one, and return the answer.

        Raises:
            OSError: nobody answered, or not in the form of HTTP.
        """
        # Each of these steps on a dict or a list is one for all threads, so there is no lock to load or to wait for:
        # https://docs.python.org/3/faq/library.html#what-kinds-of-global-value-mutation-are-thread-safe
        idle = self._idle.setdefault((endpoint.scheme, endpoint.host, endpoint.port, endpoint.path), [])
        try:
            connection = idle.pop()
        except IndexError:
            connection = Connection(endpoint)
        try:
            answer = connection.send(headers, body, method)
        except BaseException:
            # What was stopped half-way may still be answered: nobody else may read that.
            connection.close()
            raise
        if len(idle) < _MOST_IDLE:
            idle.append(connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Let every idle connection go."""
        for idle in tuple(self._idle.values()):
            while idle:
                idle.pop().close()
