"""Two releases side by side, each in a process of its own, by processor time.

They are given the same facts and make logs of their own. The earlier release is taken from the
history of this repository; where it isn't in it, as in a shallow clone, nothing is compared.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import count, islice
from pathlib import Path
from tempfile import mkdtemp
from time import process_time
from typing import Any

from contents import claims
from measures import Contender, Figure, Goal, Work
from walks import Wounded

from timeline import Attack, Casualties, Claim, Control, Log, Report

__all__ = ["COMMIT", "FIGURES"]

COMMIT = "ceb3194"
"""The release that this one is compared with."""

_ROOT = Path(__file__).parents[1]
_BATCH = 10_000
_SIZE = 100_000
_OF_ONE_EVENT = 4_000  # claims
_MORE = 20  # claims, each followed by an answer


# -- what each of the two does, in a process of its own


def _filled(size: int) -> Log:
    log = Log("ours.db")
    rest = claims(size)
    while some := list(islice(rest, _BATCH)):
        log.append(*some)
    return log


def _asks(make: Callable[[], Any], size: int) -> Work:
    log = _filled(size)

    def work() -> int:
        log.ask(make())
        return size

    return work


def _catches_up(size: int) -> Work:
    log = _filled(size)
    names = count()

    def work() -> int:
        kept = log.keep(Wounded(), name=f"{next(names)}")
        kept.catch_up()
        kept.save()
        return size

    return work


def _replays(size: int) -> Work:
    log = _filled(size)
    return lambda: sum(1 for entry in log if entry.claim)


def _appends(size: int) -> Work:
    made = list(claims(size))
    names = count()

    def work() -> int:
        log = Log(f"{next(names)}.db")
        for start in range(0, size, _BATCH):
            log.append(*made[start : start + _BATCH])
        log.close()
        return size

    return work


def _of_one_event() -> Iterator[Claim]:
    """Return claims about one event without end, each of another source, of one day."""
    for number in count():
        attack = Attack(when="2022-09-09", id="one", wounded=number % 7)
        yield Report(f"Source {number}", published="2022-09-10").says(attack)


def _follows_one_event(size: int) -> Work:
    log = Log()
    rest = _of_one_event()
    log.append(*islice(rest, size))
    kept = log.keep(Wounded())
    kept.answer()

    def work() -> int:
        for claim in islice(rest, _MORE):
            log.append(claim)
            kept.answer()
        return _MORE

    return work


_TASKS: Mapping[str, Callable[[int], Work]] = {
    "ask": partial(_asks, Wounded),
    "ask control": partial(_asks, Control),
    "ask casualties": partial(_asks, Casualties),
    "catch up": _catches_up,
    "replay": _replays,
    "append": _appends,
    "one event": _follows_one_event,
}


def main() -> None:
    """Make everything ready, then do the work once for each line that comes in."""
    work = _TASKS[sys.argv[1]](int(sys.argv[2]))
    print("ready", flush=True)
    for _ in sys.stdin:
        start = process_time()
        done = work()
        print(done / (process_time() - start), flush=True)


# -- the process that compares them


@cache
def _earlier() -> Path | None:
    """A folder with the source of the earlier release; None where there is none."""
    archive = ["git", "archive", COMMIT, "src"]
    found = subprocess.run(archive, cwd=_ROOT, capture_output=True, check=False)
    if found.returncode:
        return None
    folder = Path(mkdtemp(prefix="bench-earlier-"))
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as source:
        source.extractall(folder, filter="data")
    return folder / "src"


def _process(folder: Path, size: int, *, task: str, earlier: bool) -> Work:
    source = _earlier() if earlier else _ROOT / "src"
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), task, str(size)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{source}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    assert process.stdout is not None  # noqa: S101 - as above
    asks, answers = process.stdin, process.stdout
    if answers.readline().strip() != "ready":
        raise RuntimeError(f"the process that measures {task!r} ended before it was ready")

    def work() -> int:
        asks.write("\n")
        asks.flush()
        return int(float(answers.readline()))

    return work


def _figure(title: str, task: str, *goals: Goal, size: int = _SIZE) -> Figure:
    return Figure(
        title=f"{title}, beside an earlier release",
        size=size,
        unit="a processor second",
        timed=False,
        rounds=3,
        contenders=[
            Contender("timeline", partial(_process, task=task, earlier=False)),
            Contender(f"timeline at {COMMIT}", partial(_process, task=task, earlier=True)),
        ],
        goals=goals,
    )


_NAME = f"timeline at {COMMIT}"

FIGURES: list[Figure] = []
if _earlier() is not None:
    FIGURES += [
        _figure("Asking a plain handler", "ask", Goal(_NAME, 3.5)),
        _figure("Asking Control", "ask control"),
        _figure("Asking Casualties", "ask casualties"),
        _figure("A kept total catches up", "catch up", Goal(_NAME, 4.6)),
        _figure("Replay to typed events", "replay", Goal(_NAME, 1.5)),
        _figure("Append of claims that are made", "append"),
        _figure("One more claim on an event with 4,000", "one event", size=_OF_ONE_EVENT),
    ]


if __name__ == "__main__":
    main()
