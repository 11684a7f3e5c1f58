"""A store for many threads: no two of them share a connection."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.thread_secrets import EachThreadsSecrets

THREADS = 4


def test_each_thread_asks_by_a_store_of_its_own_and_makes_it_once() -> None:
    made: list[MemorySecrets] = []
    together = Barrier(THREADS)

    def make() -> MemorySecrets:
        made.append(MemorySecrets())
        return made[-1]

    store = EachThreadsSecrets(make)

    def use(number: int) -> str | None:
        together.wait(timeout=20)
        store.put("netops/acme-prod/support", f"secret {number}")
        store.delete("netops/acme-prod/audit")
        together.wait(timeout=20)
        assert store.names("netops") == {"netops/acme-prod/support"}
        assert store.title
        return store.get("netops/acme-prod/support")

    with ThreadPoolExecutor(THREADS) as pool:
        seen = list(pool.map(use, range(THREADS)))

    assert seen == [f"secret {number}" for number in range(THREADS)]
    assert len(made) == THREADS
