"""Chronologies that the tests of pages, maps and pictures look at."""

from __future__ import annotations

import runpy
from pathlib import Path

from timeline import (
    Attack,
    Chronology,
    Event,
    Incident,
    Log,
    Place,
    PoliticalStatement,
    Report,
    TerritorialChange,
    between,
    chronology,
    when,
)

EXAMPLE = Path(__file__).parents[1] / "examples" / "kharkiv_2022.py"
TEXT = "The mayor said: “Our town\n is free.” Nobody else was there. Shelling followed."


def kharkiv() -> Chronology:
    """Return the chronology of the example, recorded in two steps."""
    claims = runpy.run_path(str(EXAMPLE))["claims"]
    log = Log()
    log.append(*claims[:6], recorded="2022-09-16T18:00")
    log.append(*claims[6:], recorded="2022-09-16T21:30")
    return chronology(log)


def contested() -> Log:
    """Return a log with all that a page has to show: disputes, denials, versions, shares, steps."""
    town = Place("Izium", id="geonames:707753", latitude=49.21, longitude=37.25)
    region = Place("Kharkiv Oblast")
    wire = Report("Wire", published="2022-09-10", title="A day", url="https://example.org/a")
    agency = Report("Agency", published="2022-09-11", text=TEXT, url="javascript:alert(1)")
    later = Report("Agency", published="2022-09-14", title="Corrected")
    desk = Report("Our desk", published="2022-09-15")
    unknown = Report("Somebody")
    shelled = Attack(when="2022-09-09", place=town, by="Russia", killed=3, id="shelled")
    more = Attack(when="2022-09-09", place=town, by="Russia", killed=9, id="shelled")
    freed = TerritorialChange(
        when=between("2022-09-08", "2022-09-10"), place=town, to="Ukraine", id="freed"
    )
    log = Log()
    log.append(
        wire.says(shelled),
        wire.says(TerritorialChange(when="2022-04-01", place=town, to="Russia", id="fell")),
        wire.says(TerritorialChange(when="2022-04-01", place=region, to="Russia", id="region")),
        wire.says(PoliticalStatement(when="2022-09-10", speaker="Mayor", text="Free!", id="said")),
        recorded="2022-09-11",
    )
    said = agency.says(freed, quote="Our town is free", according_to="the mayor")
    log.append(
        agency.says(more, quote="Shelling followed"),
        said,
        agency.says(
            TerritorialChange(
                when="2022-09-10",
                place=region,
                to="Ukraine",
                from_="Russia",
                share="1/3",
                id="part",
            )
        ),
        recorded="2022-09-12",
    )
    wrong = unknown.says(Incident(when=when("2022-09-09~"), category="fire", place=town, id="fire"))
    log.append(
        unknown.denies(freed),
        wrong,
        later.expects(
            Incident(when=later.undated(direction="future"), category="trial", id="trial")
        ),
        recorded="2022-09-13",
    )
    log.append(
        desk.voids(wrong, because="typed twice"),
        later.retracts(shelled, because="counted twice"),
        agency.says(
            Incident(when="2022-08/2022-09-05", category="siege", place="Balakliia", id="siege")
        ),
        recorded="2022-09-16",
    )
    return log


def many(number: int) -> Chronology:
    """Return the chronology of a great many plain events, over seven years and eighty places."""
    claims = []
    log = Log()
    for n in range(number):
        day = when(f"{2014 + n % 7}-{1 + n // 7 % 12:02d}-{1 + n * 7 % 28:02d}")
        place = Place(f"Place {n * n % 83}", latitude=46 + n % 50 / 10, longitude=24 + n % 130 / 10)
        report = Report(f"Source {n % 37}", published=day, title=f"Report {n // 9}")
        side = f"Side {n % 5}"
        kinds: list[Event] = [
            Attack(when=day, place=place, by=side, killed=n % 4, id=f"{n:05}"),
            TerritorialChange(when=day, place=place, to=side, id=f"{n:05}"),
            PoliticalStatement(when=day, speaker=side, text=f"Words {n}", id=f"{n:05}"),
        ]
        claims.append(report.says(kinds[(n % 20 == 0) + 2 * (n % 20 == 1)]))
    log.append(*claims, recorded="2021-01-01")
    return chronology(log)
