"""Calls to AWS that only look, answered page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its parameters.

    Attributes:
        action: the IAM action that it needs.
        operation: boto3's method.
        token: the page marker's name in question and answer, where boto3 has no pages of its own for the operation.
    """

    action: str
    service: str
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None


class Calls(Protocol):
    """Somebody who answers calls in one Region."""

    def pages(self, call: Call) -> Iterator[Mapping[str, Any]]:
        """Yield every page of the answer.

        Raises:
            AccessRefused: AWS said no.
            GatepassError: AWS could not answer.
        """


class AwsCalls:
    """AWS, asked with the credentials of a boto3 session in one Region."""

    def __init__(self, session: boto3.Session, region: str | None, lock: Lock) -> None:
        """Take the lock of all who share the session: boto3 makes one client at a time."""
        self._session = session
        self._region = region
        self._lock = lock
        self._clients: dict[str, Any] = {}

    def pages(self, call: Call) -> Iterator[Mapping[str, Any]]:
        """Yield every page of the answer."""
        with in_our_words(call.action):
            service = self._client(call.service)
            if not hasattr(service, call.operation):
                raise InvalidInput(
                    f"boto3 knows no {call.operation} of {call.service}",
                    why="an entry of the catalogue asks for it",
                    next_step="name another operation in your catalogue.toml, or install a newer boto3",
                )
            if service.can_paginate(call.operation):
                yield from service.get_paginator(call.operation).paginate(**call.parameters)
            else:
                yield from self._own_pages(getattr(service, call.operation), call)

    def _own_pages(self, ask: Any, call: Call) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - boto3's method
        page = ask(**call.parameters)
        yield page
        while call.token and page.get(call.token):
            page = ask(**call.parameters, **{call.token: page[call.token]})
            yield page

    def _client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
        with self._lock:
            if service not in self._clients:
                self._clients[service] = client(self._session, service, self._region)
            return self._clients[service]
