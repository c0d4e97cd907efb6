"""Measures one fold on Dask, on one machine alone and in DuckDB, and draws it: make bench-scale.

Each contender and each length runs in a process of its own. What is measured goes into a file and
isn't measured again, so that it can be stopped and gone on with; the pictures and the table of
docs/scale.md are made from that file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import changes
import duckdb
import matplotlib as mpl
from distributed import Client, LocalCluster
from matplotlib import pyplot as plt

from timeline import Log, Projection, TerritorialChange, on
from timeline.export import MANIFEST
from timeline.importers import import_segments
from timeline.scale import DaskEngine, ask_on

__all__ = ["Holder", "main"]

SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 8_000_000)
ROOT = Path(__file__).parents[1]
DATA = ROOT / "build" / "scale"
FOUND = DATA / "found.json"
PAGE = ROOT / "docs" / "scale.md"
PICTURE = ROOT / "docs" / "pictures" / "bench-scale.svg"
_BEGIN, _END = "<!-- make bench-scale writes from here -->", "<!-- to here -->"
_GREY = "#808080"
_STYLES = (("#2a7fdc", "-"), ("#2a7fdc", "--"), ("#d9722e", "-."), ("#3c9a5f", ":"))


class Holder(Projection[str | None]):
    """Who holds each place: the last writer, and nothing about doubt."""

    start: str | None = None

    def key(self, change: TerritorialChange) -> str:
        """Keys by place."""
        return change.place.key

    @on(TerritorialChange)
    def change(self, _: str | None, change: TerritorialChange) -> str | None:
        """The last one holds it."""
        return change.to

    def merge(self, a: str | None, b: str | None) -> str | None:
        """The later stretch decides, if it says anything."""
        return a if b is None else b


_QUERY = """
WITH entries AS (
  SELECT lower(hex(id)) AS id, form, body, report_body FROM read_parquet('{folder}/*.parquet')
), claims AS (
  SELECT id, body->>'$.event.id' AS event, body->>'$.event.place.id' AS place,
    body->>'$.event.to' AS holder, (body->>'$.event.when.lo')::BIGINT AS lo,
    (body->>'$.event.when.hi')::BIGINT AS hi, report_body->>'$.source' AS source,
    (report_body->>'$.published.lo')::BIGINT AS published, body->'$.replaces' AS replaces
  FROM entries WHERE form = 'claim'
), voided AS (
  SELECT body->>'$.target' AS id FROM entries WHERE form = 'void'
), retracted AS (
  SELECT body->>'$.event_id' AS event, report_body->>'$.source' AS source,
    max((report_body->>'$.published.hi')::BIGINT) AS published
  FROM entries WHERE form = 'retraction' AND id NOT IN (SELECT id FROM voided) GROUP BY ALL
), replaced AS (
  SELECT source, unnest(from_json(replaces, '["VARCHAR"]')) AS id FROM claims
  WHERE replaces IS NOT NULL AND id NOT IN (SELECT id FROM voided)
), standing AS (
  SELECT claims.* FROM claims
  LEFT JOIN retracted ON claims.event = retracted.event AND claims.source = retracted.source
    AND claims.published < retracted.published
  WHERE retracted.event IS NULL AND claims.id NOT IN (SELECT id FROM voided)
    AND (claims.source, claims.id) NOT IN (SELECT (source, id) FROM replaced)
), believed AS (
  SELECT event, max(ROW(published, id, lo, hi, place, holder)) AS said FROM standing GROUP BY event
)
SELECT said[5] AS place, max(ROW(said[3], said[4], event, said[6]))[4] AS holder
FROM believed GROUP BY place
"""


def in_dask(size: int, workers: int) -> dict[str, Any]:
    """Ask the segments on so many workers of one thread each."""
    folder = changes.made(size, DATA)
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit="2GiB"
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        engine = DaskEngine(client)
        ask_on(engine, Holder(), changes.made(SIZES[0] // 100, DATA))  # all is loaded
        start = perf_counter()
        found = ask_on(engine, Holder(), folder)
        spent = perf_counter() - start
        most = max(client.run(_most_held).values())
    return {"seconds": spent, "megabytes": most, "answer": _digest(found)}


def in_one(size: int) -> dict[str, Any]:
    """Ask a log in a file by itself."""
    folder, path = changes.made(size, DATA), DATA / f"changes-{size}.db"
    with Log(path) as log:
        manifest = (folder / MANIFEST).read_bytes()
        import_segments(log, manifest, lambda name: (folder / name).read_bytes())
        start = perf_counter()
        found = log.ask(Holder())
        spent = perf_counter() - start
    return {"seconds": spent, "megabytes": _most_held(), "answer": _digest(found)}


def in_duckdb(size: int) -> dict[str, Any]:
    """Say the same in SQL, over the same files."""
    folder = changes.made(size, DATA)
    database = duckdb.connect()
    database.execute("SET threads = 2")
    start = perf_counter()
    found = dict(database.execute(_QUERY.format(folder=folder)).fetchall())
    spent = perf_counter() - start
    return {"seconds": spent, "megabytes": _most_held(), "answer": _digest(found)}


def _most_held() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def _digest(found: Any) -> str:
    return sha256(repr(sorted(found.items())).encode()).hexdigest()[:16]


RUNS: dict[str, Callable[[int], dict[str, Any]]] = {
    "Dask, two workers": lambda size: in_dask(size, 2),
    "Dask, one worker": lambda size: in_dask(size, 1),
    "log.ask": in_one,
    "DuckDB": in_duckdb,
}
"""Each contender."""


def _read() -> defaultdict[str, dict[str, dict[str, Any]]]:
    found = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    return defaultdict(dict, found)


def write(found: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Draw the picture, and write the table into the page."""
    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "timeline", "svg.fonttype": "none", "font.size": 11})
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for (name, points), (colour, dashes) in zip(found.items(), _STYLES, strict=False):
        sizes = sorted(map(int, points))
        seconds = [points[str(size)]["seconds"] for size in sizes]
        axes.plot(sizes, seconds, label=name, color=colour, linestyle=dashes, marker="o")
    axes.set(xscale="log", yscale="log", xlabel="entries in the log", ylabel="seconds")
    axes.set_title("Who holds each of 10,000 places", color=_GREY)
    axes.grid(color=_GREY, alpha=0.3)
    axes.tick_params(which="both", colors=_GREY)
    for side in axes.spines.values():
        side.set_color(_GREY)
    axes.xaxis.label.set_color(_GREY)
    axes.yaxis.label.set_color(_GREY)
    axes.legend(labelcolor=_GREY, framealpha=0)
    figure.savefig(PICTURE, transparent=True, metadata={"Date": None})
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    PAGE.write_text(f"{head}{_BEGIN}\n\n{_table(found)}\n\n{_END}{tail}", encoding="utf-8")


