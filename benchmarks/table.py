"""Runs every benchmark and prints one table: ``python benchmarks/table.py [--quick] [--write]``."""

from __future__ import annotations

import argparse

import appends
import replays
from measures import Figure, Result, measured

__all__ = ["FIGURES", "lines"]

FIGURES: list[Figure] = [*appends.FIGURES, *replays.FIGURES]


def lines(result: Result) -> list[str]:
    """Gives the rows of the table for one figure."""
    goals = {goal.peer: goal for goal in result.figure.goals}
    rows = []
    for name, value in result.medians.items():
        ratio = result.ratios.get(name)
        told = "" if ratio is None else f"{ratio:.2f}"
        goal = goals.get(name)
        if goal is not None and ratio is not None:
            bound = "at most" if goal.most else "at least"
            told += f" ({bound} {goal.times:g}: {'met' if goal.met(ratio) else 'missed'})"
        rows.append(f"| {name} | {value:,.0f} | {told} |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="*", help="words in the titles of those to run")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--cpu", action="store_true", help="count processor seconds")
    told = parser.parse_args()
    for figure in FIGURES:
        if told.figures and not any(word in figure.title for word in told.figures):
            continue
        print(figure.title, f"({figure.size:,} events)")
        print("\n".join(lines(measured(figure))), flush=True)


if __name__ == "__main__":
    main()
