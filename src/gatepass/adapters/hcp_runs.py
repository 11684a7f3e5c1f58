"""Runs in HCP Terraform, with their logs and the outputs that they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatepass.adapters.json_api import JsonApi
from gatepass.adapters.json_api_documents import Resource, quoted
from gatepass.adapters.json_api_runs import JsonApiRuns
from gatepass.adapters.run_logs import last_lines, structured_lines
from gatepass.domain.errors import NotThere
from gatepass.domain.platform_run import Output, Run

# Left out, a list has no run that only plans.
_ALL_OPERATIONS = "plan_and_apply,plan_only,refresh_only,destroy,empty_apply,save_plan"


class HcpRuns(JsonApiRuns):
    """The runs of one organisation."""

    def __init__(self, api: JsonApi, organization: str) -> None:
        """Ask that API."""
        super().__init__(api)
        self._organization = organization
        self._names: dict[str, str] = {}

    def note_name(self, workspace: str, name: str) -> None:
        """Remember what a workspace is called: its runs' pages go by it."""
        self._names[workspace] = name

    def log(self, run: Run) -> str:
        """Return the last lines of what Terraform said."""
        deed, said = f"read the log of the run {run.id}", list[str]()
        for phase in self.phases(run, deed):
            address = phase.text("log-read-url")
            if address:
                # It is signed by itself, and lies at another host than the one that the token is for.
                said.append(structured_lines(self.api.elsewhere(address, deed).decode(errors="replace")))
        return last_lines("\n".join(filter(None, said)))

    def outputs(self, workspace: str) -> Sequence[Output]:
        """Return the outputs of the current state; none where there is no state yet."""
        path = f"workspaces/{quoted(workspace)}"
        deed = f"read the outputs of the workspace {workspace}"
        try:
            pages = list(self.api.pages(f"{path}/current-state-version-outputs", deed))
        except NotThere:
            # The workspace, or only its state.
            self.api.get(path, deed)
            return ()
        return tuple(_output(each) for page in pages for each in page.data)

    def newest(self, workspace: str) -> tuple[Resource, ...]:
        """Return the workspace's last runs."""
        query = (("filter[operation]", _ALL_OPERATIONS), ("page[size]", "100"))
        deed = f"see the runs of the workspace {workspace}"
        return self.api.get(f"workspaces/{quoted(workspace)}/runs", deed, query).data

    def only_plans(self, *, dry: bool) -> Mapping[str, bool]:
        """Return HCP Terraform's word for it."""
        return {"plan-only": dry}

    def page_of(self, run: Resource) -> str:
        """Return its page in HCP Terraform."""
        name = self._names.get(run.related("workspace"))
        page = f"{self.api.address}/app/{quoted(self._organization)}/workspaces/{quoted(name or '')}/runs/{run.id}"
        return page if name else ""


def _output(found: Resource) -> Output:
    is_sensitive = found.flag("sensitive")
    return Output(found.text("name"), None if is_sensitive else found.attributes.get("value"), is_sensitive)
