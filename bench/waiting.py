"""Ten thousand units in flight at once, each with steps that are remembered and a wait: what memory they take.

Run it from the project's root: ``.venv/bin/python -m bench.waiting [UNITS]``.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gatepass.fleet.database import Database
from gatepass.fleet.engine import Engine
from gatepass.fleet.ledger import Ledger
from gatepass.fleet.run import Order
from gatepass.fleet.runners import SolePlace, new_worker
from gatepass.fleet.work import Kind, Options, Result, Steps, Unit, UnitResult

UNITS, STEPS = 10_000, 10
WANTED_MEGABYTES = 500
# As long as what a step of a rotation tells.
_TOLD = json.dumps({"role": f"arn:aws:iam::444455556666:role/gatepass/{'x' * 60}", "digest_between": "0" * 64})
# Longer than all of them take to begin: nobody shall have ended when the memory is looked at.
_WAIT = timedelta(hours=1)


def main(units: int = UNITS) -> None:
    """Print the memory when all of them wait."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as made:
        answer = context.SimpleQueue()
        process = context.Process(target=_work, args=(made, units, answer))
        process.start()
        idle, full, seconds, cpu = answer.get()
        process.kill()
        process.join()
    _tell(f"{units:,} units in flight, each with {STEPS} steps remembered, and waiting: after {seconds:.1f} s")
    _tell(f"  memory {full:.0f} MB (wanted under {WANTED_MEGABYTES}), {idle:.0f} MB of them without any unit")
    _tell(f"  {(full - idle) * 1024 / units:.1f} KB and {cpu / units * 1000:.1f} ms of CPU by unit")


def _work(made: str, units: int, answer: multiprocessing.SimpleQueue[tuple[float, ...]]) -> None:
    place = Database(Path(made) / "fleet")
    place.make_ready()
    sole, waiting = SolePlace(place), set[str]()
    sole.take()
    engine = Engine(place, {"wait": _waiting(waiting.add)}, new_worker(), sole, _tell)
    engine.start()
    idle, began, cpu = _megabytes(), time.perf_counter(), time.process_time()
    Ledger(place).begin(Order("wait", {"units": str(units)}, max_in_flight=units), datetime.now(UTC))
    while len(waiting) < units:
        time.sleep(0.05)
    answer.put((idle, _megabytes(), time.perf_counter() - began, time.process_time() - cpu))


def _waiting(note: Callable[[str], None]) -> Callable[[Options], Kind]:
    def kind(options: Options) -> Kind:
        def work(unit: Unit, steps: Steps) -> UnitResult:
            for number in range(STEPS):
                steps.do(f"step {number}", lambda: _TOLD)
            note(unit.subject)
            steps.wait(_WAIT)
            return UnitResult(Result.DONE)

        return Kind("wait", lambda _: [f"4444{number:08d}/support" for number in range(int(options["units"]))], work)

    return kind


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(text: str) -> None:
    print(text)  # noqa: T201 - printing is the purpose


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else UNITS)
