"""Appending: events that are there become entries on disk, synced, in batches and one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from contents import claims, events, report_of
from measures import Contender, Figure, Goal, Work
from peers import Bare, Recorded, flat, rows, typed

from timeline import Log

__all__ = ["FIGURES", "ours"]

BATCH = 1000


def ours(folder: Path, size: int, *, at_once: int) -> Work:
    """Claim what is there and append it: canonical bytes, hashes, Merkle tree and indexes."""
    log = Log(folder / "ours.db")
    made = list(enumerate(events(size)))
    for number, _ in made:
        report_of(number)

    def work() -> int:
        for start in range(0, size, at_once):
            some = made[start : start + at_once]
            log.append(*(report_of(number).says(event) for number, event in some))
        log.close()
        return size

    return work


def again(folder: Path, size: int, *, at_once: int) -> Work:
    """Append claims that are made already, as one who copies or imports claims has them."""
    log = Log(folder / "ours.db")
    made = list(claims(size))

    def work() -> int:
        for start in range(0, size, at_once):
            log.append(*made[start : start + at_once])
        log.close()
        return size

    return work


def bare(folder: Path, size: int, *, at_once: int) -> Work:
    """Insert the same rows with sqlite3 alone."""
    ready = [(*row[:5], 1, *row[6:]) for row in rows(folder, size)]
    table = Bare(folder)
    return lambda: table.append(ready, at_once=at_once)


def recorded(
    folder: Path, size: int, *, at_once: int, shape: Callable[[int], Sequence[Any]]
) -> Work:
    """Put the same facts into the event store of the eventsourcing package."""
    store = Recorded(folder)
    made = shape(size)
    return lambda: store.append(made, at_once=at_once)


def _contenders(at_once: int) -> list[Contender]:
    return [
        Contender("timeline", partial(ours, at_once=at_once)),
        Contender("sqlite3 alone", partial(bare, at_once=at_once)),
        Contender("eventsourcing, flat fields", partial(recorded, at_once=at_once, shape=flat)),
        Contender("eventsourcing, values", partial(recorded, at_once=at_once, shape=typed)),
    ]


FIGURES = [
    Figure(
        title="Append, 1,000 to a transaction",
        size=30_000,
        contenders=_contenders(BATCH),
        goals=[
            Goal("sqlite3 alone", 0.7),
            Goal("eventsourcing, flat fields", 2),
            Goal("eventsourcing, values", 2),
        ],
        fresh=True,
    ),
    Figure(
        title="Append of claims that are made, 1,000 to a transaction",
        size=30_000,
        contenders=[
            Contender("timeline", partial(again, at_once=BATCH)),
            Contender("sqlite3 alone", partial(bare, at_once=BATCH)),
        ],
        goals=[Goal("sqlite3 alone", 0.7)],
        fresh=True,
    ),
    Figure(
        title="Append, each in a transaction of its own",
        size=2_000,
        contenders=_contenders(1),
        goals=[Goal("sqlite3 alone", 0.8)],
        fresh=True,
    ),
]