def _table(found: dict[str, dict[str, dict[str, Any]]]) -> str:
    names = list(found)
    rows = [
        f"| entries | {' | '.join(names)} | two workers to one | most memory of a worker |",
        f"|--:|{'--:|' * (len(names) + 2)}",
    ]
    for size in sorted({int(size) for points in found.values() for size in points}):
        cells = [points.get(str(size), {}) for points in found.values()]
        one, two = (found[f"Dask, {of}"].get(str(size), {}) for of in ("one worker", "two workers"))
        ratio = f"{one['seconds'] / two['seconds']:.2f}" if one and two else ""
        seconds = " | ".join(f"{cell['seconds']:,.1f} s" if cell else "" for cell in cells)
        most = f"{two['megabytes']:,} MB" if two else ""
        rows.append(f"| {size:,} | {seconds} | {ratio} | {most} |")
    return "\n".join(rows)


def main() -> None:
    """Measures what isn't measured yet, and writes it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the longest log")
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "ENTRIES"), help="for itself")
    parser.add_argument("--anew", action="store_true", help="measure all of it again")
    options = parser.parse_args()
    if options.one:
        name, size = options.one
        print(json.dumps(RUNS[name](int(size))))
        return
    if options.anew:
        FOUND.unlink(missing_ok=True)
    found = _read()
    for size in (size for size in SIZES if size <= options.most):
        changes.made(size, DATA)
        for name in RUNS:
            if str(size) not in found[name]:
                command = [sys.executable, __file__, "--one", name, str(size)]
                done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
                found[name][str(size)] = json.loads(done.stdout)
                FOUND.write_text(json.dumps(found, indent=1))
                print(f"{size:>9,}  {name:18}", found[name][str(size)], flush=True)
        answers = {points[str(size)]["answer"] for points in found.values() if str(size) in points}
        if len(answers) != 1:
            raise AssertionError(f"the contenders answer differently at {size}: {answers}")
    write(found)


if __name__ == "__main__":
    main()
