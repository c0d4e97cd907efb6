"""Memory: the most that a process of its own holds while it replays or folds a log."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from measures import Contender, Figure, Goal, Work
from replays import filled

from timeline import Casualties, Control

__all__ = ["FIGURES", "peak"]

_FEW, _MANY = 100_000, 1_000_000
_WALKS = Path(__file__).with_name("walks.py")


def peak(what: str, path: Path) -> int:
    """Return the most memory that going through a log took, in megabytes."""
    command = [sys.executable, str(_WALKS), what, str(path)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


def watched(folder: Path, size: int, *, what: str, of: int) -> Work:  # noqa: ARG001 - each has its own
    """Return the peak of one way through a log of so many events."""
    filled(folder, of).close()
    return lambda: peak(what, folder / "ours.db")


def _figure(title: str, what: str) -> Figure:
    many, few = (
        Contender(f"{n:,} events", partial(watched, what=what, of=n)) for n in (_MANY, _FEW)
    )
    return Figure(
        title=title,
        size=_MANY,
        contenders=[many, few],
        goals=[Goal(few.name, 1.3, most=True)],
        unit="MB at most",
        timed=False,
        rounds=1,
    )


def remembered(folder: Path, size: int, *, make: Callable[[], Any]) -> Work:
    """Return the bytes that each entry adds to a kept projection that remembers every answer."""
    log = filled(folder, size)

    def work() -> int:
        used = []
        for history in (False, True):
            gc.collect()
            tracemalloc.start()
            kept = log.keep(make(), history=history)
            kept.catch_up()
            gc.collect()
            used.append(tracemalloc.get_traced_memory()[0])
            tracemalloc.stop()
            del kept
        return (used[1] - used[0]) // size

    return work


def _history(title: str, make: Callable[[], Any]) -> Figure:
    return Figure(
        title=title,
        size=10_000,
        contenders=[Contender("timeline, history=True", partial(remembered, make=make))],
        unit="bytes an entry",
        timed=False,
        rounds=1,
    )


FIGURES = [
    _figure("Memory of a replay in the order of arrival", "replay"),
    _figure("Memory of a fold in the order of happening", "ask"),
    _history("Memory of every answer there was, who holds a place", Control),
    _history("Memory of every answer there was, casualties", Casualties),
]
