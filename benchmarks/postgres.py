"""Measures a log on a private PostgreSQL server: appending, reading, copying, waiting idle."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers import Server
from timeline.stores import EventStore, MemoryStore, NewRecord, PostgreSQLStore
from timeline.stores.copying import copy

REPORT_BODY = b'{"source":"ISW","text":"Shells hit Kharkiv."}'
REPORT = sha256(REPORT_BODY).digest()
GIVEN = {REPORT: REPORT_BODY}
BODY = b'{"event":{"place":"Kharkiv","when":"2022-09-10"},"quote":"%s"}' % (b"x" * 300)
NOON = 1_663_329_600_000_000


def drafts(first: int, size: int) -> list[NewRecord]:
    """Return drafts of 360 bytes."""
    names = (sha256(b"%d" % number).digest() for number in range(first, first + size))
    return [NewRecord(name, "claim", "attack/1", REPORT, BODY) for name in names]


def put(store: EventStore, some: list[NewRecord]) -> None:
    """Append drafts."""
    store.append(some, GIVEN, recorded=NOON, explicit=False)


def seconds(do: Callable[[], object]) -> float:
    """Return how long something takes."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def show(what: str, count: int, taken: float) -> None:
    """Print a rate."""
    print(f"{what:<52} {count / taken:>12,.0f} /s")


def appending(store: PostgreSQLStore) -> None:
    """Measures appends in batches, one by one, and from many threads."""
    batches = [drafts(1000 * turn, 1000) for turn in range(60)]
    taken = seconds(lambda: [put(store, batch) for batch in batches])
    show("entries appended, 1000 per commit", 60_000, taken)
    batches = [drafts(100_000 + 10_000 * turn, 10_000) for turn in range(6)]
    taken = seconds(lambda: [put(store, batch) for batch in batches])
    show("entries appended, 10,000 per commit", 60_000, taken)
    ones = [drafts(200_000 + turn, 1) for turn in range(1000)]
    show("appends of one entry, one thread", 1000, seconds(lambda: [put(store, o) for o in ones]))

    def work(thread: int) -> None:
        for turn in range(200):
            put(store, drafts(300_000 + 1000 * thread + turn, 1))

    threads = [threading.Thread(target=work, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    taken = seconds(lambda: [thread.join() for thread in threads])
    show("appends of one entry, 16 threads", 3200, taken)


def reading(store: PostgreSQLStore) -> None:
    """Measures streaming and looking up."""
    count = store.head().position
    show("rows read in order", count, seconds(lambda: sum(1 for _ in store.rows())))
    names = [draft.id for draft in drafts(0, 20_000)]
    show("rows found by id, 20,000 in a call", 20_000, seconds(lambda: store.get_by_id(names)))


def copying(store: PostgreSQLStore, url: str) -> None:
    """Measures a copy from memory to the server, root checked."""
    memory = MemoryStore()
    copy(store, memory)
    with closing(PostgreSQLStore(url, schema="copied")) as copied:
        taken = seconds(lambda: copy(memory, copied))
        show("entries copied from memory", memory.head().position, taken)


def idling(store: PostgreSQLStore, length: float) -> None:
    """Measures the processor's seconds in a minute of waiting for what doesn't come."""
    head = store.head().position
    store.wait(head, 0.1)
    before = resource.getrusage(resource.RUSAGE_SELF)
    store.wait(head, length)
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{'processor seconds in a minute of waiting':<52} {used * 60 / length:>12.3f}")


def main() -> None:
    """Measures with a disk that syncs, as the server comes."""
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with (
        Server.running("max_connections=50") as server,
        closing(PostgreSQLStore(server.url)) as store,
    ):
        appending(store)
        reading(store)
        copying(store, server.url)
        idling(store, float(sys.argv[1]) if len(sys.argv) > 1 else 10)


if __name__ == "__main__":
    main()
