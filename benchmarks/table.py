"""Runs the benchmarks and prints one table: python benchmarks/table.py [word …] [--write]."""

from __future__ import annotations

import argparse
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

import appends
import earlier
import keeps
import memories
import replays
from measures import Figure, Result, measured

__all__ = ["FIGURES", "lines", "machine"]

FIGURES: list[Figure] = [
    *appends.FIGURES,
    *replays.FIGURES,
    *memories.FIGURES,
    *keeps.FIGURES,
    *earlier.FIGURES,
]
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_PACKAGES = ("attrs", "msgspec", "eventsourcing", "duckdb")
_ABOUT = """# Benchmarks

Written by `make bench`, which measures the library and what a user would pick instead side by
side: round by round, in turn, in one process. A figure is the median of its rounds. *Ours to it*
is how many times a peer's figure ours was, the median over the rounds; below 1 the peer wins. What
counts is that ratio: the figures themselves are those of one machine.

The facts are attacks and changes of hands with a time, a place and counts, twenty to a report,
some 450 bytes of JSON each. The `eventsourcing` package gets them in two shapes: with every part in
a plain field of its own, which is what it reads fastest, and with values for time, place and
counts, each with a transcoding, which is what the library gives. `sqlite3 alone` inserts rows that
are ready into a table with the same columns and the same unique index: it makes no bytes, hashes
or tree. Whoever needs none of what the library adds is faster with it.

Each entry that is read is held against its hash on the way, and `ask` weighs every claim before it
folds anything; the peers do neither.
"""
_CURVES = """
The figures beside an earlier release are by processor time, of 100,000 entries, each release in a
process of its own and with a log of its own: `make bench ARGS="release"`. What is missed, and why:

- An `ask` still reads every body twice, once for its time and once in order, and makes an entry,
  a claim and an account of each. To keep narrow sorted columns beside the log, so that the first of
  the two isn't needed, is not done; nor are claims that are made only once a handler asks for them.
- A kept total catches up from accounts in order, which spares its trees most of the work, but it
  reads the log as an `ask` does.
- Replay is what it was. To append costs a sixth more than it did, for it now looks through each
  claim for parts that a log would lose.

How these grow with a log, up to 3,000,000 events: [curves](curves.md).
"""


def lines(result: Result) -> list[str]:
    """Return the rows of the table for one figure."""
    goals = {goal.peer: goal for goal in result.figure.goals}
    rows = [f"| **{result.figure.title}** | {result.figure.unit} | | |"]
    for name, value in result.medians.items():
        ratio, goal = result.ratios.get(name), goals.get(name)
        shown = "" if ratio is None else f"{ratio:,.2f}"
        aim = ""
        if goal is not None and ratio is not None:
            bound = "at most" if goal.most else "at least"
            aim = f"{bound} {goal.times:g}: {'met' if goal.met(ratio) else 'missed'}"
        rows.append(f"| {name} | {value:,.{0 if value >= 100 else 2}f} | {shown} | {aim} |")  # noqa: PLR2004 - three digits
    return rows


def machine() -> str:
    """Tell what was measured on, in a line."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever there is
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return (
        f"{platform.machine()}, {cpu_count()} processors, {platform.system()}; Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}"
        + (f"; commit {commit}" if commit else "")
    )


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="run those with one of these in their titles")
    parser.add_argument("--cpu", action="store_true", help="count processor seconds")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    options = parser.parse_args()
    table = ["| figure | measured | ours to it | aim |", "|---|--:|--:|---|"]
    print("\n".join(table))
    for figure in FIGURES:
        if not options.words or any(word.lower() in figure.title.lower() for word in options.words):
            rows = lines(measured(figure))
            print("\n".join(rows), flush=True)
            table += rows
    if options.write:
        page = f"{_ABOUT}\n{machine()}.\n\n" + "\n".join(table) + "\n" + _CURVES
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
