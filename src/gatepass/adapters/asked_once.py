"""Answers that hold for a whole account, asked for once however many threads want them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

Answer = TypeVar("Answer")


class AskedOnce:
    """The answers."""

    def __init__(self) -> None:
        """Know none."""
        self._answers: dict[Hashable, object] = {}
        self._lock = Lock()

    def get(self, name: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return what was answered before, or ask; an error is not remembered."""
        with self._lock:
            if name not in self._answers:
                self._answers[name] = ask()
            return cast("Answer", self._answers[name])
