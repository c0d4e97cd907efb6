"""Writes to one log on a PostgreSQL server from many sides while all that can break does.

Writers in several processes hold their transactions, roll them back and write on conditions; their
processes are killed, their connections ended, server processes killed, the server crashed and
restarted. Meanwhile readers poll and followers follow. What was acknowledged and what was seen is
then held against what is there, and what is wrong is counted by the names of Jepsen's anomalies.

Run it as ``python -m tests.isolation 100000``: the number of appends to be acknowledged.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs
import psycopg

from tests.servers import FAST, Server
from timeline.errors import ConflictError, StoreError
from timeline.merkle import Frontier
from timeline.stores import NewRecord, PostgreSQLStore, Record
from timeline.stores.base import leaf
from timeline.stores.postgres_commit import ServerAppend
from timeline.subscription import Subscription

__all__ = ["ANOMALIES", "Outcome", "drafts", "judge", "run"]

ANOMALIES = (
    "aborted read", "changed bytes", "duplicate", "lost write", "phantom", "poll skip",
    "recorded goes back", "reorder", "stale conditional write", "torn batch",
    "wrong acknowledgement", "wrong root",
)  # fmt: skip
REPORT_BODY = b'{"source":"ISW"}'
REPORT = sha256(REPORT_BODY).digest()
NOON = 1_663_329_600_000_000
_WRITERS, _THREADS = 3, 6
_HELD = 0.04  # of the appends: held open for a while, every other one rolled back
_CONDITIONAL = 0.05
_CRASHES = "server crashes (pg_ctl -m immediate)"


@attrs.define
class Outcome:
    """What was done, what broke on purpose, and how often each anomaly was found."""

    done: Counter[str]
    anomalies: Counter[str]
    examples: list[str] = attrs.field(factory=list)

    def found(self, name: str, example: object) -> None:
        """Count an anomaly, and keep the first few."""
        self.anomalies[name] += 1
        if self.anomalies[name] <= 3:
            self.examples.append(f"{name}: {example}")

    def __str__(self) -> str:
        done = [f"{count:>9,} {name}" for name, count in sorted(self.done.items())]
        bad = [f"{self.anomalies[name]:>9,} {name}" for name in ANOMALIES]
        return "\n".join(["Done:", *done, "Anomalies:", *bad, *self.examples])


def drafts(batch: str, size: int) -> list[NewRecord]:
    """Return the drafts of a batch, which tell what they are a part of."""
    return [
        NewRecord(
            sha256(f"{batch} {part}".encode()).digest(), "claim", "attack/1", REPORT,
            json.dumps({"batch": batch, "part": part, "of": size}).encode(),
        )
        for part in range(size)
    ]  # fmt: skip


def _opened(url: str) -> PostgreSQLStore:
    """A store that is open, once the server is there."""
    while True:
        try:
            return PostgreSQLStore(url, wait=60)
        except StoreError:
            time.sleep(0.2)


# --- the processes; each writes what it saw into a file, until there is a file that ends it


def write(url: str, folder: Path, name: str, seed: int) -> None:
    """Append from several threads, and say what was acknowledged."""
    with closing(_opened(url)) as store, (folder / name).open("a") as out:
        lock = threading.Lock()

        def say(*said: Any) -> None:
            with lock:
                out.write(json.dumps(said) + "\n")
                out.flush()

        def work(thread: int) -> None:
            chance, turn = random.Random(f"{seed} {thread}"), 0
            while not (folder / "stop").exists():
                turn += 1
                batch, size = f"{name}.{thread}.{turn}", chance.choice([1, 1, 2, 3, 8])
                say("tried", batch, size)
                try:
                    _append(store, chance, batch, size, say)
                except StoreError as error:
                    say("unknown", batch, str(error)[:200])

        threads = [threading.Thread(target=work, args=[turn]) for turn in range(_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


class _RolledBackError(Exception):
    pass


def _append(
    store: PostgreSQLStore, chance: random.Random, batch: str, size: int, say: Callable[..., None]
) -> None:
    rows, given = drafts(batch, size), {REPORT: REPORT_BODY}
    recorded = NOON + int(chance.random() * 1000)
    if chance.random() < _HELD:
        back = chance.random() < 0.5
        if back:  # said before: it may be seen by nobody, at any time
            say("rolled back", batch)
        with suppress(_RolledBackError):
            places = _held(store, chance, rows, recorded, back=back)
            say("acknowledged", batch, places, None)
        return
    expect = store.head().position if chance.random() < _CONDITIONAL else None
    try:
        kept = store.append(rows, given, recorded=recorded, explicit=False, expect=expect)
    except ConflictError:
        say("refused", batch)
    else:
        say("acknowledged", batch, [row.position for row in kept], expect)


def _held(
    store: PostgreSQLStore,
    chance: random.Random,
    rows: list[NewRecord],
    recorded: int,
    *,
    back: bool,
) -> list[int]:
    """Append in a transaction that is held open, and perhaps rolled back."""
    salted = [Record(0, recorded, *row[:5], os.urandom(16)) for row in rows]
    order = ServerAppend("RECORD", store.identity, salted, {REPORT: REPORT_BODY}, recorded=recorded)
    pause = chance.random() * 0.02

    def do(connection: psycopg.Connection[Any]) -> None:
        with connection.transaction():
            answer = store._append(connection, order).fetchall()
            time.sleep(pause)
            if back:
                raise _RolledBackError
        order.answered(answer)

    with store._writing:
        store._writer.use(do)
    known = {row.id: row.position for row in (*order.known.values(), *order.new)}
    return [known[row.id] for row in rows]


def poll(url: str, folder: Path, name: str, seed: int) -> None:
    """Read on after the last position seen, again and again."""
    chance = random.Random(seed)
    with closing(_opened(url)) as store, (folder / name).open("a") as out:
        at, last = 0, False
        while not last:
            last = (folder / "end").exists()  # then once more
            rows = list(store.rows(after=at))
            out.writelines(_seen(row) for row in rows)
            out.write("poll\n")
            at = rows[-1].position if rows else at
            time.sleep(chance.random() * 0.01)


def follow(url: str, folder: Path, name: str, seed: int) -> None:
    """Follows from the start, leaving off now and then and going on from where it was."""
    chance = random.Random(seed)
    with closing(_opened(url)) as store, (folder / name).open("a") as out:
        at, last = 0, False
        while not last:
            last = (folder / "end").exists()
            news: Iterator[Any] = Subscription(_Rows(store), after=at, idle=0.1)
            for row in news:
                out.write(_seen(row))
                at = row.position
                if not last and chance.random() < 0.001:
                    break


@attrs.frozen
class _Rows:
    """Reads rows as they are."""

    store: Any

    def entry(self, row: Record) -> Any:
        return row


def _seen(row: Record) -> str:
    return f"{row.position} {row.recorded} {row.id.hex()}\n"


# --- what breaks


class Trouble:
    """Breaks things until it is told to stop."""

    def __init__(
        self, server: Server, writers: dict[str, Any], outcome: Outcome, calm: float
    ) -> None:
        self._server = server
        self._calm = calm
        self._writers = writers
        self._outcome = outcome
        self.over = threading.Event()
        self.errors: list[BaseException] = []

    def make(self) -> None:
        """Breaks one thing after the other."""
        chance = random.Random(4)
        kinds = [self._end] * 40 + [self._kill_client] * 6 + [self._crash] * 2 + [self._restart] * 3
        chance.shuffle(kinds)
        kinds = [self._end, self._restart, self._kill_client, self._crash, *kinds]
        turn = 0
        try:
            while not self.over.wait(self._calm * (0.5 + chance.random())):
                kinds[turn % len(kinds)](chance)
                turn += 1
        except BaseException as error:
            self.errors.append(error)
            raise

    def _backends(self) -> list[int]:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'timeline'"
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(self._server.url, autocommit=True) as connection,
        ):
            return [one for (one,) in connection.execute(query).fetchall()]
        return []

    def _end(self, chance: random.Random) -> None:
        backends = self._backends()
        if backends:
            pid = chance.choice(backends)
            with (
                suppress(psycopg.OperationalError),
                psycopg.connect(self._server.url, autocommit=True) as connection,
            ):
                connection.execute("SELECT pg_terminate_backend(%s)", [pid])
                self._outcome.done["connections ended (pg_terminate_backend)"] += 1

    def _crash(self, chance: random.Random) -> None:
        backends = self._backends()
        if backends:  # the server ends all others then, and recovers
            with suppress(ProcessLookupError):
                os.kill(chance.choice(backends), signal.SIGKILL)
                self._outcome.done["server processes killed (kill -9)"] += 1
            time.sleep(1)

    def _restart(self, chance: random.Random) -> None:
        self._server.stop("immediate")
        time.sleep(chance.random() * 0.3)
        self._server.start()
        self._outcome.done[_CRASHES] += 1

    def _kill_client(self, chance: random.Random) -> None:
        name = chance.choice(sorted(self._writers))
        process, again = self._writers[name]
        process.kill()
        process.join()
        self._writers.pop(name)
        self._writers.update(again())
        self._outcome.done["writing processes killed (kill -9)"] += 1


# --- the run


def run(acknowledged: int, *, seed: int = 1, calm: float = 2.0, small: bool = False) -> Outcome:
    """Run until so many appends were acknowledged, and return what was found.

    Something breaks every ``calm`` seconds, more or less. A ``small`` run has two writers and two
    readers, and a server that doesn't sync its disk.
    """
    outcome = Outcome(Counter(), Counter())
    settings = FAST if small else ("max_connections=100",)
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name, Server.running(*settings) as server:
        folder, url = Path(name), f"{server.url}&schema=war"
        PostgreSQLStore(url).close()
        names = iter(range(10**6))

        def start(do: Callable[..., None], kind: str) -> tuple[str, Any]:
            called = f"{kind}-{next(names)}"
            process = context.Process(target=do, args=(url, folder, called, seed), daemon=True)
            process.start()
            return called, process

        def writer() -> dict[str, Any]:
            called, process = start(write, "writer")
            return {called: (process, writer)}

        writers: dict[str, Any] = {}
        for _ in range(2 if small else _WRITERS):
            writers.update(writer())
        readers = [
            start(do, kind)[1]
            for do, kind in ((poll, "poller"), (follow, "follower"))
            for _ in range(1 if small else 2)
        ]
        trouble = Trouble(server, writers, outcome, calm)
        breaking = threading.Thread(target=trouble.make)
        breaking.start()
        while breaking.is_alive() and (
            _acknowledged(folder) < acknowledged or not outcome.done[_CRASHES]
        ):
            time.sleep(0.5)
        trouble.over.set()
        breaking.join()
        (folder / "stop").touch()
        _join([process for process, _ in writers.values()], outcome)
        (folder / "end").touch()
        _join(readers, outcome)
        outcome.examples += [f"trouble failed: {error!r}" for error in trouble.errors]
        with closing(_opened(url)) as store:
            judge(store, folder, outcome)
    return outcome


def _join(processes: list[Any], outcome: Outcome) -> None:
    for process in processes:
        process.join(180)
        if process.exitcode != 0:
            outcome.examples.append(f"a process ended with {process.exitcode}")
            outcome.done["readers and writers that failed"] += 1
            process.kill()


def _acknowledged(folder: Path) -> int:
    return sum(path.read_bytes().count(b'["acknowledged"') for path in folder.glob("writer-*"))


def judge(store: PostgreSQLStore, folder: Path, outcome: Outcome) -> None:
    """Hold what was said and seen against what is there."""
    rows = list(store.rows())
    head = store.head()
    tree = Frontier()
    tree.extend(map(leaf, rows))
    if (tree.size, tree.root()) != (head.position, head.root):
        outcome.found("wrong root", head)
    parts = [json.loads(row.body) for row in rows]
    batches: dict[str, list[int]] = {}
    recorded = 0
    ids: set[bytes] = set()
    for place, (row, part) in enumerate(zip(rows, parts, strict=True), 1):
        batches.setdefault(part["batch"], []).append(row.position)
        if row.position != place:
            outcome.found("poll skip", row)
        if row.recorded < recorded:
            outcome.found("recorded goes back", row)
        if row.id in ids:
            outcome.found("duplicate", row)
        recorded = row.recorded
        ids.add(row.id)
    for batch, places in batches.items():
        if places != list(range(places[0], places[0] + parts[places[0] - 1]["of"])):
            outcome.found("torn batch", (batch, places))
        elif [parts[place - 1]["part"] for place in places] != list(range(len(places))):
            outcome.found("reorder", (batch, places))
    outcome.done["entries in the end"] = len(rows)
    _judge_writers(folder, batches, outcome)
    for path in sorted([*folder.glob("poller-*"), *folder.glob("follower-*")]):
        _judge_reader(path, rows, parts, outcome)


def _judge_writers(folder: Path, batches: dict[str, list[int]], outcome: Outcome) -> None:
    tried: set[str] = set()
    for path in folder.glob("writer-*"):
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):  # else it was killed there
                said, batch, *more = json.loads(line)
                tried.add(batch)
                _judge_said(said, batch, more, batches.get(batch), outcome)
    for batch in batches.keys() - tried:
        outcome.found("phantom", batch)


def _judge_said(
    said: str, batch: str, more: list[Any], there: list[int] | None, outcome: Outcome
) -> None:
    """Hold what a writer said of a batch against the positions where it is."""
    if said == "acknowledged":
        places, expect = more
        outcome.done["appends acknowledged"] += 1
        outcome.done["entries acknowledged"] += len(places)
        if there is None:
            outcome.found("lost write", (batch, places))
        elif there != places:
            outcome.found("wrong acknowledgement", (batch, places, there))
        if expect is not None and places[0] != expect + 1:
            outcome.found("stale conditional write", (batch, expect, places))
    elif said == "unknown":
        outcome.done["appends with an error"] += 1
    elif said != "tried":
        refused = said == "refused"
        outcome.done["conditional appends refused" if refused else "appends rolled back"] += 1
        # One whose acknowledgement was lost is found when it is sent again, and isn't refused.
        if there is not None:
            outcome.found("stale conditional write" if refused else "aborted read", (batch, there))


def _judge_reader(
    path: Path, rows: list[Record], parts: list[dict[str, Any]], outcome: Outcome
) -> None:
    at = 0
    for line in path.read_text().splitlines():
        if line == "poll":
            outcome.done["polls"] += 1
            if at and parts[at - 1]["part"] != parts[at - 1]["of"] - 1:
                outcome.found("torn batch", (path.name, at))
            continue
        place, recorded, name = line.split()
        position = int(place)
        if position > at + 1:
            outcome.found("poll skip", (path.name, at, position))
        elif position <= at:
            outcome.found("duplicate", (path.name, at, position))
        if position > len(rows):
            outcome.found("aborted read", (path.name, position))
        elif (rows[position - 1].recorded, rows[position - 1].id.hex()) != (int(recorded), name):
            outcome.found("changed bytes", (path.name, position))
        at = position
    outcome.done["entries seen by readers and followers"] += at
    if at < len(rows):
        outcome.found("lost write", f"{path.name} ended at {at} of {len(rows)}")


if __name__ == "__main__":
    found = run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    print(found)  # noqa: T201 - it is what it is for
    sys.exit(bool(found.anomalies.total() or found.done["readers and writers that failed"]))
