"""Replaying a SQLite file: every entry as a typed event, and folded in order of happening."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from contents import claims
from measures import Contender, Figure, Goal, Work
from peers import Bare, Recorded, flat, rows, typed
from walks import Wounded

from timeline import Log

__all__ = ["FIGURES", "filled", "peer_folds", "peer_replays", "we_fold", "we_replay"]

_BATCH = 10_000


def filled(folder: Path, size: int) -> Log:
    """Return a log with so many entries."""
    log = Log(folder / "ours.db")
    some = []
    for claim in claims(size):
        some.append(claim)
        if len(some) == _BATCH:
            log.append(*some)
            some.clear()
    log.append(*some)
    return log


def _peer(folder: Path, size: int, shape: Callable[[int], Sequence[Any]]) -> Recorded:
    store = Recorded(folder)
    store.append(shape(size), at_once=_BATCH)
    return store


def we_replay(folder: Path, size: int) -> Work:
    """Iterates the log and looks at a field of each event."""
    log = filled(folder, size)

    def work() -> int:
        last = 0
        for entry in log:
            last = entry.claim.event.when.lo  # type: ignore[union-attr]
        return size if last else 0

    return work


def peer_replays(folder: Path, size: int, *, shape: Callable[[int], Sequence[Any]]) -> Work:
    """Read every notification as a domain event and look at a field of each."""
    store = _peer(folder, size, shape)
    read = attrgetter("lo" if shape is flat else "when.lo")

    def work() -> int:
        last = 0
        for event in store.replay():
            last = read(event)
        return size if last else 0

    return work


def bare_reads(folder: Path, size: int) -> Work:
    """Read the same rows as tuples and make nothing of them."""
    table = Bare(folder)
    table.append([(*row[:5], 1, *row[6:]) for row in rows(folder, size)], at_once=_BATCH)
    return lambda: sum(1 for _ in table.bodies())


def we_fold(folder: Path, size: int) -> Work:
    """Ask a projection: what stands, weighed, in the order in which it happened."""
    log = filled(folder, size)

    def work() -> int:
        return size if log.ask(Wounded()) else 0

    return work


def peer_folds(folder: Path, size: int, *, shape: Callable[[int], Sequence[Any]]) -> Work:
    """Read every event, sort them by when they happened, and fold them by hand."""
    store = _peer(folder, size, shape)
    order = (
        attrgetter("lo", "hi", "name")
        if shape is flat
        else attrgetter("when.lo", "when.hi", "name")
    )

    def work() -> int:
        total = 0
        for event in sorted(store.replay(), key=order):
            if hasattr(event, "wounded"):
                total += event.wounded if shape is flat else event.wounded.best
            else:
                total += 1
        return size if total else 0

    return work


_GOALS = [Goal("eventsourcing, values", 5), Goal("eventsourcing, flat fields", 5)]

FIGURES = [
    Figure(
        title="Replay to typed events, in the order of arrival",
        size=50_000,
        contenders=[
            Contender("timeline", we_replay),
            Contender("eventsourcing, values", partial(peer_replays, shape=typed)),
            Contender("eventsourcing, flat fields", partial(peer_replays, shape=flat)),
            Contender("sqlite3 alone", bare_reads),
        ],
        goals=_GOALS,
    ),
    Figure(
        title="Replay folded in the order of happening",
        size=50_000,
        contenders=[
            Contender("timeline", we_fold),
            Contender("eventsourcing, values", partial(peer_folds, shape=typed)),
            Contender("eventsourcing, flat fields", partial(peer_folds, shape=flat)),
        ],
        goals=_GOALS,
    ),
]
