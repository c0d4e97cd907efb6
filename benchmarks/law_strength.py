"""Measures how surely the laws catch the faulty plugs of the zoo, law by law, and how fast.

``python benchmarks/law_strength.py`` makes ten runs, each with a seed of its own, under Hypothesis'
own default settings and ten of the smoke profile. It prints a line for each run as it goes, and the
figures in the end. ``--zoo stores --seeds 0 1 2 --kept figures.jsonl`` makes a part of them and
keeps what came of it in a file; ``--runs 0 --kept figures.jsonl`` prints the figures of that file,
and with ``--write docs/laws.md`` puts them there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import attrs
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faulty.events import FAULTY_EVENTS, SOUND_EVENTS
from tests.faulty.exporters import FAULTY_EXPORTERS, SOUND_EXPORTERS
from tests.faulty.field import FIELD_FAULTY
from tests.faulty.field_sound import FIELD_SOUND
from tests.faulty.orders import FAULTY_ORDERS, SOUND_ORDERS
from tests.faulty.projections import FAULTY_PROJECTIONS, SOUND_PROJECTIONS
from tests.faulty.stores import FAULTY, SOUND, Case
from timeline.testing import laws
from timeline.testing.laws.store_failures import StoreBroken

SMALL = 3
ANY = "any law"
PROFILES = {"default": False, "smoke": True}


@attrs.frozen
class LawSuite:
    """Something of the zoo: the laws meant to catch it, none if it is sound, and how to try it."""

    name: str
    meant: tuple[str, ...]
    verify: Callable[..., laws.LawReport]

    def rows(self, *, seed: int, smoke: bool, alone: bool) -> Iterator[dict[str, Any]]:
        """Try it once; return a row for each law meant for it, or one that tells of alarms."""
        started = perf_counter()
        only = {"only": self.meant} if alone and self.meant and ANY not in self.meant else {}
        report = self.verify(seed=seed, smoke=smoke, **only)
        row = {"plug": self.name, "seconds": round(perf_counter() - started, 3)}
        found = {one.law: one.found for one in report.verdicts if one.outcome == "broken"}
        for law in self.meant:
            by = [one for name, one in found.items() if law in {name, ANY}]
            sizes = [size for one in by if (size := _size(one)) is not None]
            yield row | {"law": law, "caught": bool(by), "size": min(sizes, default=None)}
        if not self.meant:
            yield row | {"law": "", "alarms": sorted(found)}


def _size(found: BaseException | None) -> int | None:
    """How many claims, or calls of a store, are shown."""
    if isinstance(found, StoreBroken):
        return len(found.story)
    return found.finding.size if isinstance(found, laws.Broken) else None


def _projections() -> Iterator[LawSuite]:
    for faulty, law in FAULTY_PROJECTIONS.items():
        yield LawSuite(faulty.__name__, (law,), partial(laws.verify, faulty))
    for sound in SOUND_PROJECTIONS:
        yield LawSuite(sound.__name__, (), partial(laws.verify, sound))


def _field() -> Iterator[LawSuite]:
    for faulty in FIELD_FAULTY:
        yield LawSuite(faulty.__name__, (ANY,), partial(laws.verify, faulty))
    for sound in FIELD_SOUND:
        yield LawSuite(sound.__name__, (), partial(laws.verify, sound))


def _events() -> Iterator[LawSuite]:
    for name, (kind, law, options) in {**FAULTY_EVENTS, **SOUND_EVENTS}.items():
        meant = (law,) if law else ()
        yield LawSuite(name, meant, partial(laws.verify_event, kind, **options))


def _orders() -> Iterator[LawSuite]:
    for name, (make, law) in FAULTY_ORDERS.items():
        yield LawSuite(name, (law,), partial(_order, make))
    for name, make in SOUND_ORDERS.items():
        yield LawSuite(name, (), partial(_order, make))


def _order(make: Callable[[], Any], **options: Any) -> laws.LawReport:
    return laws.verify_order(make(), **options)


def _exporters() -> Iterator[LawSuite]:
    for name, (make, kind, law) in FAULTY_EXPORTERS.items():
        yield LawSuite(name, (law,), partial(_exporter, make, kind))
    for name, (export, kind) in SOUND_EXPORTERS.items():
        yield LawSuite(name, (), partial(laws.verify_exporter, export, kind=kind))


def _exporter(make: Callable[[], Any], kind: str, **options: Any) -> laws.LawReport:
    return laws.verify_exporter(make(), kind=kind, **options)


def _stores() -> Iterator[LawSuite]:
    for case in FAULTY:
        yield LawSuite(case.name, tuple(case.laws), partial(_store, case, only=list(case.laws)))
    for case in SOUND:
        yield LawSuite(case.name, (), partial(_store, case))


def _store(case: Case, **options: Any) -> laws.LawReport:
    return laws.verify_store(case.make, lasting=case.lasting, skip=case.skip, **options)


ZOOS: dict[str, Callable[[], Iterator[LawSuite]]] = {
    "projections": _projections,
    "field": _field,
    "events": _events,
    "orders": _orders,
    "exporters": _exporters,
    "stores": _stores,
}


def run(
    zoo: str, profile: str, seed: int, *, alone: bool, sound: bool = False
) -> list[dict[str, Any]]:
    """Try a whole zoo once, and say in a line how it went."""
    rows = [
        {"zoo": zoo, "profile": profile, "seed": seed, **row}
        for plug in ZOOS[zoo]()
        if not (sound and plug.meant)
        for row in plug.rows(seed=seed, smoke=PROFILES[profile], alone=alone)
    ]
    faulty = [row for row in rows if row["law"]]
    alarms = [row for row in rows if row.get("alarms")]
    seconds = sum(row["seconds"] for row in rows)
    print(
        f"{zoo}, {profile}, seed {seed}: caught {sum(row['caught'] for row in faulty)} of "
        f"{len(faulty)}, false alarms {len(alarms)}, {seconds:.0f} s",
        flush=True,
    )
    return rows


def tell(zoo: str, profile: str, rows: list[dict[str, Any]]) -> None:
    """Print a table of the laws of a zoo under one profile, then the sums."""
    runs = len({row["seed"] for row in rows})
    print(f"\n{zoo}, {profile}: {runs} runs\n\n| law | faulty | caught | size |\n|---|--:|--:|--:|")
    by_law: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_law[row["law"]].append(row)
    sound = by_law.pop("", [])
    for law, found in by_law.items():
        caught = sum(row["caught"] for row in found)
        sizes = [row["size"] for row in found if row["size"] is not None]
        span = f"{min(sizes)} to {max(sizes)}" if sizes else ""
        plugs = len({row["plug"] for row in found})
        print(f"| {law} | {plugs} | {caught} of {len(found)} | {span} |")
    faulty = [row for found in by_law.values() for row in found]
    missed = [row for row in faulty if not row["caught"]]
    alarms = [row for row in sound if row["alarms"]]
    sizes = [row["size"] for row in faulty if row["size"] is not None]
    print(f"\ncaught: {len(faulty) - len(missed)} of {len(faulty)}")
    for row in missed:
        print(f"  missed: {row['plug']} by {row['law']}, seed {row['seed']}")
    small = sum(size <= SMALL for size in sizes)
    print(
        f"shown in {SMALL} or fewer: {small} of {len(sizes)}, the longest {max(sizes, default=0)}"
    )
    print(f"false alarms: {len(alarms)} of {len(sound)}")
    for row in alarms:
        print(f"  alarm: {row['plug']} by {', '.join(row['alarms'])}, seed {row['seed']}")
    for group, some in (("faulty", faulty), ("sound", sound)):
        seconds = [row["seconds"] for row in some] or [0.0]
        print(f"seconds, {group}: median {median(seconds):.2f}, most {max(seconds):.2f}")


def page(rows: list[dict[str, Any]], timed: list[dict[str, Any]]) -> str:
    """Return the figures as they stand in docs/laws.md; the times are those of other runs."""
    lines = [_WORDS, "", *_HEAD]
    for zoo, profile in product(ZOOS, PROFILES):
        some = _of(rows, zoo, profile)
        if some:
            faulty, sound, sizes = _sorted(some)
            cells = [
                zoo,
                profile,
                str(len({row["seed"] for row in some})),
                f"{sum(row['caught'] for row in faulty)} of {len(faulty)}",
                f"{sum(bool(row['alarms']) for row in sound)} of {len(sound)}",
                f"{sum(size <= SMALL for size in sizes)} of {len(sizes)}",
                _medians(_of(timed, zoo, profile)),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    lines += ["", _LAW_BY_LAW, "", "| law | faulty | caught | shown in |", "|---|--:|--:|--:|"]
    by_law: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in (row for zoo in ZOOS for row in _of(rows, zoo, "default") if row["law"]):
        by_law[row["law"]].append(row)
    for law, found in by_law.items():
        caught = f"{sum(row['caught'] for row in found)} of {len(found)}"
        sizes = [row["size"] for row in found if row["size"] is not None]
        span = f"{min(sizes)} to {max(sizes)}" if min(sizes) < max(sizes) else str(max(sizes))
        lines.append(f"| {law} | {len({row['plug'] for row in found})} | {caught} | {span} |")
    return "\n".join(lines)


_HEAD = (
    "| zoo | profile | seeds | caught by the law meant for it | alarms | in 3 or fewer | median |",
    "|---|---|--:|--:|--:|--:|--:|",
)
_WORDS = """\
`make strength` tries the laws on the zoo, each run with a seed of its own, and prints a line for
each as it goes. `--zoo`, `--profile` and `--seeds` in `ARGS` make a part of it, `--alone` tries
what is faulty with the law meant for it alone, `--kept FILE` adds what came of it to a file, and
`--runs 0 --kept FILE --write docs/laws.md` puts the figures of that file here. Seeds 3 to 8 of the
projections, the exporters and the smoke profile were run with `--alone`. The medians of time are
those of one run with all laws, on two cores with Python 3.11 that other programs used too; on the
same two cores by itself, a sound projection took 1.9 s under the default profile."""
_LAW_BY_LAW = """\
What is shown is counted in claims; for stores, in calls, of which a law that plays a scene has its
own number. Law by law, under the default profile:"""


def _of(rows: list[dict[str, Any]], zoo: str, profile: str) -> list[dict[str, Any]]:
    return [row for row in rows if (row["zoo"], row["profile"]) == (zoo, profile)]


def _sorted(
    rows: list[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[int]]:
    """The rows of faulty plugs, those of sound ones, and how much was shown."""
    faulty = [row for row in rows if row["law"]]
    sizes = [row["size"] for row in faulty if row["size"] is not None]
    return faulty, [row for row in rows if not row["law"]], sizes


def _medians(rows: list[dict[str, Any]]) -> str:
    faulty, sound, _ = _sorted(rows)
    parts = [
        f"{median(row['seconds'] for row in some):.1f} s {name}"
        for name, some in (("faulty", faulty), ("sound", sound))
        if some
    ]
    return ", ".join(parts)


def _write(file: Path, text: str) -> None:
    """Put the figures between the two marks of a page."""
    start, end = "<!-- strength -->\n", "\n<!-- /strength -->"
    before, _, rest = file.read_text(encoding="utf-8").partition(start)
    file.write_text(before + start + text + end + rest.partition(end)[2], encoding="utf-8")


def main() -> None:
    """Make the runs that are asked for, and print the figures of these and of those kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="runs with the seeds from 0 on")
    parser.add_argument("--seeds", type=int, nargs="+", help="these seeds instead")
    parser.add_argument("--zoo", nargs="+", choices=ZOOS, default=list(ZOOS))
    parser.add_argument("--profile", nargs="+", choices=PROFILES, default=list(PROFILES))
    parser.add_argument("--kept", type=Path, help="a file that runs are added to")
    parser.add_argument(
        "--alone", action="store_true", help="try what is faulty with the law meant for it alone"
    )
    parser.add_argument("--sound", action="store_true", help="try what is sound alone")
    parser.add_argument("--timed", type=Path, help="a file of runs whose times are written")
    parser.add_argument("--write", type=Path, help="a page that the figures are put into")
    options = parser.parse_args()
    settings.load_profile("default")
    rows = _kept(options.kept)
    for seed in range(options.runs) if options.seeds is None else options.seeds:
        for zoo in options.zoo:
            for profile in options.profile:
                new = run(zoo, profile, seed, alone=options.alone, sound=options.sound)
                rows += new
                if options.kept is not None:
                    with options.kept.open("a", encoding="utf-8") as file:
                        file.writelines(json.dumps(row) + "\n" for row in new)
    for zoo in ZOOS:
        for profile in PROFILES:
            some = [row for row in rows if (row["zoo"], row["profile"]) == (zoo, profile)]
            if some:
                tell(zoo, profile, some)
    if options.write is not None:
        _write(options.write, page(rows, _kept(options.timed)))


def _kept(file: Path | None) -> list[dict[str, Any]]:
    lines: Iterable[str] = ()
    if file is not None and file.exists():
        lines = file.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
