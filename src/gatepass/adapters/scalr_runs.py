"""Runs in Scalr, with their logs and the outputs that they leave."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress

from gatepass.adapters.json_api_documents import Resource, quoted
from gatepass.adapters.json_api_runs import JsonApiRuns
from gatepass.adapters.run_logs import last_lines
from gatepass.domain.platform_run import Output, Run


class ScalrRuns(JsonApiRuns):
    """The runs of one account."""

    has_plain_actions = True

    def log(self, run: Run) -> str:
        """Return the last lines of what Terraform said."""
        deed, said = f"read the log of the run {run.id}", list[str]()
        for phase in self.phases(run, deed):
            if phase.type == "runs":
                # Where Terraform itself failed, it repeats what the log says.
                last = phase.text("error-message").strip()
                said.extend([last] if last and not any(last in each for each in said) else [])
            else:
                path = f"{phase.type}/{quoted(phase.id)}/output"
                said.append(self.api.text(path, deed, (("clean", "true"),)).decode(errors="replace"))
        return last_lines("\n".join(filter(None, said)))

    def outputs(self, workspace: str) -> Sequence[Output]:
        """Return the outputs of the state."""
        tree = self.api.tree(
            f"workspaces/{quoted(workspace)}/outputs", f"read the outputs of the workspace {workspace}"
        )
        found = tree.get("data")
        return tuple(_output(each) for each in (found if isinstance(found, list) else ()) if isinstance(each, dict))

    def newest(self, workspace: str) -> tuple[Resource, ...]:
        """Return the workspace's last runs."""
        query = (("filter[workspace]", workspace), ("page[size]", "100"))
        found = self.api.get("runs", f"see the runs of the workspace {workspace}", query).data
        return tuple(each for each in found if each.related("workspace") == workspace)

    def only_plans(self, *, dry: bool) -> Mapping[str, bool]:
        """Return Scalr's word for it."""
        return {"is-dry": dry}

    def page_of(self, run: Resource) -> str:
        """Return its page in Scalr."""
        environment, workspace = run.related("environment"), run.related("workspace")
        page = f"{self.api.address}/v2/e/{environment}/workspaces/{workspace}/runs/{run.id}"
        return page if environment and workspace else ""


def _output(tree: dict[str, object]) -> Output:
    is_sensitive, value = tree.get("sensitive") is True, tree.get("value")
    if isinstance(value, str) and value[:1] in {"{", "["}:
        # Whatever is no text comes as the text of its JSON.
        with suppress(ValueError, RecursionError):
            value = json.loads(value)
    return Output(str(tree.get("name", "")), None if is_sensitive else value, is_sensitive)
