"""The book of all runs: begin one, look at it, stop it, let it go on; it does no unit itself."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, WorkflowStatus

from gatepass.domain.errors import NotThere
from gatepass.fleet.database import Database, unreachable
from gatepass.fleet.failing_database import in_words
from gatepass.fleet.machine_log import quiet
from gatepass.fleet.run import Order, Outcome, Progress, run_id
from gatepass.fleet.work import Result, UnitResult

APPLICATION = "gatepass-fleet"
# What is kept of runs is read by every Gatepass that has this number. It rises when the steps of a kind change, or
# what is kept of them: work that another version began is then left to workers of that version.
VERSION = "2"
RUN, UNITS = f"{APPLICATION}.run", f"{APPLICATION}.units"
SCHEDULED = f"{APPLICATION}.scheduled"
_BROKEN = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_UNDER_WAY = ["ENQUEUED", "PENDING", "DELAYED"]
# DBOS looks for queued work this often, in every queue; sooner would cost a tenth of a core, later would be felt.
_LOOK_SECONDS = 0.5
# Before any run said better. A worker looks at this before it waits for the queue's next look: with a large number it
# would take all batches of the first run, and a worker that comes a moment later would find none.
_AT_FIRST = 2
# How far a look goes back behind the last one, and every which look sees everything again.
_OVERLAP_SECONDS, _WHOLE_LOOK = 10.0, 100
# Statements that name many workflows name so many at once.
_AT_ONCE = 500
_STOPPED, _TOTAL, _FORGIVEN = "stopped", "units", "forgiven"


def queue_of(kind: str) -> str:
    """Return the kind's queue: a worker of an older version does not listen to those of kinds it does not know."""
    return f"{APPLICATION}-{kind}"


@dataclass
class _Known:
    """What was read of a run's finished units already, and how far.

    Attributes:
        until: when the last of them ended, in milliseconds.
        looks: how often was looked.
    """

    outcomes: dict[str, tuple[Outcome, ...]] = field(default_factory=dict)
    until: int = 0
    looks: int = 0


