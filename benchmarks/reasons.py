"""Measures questions a second of why and of what changed, kept and not, and prints a table.

``python benchmarks/reasons.py`` makes a log of each length in a folder and leaves it there for the
next time; ``--most`` is the longest. Of ``Control`` over the facts of ``contents``: a third of them
are changes of hands, of twelve towns.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from contents import claims

from timeline import Control, Log

__all__ = ["made", "main", "measured", "rate"]

SIZES = (1_000, 100_000, 1_000_000)
_BATCH = 5_000
_NEWS = 100  # entries since the morning
_KEPT = 24  # questions of each kind
_TOWNS = ("geonames:702569", "geonames:712930", "geonames:703522", "geonames:706483")


def made(folder: Path, size: int) -> Path:
    """Return a log of so many entries, made if it isn't there."""
    path = folder / f"reasons-{size}.db"
    with Log(path) as log:
        left = islice(claims(size), log.head, None)
        while some := list(islice(left, _BATCH)):
            log.append(*some)
    return path


def rate(questions: Iterable[Callable[[], Any]]) -> float:
    """Return how many questions are answered in a second, one after the other."""
    several = list(questions)
    start = perf_counter()
    for question in several:
        question()
    return len(several) / (perf_counter() - start)


def measured(path: Path, *, kept_alone: bool = False) -> list[float]:
    """Return questions a second: why and what changed, of a kept projection and of none."""
    with Log(path) as log:
        kept = log.keep(Control())
        kept.catch_up()
        news: Any = (log.head - _NEWS, log.head)
        kept.why(_TOWNS[0])  # the first looks where each event stands
        whys = [lambda town=town: kept.why(town) for town in _TOWNS * (_KEPT // len(_TOWNS))]
        found = [rate(whys), rate([lambda: kept.changes(between=news)] * _KEPT)]
        if kept_alone:
            return found
        return [
            *found,
            rate([lambda: log.why(Control(), _TOWNS[0])]),
            rate([lambda: log.changes(Control(), between=news)]),
        ]


def main() -> None:
    """Measure each length, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the longest log")
    parser.add_argument("--folder", type=Path, default=Path("build"), help="where logs are kept")
    parser.add_argument("--kept", action="store_true", help="of a kept projection alone")
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True)
    print(
        "| entries | why, kept | changes, kept | why | changes |\n| --: | --: | --: | --: | --: |"
    )
    for size in SIZES:
        if size <= options.most:
            rates = measured(made(options.folder, size), kept_alone=options.kept)
            cells = " | ".join(f"{one:,.3g}" for one in rates)
            print(f"| {size:,} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
