"""Sets several hands to work on one store: threads, or processes that can be killed.

A hand does one order after the other and says what came of it. Orders and sayings are plain JSON,
so that a thread and a process do the same.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from queue import Queue
from typing import IO, Any

from timeline.errors import ConflictError
from timeline.stores import EventStore, Record
from timeline.testing.model import NOON, REPORTS, draft
from timeline.testing.subprocesses import found

__all__ = ["Worker", "opening", "packed", "process_worker", "serve", "thread_worker", "work"]

_SECONDS = 120  # after which a hand that says nothing is stuck
_SWITCH = 1e-6  # seconds that a thread has for itself: short, so that threads meet everywhere

Order = dict[str, Any]
Say = Callable[[Order], None]


def packed(rows: Iterable[Record]) -> list[list[Any]]:
    """Return of each row what a hand says: its position, its time and its id."""
    return [[row.position, row.recorded, row.id.hex()] for row in rows]


@contextmanager
def opening(make: Callable[[Path], EventStore], folder: Path) -> Iterator[EventStore]:
    """Return a store that is open in a folder, and close it after."""
    store = make(folder)
    try:
        yield store
    finally:
        store.close()


# --- what a hand does


def serve(opened: AbstractContextManager[EventStore], orders: Queue[Order], say: Say) -> None:
    """Open the store at the first order, and does orders until it is told to end.

    Where one fails, its error is the last that is said.
    """
    duties: dict[str, Callable[..., None]] = {
        "append": _append,
        "compete": _compete,
        "watch": _watch,
        "rest": _rest,
    }
    try:
        if orders.get()["do"] == "end":
            return
        with opened as store:
            say({"ready": store.identity})
            while (order := orders.get())["do"] != "end":
                duties[order["do"]](store, order, orders, say)
    except Exception as error:  # noqa: BLE001 - told to the one who can tell it on
        say({"error": f"{type(error).__name__}: {error}"})


def _append(store: EventStore, order: Order, _orders: Queue[Order], say: Say) -> None:
    """Append batches, and acknowledges each."""
    for batch in order["batches"]:
        drafts = [draft(number) for number in batch]
        rows = store.append(drafts, REPORTS, recorded=NOON + order["late"], explicit=False)
        say({"batch": batch, "rows": packed(rows)})


def _compete(store: EventStore, order: Order, orders: Queue[Order], say: Say) -> None:
    """Append a batch on the condition that nobody has since the head was read.

    In between it waits, so that others can have read the same head.
    """
    expect = store.head().position
    say({"expect": expect})
    orders.get()
    drafts = [draft(number) for number in order["batch"]]
    rows: list[Record] | None = None
    with suppress(ConflictError):  # where somebody has
        rows = store.append(drafts, REPORTS, recorded=NOON, explicit=False, expect=expect)
    say({"batch": order["batch"], "expect": expect, "rows": None if rows is None else packed(rows)})


def _watch(store: EventStore, _order: Order, orders: Queue[Order], say: Say) -> None:
    """Read on after the last row seen, until told otherwise and once more."""
    seen, polls, stopped = 0, [], False
    while not stopped:
        stopped = not orders.empty()
        rows = list(store.rows(after=seen))
        if rows:
            polls.append(packed(rows))
            seen = rows[-1].position
    say({"polls": polls})


def _rest(*_: object) -> None:
    """Does nothing: that there was an order has ended the watch."""


# --- hands


class Worker:
    """A thread or process that does orders; ``kill`` ends a process where it stands."""

    def __init__(self, name: str, tell: Say, kill: Callable[[], None]) -> None:
        self.name = name
        self.tell = tell
        self.kill = kill
        self.said: Queue[Order | None] = Queue()

    def begin(self) -> None:
        """Open the store."""
        self.tell({"do": "open"})

    def hear(self) -> Order | None:
        """Return what the hand says next, None once it has gone.

        Raises ``queue.Empty`` where it is stuck.
        """
        return self.said.get(timeout=_SECONDS)


@contextmanager
def thread_worker(name: str, opened: AbstractContextManager[EventStore]) -> Iterator[Worker]:
    """Return a hand that is a thread, on a store that it opens or one that it shares."""
    orders: Queue[Order] = Queue()
    hand = Worker(name, orders.put, lambda: orders.put({"do": "end"}))
    thread = threading.Thread(target=serve, args=(opened, orders, hand.said.put), daemon=True)
    switch = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    thread.start()
    try:
        yield hand
    finally:
        hand.kill()
        thread.join(_SECONDS)
        sys.setswitchinterval(switch)


@contextmanager
def process_worker(name: str, make: Callable[[Path], EventStore], folder: Path) -> Iterator[Worker]:
    """Return a hand that is a process, which opens the store in a folder by itself."""
    try:
        path = inspect.getsourcefile(make)
    except TypeError:
        path = None
    with subprocess.Popen(
        [sys.executable, "-m", "timeline.testing.workers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101 - as above
        stdin, stdout = process.stdin, process.stdout
        hand = Worker(name, lambda order: _write(stdin, order), process.kill)
        listener = threading.Thread(target=_listen, args=(stdout, hand.said), daemon=True)
        listener.start()
        hand.tell(
            {
                "module": make.__module__,
                "path": path,
                "name": make.__qualname__,
                "path_entries": sys.path,
                "folder": str(folder),
            }
        )
        try:
            yield hand
        finally:
            process.kill()
            listener.join(_SECONDS)


def _write(out: IO[str], order: Order) -> None:
    out.write(json.dumps(order) + "\n")
    out.flush()


def _listen(lines: Iterable[str], said: Queue[Order | None]) -> None:
    for line in lines:
        if line.endswith("\n"):  # the last may be cut off where a process was killed
            said.put(json.loads(line))
    said.put(None)


def _pump(lines: Iterable[str], orders: Queue[Order]) -> None:
    for line in lines:
        orders.put(json.loads(line))
    orders.put({"do": "end"})


def work(lines: Iterator[str], out: IO[str]) -> None:
    """Is a process's whole life: the first line names the store, the others are orders."""
    place = json.loads(next(lines))
    sys.path[:] = place["path_entries"]
    make = found(place["module"], place["path"], place["name"])
    orders: Queue[Order] = Queue()
    threading.Thread(target=_pump, args=(lines, orders), daemon=True).start()
    serve(opening(make, Path(place["folder"])), orders, lambda said: _write(out, said))


if __name__ == "__main__":
    work(iter(sys.stdin), sys.stdout)