@dataclass
class Ledger:
    """The runs in one database; any thread may ask, and every question may meet ``DatabaseFailed``.

    Attributes:
        leaves: whether a worker asks, which leaves at once what it is at when the database fails.
    """

    database: Database
    leaves: bool = False
    _client: DBOSClient | None = None
    _known: dict[str, _Known] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def client(self) -> DBOSClient:
        """The way to the database, made at its first use.

        Raises:
            GatepassError: the database cannot be reached.
        """
        if self._client is None:
            quiet(self.database)
            self.database.make_ready()
            try:
                DBOS.migrate(self.database.address)
                self._client = DBOSClient(
                    system_database_url=self.database.address,
                    serializer=DBOSPortableJSONSerializer(),
                    application_name=APPLICATION,
                )
            except Exception as error:  # noqa: BLE001 - of two libraries, and not all of one family
                raise unreachable(self.database, error) from None
        return self._client

    def close(self) -> None:
        """Let the database go."""
        if self._client is not None:
            self._client.destroy()
            self._client = None

    @in_words
    def begin(self, order: Order, now: datetime) -> str:
        """Keep the order, and return the run's id; whoever works finds it."""
        self.keep_queue(order.kind)
        run = run_id(order.kind, now, secrets.token_hex(2))
        self.client.enqueue(
            {"workflow_name": RUN, "queue_name": queue_of(order.kind), "workflow_id": run, "app_version": VERSION},
            run,
            order.facts(),
        )
        return run

    @in_words
    def keep_queue(self, kind: str, at_once: int | None = None) -> None:
        """Have the kind's queue, from which each worker takes so many batches at once; None leaves what is set."""
        self.client.register_queue(
            queue_of(kind),
            worker_concurrency=at_once or _AT_FIRST,
            polling_interval_sec=_LOOK_SECONDS,
            on_conflict="always_update" if at_once else "never_update",
        )

    @in_words
    def runs(self, limit: int = 20) -> Sequence[Progress]:
        """Return the last runs, the newest first."""
        found = self.client.list_workflows(name=RUN, sort_desc=True, limit=limit)
        return [self._progress(one) for one in found]

    @in_words
    def progress(self, run: str) -> Progress:
        """Return how far the run has come.

        Raises:
            NotThere: there is no such run.
        """
        return self._progress(self._row(run))

    @in_words
    def last(self) -> str:
        """Return the id of the newest run.

        Raises:
            NotThere: there is none.
        """
        found = self.client.list_workflows(name=RUN, sort_desc=True, limit=1, load_input=False, load_output=False)
        if not found:
            raise NotThere("there is no run yet", why=f"none is kept in {self.database.title}", next_step=_BEGIN)
        return found[0].workflow_id

    @in_words
    def tell_total(self, run: str, total: int) -> None:
        """Keep how many units the run has, before the first of them begins."""
        self._mark(run, {_TOTAL: total})

    def forget(self, run: str) -> None:
        """Let go of what was read of the run; it stays in the database."""
        self._known.pop(run, None)

    @in_words
    def stop(self, run: str, why: str) -> None:
        """Let no unit begin; those under way end as they would have, or are found by the next worker."""
        self._mark(run, {_STOPPED: why})
        for ids in _parts(self._ids(run, ["ENQUEUED", "DELAYED"])):
            self.client.cancel_workflows(ids)

    @in_words
    def under_way(self, run: str) -> int:
        """Return how many batches of the run wait or are being done."""
        return len(self._ids(run, _UNDER_WAY))

    @in_words
    def stop_one(self, workflow: str) -> None:
        """Stop one batch of a run that is stopped."""
        self.client.cancel_workflows([workflow])

    @in_words
    def resume(self, run: str) -> int:
        """Let the units go on that were stopped, and return how many batches these are."""
        row = self._row(run)
        failed = [one.subject for one in self._progress(row).outcomes if one.result.result is Result.FAILED]
        self._mark(run, {_STOPPED: "", _FORGIVEN: failed})
        ids = self._ids(run, ["CANCELLED"])
        for part in _parts(ids):
            self.client.resume_workflows(part, queue_name=queue_of(_order(row).kind))
        return len(ids)

    @in_words
    def other_workers(self, but: str) -> Sequence[str]:
        """Return the other workers that have begun something and not ended it, dead or alive."""
        return sorted({one.executor_id for one in self._pending(None) if one.executor_id} - {but})

    @in_words
    def take_over(self, worker: str) -> int:
        """Put what the dead worker had begun back into the queues, and return how much that is."""
        by_queue: dict[str, list[str]] = {}
        for one in self._pending(worker):
            by_queue.setdefault(queue_of(_kind(one.workflow_id)), []).append(one.workflow_id)
        for queue, ids in by_queue.items():
            for part in _parts(ids):
                self.client.resume_workflows(part, queue_name=queue)
        return sum(len(ids) for ids in by_queue.values())

    def _row(self, run: str) -> WorkflowStatus:
        found = self.client.list_workflows(workflow_ids=[run], name=RUN)
        if not found:
            raise NotThere(
                f"there is no run {run}",
                why=f"none of that name is kept in {self.database.title}",
                next_step="gatepass fleet status",
            )
        return found[0]

    def _progress(self, row: WorkflowStatus) -> Progress:
        run = row.workflow_id
        with self._lock:
            known = self._read(run)
            outcomes = tuple(each for batch in known.outcomes.values() for each in batch)
        attributes = row.attributes or {}
        output = row.output if isinstance(row.output, dict) else {}
        problem = str(output.get("problem", ""))
        if row.status in _BROKEN:
            problem = f"{type(row.error).__name__} while its units were looked for"
        return Progress(
            run,
            _order(row),
            started=datetime.fromtimestamp((row.created_at or 0) / 1000, UTC),
            total=attributes.get(_TOTAL, output.get("units")),
            outcomes=outcomes,
            stopped=str(attributes.get(_STOPPED, "")),
            problem=problem,
            forgiven=frozenset(attributes.get(_FORGIVEN, ())),
            next_step=str(output.get("next", "")),
        )

    def _read(self, run: str) -> _Known:
        """Read on where the last look ended."""
        known = self._known.setdefault(run, _Known())
        known.looks += 1
        # Earlier than the last one known, and now and then from the beginning: transactions may end out of order.
        is_whole = not known.until or known.looks % _WHOLE_LOOK == 0 or self._was_set_back(known)
        since = None if is_whole else datetime.fromtimestamp(known.until / 1000 - _OVERLAP_SECONDS, UTC).isoformat()
        ended = ["SUCCESS", *_BROKEN]
        for one in self.client.list_workflows(
            workflow_id_prefix=f"{run}/", status=ended, completed_after=since, load_input=False
        ):
            if one.workflow_id not in known.outcomes:
                # Only for what broke does its input tell of whom it was.
                whole = self.client.list_workflows(workflow_ids=[one.workflow_id]) if one.status in _BROKEN else [one]
                known.outcomes[one.workflow_id] = tuple(outcome for each in whole for outcome in _outcomes(each))
                known.until = max(known.until, one.completed_at or 0)
        return known

    def _was_set_back(self, known: _Known) -> bool:
        """Say whether this machine's clock, by which SQLite goes too, is behind what ended already."""
        return not self.database.is_shared and time.time() * 1000 < known.until

    def _ids(self, run: str, status: list[str]) -> list[str]:
        found = self.client.list_workflows(
            workflow_id_prefix=f"{run}/", status=status, load_input=False, load_output=False
        )
        itself = self.client.list_workflows(workflow_ids=[run], status=status, load_input=False, load_output=False)
        return [one.workflow_id for one in (*itself, *found)]

    def _pending(self, worker: str | None) -> Sequence[WorkflowStatus]:
        return self.client.list_workflows(
            status="PENDING", executor_id=worker, app_version=VERSION, name=[RUN, UNITS, SCHEDULED],
            load_input=False, load_output=False,
        )  # fmt: skip

    def _mark(self, run: str, facts: dict[str, object]) -> None:
        self.client.update_workflow_attributes(run, facts, merge=True)


_BEGIN = "gatepass fleet verify"


def _order(row: WorkflowStatus) -> Order:
    given = row.input["args"] if row.input else ()
    return Order.of(given[1]) if len(given) > 1 else Order(_kind(row.workflow_id))


def _kind(workflow: str) -> str:
    # A schedule's own workflow is called sched-NAME-INSTANT, and its name begins with the kind.
    return workflow.removeprefix("sched-").split("-", 1)[0]


def _outcomes(row: WorkflowStatus) -> Sequence[Outcome]:
    if isinstance(row.output, list):
        return [Outcome.of(each) for each in row.output]
    # Only a fault of the engine's own ends so; its units are named all the same.
    subjects = row.input["args"][2] if row.input else ()
    cause = f"the engine gave up: {type(row.error).__name__}"
    failed = UnitResult(Result.FAILED, cause, "look into fleet.log of the worker, and report it")
    return [Outcome(str(subject), failed) for subject in subjects]


def _parts(ids: Sequence[str]) -> Sequence[list[str]]:
    return [list(ids[start : start + _AT_ONCE]) for start in range(0, len(ids), _AT_ONCE)]
