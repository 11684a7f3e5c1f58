"""The sandbox as a process of its own: ``python -m gatepass.sandbox.process``."""

from __future__ import annotations

import argparse
import errno
import os
import secrets
import signal
import sys
from pathlib import Path
from threading import Event, Thread

from gatepass.domain.errors import Conflict, GatepassError
from gatepass.sandbox.gateway import Gateway
from gatepass.sandbox.memory.state import load_state, save_state
from gatepass.sandbox.memory.world import World
from gatepass.sandbox.process.launch import NOT_SAVED, STARTED_BADLY
from gatepass.sandbox.process.runtime import Facts, RuntimeFolder
from gatepass.sandbox.process.warming import warm_up
from gatepass.sandbox.wire.server import LOOPBACK, LoopbackServer


def serve(folder: RuntimeFolder, port: int, state_file: Path | None) -> None:
    """Serve until told to stop, by a signal or through the admin path; then save the state.

    Raises:
        Conflict: another sandbox runs, the port is taken, or the state file is not used.
    """
    folder.prepare()
    with folder.hold():
        folder.clear()
        world, stop, token = World(), Event(), secrets.token_urlsafe(32)
        warm_up()
        if state_file is not None:
            load_state(world, state_file)
        server = _listening(Gateway(world, token, stop.set), port)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            folder.keep_token(token)
            folder.announce(Facts(f"http://{LOOPBACK}:{server.port}", str(folder.token_file), os.getpid()))
            stop.wait()
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            folder.clear()
            if state_file is not None:
                for lost in save_state(world, state_file):
                    sys.stderr.write(f"{NOT_SAVED}{lost}\n")


def _listening(gateway: Gateway, port: int) -> LoopbackServer:
    try:
        return LoopbackServer(gateway, port)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise Conflict(
            f"the sandbox cannot listen on port {port}",
            why="another program has the port" if error.errno == errno.EADDRINUSE else "the port is not this user's",
            next_step="leave --port out, and a free port is taken",
        ) from None


def main() -> int:
    """Run the process; what stops it from starting goes to standard error, one part a line."""
    parser = argparse.ArgumentParser(prog="gatepass.sandbox.process")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path)
    options = parser.parse_args()
    try:
        serve(RuntimeFolder(options.folder), options.port, options.state)
    except GatepassError as error:
        sys.stderr.write(f"{STARTED_BADLY}\n{error.what}\n{error.why}\n{error.next_step}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
