"""Measures what links cost an answer, and what a long chain of them needs.

``python benchmarks/links.py`` asks one log of attacks with and without links of every tenth pair,
in turn, and prints the median of the ratios in processor time. ``--chain`` asks a log whose events
are all one event, joined pair by pair, in a process of its own, and prints its peak of memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from time import process_time

from timeline import Attack, Casualties, Claim, Log, Report, SameEvent

__all__ = ["asked", "attacks", "chained", "joins", "made", "main"]

_BATCH = 5_000
_DAYS = 28
DESK = Report("Desk", published="2022-12-31")


def attacks(count: int) -> Iterator[Claim]:
    """Yield claims of as many attacks, of two sources in turn, on a thousand places."""
    reports = [Report(name, published="2022-12-30") for name in ("North", "South")]
    for number in range(count):
        day = f"2022-{1 + number // _DAYS % 12:02}-{1 + number % _DAYS:02}"
        yield reports[number % 2].says(
            Attack(
                when=day, place=f"Town {number // 2 % 1000}", killed=number % 7, id=f"e:{number}"
            )
        )


def joins(count: int, links: int) -> Iterator[Claim]:
    """Yield links of two neighbouring events each, spread evenly over the events."""
    for number in range(links):
        first = number * (count // links) // 2 * 2
        yield DESK.says(SameEvent(f"e:{first}", f"e:{first + 1}"))


def made(path: Path, claims: Iterator[Claim]) -> Path:
    """Write claims to a new log in batches."""
    with Log(path) as log:
        while some := list(islice(claims, _BATCH)):
            log.append(*some)
    return path


def asked(path: Path) -> float:
    """Return the processor seconds of one answer over a whole log."""
    with Log(path) as log:
        start = process_time()
        log.ask(Casualties())
        return process_time() - start


def chained(folder: Path, count: int) -> None:
    """Ask a log in which each event is said to be one with the next, and print what it took."""

    def claims() -> Iterator[Claim]:
        for number in range(count):
            yield Report("North", published="2022-12-30").says(
                Attack(when="2022-09-10", place="Izium", killed=number % 7, id=f"e:{number}")
            )
        for first, second in pairwise(range(count)):
            yield DESK.says(SameEvent(f"e:{first}", f"e:{second}"))

    path = made(folder / "chain.db", claims())
    context = multiprocessing.get_context("spawn")
    asking = context.Process(target=_asked_alone, args=(path,))
    asking.start()
    asking.join()
    if asking.exitcode:
        raise SystemExit(f"asking a chain of {count:,} ended with {asking.exitcode}")


def _asked_alone(path: Path) -> None:
    seconds = asked(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    with Log(path) as log:
        print(f"one event of {log.head // 2 + 1:,} ids: {seconds:.0f} s, {peak:,.0f} MB at most")


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--links", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chain", action="store_true", help="the chain alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.chain:
            chained(folder, options.events)
            return
        plain = made(folder / "plain.db", attacks(options.events))
        linked = made(folder / "linked.db", attacks(options.events))
        made(linked, joins(options.events, options.links))
        rounds = [(asked(plain), asked(linked)) for _ in range(options.rounds)]
        print(
            f"{options.events:,} events: {median(first for first, _ in rounds):.1f} s; with"
            f" {options.links:,} links {median(second for _, second in rounds):.1f} s,"
            f" {median(second / first for first, second in rounds):.2f} times"
        )


if __name__ == "__main__":
    main()
