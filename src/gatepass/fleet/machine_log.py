"""This machine's log: where errors came from that nobody foresaw, without a word of what they said."""

from __future__ import annotations

import logging
import os
from typing import Any

from gatepass.fleet.database import Database


def quiet(database: Database) -> None:
    """Have what the library logs in a file of its own; on the terminal it would stand between a person and the run."""
    logger = logging.getLogger("dbos")
    logger.propagate = False
    logger.setLevel(logging.ERROR)
    if not any(isinstance(each, logging.FileHandler) for each in logger.handlers):
        logger.handlers = [log_handler(database)]


def log_handler(database: Database) -> logging.Handler:
    """Return what writes into this machine's log, which is for its owner alone."""
    database.make_ready()
    file = database.folder / "fleet.log"
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    handler = _OwnFile(file)
    handler.setLevel(logging.ERROR)
    handler.addFilter(lambda record: "Cancelled" not in (record.exc_text or str(record.exc_info)))
    handler.setFormatter(_WithoutValues("%(asctime)s %(levelname)s %(message)s"))
    return handler


class _OwnFile(logging.FileHandler):
    """A file that may be on a full disk; what it does not take is not told on the terminal, where it could quote."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Leave it."""


class _WithoutValues(logging.Formatter):
    """Writes where an error came from and of which type it is; its words could quote anything."""

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - logging's names
        """Return the places in the code, and the type."""
        kind, _, trace = ei
        lines = []
        while trace is not None:
            code = trace.tb_frame.f_code
            lines.append(f"  {code.co_filename}:{trace.tb_lineno} in {code.co_name}")
            trace = trace.tb_next
        return "\n".join([*lines, f"  {kind.__name__ if kind else 'error'}"])
