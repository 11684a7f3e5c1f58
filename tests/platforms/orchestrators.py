"""Every implementation of the port, over platforms whose runs take no time, with a look behind them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import urllib3

from gatepass.adapters.hcp_platform import HcpPlatform
from gatepass.adapters.json_api import JsonApi, host
from gatepass.adapters.memory import MemoryClock
from gatepass.adapters.memory_orchestrator import MemoryOrchestrator
from gatepass.adapters.memory_runs import Outcome
from gatepass.adapters.platform_tokens import PlatformToken
from gatepass.adapters.remembered_workspaces import RememberedWorkspaces
from gatepass.adapters.scalr_platform import ScalrPlatform
from gatepass.domain import platform_run
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.platform_run import Run, RunStage
from gatepass.domain.workspace_objects import (
    Doors,
    Environment,
    Found,
    Link,
    OwnAccess,
    PlatformObject,
    Schedule,
    Standing,
    Workspace,
)
from gatepass.domain.workspace_setup import Platform, Repository, WorkspaceSetup
from gatepass.ports.orchestrators import Orchestrator
from tests.people import CUSTOMER
from tests.platforms.fake.execution import Output, Quick, Said
from tests.platforms.fake.platform import Api, FakePlatform

ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/ServiceProvider-919814621061-scalr")
FIRST_ID, NEXT_ID = ExternalId("gp1.5CALR5CALR.FIRSTFIRSTFIRST"), ExternalId("gp1.5CALR5CALR.NEXTNEXTNEXTNEXT")
DOOR_IDS = ("gp1.7KQ2M9XW4T.OLDOLDOLDOLDOLD", "gp1.7KQ2M9XW4T.NEWNEWNEWNEWNEW")
REPOSITORY = Repository("github", "acme/aws-access", "main", "customer")
CRON = "0 3 * * *"
ARNS = {"support": "arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support"}
LOG = "Apply complete! Resources: 1 added.\n"


def doors(number: int = 0) -> Doors:
    """Return a value of the variable, each with another external ID and seal."""
    return Doors(f'{{"support": {{"external_ids": ["{DOOR_IDS[number]}"]}}}}', f"{number + 1:024x}")


def own_access(setup: WorkspaceSetup, external_id: ExternalId = FIRST_ID) -> OwnAccess:
    """Return how the platform itself enters."""
    return OwnAccess(setup.access_name, ROLE, external_id, f"{len(external_id.reveal()):024x}")


def wanted(setup: WorkspaceSetup) -> dict[str, PlatformObject]:
    """Return every object of a set-up, by its name in what stands there, in the order in which they are made."""
    access: dict[str, PlatformObject] = {"own_access": own_access(setup)}
    workspace: dict[str, PlatformObject] = {
        "workspace": Workspace(setup.workspace, setup.repository, setup.terraform_version)
    }
    is_scalr = setup.platform is Platform.SCALR
    first = access | workspace if is_scalr else workspace | access
    rest: dict[str, PlatformObject] = {"link": Link(), "doors": doors()}
    rule: dict[str, PlatformObject] = {"schedule": Schedule(CRON)} if is_scalr else {}
    return {"environment": Environment(setup.environment), **first, **rest, **rule}


@dataclass
class Side:
    """One implementation.

    Attributes:
        orchestrator: what is tested.
        finish_runs: lets every run go on to its end, or to where it waits for a person.
        fake: the fake behind a real client; None behind the twin.
        again: returns another client of the same platform, as a later command would use.
    """

    name: str
    orchestrator: Orchestrator
    setup: WorkspaceSetup
    finish_runs: Callable[[], None]
    again: Callable[[], Orchestrator]
    fake: FakePlatform | None = None
    clock: MemoryClock = field(default_factory=MemoryClock)

    def set_up(self, *, until: str = "") -> Standing:
        """Make every object, or those before one of them, and return what stands there then."""
        standing = self.orchestrator.standing(self.setup)
        for name, what in wanted(self.setup).items():
            if name == until:
                break
            if getattr(standing, name) is None:
                made: dict[str, Any] = {name: self.orchestrator.make(self.setup, what, standing)}
                standing = replace(standing, **made)
        return self.orchestrator.standing(self.setup)

    def disown(self, found: Found[PlatformObject]) -> None:
        """Take our tag from an object, as its owner would."""
        if self.fake is None:
            assert isinstance(self.orchestrator, MemoryOrchestrator)
            objects = self.orchestrator.objects
            (key,) = [key for key, each in objects.items() if each.id == found.id]
            objects[key] = replace(objects[key], is_ours=False)
            return
        (thing,) = [each for each in self.fake.objects if each.id == found.id]
        thing.relations.pop("tags", None)
        thing.kept.pop("tags", None)

    def counted(self) -> Counter[str]:
        """Return how many objects of each type lie there."""
        if self.fake is None:
            assert isinstance(self.orchestrator, MemoryOrchestrator)
            twin = self.orchestrator
            return Counter([key[0] for key in twin.objects] + ["runs"] * len(twin.runs))
        return Counter(each.type for each in self.fake.objects)

    def begin_by_somebody(self, workspace: str, reason: str) -> str:
        """Begin a run that waits for a person's word, as a person would, and return its id."""
        if self.fake is None:
            assert isinstance(self.orchestrator, MemoryOrchestrator)
            self.orchestrator.needs_confirmation = True
            return self.orchestrator.begin_by_somebody(workspace, reason).id
        relation = {"workspace": {"data": {"type": "workspaces", "id": workspace}}}
        data = {"type": "runs", "attributes": {"message": reason, "auto-apply": False}, "relationships": relation}
        headers = {"Authorization": f"Bearer {self.fake.token}", "Content-Type": "application/vnd.api+json"}
        body = json.dumps({"data": data}).encode()
        answer = urllib3.request("POST", f"{self.fake.base}/runs", body=body, headers=headers)
        return str(answer.json()["data"]["id"])

    def finished(self, run: Run) -> Run:
        """Return a run once it is over."""
        self.finish_runs()
        return next(now for _ in range(50) if (now := self.orchestrator.run(run.id)).is_over)

    def waiting(self, run: Run) -> Run:
        """Return a run once it waits for a person."""
        self.finish_runs()
        looks = (self.orchestrator.run(run.id) for _ in range(50))
        return next(now for now in looks if now.stage is RunStage.NEEDS_CONFIRMATION)


