"""Measures contenders side by side: round by round, in turn, and by the medians of their ratios."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import attrs

__all__ = ["Contender", "Figure", "Goal", "Result", "measured", "rounds"]

CLOCK = process_time if "--cpu" in sys.argv else perf_counter
"""``--cpu`` counts processor seconds instead, which others on the machine disturb less."""

Work = Callable[[], int]
"""What is timed; gives the number of events that it went through."""


@attrs.frozen
class Contender:
    """One way of doing the work of a figure.

    ``make`` gets a folder of its own and the number of events, makes everything ready, and gives
    the work, which is timed. A figure that is measured in something else than events a second has
    works that give that number, see ``Figure.timed``.
    """

    name: str
    make: Callable[[Path, int], Work]


@attrs.frozen
class Goal:
    """How many times a peer's figure ours is to be; with ``most``, at the most."""

    peer: str
    times: float
    most: bool = False

    def met(self, ratio: float) -> bool:
        """Whether a ratio reaches it."""
        return ratio <= self.times if self.most else ratio >= self.times


@attrs.frozen(kw_only=True)
class Figure:
    """Something that is measured: the first contender is ours, the others are its peers.

    ``fresh`` makes everything anew in each round, for work that can be done only once.
    """

    title: str
    size: int
    contenders: Sequence[Contender]
    goals: Sequence[Goal] = ()
    unit: str = "events/s"
    fresh: bool = False
    timed: bool = True
    rounds: int = 5
    note: str = ""


@attrs.frozen
class Result:
    """What came of a figure: each contender's median, and of each peer the median ratio."""

    figure: Figure
    medians: Mapping[str, float]
    ratios: Mapping[str, float]


def _run(figure: Figure, work: Work) -> float:
    gc.collect()
    start = CLOCK()
    done = work()
    spent = CLOCK() - start
    return done / spent if figure.timed else float(done)


def rounds(figure: Figure, size: int, count: int) -> dict[str, list[float]]:
    """Return each contender's figures, one a round; who goes first changes with the round."""
    found: dict[str, list[float]] = {one.name: [] for one in figure.contenders}
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        works: dict[str, Work] = {}
        for turn in range(count):
            shift = turn % len(figure.contenders)
            for one in (*figure.contenders[shift:], *figure.contenders[:shift]):
                if figure.fresh or one.name not in works:
                    place = folder / f"{len(list(folder.iterdir()))}"
                    place.mkdir()
                    works[one.name] = one.make(place, size)
                found[one.name].append(_run(figure, works[one.name]))
                if figure.fresh:
                    del works[one.name]
    return found


def measured(figure: Figure) -> Result:
    """Measures a figure."""
    found = rounds(figure, figure.size, figure.rounds)
    (ours, *_) = found.values()
    ratios = {
        name: median(mine / its for mine, its in zip(ours, theirs, strict=True))
        for name, theirs in list(found.items())[1:]
    }
    return Result(figure, {name: median(all_) for name, all_ in found.items()}, ratios)
