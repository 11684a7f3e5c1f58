"""What does the units: DBOS, with this process as one worker."""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID
from dbos import error as dbos_error

from gatepass.domain.errors import GatepassError
from gatepass.fleet.breaker import Breaker
from gatepass.fleet.database import Database, unreachable
from gatepass.fleet.durable_steps import DurableSteps, ForgetfulSteps, Unforeseen
from gatepass.fleet.ledger import (
    APPLICATION,
    RUN,
    SCHEDULED,
    UNITS,
    VERSION,
    Ledger,
    queue_of,
    run_id,
)
from gatepass.fleet.machine_log import quiet
from gatepass.fleet.run import Order, Outcome, batches, batches_at_once
from gatepass.fleet.runners import Place
from gatepass.fleet.work import Kind, Kinds, Result, Steps, Unit, UnitResult

# How often a worker looks after the others: for the dead, and for runs that were stopped.
_WATCH_SECONDS = 1.0
_log = logging.getLogger("dbos.gatepass")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A run as this worker does it.

    Attributes:
        pool: does the units of its batches; its threads are made as they are needed.
    """

    order: Order
    kind: Kind
    pool: ThreadPoolExecutor


@dataclass
class Engine:
    """One worker: it takes units of every kind it knows, from its own runs and from others'.

    Attributes:
        worker: this process's id.
        tell: told in words what a person at a worker wants to know.
        workers: how many share the work, as it was at the last look.
    """

    database: Database
    kinds: Kinds
    worker: str
    place: Place
    tell: Callable[[str], None]
    workers: int = 1
    _ledger: Ledger = field(init=False)
    _ready: dict[str, _Ready] = field(default_factory=dict)
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _shut: set[str] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _end: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._ledger = Ledger(self.database)

    def start(self) -> None:
        """Begin to work; the place must be taken before.

        Raises:
            GatepassError: the database cannot be used.
        """
        for kind in self.kinds:
            self._ledger.keep_queue(kind)
        quiet(self.database)
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
        self._look_after_others()
        threading.Thread(target=self._watch, name="gatepass-watch", daemon=True).start()

    def end(self) -> None:
        """Work no longer; what is under way is left as it is remembered."""
        self._end.set()
        # What waits for the end of a stopped unit finds no database any more, and says so at length.
        logging.getLogger("dbos").setLevel(logging.CRITICAL + 1)
        for run in tuple(self._ready):
            self._let_go(run)
        DBOS.destroy(destroy_registry=True)
        self._ledger.close()
        self.place.give_up()

    def _register(self) -> None:
        """Make the workflows known; as plain functions, for DBOS would look for an instance behind a method."""

        def do_units(run: str, facts: dict[str, Any], subjects: list[str]) -> list[dict[str, Any]]:
            return self._units(run, facts, subjects)

        def begin_run(run: str, facts: dict[str, Any]) -> dict[str, Any]:
            return self._run(run, facts, units)

        def scheduled(at: str, context: str) -> str:
            return self._scheduled(at, context, begin)

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
        at_once = batches_at_once(order.max_in_flight, only_reads=kind.only_reads)
        self._ledger.keep_queue(kind.name, at_once)
        self._ledger.tell_total(run, len(subjects))
        return json.dumps({"batches": batches(subjects, only_reads=kind.only_reads)})

    def _units(self, run: str, facts: dict[str, Any], subjects: list[str]) -> list[dict[str, Any]]:
        workflow = str(DBOS.workflow_id)
        self._gate(run, workflow)
        try:
            ready = self._made_ready(run, facts)
        except GatepassError as error:
            failed = UnitResult(Result.FAILED, _told(error), error.next_step)
            return [self._counted(run, Outcome(subject, failed)) for subject in subjects]
        units = [Unit(ready.kind.name, subject, run) for subject in subjects]
        if not ready.kind.only_reads:
            return [self._unit(unit, ready.kind, DurableSteps(), workflow) for unit in units]
        return list(json.loads(DBOS.run_step({"name": "batch"}, lambda: self._batch(units, ready, workflow))))

    def _batch(self, units: list[Unit], ready: _Ready, workflow: str) -> str:
        """Do all units of the batch at once, and remember them together."""
        steps = ForgetfulSteps()
        done = ready.pool.map(lambda unit: self._unit(unit, ready.kind, steps, workflow), units)
        return json.dumps(list(done))

    def _unit(self, unit: Unit, kind: Kind, steps: Steps, workflow: str) -> dict[str, Any]:
        self._gate(unit.run, workflow)
        try:
            result = kind.work(unit, steps)
        except GatepassError as error:
            result = UnitResult(Result.FAILED, _told(error), error.next_step)
        except Exception as error:  # noqa: BLE001 - one unit's fault must not stop the others
            _log.exception("unit %s of %s failed in a way that nobody foresaw", unit.subject, unit.run)
            name = str(error) if isinstance(error, Unforeseen) else type(error).__name__
            result = UnitResult(Result.FAILED, f"unforeseen error: {name}", self._look)
        return self._counted(unit.run, Outcome(unit.subject, result))

    @property
    def _look(self) -> str:
        return f"look into {self.database.folder / 'fleet.log'} of worker {self.worker}, and report it"

    def _made_ready(self, run: str, facts: dict[str, Any]) -> _Ready:
        """Return the run's order, with its kind made ready once for all its units."""
        with self._lock:
            if run not in self._ready:
                order = Order.of(facts)
                kind = self.kinds[order.kind](order.options)
                pool = ThreadPoolExecutor(order.max_in_flight, thread_name_prefix="gatepass-unit-")
                self._ready[run] = _Ready(order, kind, pool)
            return self._ready[run]

    def _let_go(self, run: str) -> None:
        self._ready.pop(run).pool.shutdown(wait=False, cancel_futures=True)
        self._breakers.pop(run, None)
        self._ledger.forget(run)

    def _gate(self, run: str, workflow: str) -> None:
        """Let no unit begin in a run that was stopped; what is left so is found as it was when the run goes on."""
        with self._lock:
            if run not in self._shut:
                return
            if self._ledger.progress(run).stopped:
                # What was put into the queue while the run was being stopped is stopped here.
                self._ledger.stop_one(workflow)
                raise dbos_error.DBOSWorkflowCancelledError(f"{run} was stopped")
            self._shut.discard(run)
            self._breakers.pop(run, None)

    def _counted(self, run: str, outcome: Outcome) -> dict[str, Any]:
        if outcome.result.result is Result.FAILED:
            with self._lock:
                breaker = self._breaker(run)
                breaker.count(outcome.subject, outcome.result.cause)
                self._stop_if_tripped(run, breaker)
        return outcome.facts()

    def _breaker(self, run: str) -> Breaker:
        if run not in self._breakers:
            progress = self._ledger.progress(run)
            total = progress.total if progress.total is not None else sys.maxsize
            breaker = self._breakers[run] = Breaker(total, progress.order.max_failures)
            # What failed before somebody let the run go on does not stop it again.
            breaker.forgive(progress.earlier)
        return self._breakers[run]

    def _stop_if_tripped(self, run: str, breaker: Breaker) -> None:
        if breaker.tripped_by and run not in self._shut:
            self._ledger.stop(run, breaker.tripped_by)
            self._shut.add(run)
            self.tell(f"{run} stopped: {breaker.tripped_by}")

    def _watch(self) -> None:
        while not self._end.wait(_WATCH_SECONDS):
            try:
                self._look_after_runs()
                self._look_after_others()
            except Exception:  # noqa: BLE001 - the watch must outlive whatever it meets
                # The database may be away for a while; the next look tells.
                _log.exception("the watch could not look")

    def _look_after_runs(self) -> None:
        """See which runs others stopped, what failed at other workers, and which are over."""
        self.workers = self.place.workers()
        for run in tuple(self._ready):
            progress = self._ledger.progress(run)
            with self._lock:
                if progress.stopped:
                    self._shut.add(run)
                elif progress.is_over:
                    self._let_go(run)
                elif self.workers > 1:
                    breaker = self._breaker(run)
                    for one in progress.outcomes:
                        if one.result.result is Result.FAILED:
                            breaker.count(one.subject, one.result.cause)
                    self._stop_if_tripped(run, breaker)

    def _look_after_others(self) -> None:
        """Take over what dead workers had begun."""
        for worker in self._ledger.other_workers(self.worker):
            with self.place.if_dead(worker) as is_dead:
                taken = self._ledger.take_over(worker) if is_dead else 0
            if taken:
                self.tell(f"took over what {worker} had begun: {taken}")


def _told(error: GatepassError) -> str:
    return f"{error.what}: {error.why}" if error.why else error.what
