"""Measures candidates: recall and precision, on real alerts too, and the time of 100,000.

``python benchmarks/matching.py`` needs the data sets of ``docs/real-data.md`` beside the project.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.readers import json_of
from tests.real import data_file
from tests.test_matching import _crashes
from tests.test_real_air_raid import (
    OFFICIAL_SHEET,
    VOLUNTEER_SHEET,
    AirRaidAlert,
    Alerts,
    candidates_found,
    nearest,
)
from timeline import Attack, Casualties, Log, Place, Report, matching
from timeline.importers import gazetteer, import_into, table


def alerts() -> None:
    """Two sources of air raid alerts, of which 9,221 of one have a counterpart in the other."""
    expected: Any = json_of(data_file("air_raid_expected.json"))
    names: dict[str, str] = expected["official_vs_volunteer_corroboration"]["name_mapping"]
    with Log(events=[AirRaidAlert]) as log:
        for name, sheet in (
            ("air_raid_official.csv", OFFICIAL_SHEET),
            ("air_raid_volunteer.csv", VOLUNTEER_SHEET),
        ):
            with data_file(name).open("rb") as file:
                rows = table(file, sheet, published="2022-09-15", kinds=[AirRaidAlert])
                import_into(log, rows, batch=5000)
        areas = log.ask(Alerts())
        pairs = [
            (alert, other)
            for area, region in names.items()
            for alert in areas[area]
            if (other := nearest(alert, areas.get(region, ()))) is not None
        ]
        began = process_time()
        recall, precision = candidates_found(log, pairs, names, datetime(2022, 1, 1, tzinfo=UTC))
        spent = process_time() - began
    print(f"alerts: {len(pairs):,} with a counterpart; recall {recall:.2%}, precision", end=" ")
    print(f"{precision:.2%}; {spent:.1f} s of CPU, names and copying of the log included")


def many(events: int = 100_000) -> None:
    """Attacks of three sources in 3,000 towns over 900 days."""
    rng = random.Random(1)
    reports = [Report(name, published="2025") for name in "ABC"]
    towns = [
        Place(f"town {number}", latitude=rng.uniform(44.5, 52), longitude=rng.uniform(22, 40))
        for number in range(3000)
    ]
    log = Log()
    claims = [
        rng.choice(reports).says(
            Attack(
                id=f"event {number}",
                when=date(2022, 1, 1) + timedelta(days=rng.randrange(900)),
                place=rng.choice(towns),
                killed=rng.randrange(9),
            )
        )
        for number in range(events)
    ]
    log.append(*claims)
    for kilometres in (5, 25):
        began = process_time()
        found = matching.candidates(log, kilometres=kilometres, days=1)
        spent = process_time() - began
        print(f"{events:,} events, {kilometres} km, a day: {len(found):,} pairs, {spent:.1f} s CPU")


def crashes(times: int = 50) -> None:
    """MELTT's example design, made up anew many times: 195 rows of 140 events, 34 in several."""
    right = proposed = wanted = 0
    for seed in range(times):
        log, same = _crashes(seed)
        found = matching.one_to_one(matching.candidates(log, kilometres=4, days=2))
        right += len(same.intersection(one.link for one in found))
        proposed += len(found)
        wanted += len(same)
    print(f"{times} times three lists of crashes: recall {right / wanted:.2%}, precision", end=" ")
    print(f"{right / proposed:.2%} of {wanted:,} pairs")


def gazetteers(places: int = 100_000) -> None:
    """A gazetteer taken in, and the first question of a log that has it and a hundred events."""
    rows = (
        f"g:{number},Place {number},Plats {number};Misto {number},g:{number // 50},50,30,0\n"
        for number in range(1, places + 1)
    )
    columns = "id,name,alternate_names,parent,latitude,longitude,population\n"
    with TemporaryDirectory() as folder, Log(f"{folder}/war.db") as log:
        file = StringIO(columns + "".join(rows))
        began = process_time()
        import_into(log, gazetteer(file, Report("list", published="2022")), batch=5000)
        taken = process_time() - began
        wire = Report("Wire", published="2022-09-16")
        log.append(
            *(
                wire.says(Attack(id=f"{one}", when="2022-09-10", place=f"Plats {one}", killed=1))
                for one in range(1, 101)
            )
        )
        began = process_time()
        log.ask(Casualties())
        asked = process_time() - began
    print(f"{places:,} places: taken in in {taken:.1f} s CPU, the first question {asked:.1f} s")


if __name__ == "__main__":
    alerts()
    crashes()
    gazetteers()
    many()
