"""A chronology in which everything happens that an export has to bear, for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from timeline import (
    Attack,
    Chronology,
    Count,
    Incident,
    Log,
    Place,
    PoliticalStatement,
    Report,
    TerritorialChange,
    When,
    between,
    chronology,
    lasted,
    when,
)

__all__ = ["HOSTILE", "told"]

HOSTILE = "=1+1|\"'<script>alert(1)</script>\n# \\`*[a](javascript:b) ]]> ; , & \u2028 \u202e end"

_KHARKIV = Place("Kharkiv", id="geonames:706483", latitude=49.99, longitude=36.23, within="Oblast")
_SPOKE = datetime(2022, 9, 16, 10, 0, 5, 500_000, tzinfo=UTC)
_SOUTH = Place("Elsewhere", latitude=-33.9, longitude=-18.4)


def told() -> Chronology:
    """Return accounts of every kind, time and standing, with texts that try to break out."""
    wire = Report(
        "Wire",
        published="2022-09-16",
        url="https://example.org/a?b=1&c=(2)",
        title="News",
        text="x",
    )
    other = Report("Other, Ltd", published="2022-09-15")
    hostile = Report(HOSTILE, title=HOSTILE, url="javascript:alert(1)", text=HOSTILE)
    shelled = Attack(
        when=when("2022-09-16T08:00", zone="Europe/Kyiv"),
        place=_KHARKIV,
        wounded=12,
        including={"children": 2},
        id="shelled",
    )
    freed = TerritorialChange(
        when=between("2022-09-08", "2022-09-10"),
        place="Izium",
        to="Ukraine",
        share="1/3",
        id="freed",
    )
    grave = Incident(
        when=wire.undated("lately"), category="mass grave", found=Count(about=450), id="grave"
    )
    with Log() as log:
        log.append(
            wire.says(shelled, quote="x", according_to=["police", "doctors"]),
            other.denies(shelled),
            wire.says(freed),
            other.says(
                TerritorialChange(when="2022-09-12", place="Izium", to="Ukraine", id="freed")
            ),
            wire.says(grave),
            wire.expects(
                Incident(when=When(lo=when("2022-10-01").lo), category="trial", id="trial")
            ),
            wire.says(Incident(when=When(), category="rumour", id="rumour")),
            wire.says(Incident(when="-0044-03-15", category="murder", id="ides", place=_SOUTH)),
            wire.says(Incident(when="Y170000002", category="far", id="far")),
            wire.says(Incident(when="2024-02-29", category="leap", id="leap")),
            wire.says(Incident(when=when("2022-09~"), category="fire", id="fire")),
            wire.says(Incident(when=when("2022-09-01", zone=None), category="flood", id="flood")),
            wire.says(Incident(when=lasted("2022-03", "2022-05"), category="siege", id="siege")),
            wire.says(PoliticalStatement(when=_SPOKE, speaker="A", id="spoke")),
            hostile.says(
                PoliticalStatement(when="2022-09-16", speaker=HOSTILE, text=HOSTILE, id=HOSTILE),
                quote=HOSTILE,
                according_to=HOSTILE,
            ),
        )
        return chronology(log)
