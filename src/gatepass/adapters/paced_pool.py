"""Shared connections that are used no faster than AWS's limits allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatepass.adapters.aws_endpoints import Endpoint
from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.http_exchange import Answer

# How AWS's services call it when there are too many calls; the word stands in the code of the answer.
_TOO_MANY = (b"Throttl", b"TooManyRequests", b"RequestLimitExceeded", b"SlowDown")


class PacedPool(ConnectionPool):
    """One family of calls in one account and Region, over connections that others use too."""

    def __init__(self, pool: ConnectionPool, turn: Callable[[], None], slow_down: Callable[[], None]) -> None:
        """Use the connections of ``pool``.

        Args:
            pool: whose connections are used.
            turn: waits until a call may be made; each repetition is a call.
            slow_down: hears that AWS said it is too much.
        """
        super().__init__()
        self._pool, self._turn, self._slow_down = pool, turn, slow_down

    def send(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes, method: str = "POST") -> Answer:
        """Wait for the turn, then send the request and return the answer.

        Raises:
            OSError: nobody answered, or not in the form of HTTP.
        """
        self._turn()
        answer = self._pool.send(endpoint, headers, body, method)
        if answer.status >= 400 and any(word in answer.body for word in _TOO_MANY):
            self._slow_down()
        return answer
