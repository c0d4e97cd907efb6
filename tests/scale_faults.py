"""Breaks clusters while they are asked, round after round: make scale-faults.

Each round asks for something at random and breaks something at a random moment: a worker is killed
with SIGKILL, or two; a segment is altered, cut or taken away; the scheduler is killed between two
questions, or during one. What comes of it has to be the answer of the log, to the last byte, or an
error of this library.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from shutil import copytree, rmtree
from tempfile import mkdtemp
from threading import Event, Thread
from typing import Any

from tests.clusters import DaskProcesses
from tests.news import corrected
from tests.projections import ByPlace, Heard, HeardByPlace, Weighed
from tests.sparks import descendants, missing, session
from timeline import Casualties, Control, Log
from timeline.errors import TimelineError
from timeline.export import to_segments
from timeline.scale import DaskEngine, SparkEngine, ask_on
from timeline.scale.engines import Engine

__all__ = ["main"]

_ENTRIES = 4_000
_SEGMENT = 250
_ASKED: tuple[Any, ...] = (
    ByPlace(), Heard(), HeardByPlace(), Weighed(), Control(), Casualties()
)  # fmt: skip


def say(line: str) -> None:
    """Tell of it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Stage:
    """What is asked, and what its log answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "segments"
        self.folder.mkdir()
        self.log = Log(folder / "war.db")
        corrected(self.log, _ENTRIES)
        for name, content in to_segments(self.log, size=_SEGMENT):
            (self.folder / name).write_bytes(content)
        self.expected = [repr(self.log.ask(one)) for one in _ASKED]

    @contextmanager
    def copy(self) -> Iterator[Path]:
        """Return a copy of the segments to be damaged."""
        folder = Path(mkdtemp(prefix="segments-"))
        try:
            yield copytree(self.folder, folder / "copy")
        finally:
            rmtree(folder, ignore_errors=True)


@contextmanager
def after(seconds: float, what: Callable[[], object]) -> Iterator[list[bool]]:
    """Does something after a time, unless the block has ended by then; says whether it was done."""
    over, done = Event(), list[bool]()

    def wait() -> None:
        if not over.wait(seconds):
            with suppress(ProcessLookupError):
                what()
            done.append(True)

    thread = Thread(target=wait)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


def damage(folder: Path, chance: Random) -> None:
    """Alters, cuts or takes away a segment."""
    file = chance.choice(sorted(folder.glob("segment-*")))
    content = bytearray(file.read_bytes())
    how = chance.randrange(3)
    if how == 0:
        file.unlink()
    elif how == 1:
        file.write_bytes(content[: chance.randrange(len(content))])
    else:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        file.write_bytes(content)


class Rounds:
    """Rounds on one engine, and what came of them."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.chance = Random(seed)
        self.found: Counter[str] = Counter()
        self.usual = 2.0  # seconds that a question takes where nothing is broken

    def ask(self, engine: Engine, source: Any) -> str:
        """Ask something; say whether the answer was right, or what it was told instead."""
        number = self.chance.randrange(len(_ASKED))
        size = self.chance.choice((300, 600, 1500))
        start = time.monotonic()
        try:
            found = repr(ask_on(engine, _ASKED[number], source, size=size))
        except TimelineError as error:
            return type(error).__name__
        if found != self.stage.expected[number]:
            raise AssertionError(f"a wrong answer of {_ASKED[number]!r} with size={size}")
        self.usual = 0.8 * self.usual + 0.2 * (time.monotonic() - start)
        return "right"

    def note(self, fault: str, came: str, *, struck: bool) -> None:
        """Count a round and tells of it."""
        self.found[f"{fault}: {came}" if struck else "over before it struck: " + came] += 1
        number = sum(self.found.values())
        over = "" if struck else " (over before)"
        say(f"{number:4}  {fault:24} {came}{over}")

    def killed(self, engine: Engine, pids: Callable[[], list[int]], *, count: int = 1) -> None:
        """Kills workers while a question is asked."""

        def kill() -> None:
            there = pids()
            for pid in self.chance.sample(there, min(count, len(there))):
                os.kill(pid, signal.SIGKILL)

        source = self.chance.choice((self.stage.log, self.stage.folder))
        with after(0.8 * self.chance.random() * self.usual, kill) as struck:
            came = self.ask(engine, source)
        self.note(f"{count} killed", came, struck=bool(struck))

    def damaged(self, engine: Engine) -> None:
        """Damages a segment before a question, or while it is asked."""
        with self.stage.copy() as folder:
            late = self.chance.random() * self.usual * self.chance.choice((0, 1))
            with after(late, lambda: damage(folder, self.chance)) as struck:
                came = self.ask(engine, folder)
        self.note("segment damaged", came, struck=bool(struck))


def on_dask(rounds: Rounds, count: int) -> None:
    """Breaks a Dask cluster."""
    chance = rounds.chance
    with DaskProcesses.running(2) as cluster:
        rounds.ask(DaskEngine(cluster.client), rounds.stage.log)  # all is loaded
        for number in range(count):
            cluster.client.wait_for_workers(2, timeout=60)
            engine = DaskEngine(cluster.client)
            pids = cluster.pids()
            if number % 10 == 9:
                during = chance.random() < 1 / 2
                if during:
                    with after(chance.random() * rounds.usual, cluster.kill_scheduler) as struck:
                        came = rounds.ask(engine, rounds.stage.folder)
                    rounds.note("scheduler killed", came, struck=bool(struck))
                else:
                    cluster.kill_scheduler()
                    came = rounds.ask(engine, rounds.stage.folder)
                    rounds.note("scheduler gone", came, struck=True)
                cluster.stop()
                cluster.start()
                came = rounds.ask(DaskEngine(cluster.client), rounds.stage.folder)
                if came != "right":
                    raise AssertionError(f"a new scheduler gives {came}")
            elif number % 10 in (2, 5, 8):
                rounds.damaged(engine)
            else:
                rounds.killed(engine, lambda: pids, count=1 + (number % 10 == 6))  # noqa: B023 - at once


def on_spark(rounds: Rounds, count: int) -> None:
    """Breaks a Spark cluster of two executors that are processes of their own."""
    with session("local-cluster[2,1,1024]") as spark:
        engine = SparkEngine(spark)
        rounds.usual = 8.0
        rounds.ask(engine, rounds.stage.log)
        for number in range(count):
            if number % 5 == 4:
                rounds.damaged(engine)
                continue
            what = ("CoarseGrainedExecutorBackend", "pyspark.daemon")[number % 2]
            rounds.killed(engine, lambda: descendants(what))  # noqa: B023 - at once


def main() -> None:
    """Breaks one engine for some rounds, and tells what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=["dask", "spark"])
    parser.add_argument("rounds", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    told = parser.parse_args()
    if told.engine == "spark" and (why := missing()):
        sys.exit(why)
    say(f"--seed {told.seed}")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it mourns what we kill
    with ExitStack() as stack:
        folder = Path(mkdtemp(prefix="faults-"))
        stack.callback(rmtree, folder, ignore_errors=True)
        rounds = Rounds(Stage(folder), told.seed)
        stack.callback(rounds.stage.log.close)
        (on_dask if told.engine == "dask" else on_spark)(rounds, told.rounds)
    for what, number in sorted(rounds.found.items()):
        say(f"{number:5}  {what}")
    right = sum(number for what, number in rounds.found.items() if what.endswith("right"))
    say(f"{told.rounds} rounds, {right} right answers, the rest clear errors, none wrong")


if __name__ == "__main__":
    main()
