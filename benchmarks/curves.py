"""Measures how cost grows with a log, and writes docs/curves.md: make bench-long."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import keeps
import matplotlib as mpl
from appends import BATCH
from contents import Fact, claims, event, facts, report_of
from matplotlib import pyplot as plt
from measures import Work
from memories import peak
from peers import Recorded, flattened
from table import machine
from walks import Wounded, most_held

from timeline import Casualties, Control, Log

__all__ = ["main"]

SIZES = (1_000, 10_000, 100_000, 1_000_000, 3_000_000)
DOCS = Path(__file__).parents[1] / "docs"
PICTURES = DOCS / "pictures"
_FEW = 20
_GREY = "#808080"  # read on white and on black
_COLOURS = ("#2a7fdc", "#d9722e", "#3c9a5f")
_DASHES = ("-", "--", ":")
Measured = dict[str, float]


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _each(work: Work) -> float:
    """The seconds of one event of a work."""
    start = perf_counter()
    done = work()
    return (perf_counter() - start) / done


def _append(log: Log, some: list[Fact]) -> float:
    """The seconds of claiming and appending some facts that are events already."""
    made = [(report_of(fact.number), event(fact)) for fact in some]
    return _seconds(lambda: log.append(*(report.says(one) for report, one in made)))


def _late_rate(spent: list[float]) -> float:
    """The events a second of the last tenth of the batches: how it goes with a log that long."""
    last = spent[-max(len(spent) // 10, 1) :]
    return BATCH * len(last) / sum(last)


def ours(folder: Path, size: int) -> Measured:
    """Measures the library with a log of so many events."""
    path = folder / "ours.db"
    with Log() as warm:
        warm.append(*claims(_FEW))
        warm.ask(Wounded())
    spent = []
    with Log(path) as log:
        left = facts(size)
        while some := list(islice(left, BATCH)):
            spent.append(_append(log, some))
        replay = _seconds(lambda: sum(1 for _ in log))
        fold = _seconds(lambda: log.ask(Wounded()))
        memory = peak("ask", path)
        as_of = _each(keeps.answering_as_of(log, size, make=Casualties, answers=_FEW))
        late = {
            make.__name__: _each(keeps.hearing_late(log, size, make=make, answers=_FEW))
            for make in (Control, Casualties)
        }
    return {
        "append": _late_rate(spent),
        "replay": size / replay,
        "fold": size / fold,
        "memory": memory,
        "as-of": as_of,
        "late": late["Control"],
        "late, casualties": late["Casualties"],
    }


def peer(folder: Path, size: int) -> Measured:
    """Measures the eventsourcing package, with flat fields; late news have it replay and sort."""
    warm = folder / "warm"
    warm.mkdir()
    Recorded(warm).append(flattened(facts(_FEW)), at_once=_FEW)
    before = most_held()  # of what is imported here
    store = Recorded(folder)
    spent = []
    claims = facts(size)
    while made := flattened(islice(claims, BATCH)):
        spent.append(_seconds(partial(store.append, made, at_once=BATCH)))
    replay = _seconds(lambda: sum(1 for _ in store.replay()))
    fold = _seconds(lambda: sorted(store.replay(), key=attrgetter("lo", "hi", "name")))
    return {
        "append": _late_rate(spent),
        "replay": size / replay,
        "fold": size / fold,
        "memory": most_held() - before,
        "late": fold,
        "as-of": fold,
    }


def table(folder: Path, size: int) -> Measured:
    """Measures DuckDB recomputing from a table."""
    late = keeps.table_hears_late(folder, size, query=keeps.HOLDER, answers=_FEW)
    found = {"late": _each(late)}
    other = folder / "as-of"
    other.mkdir()
    asked = keeps.table_answers_as_of(other, size, query=keeps.TOLL, answers=_FEW)
    return found | {"as-of": _each(asked)}


RUNS: dict[str, Callable[[Path, int], Measured]] = {
    "timeline": ours,
    "eventsourcing": peer,
    "DuckDB": table,
}

PLOTS = {
    "append": ("Append, 1,000 to a transaction", "events a second", ("timeline", "eventsourcing")),
    "replay": ("Replay to typed events", "events a second", ("timeline", "eventsourcing")),
    "fold": ("Fold in the order of happening", "events a second", ("timeline", "eventsourcing")),
    "late": ("One late claim, and the answer", "seconds", ("timeline", "eventsourcing", "DuckDB")),
    "as-of": ("An answer about one moment", "seconds", ("timeline", "eventsourcing", "DuckDB")),
    "memory": ("The most memory of a fold", "megabytes", ("timeline", "eventsourcing")),
}


def draw(found: dict[str, dict[int, Measured]]) -> None:
    """Draw a picture of each measure that there is."""
    mpl.use("svg")
    # The same bytes from the same figures: no date, and ids that aren't drawn at random.
    mpl.rcParams.update({"svg.hashsalt": "timeline", "svg.fonttype": "none", "font.size": 11})
    for name, (title, unit, contenders) in PLOTS.items():
        figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
        for one, colour, dashes in zip(contenders, _COLOURS, _DASHES, strict=False):
            points = {
                n: figures[name] for n, figures in found.get(one, {}).items() if name in figures
            }
            if points:
                style = {"color": colour, "linestyle": dashes, "marker": "o", "linewidth": 2}
                axes.plot(list(points), list(points.values()), label=one, **style)
        axes.set(xscale="log", yscale="log", xlabel="events in the log", ylabel=unit)
        if unit == "events a second":
            axes.set_ylim(1e3, 1e6)
        axes.set_title(title, color=_GREY)
        axes.grid(color=_GREY, alpha=0.3)
        axes.tick_params(which="both", colors=_GREY)
        for side in axes.spines.values():
            side.set_color(_GREY)
        axes.xaxis.label.set_color(_GREY)
        axes.yaxis.label.set_color(_GREY)
        axes.legend(labelcolor=_GREY, framealpha=0)
        path = PICTURES / f"bench-{name}.svg"
        figure.savefig(path, transparent=True, metadata={"Date": None})
        plt.close(figure)


_ABOUT = """# How cost grows with a log

