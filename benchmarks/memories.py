"""Memory: the most that a process of its own holds while it replays or folds a log."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

from measures import Contender, Figure, Goal, Work
from replays import filled

__all__ = ["FIGURES", "peak"]

_FEW, _MANY = 30_000, 300_000
_WALKS = Path(__file__).with_name("walks.py")


def peak(what: str, path: Path) -> int:
    """Gives the most memory that going through a log took, in megabytes."""
    command = [sys.executable, str(_WALKS), what, str(path)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


def watched(folder: Path, size: int, *, what: str, of: int) -> Work:  # noqa: ARG001 - each has its own
    """Gives the peak of one way through a log of so many events."""
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


FIGURES = [
    _figure("Memory of a replay in the order of arrival", "replay"),
    _figure("Memory of a fold in the order of happening", "ask"),
]
