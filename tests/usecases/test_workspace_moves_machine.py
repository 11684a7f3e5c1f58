"""Moves of two doors and of the platform's own access, with deaths and failing runs, in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gatepass.domain.identifiers import GrantName
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.trust import is_closed
from gatepass.fleet.memory_steps import Killed
from gatepass.usecases.close_workspace_door import close_workspace_door
from gatepass.usecases.customer_half import pass_name
from gatepass.usecases.open_workspace_door import open_workspace_door
from gatepass.usecases.rotate_platform_access import rotate_platform_access
from gatepass.usecases.rotate_workspace_door import Stage, rotate_workspace
from gatepass.usecases.run_workspace import run_workspace
from gatepass.usecases.watch_run import RunFailed
from tests.people import CUSTOMER
from tests.usecases.workspace_world import AUDIT, OVERLAP, SUPPORT, World

names = st.sampled_from([SUPPORT, AUDIT])
deaths = st.none() | st.integers(0, 120)


class TwoDoors(RuleBasedStateMachine):
    """A customer and a provider who do what they like; the world judges every call."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.closed: set[GrantName] = set()

    @rule(chosen=st.lists(names, unique=True), both=st.booleans(), death=deaths)
    def rotate(self, chosen: list[GrantName], *, both: bool, death: int | None) -> None:
        """Rotate; passes of doors that were opened and never handed over are for a person to admit."""
        done: list[Stage] = []

        def act() -> None:
            done.extend(one.stage for one in rotate_workspace(chosen, self.world.desk(both=both), OVERLAP))

        self.does(act, death)
        self.sees_what_was_taken()
        assert not self.closed.issuperset({SUPPORT, AUDIT}) or set(done) <= {Stage.CLOSED}

    @rule(name=names)
    def admit(self, name: GrantName) -> None:
        """Let the provider take the pass, if it is the door's present one and the door is open."""
        record = self.world.record(name)
        text = self.world.passes.files[pass_name(CUSTOMER, name)]
        if name not in self.closed and record.pass_id and f'"{record.pass_id}"' in text:
            self.does(lambda: self.world.admits(name), None)

    @rule(name=names, death=deaths)
    def close(self, name: GrantName, death: int | None) -> None:
        """Close, and come back until it is closed."""
        self.world.hidden.add(name)
        while not self.does(lambda: close_workspace_door(name, self.world.moves), death):
            death = None
        self.closed.add(name)

    @rule(name=names, death=deaths)
    def open(self, name: GrantName, death: int | None) -> None:
        """Open, and come back until it is open."""
        while not self.does(lambda: open_workspace_door(name, self.world.desk()), death):
            death = None
        self.closed.discard(name)

    @rule(death=deaths)
    def rotate_access(self, death: int | None) -> None:
        self.does(lambda: rotate_platform_access(self.world.half, self.world.moves), death)

    @rule()
    def run_by_itself(self) -> None:
        """Let a schedule begin a run."""
        workspace = self.world.platform.our_workspace(self.world.setup).workspace
        run = self.world.platform.begin_by_somebody(workspace, f"schedule {len(self.world.platform.runs)}")
        while not self.world.platform.run(run.id).is_over:
            pass

    @rule()
    def run_by_hand(self) -> None:
        self.does(lambda: run_workspace(self.world.moves, lambda _: None), None)

    @rule()
    def next_run_fails(self) -> None:
        self.world.terraform.says = "Error: throttled"

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.instant += timedelta(minutes=minutes)

    @invariant()
    def closed_doors_stay_closed(self) -> None:
        for name in self.closed:
            role = self.world.roles.roles[self.world.role(name)]
            assert is_closed(role.trust)
            assert SWITCH_POLICY in role.inline

    @invariant()
    def nobody_is_locked_out(self) -> None:
        self.world.judge("a rule")

    def does(self, act: Callable[[], object], death: int | None) -> bool:
        """Do it, perhaps until the process dies or a run fails, and say whether it came to its end."""
        self.world.kills.at, self.world.kills.what = death, ""
        try:
            act()
        except (Killed, RunFailed):
            return False
        finally:
            self.world.kills.at = None
        return True

    def sees_what_was_taken(self) -> None:
        """What the provider admitted by itself is promised again."""
        for name in (SUPPORT, AUDIT):
            ids = self.world.record(name).ids
            if ids and self.world.current(name) == ids[0].reveal():
                self.world.hidden.discard(name)


TestTwoDoors = TwoDoors.TestCase
TestTwoDoors.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
