"""What does the units: DBOS, with this process as one worker."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID

from gatepass.domain.errors import GatepassError
from gatepass.fleet.batches import TELLS_WITHIN_SECONDS, Batches, Ready
from gatepass.fleet.circuits import Circuits
from gatepass.fleet.crew import READING_THREADS, WRITING_THREADS, Crew
from gatepass.fleet.database import Database, unreachable
from gatepass.fleet.durable_steps import DurableSteps
from gatepass.fleet.failing_database import DatabaseFailed, Failures, LeftAsItIs, told
from gatepass.fleet.ledger import (
    APPLICATION,
    RUN,
    SCHEDULED,
    UNITS,
    VERSION,
    Ledger,
    queue_of,
)
from gatepass.fleet.machine_log import quiet
from gatepass.fleet.patient import Facts, patiently
from gatepass.fleet.records import is_deed
from gatepass.fleet.run import Order, Outcome, batches, batches_at_once, run_id
from gatepass.fleet.runners import Place
from gatepass.fleet.step_book import StepBook
from gatepass.fleet.step_shelves import open_shelf
from gatepass.fleet.work import Kinds, Result, UnitResult

# How often a worker looks after the others: for the dead, and for runs that were stopped.
_SWITCH_SECONDS = 0.05
_WATCH_SECONDS = 1.0
_log = logging.getLogger("dbos.gatepass")


def _keep_no_record(*_: object) -> None: ...


@dataclass
class Engine:
    """One worker: it takes units of every kind it knows, from its own runs and from others'.

    Attributes:
        worker: this process's id.
        tell: told in words what a person at a worker wants to know.
        workers: how many share the work, as it was at the last look.
        tells_within_seconds: for so long a batch waits for its slowest unit before it tells of the others.
        record: keeps a unit's outcome for the log; told again after a crash, which must do no harm.
        on_failed: told once that nothing can be remembered any more; ends the process, and what was begun stays begun.
    """

    database: Database
    kinds: Kinds
    worker: str
    place: Place
    tell: Callable[[str], None]
    workers: int = 1
    record: Callable[[str, Order, Outcome], None] = _keep_no_record
    tells_within_seconds: float = TELLS_WITHIN_SECONDS
    on_failed: Callable[[DatabaseFailed], None] = _keep_no_record
    _ledger: Ledger = field(init=False)
    _ready: dict[str, Ready] = field(default_factory=dict)
    _circuits: Circuits = field(init=False)
    _batches: Batches = field(init=False)
    _book: StepBook = field(init=False)
    _failures: Failures = field(init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _end: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._ledger = Ledger(self.database, leaves=True)
        self._failures = Failures(self.database, self.on_failed, self.tell)
        self._circuits = Circuits(self._ledger, self.tell)
        self._book = StepBook(lambda: open_shelf(self.database), self._failures.fail, self.place.may_begin)
        self._batches = Batches(self._book, self._circuits, self._look, self.tells_within_seconds)

    def start(self) -> None:
        """Begin to work; the place must be taken before.

        Raises:
            GatepassError: the database cannot be used.
        """
        with told(self.database):
            for kind in self.kinds:
                self._ledger.keep_queue(kind)
        quiet(self.database)
        # Threads that wait for AWS let the interpreter go by themselves; to ask for it each 5 ms costs more.
        sys.setswitchinterval(_SWITCH_SECONDS)
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self.database.address,
                "application_version": VERSION,
                "executor_id": self.worker,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "ERROR",
                "scheduler_polling_interval_sec": 5.0,
                "enable_otlp": False,
            }
        )
        self._register()
        # A kind that only newer versions know is left to them.
        DBOS.listen_queues([queue_of(kind) for kind in self.kinds])
        quiet(self.database)
        try:
            DBOS.launch()
        except Exception as error:  # noqa: BLE001 - of two libraries, and not all of one family
            raise unreachable(self.database, error) from None
        self._failures.listen()
        with told(self.database):
            self._look_after_others()
        threading.Thread(target=self._watch, name="gatepass-watch", daemon=True).start()

    def end(self) -> None:
        """Work no longer; what is under way is left as it is remembered."""
        self._end.set()
        # What waits for the end of a stopped unit finds no database any more, and says so at length.
        logging.getLogger("dbos").setLevel(logging.CRITICAL + 1)
        # A run that is over is forgotten; the watch may not have seen its end.
        with contextlib.suppress(Exception, LeftAsItIs):
            self._look_after_runs()
        for run in tuple(self._ready):
            self._let_go(run)
        self._book.close()
        DBOS.destroy(destroy_registry=True)
        self._ledger.close()
        self.place.give_up()

    def _register(self) -> None:
        """Make the workflows known; as plain functions, for DBOS would look for an instance behind a method."""

        def do_units(run: str, facts: dict[str, Any], subjects: list[str]) -> list[dict[str, Any]]:
            return self._failures.guarded(lambda: self._units(run, facts, subjects, units))

        def begin_run(run: str, facts: dict[str, Any]) -> dict[str, Any]:
            return self._failures.guarded(lambda: self._run(run, facts, units))

        def scheduled(at: str, context: str) -> str:
            return self._failures.guarded(lambda: self._scheduled(at, context, begin))

        units = DBOS.workflow(name=UNITS, max_recovery_attempts=None)(do_units)
        begin = DBOS.workflow(name=RUN, max_recovery_attempts=None)(begin_run)
        DBOS.workflow(name=SCHEDULED, max_recovery_attempts=None)(scheduled)

    def _scheduled(self, at: str, context: str, begin: Callable[..., Any]) -> str:
        order = Order.of(json.loads(context))
        itself = str(DBOS.workflow_id)
        run = run_id(order.kind, datetime.fromisoformat(at), hashlib.sha256(itself.encode()).hexdigest()[:4])
        with SetWorkflowID(run):
            DBOS.enqueue_workflow(queue_of(order.kind), begin, run, order.facts())
        return run

    def _run(self, run: str, facts: dict[str, Any], units: Callable[..., Any]) -> dict[str, Any]:
        """Find the run's units and put them into the queue, each under a name of its own, so that none comes twice."""
        found = json.loads(DBOS.run_step({"name": "find units"}, lambda: self._found(run, facts)))
        if "problem" in found:
            return dict(found)
        for number, batch in enumerate(found["batches"]):
            with SetWorkflowID(f"{run}/{number}"):
                DBOS.enqueue_workflow(queue_of(facts["kind"]), units, run, facts, batch)
        return {"units": sum(len(batch) for batch in found["batches"])}

    def _found(self, run: str, facts: dict[str, Any]) -> str:
        try:
            ready = self._made_ready(run, facts)
            order, kind = ready.order, ready.kind
            subjects = list(dict.fromkeys(kind.units(order.wanted)))
        except GatepassError as error:
            return json.dumps({"problem": _told(error), "next": error.next_step, "units": 0})
        except Exception as error:  # noqa: BLE001 - one unit's fault must not stop the others
            _log.exception("the units of %s were not found", run)
            return json.dumps({"problem": type(error).__name__, "next": self._look, "units": 0})
        parts = batches(subjects)
        self._ledger.keep_queue(kind.name, batches_at_once(order.max_in_flight, len(parts[0]) if parts else 1))
        self._ledger.tell_total(run, len(subjects))
        return json.dumps({"batches": parts})

    def _units(
        self, run: str, facts: dict[str, Any], subjects: list[str], units: Callable[..., Any]
    ) -> list[dict[str, Any]]:
        try:
            ready = self._made_ready(run, facts)
        except GatepassError as error:
            failed = UnitResult(Result.FAILED, _told(error), error.next_step)
            outcomes = [self._circuits.counted(run, Outcome(subject, failed)).facts() for subject in subjects]
            return self._recorded(run, Order.of(facts), outcomes)
        did = json.loads(DBOS.run_step({"name": "batch"}, lambda: self._batches.done(ready, subjects, run)))
        if did["left"]:
            rest = f"{DBOS.workflow_id}+"
            with SetWorkflowID(rest):
                DBOS.enqueue_workflow(queue_of(ready.kind.name), units, run, facts, did["left"])
            if not self._circuits.may_begin(run):
                self._ledger.stop_one(rest)
        if did["slow"]:
            # They hold up no others: this worker goes on with them beside the queue.
            with SetWorkflowID(f"{DBOS.workflow_id}-"):
                DBOS.start_workflow(units, run, facts, did["slow"])
        return self._recorded(run, ready.order, did["done"])

    def _recorded(self, run: str, order: Order, outcomes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the outcomes, having kept those for the log that belong there.

        Their results are remembered by now, so each has one record, whatever is done again after a crash.
        """
        deeds = [found for found in map(Outcome.of, outcomes) if is_deed(order, found)]
        if deeds:
            try:
                patiently(DurableSteps(), "record", lambda: self._kept(run, order, deeds))
            except GatepassError as error:
                self.tell(f"done and not recorded, {len(deeds)} units of {run}: {_told(error)}")
        return outcomes

    def _kept(self, run: str, order: Order, deeds: Sequence[Outcome]) -> Facts:
        for one in deeds:
            self.record(run, order, one)
        return {}

    @property
    def _look(self) -> str:
        return f"look into {self.database.folder / 'fleet.log'} of worker {self.worker}, and report it"

    def _made_ready(self, run: str, facts: dict[str, Any]) -> Ready:
        """Return the run's order, with its kind made ready once for all its units."""
        with self._lock:
            if run not in self._ready:
                order = Order.of(facts)
                kind = self.kinds[order.kind](order.options)
                threads = READING_THREADS if kind.only_reads else WRITING_THREADS
                self._ready[run] = Ready(order, kind, Crew(order.max_in_flight, threads))
                # A worker that died may have begun something of a run that was stopped.
                self._circuits.look(self._ledger.progress(run), 1)
            return self._ready[run]

    def _let_go(self, run: str) -> None:
        self._ready.pop(run).crew.end()
        self._circuits.forget(run)
        self._ledger.forget(run)

    def _watch(self) -> None:
        while not self._end.wait(_WATCH_SECONDS):
            try:
                self._failures.guarded(self._look_after_runs)
                self._failures.guarded(self._look_after_others)
            except LeftAsItIs:
                return
            except Exception:  # noqa: BLE001 - the watch must outlive whatever it meets
                # The database may be away for a while; the next look tells.
                _log.exception("the watch could not look")

    def _look_after_runs(self) -> None:
        """See which runs others stopped, what failed at other workers, and which are over."""
        self.workers = self.place.workers()
        for run in tuple(self._ready):
            progress = self._ledger.progress(run)
            if progress.is_over and not progress.stopped:
                with self._lock:
                    self._let_go(run)
                self._book.forget(run)
            else:
                self._circuits.look(progress, self.workers)

    def _look_after_others(self) -> None:
        """Take over what dead workers had begun."""
        for worker in self._ledger.other_workers(self.worker):
            with self.place.if_dead(worker) as is_dead:
                taken = self._ledger.take_over(worker) if is_dead else 0
            if taken:
                self.tell(f"took over what {worker} had begun: {taken}")


def _told(error: GatepassError) -> str:
    return f"{error.what}: {error.why}" if error.why else error.what
