"""The least client that can ask a fake platform, for the tests of the fake itself."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from tests.platforms.fake.exchange import JSON_API
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.fake.store import Thing


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    tree: Any
    headers: Mapping[str, str]
    text: str = field(repr=False)

    @property
    def id(self) -> str:
        """The id of the one object."""
        return str(self.tree["data"]["id"])

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the one object."""
        found: dict[str, Any] = self.tree["data"]["attributes"]
        return found

    @property
    def error(self) -> dict[str, Any]:
        """The first error."""
        found: dict[str, Any] = self.tree["errors"][0]
        return found


class Asker:
    """Somebody with the platform's token."""

    def __init__(self, platform: FakePlatform) -> None:
        self.platform = platform

    def sends(self, method: str, path: str, tree: object = None, *, token: str | None = None, **headers: str) -> Reply:
        """Send one request; a path is one below the base, or a whole URL."""
        url = urlsplit(path if path.startswith("http") else f"{self.platform.base}{path}")
        sent = {"Accept": JSON_API}
        if token != "":
            sent["Authorization"] = f"Bearer {token or self.platform.token}"
        body = None if tree is None else json.dumps(tree)
        if body is not None:
            sent["Content-Type"] = JSON_API
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(self.platform.host, timeout=60)
        query = f"?{quote(url.query, safe='=&[],:%-')}" if url.query else ""
        try:
            connection.request(method, f"{url.path}{query}", body, sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        told = json.loads(text) if "json" in answer.headers.get("Content-Type", "") else None
        return Reply(answer.status, told, dict(answer.getheaders()), text)

    def reads(self, path: str) -> Reply:
        """Ask for something that is there."""
        reply = self.sends("GET", path)
        assert reply.status == 200, reply
        return reply

    def makes(self, path: str, kind: str, attributes: Mapping[str, Any], **relations: object) -> Reply:
        """Post an object; a relation is a thing, an id with its type, or a list of them."""
        return self.sends("POST", path, one(kind, attributes, **relations))

    def changes(self, path: str, kind: str, attributes: Mapping[str, Any], **relations: object) -> Reply:
        """Patch an object."""
        tree = one(kind, attributes, **relations)
        tree["data"]["id"] = path.rpartition("/")[2]
        return self.sends("PATCH", path, tree)

    def workspace(self, **attributes: object) -> str:
        """Make a workspace with a repository, and return its id."""
        connection = self.platform.connection
        repository = {"identifier": "acme/access"}
        if self.platform.api is Api.HCP:
            given = {
                "name": "access",
                "vcs-repo": {**repository, "oauth-token-id": connection.id},
                **_dashed(attributes),
            }
            reply = self.makes("/organizations/acme/workspaces", "workspaces", given)
        else:
            given = {"name": "access", "vcs-repo": repository, **_dashed(attributes)}
            found = self.reads("/environments").tree["data"]
            environment = (
                found[0]["id"] if found else self.makes("/environments", "environments", {"name": "customers"}).id
            )
            reply = self.makes("/workspaces", "workspaces", given, environment=("environments", environment),
                               vcs_provider=connection)  # fmt: skip
        assert reply.status == 201, reply
        return reply.id

    def variable(self, workspace: str, key: str, value: str, **attributes: object) -> Reply:
        """Make a variable of Terraform's in a workspace."""
        given = {"key": key, "value": value, "category": "terraform", **_dashed(attributes)}
        if self.platform.api is Api.HCP:
            return self.makes(f"/workspaces/{workspace}/vars", "vars", given)
        return self.makes("/vars", "vars", given, workspace=("workspaces", workspace))

    def run(self, workspace: str, **attributes: object) -> str:
        """Begin a run, and return its id."""
        reply = self.makes("/runs", "runs", _dashed(attributes), workspace=("workspaces", workspace))
        assert reply.status == 201, reply
        return reply.id

    def status(self, run: str) -> str:
        """Return the status of a run."""
        return str(self.reads(f"/runs/{run}").attributes["status"])

    def acts(self, run: str, action: str) -> Reply:
        """Apply, cancel or discard a run."""
        return self.sends(
            "POST", f"/runs/{run}/actions/{action}", {"comment": "a test"}, Content_Type="application/json"
        )


def one(kind: str, attributes: Mapping[str, Any], **relations: object) -> dict[str, Any]:
    """Return the document of one object."""
    tree: dict[str, Any] = {"data": {"type": kind, "attributes": dict(attributes)}}
    if relations:
        tree["data"]["relationships"] = {
            name.replace("_", "-"): {
                "data": [_named(each) for each in value] if isinstance(value, list) else _named(value)
            }
            for name, value in relations.items()
        }
    return tree


def _named(value: object) -> dict[str, str] | None:
    if isinstance(value, Thing):
        return {"type": value.type, "id": value.id}
    if isinstance(value, tuple):
        return {"type": value[0], "id": value[1]}
    return None


def _dashed(attributes: Mapping[str, object]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in attributes.items()}
