"""The resources of an account, listed by boto3 as a catalogue file says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import boto3
import jmespath

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.table import Table


class AwsResources:
    """What one set of credentials can list in one Region."""

    def __init__(self, session: boto3.Session, region: str | None = None) -> None:
        """Use the credentials of the boto3 session, in its own Region unless another is given."""
        self._session = session
        self._region = region

    def names(self) -> Sequence[str]:
        """Return the names of the catalogue."""
        return sorted(_catalogue())

    def list(self, name: str) -> Table:
        """Return every resource of that name, all pages of it."""
        entry = _catalogue()[name]
        paths = [jmespath.compile(path) for path in entry["columns"].values()]
        with in_our_words(entry["action"]):
            items = [item for page in self._pages(entry) for item in jmespath.search(entry["items"], page) or []]
        rows = tuple(tuple(_text(path.search(item)) for path in paths) for item in items)
        return Table(tuple(entry["columns"]), rows)

    def _pages(self, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
        service = client(self._session, entry["service"], self._region)
        if service.can_paginate(entry["operation"]):
            yield from service.get_paginator(entry["operation"]).paginate()
        else:
            yield getattr(service, entry["operation"])()


@cache
def _catalogue() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("gatepass.adapters").joinpath("catalogue.toml").read_text(encoding="utf-8"))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return str(value)