def answering(_variables: Mapping[str, str]) -> Said:
    """Apply as quick runs do."""
    outputs = {"role_arns": Output(ARNS, type=["map", "string"]), "hidden": Output("not told", is_sensitive=True)}
    return Said(LOG, outputs)


def started(api: Api) -> FakePlatform:
    """Return a fake platform whose runs take no time, to be entered."""
    return FakePlatform(api, execute=Quick(answering))


@contextmanager
def several() -> Iterator[Callable[[Api], FakePlatform]]:
    """Start platforms as they are needed, and close them together, for each takes its moment to end."""
    begun: list[FakePlatform] = []

    def begin(api: Api) -> FakePlatform:
        begun.append(started(api).__enter__())
        return begun[-1]

    try:
        yield begin
    finally:
        with ThreadPoolExecutor(32) as threads:
            list(threads.map(FakePlatform.close, begun))


def fake_side(fake: FakePlatform, cache: Path) -> Side:
    """Return a real client of a fake platform."""
    platform, clock = Platform(fake.api.value), MemoryClock()
    setup = _setup(platform, fake.host, fake.owner)

    def client() -> Orchestrator:
        token = PlatformToken(fake.token, "the test", "export TOKEN=...")
        base = fake.base.removeprefix(fake.address)
        api = JsonApi(host(platform.title, fake.host, base), token, clock)
        if fake.api is Api.SCALR:
            return ScalrPlatform(api, fake.owner, RememberedWorkspaces(cache))
        return HcpPlatform(api, fake.owner)

    return Side(fake.api.value, client(), setup, fake.wait_for_runs, client, fake, clock)


def twin_side(platform: Platform) -> Side:
    """Return the twin in memory."""
    told = (platform_run.Output("role_arns", ARNS, False), platform_run.Output("hidden", "not told", True))  # noqa: FBT003
    twin = MemoryOrchestrator(runs_terraform=lambda _: Outcome(log=LOG, outputs=told))
    return Side(f"twin of {platform.value}", twin, _setup(platform, "example.com", "acme"), lambda: None, lambda: twin)


def _setup(platform: Platform, hostname: str, owner: str) -> WorkspaceSetup:
    return WorkspaceSetup(
        platform,
        hostname,
        owner,
        "aws-access",
        "access-444455556666",
        REPOSITORY,
        Declaration(CUSTOMER, ()),
        GrantName("scalr"),
        CRON if platform is Platform.SCALR else None,
        "1.11.4",
    )
