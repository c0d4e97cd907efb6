"""Measures how surely the laws of projections catch the faulty ones of the zoo, law by law.

Ten runs with different seeds under Hypothesis' own default settings, and ten of the smoke profile.
``python benchmarks/law_strength.py --runs 3`` makes fewer.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import attrs
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.zoo.projections import FAULTY_PROJECTIONS, SOUND_PROJECTIONS
from timeline.testing import laws

SMALL = 3


@attrs.define
class Figures:
    """What became of all runs under one profile."""

    caught: dict[tuple[str, str], int] = attrs.Factory(lambda: defaultdict(int))
    sizes: dict[tuple[str, str], list[int]] = attrs.Factory(lambda: defaultdict(list))
    seconds: dict[str, list[float]] = attrs.Factory(lambda: defaultdict(list))
    alarms: list[str] = attrs.Factory(list)

    def run(self, *, seed: int, smoke: bool) -> None:
        """Runs the whole zoo once."""
        for faulty, law in FAULTY_PROJECTIONS.items():
            report = self._timed(faulty, "faulty", seed=seed, smoke=smoke)
            found = next(one.found for one in report.verdicts if one.law == law)
            case = law, faulty.__name__
            self.caught[case] += found is not None
            if isinstance(found, laws.Broken):
                self.sizes[case].append(found.finding.size)
        for sound in SOUND_PROJECTIONS:
            report = self._timed(sound, "sound", seed=seed, smoke=smoke)
            self.alarms += [f"{report.subject}: {law}, seed {seed}" for law in report.falsified]

    def _timed(self, make: Any, group: str, **options: Any) -> laws.LawReport:
        started = perf_counter()
        report = laws.verify(make, **options)
        self.seconds[group].append(perf_counter() - started)
        return report

    def print(self, runs: int) -> None:
        """Prints a table of the laws, then the sums."""
        print(f"{'law':<38} {'faulty':>6} {'caught':>9} {'claims':>7}")
        for law in (law.name for law in laws.LAWS):
            cases = [case for case in self.caught if case[0] == law]
            caught = sum(self.caught[case] for case in cases)
            sizes = [size for case in cases for size in self.sizes[case]]
            print(
                f"{law:<38} {len(cases):>6} {caught:>4}/{runs * len(cases):<4} "
                f"{min(sizes, default=0):>3}-{max(sizes, default=0)}"
            )
        sizes = [size for found in self.sizes.values() for size in found]
        total = sum(self.caught.values())
        print(f"caught: {total} of {runs * len(self.caught)}")
        for (law, name), times in self.caught.items():
            if times < runs:
                print(f"  missed {runs - times} times: {name} by {law}")
        small = sum(size <= SMALL for size in sizes) / len(sizes)
        print(f"counterexamples of {SMALL} claims or fewer: {small:.1%}")
        print(f"false alarms: {len(self.alarms)}", *self.alarms, sep="\n  ")
        for group, seconds in self.seconds.items():
            middle, most = median(seconds), max(seconds)
            print(f"seconds a {group} projection: median {middle:.2f}, most {most:.2f}")


def main() -> None:
    """Runs both profiles and prints their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    settings.load_profile("default")
    for smoke in (False, True):
        figures = Figures()
        for seed in range(runs):
            figures.run(seed=seed, smoke=smoke)
        print(f"\n{'smoke profile' if smoke else 'default settings'}, {runs} runs")
        figures.print(runs)


if __name__ == "__main__":
    main()
