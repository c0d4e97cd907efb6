"""Keeps counterexamples as logs: in Hypothesis' example database, as JSON Lines and as a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis.database import ExampleDatabase

from timeline.claims import Claim, Said
from timeline.export import to_jsonl
from timeline.importers import read_jsonl
from timeline.kinds import KINDS
from timeline.log import Log
from timeline.testing.choices import Case

__all__ = ["forget", "lines", "log_of", "save", "saved"]


def log_of(history: Sequence[Said]) -> Log:
    """Return a log that learned a history, one thing after the other."""
    kinds = {type(one.event): None for one in history if isinstance(one, Claim)}
    log = Log(events=[kind for kind in kinds if kind.kind])
    for one in history:
        log.append(one)
    return log


def lines(history: Sequence[Said]) -> list[str]:
    """Return a history as JSON Lines, which ``timeline import`` reads."""
    return list(to_jsonl(log_of(history)))


def save(database: ExampleDatabase | None, key: bytes, case: Case) -> None:
    """Keep a case beside Hypothesis' own examples, as text that later versions can read."""
    if database is not None and case.history:
        head = json.dumps({"way": case.way, "path": case.path})
        database.save(key, "\n".join([head, "".join(lines(case.history))]).encode())


def saved(
    database: ExampleDatabase | None, key: bytes, kinds: Sequence[type[Any]]
) -> Iterator[tuple[bytes, Case]]:
    """Yield each case that was kept, with what it is kept as."""
    for value in [] if database is None else sorted(database.fetch(key), key=len):
        head, _, body = value.decode().partition("\n")
        way = json.loads(head)
        try:
            own = [kind for kind in kinds if kind not in KINDS]
            entries = list(read_jsonl(body.splitlines(), events=own))
        except (ValueError, TypeError):
            forget(database, key, value)  # of a kind that has another shape by now
            continue
        history: Any = tuple(entry.claim for entry in entries)
        yield value, Case(history, way["way"], tuple(way["path"]))


def forget(database: ExampleDatabase | None, key: bytes, value: bytes) -> None:
    """Drop a case that breaks its law no more."""
    if database is not None:
        database.delete(key, value)