Made by `make bench-long`, which writes this page: each contender and each length in a process of
its own, one after the other. The events, and the shapes that the peers get them in, are those of
the [benchmarks](benchmarks.md). Both axes are logarithmic.

- *Append*: a transaction for 1,000 events, as claims of theirs are made, over the last tenth of
  the log.
- *Replay*: every entry as a typed event; *fold*: in the order of happening. The `eventsourcing`
  package reads events into a list and sorts it.
- *Late*: one claim about the first days, and then the answer: who holds a place, by a kept
  `Control`; casualties, by a kept `Casualties`. The package has to replay and sort; DuckDB inserts
  a row and runs its query.
- *At a moment*: what casualties there were by a day. Both as above.
- *Memory*: the most that a process holds while it folds; of the package, what it takes on top of
  the process it is in.
"""
_MEASURES = {
    "append": ("append, events/s", 0),
    "replay": ("replay, events/s", 0),
    "fold": ("fold, events/s", 0),
    "late": ("late, s", 5),
    "late, casualties": ("late casualties, s", 5),
    "as-of": ("at a moment, s", 5),
    "memory": ("memory, MB", 0),
}


def wins(found: Mapping[str, Mapping[int, Measured]]) -> str:
    """Say where which peer does better than the library."""
    lines = []
    for measure, (head, _) in _MEASURES.items():
        more_is_better = head.endswith("events/s")
        for name, measured in found.items():
            sizes = [size for size in measured if measure in measured[size] and name != "timeline"]
            better = [
                f"{size:,}"
                for size in sizes
                if (measured[size][measure] > found["timeline"][size][measure]) is more_is_better
            ]
            if better:
                lengths = "every length" if len(better) == len(sizes) else ", ".join(better)
                lines.append(f"- {head.partition(',')[0]}: {name}, at {lengths}")
    return "Where a peer does better:\n\n" + "\n".join(lines) if lines else ""


def page(found: Mapping[str, Mapping[int, Measured]]) -> str:
    """Return the page that tells what was measured."""
    heads = ["events", "", *(head for head, _ in _MEASURES.values())]
    rows = [heads, ["--:", "---", *["--:"] * len(_MEASURES)]]
    for size in SIZES:
        for name, figures in found.items():
            if size in figures:
                cells = [
                    f"{figures[size][one]:,.{places}f}" if one in figures[size] else ""
                    for one, (_, places) in _MEASURES.items()
                ]
                rows.append([f"{size:,}", name, *cells])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    pictures = "\n\n".join(
        f"![{title}, {unit}, against the length of the log](pictures/bench-{name}.svg)"
        for name, (title, unit, _) in PLOTS.items()
    )
    return f"{_ABOUT}\n{machine()}.\n\n{table}\n\n{wins(found)}\n\n{pictures}\n"


def main() -> None:
    """Run each contender and length in a process of its own, so that none is in another's way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the longest log")
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "EVENTS"), help="for itself")
    options = parser.parse_args()
    if options.one:
        name, size = options.one
        with TemporaryDirectory(prefix="bench-") as folder:
            print(json.dumps(RUNS[name](Path(folder), int(size))))
        return
    found: defaultdict[str, dict[int, Measured]] = defaultdict(dict)
    for size in SIZES:
        for name in RUNS:
            if size <= options.most:
                command = [sys.executable, __file__, "--one", name, str(size)]
                done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
                found[name][size] = json.loads(done.stdout)
                print(f"{size:>9,}  {name:16}", json.dumps(found[name][size]), flush=True)
    draw(found)
    (DOCS / "curves.md").write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
