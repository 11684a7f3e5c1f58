"""A network in between that can be cut: refused at once, or silent, where every word is taken and none answered."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from threading import Event, Thread
from typing import Any, Self

_PATIENCE_SECONDS = 20.0


class CutLine:
    """A port on 127.0.0.1 behind which another one lies."""

    def __init__(self, target: int) -> None:
        """Lead to that port of 127.0.0.1; serve within a ``with`` block."""
        self.target, self.port = target, 0
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._onward: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()

    def __enter__(self) -> Self:
        """Serve in a thread until the end of the block."""
        ready = Event()

        def serve() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.call_soon(ready.set)
            self._loop.run_forever()

        self._thread = Thread(target=serve, daemon=True)
        self._thread.start()
        ready.wait(_PATIENCE_SECONDS)
        self.restore()
        return self

    def __exit__(self, *_: object) -> None:
        """End every connection and stop."""
        self.refuse()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_SECONDS)

    def refuse(self) -> None:
        """End every connection, and take no more."""
        self._do(self._refuse())

    def silence(self) -> None:
        """Take every word from now on and pass none on; who connects is not refused either.

        The other side has noticed already, and ended its connections.
        """
        self._do(self._silence())

    def restore(self) -> None:
        """Be a network again; connections from before are gone, as those that a router forgot."""
        self._do(self._restore())

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(_PATIENCE_SECONDS)

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self._end_all()

    async def _silence(self) -> None:
        self._flows.clear()
        for writer in tuple(self._onward):
            writer.transport.abort()

    async def _restore(self) -> None:
        self._end_all()
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def _end_all(self) -> None:
        for writer in (*self._writers, *self._onward):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._flows.wait()
            there, onward = await asyncio.open_connection("127.0.0.1", self.target)
            self._onward.add(onward)
            await asyncio.gather(self._pump(reader, onward), self._pump(there, writer))
            self._onward.discard(onward)
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes; an end is passed on too, as soon as anything is."""
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        await self._flows.wait()
        writer.transport.abort()
