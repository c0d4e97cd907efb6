"""Reads ACLED's events, and its lists of deleted events, from CSV.

Rules are those of the ACLED code book of 2023. Actors 1 and 2 imply no direction in battles; in
explosions and violence against civilians the first is the one that acts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import attrs

from timeline.claims import Report
from timeline.counts import Count
from timeline.errors import ImporterError
from timeline.events import Event
from timeline.importers.cell_parsers import coded, degrees, instant, optional, required, whole
from timeline.importers.outcomes import Accepted, CellError, Outcome, outcomes
from timeline.importers.table_reader import Lines, TableReader, TableRow
from timeline.kinds import Attack, Incident, TerritorialChange
from timeline.places import Place
from timeline.time_parsing import Written, between, when
from timeline.times import When

__all__ = ["ACLED", "acled", "acled_deletions"]

ACLED = "ACLED"
"""The name of the source."""

POLICY = "acled-time-precision/1"
"""A week is a day and six days to either side of it, for the code book doesn't say which day of
the week stands for it; a month is the month of the date."""

PLACED = {"1": "town", "2": "part of a region", "3": "region"}
TYPES = {
    "Battles": "attack",
    "Explosions/Remote violence": "attack",
    "Remote violence": "attack",
    "Violence against civilians": "attack",
    "Protests": "incident",
    "Riots": "incident",
    "Strategic developments": "incident",
}
_NO_ATTACK = {"Abduction/forced disappearance", "Sexual violence"}
_EXPLOSIONS = {"Explosions/Remote violence", "Remote violence"}
_STATES = {"1", "State forces", "8", "External/Other forces"}
_OTHERS = {"2", "Rebel group", "3", "Political militia", "4", "Identity militia"}
_GAINS = {
    "Government regains territory": (_STATES, _OTHERS),
    "Non-state actor overtakes territory": (_OTHERS, _STATES),
}
_FORMATS = ("%d %B %Y", "%d %b %Y", "%d-%B-%Y", "%d-%b-%Y")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WEEK = timedelta(days=6)


def acled(
    file: Lines, *, published: Written | None = None, encoding: str = "utf-8"
) -> Iterator[Outcome]:
    """Reads the events of a CSV export.

    Each is said by ACLED at its ``timestamp``, the second when ACLED last changed it; ``published``
    is for exports that have no such column. Raises ``ImporterError`` for a file that isn't ACLED's.
    """
    sheet = TableReader(file, encoding=encoding)
    sheet.need(
        "event_id_cnty", "event_date", "time_precision", "event_type", "sub_event_type", "actor1",
        "location", "fatalities", what="an export of ACLED",
    )  # fmt: skip
    if "timestamp" not in sheet and published is None:
        raise ImporterError(
            "there is no column 'timestamp', by which ACLED says when it changed an event; give "
            "published= with the day of the export"
        )

    def make(record: TableRow) -> Accepted:
        at = instant(record, "timestamp") if published is None else published
        report = Report(ACLED, published=at, title="ACLED")
        sources = [one.strip() for one in record["source"].split(";")]
        return Accepted(
            record.row,
            tuple(
                report.says(
                    told,
                    quote=optional(record, "notes"),
                    according_to=[one for one in dict.fromkeys(sources) if one],
                )
                for told in _events(record)
            ),
        )

    return outcomes(sheet, make, names=_name)


def acled_deletions(file: Lines, *, encoding: str = "utf-8") -> Iterator[Outcome]:
    """Reads a list of deleted events, columns ``event_id_cnty`` and ``deleted_timestamp``.

    Each is retracted by ACLED at that second; what became of it as a change of territory, too.
    """
    sheet = TableReader(file, encoding=encoding)
    sheet.need("event_id_cnty", "deleted_timestamp", what="a list of ACLED's deleted events")

    def make(record: TableRow) -> Accepted:
        report = Report(ACLED, published=instant(record, "deleted_timestamp"), title="ACLED")
        name = _name(record)
        return Accepted(
            record.row,
            tuple(
                report.retracts(one, because="deleted by ACLED")
                for one in (name, f"{name}:territory")
            ),
        )

    return outcomes(sheet, make, names=_name)


def _name(record: TableRow) -> str:
    return f"acled:{required(record, 'event_id_cnty', 'an id such as UKR12345')}"


def _events(record: TableRow) -> Iterator[Event]:
    kind = coded(record, "event_type", TYPES)
    sub_type = required(record, "sub_event_type")
    name, time, place = _name(record), _when(record), _place(record)
    first, second = optional(record, "actor1"), optional(record, "actor2")
    killed = Count(whole(record, "fatalities"))
    if kind == "attack" and sub_type not in _NO_ATTACK:
        weapon = sub_type if record["event_type"] in _EXPLOSIONS else None
        yield Attack(
            id=name, when=time, place=place, by=first, against=second, weapon=weapon, killed=killed
        )
        to, from_ = _passed(record, sub_type)
        if to is not None and place is not None:
            yield TerritorialChange(
                id=f"{name}:territory", when=time, place=place, to=to, from_=from_, how=sub_type
            )
    elif sub_type == "Non-violent transfer of territory" and first and not second and place:
        yield TerritorialChange(id=name, when=time, place=place, to=first, how=sub_type)
    else:
        yield Incident(
            id=name,
            when=time,
            category=sub_type,
            place=place,
            involved=tuple(one for one in (first, second) if one),
            killed=killed,
        )


def _passed(record: TableRow, sub_type: str) -> tuple[str | None, str | None]:
    """Who gained a place and who lost it, where the kinds of the two actors tell."""
    if sub_type not in _GAINS:
        return None, None
    gainers, losers = _GAINS[sub_type]
    actors = [(record["actor1"], record["inter1"]), (record["actor2"], record["inter2"])]
    gained = [name for name, code in actors if name and code in gainers]
    lost = [name for name, code in actors if name and code in losers]
    if len(gained) != 1:
        return None, None
    return gained[0], lost[0] if lost else None


def _when(record: TableRow) -> When:
    text = record["event_date"]
    first = _date(text)
    year = record["year"]
    if year and whole(record, "year") != first.year:
        raise CellError("year", year, f"expected the year of event_date, {text}")
    widen: dict[str, Callable[[date], When]] = {"1": when, "2": _week, "3": _month}
    return attrs.evolve(coded(record, "time_precision", widen)(first), text=text)


def _week(first: date) -> When:
    try:
        found = between(first - _WEEK, first + _WEEK)
    except OverflowError:
        raise CellError(
            "event_date", str(first), "expected a day well within the years 1 to 9999"
        ) from None
    return attrs.evolve(found, policy=POLICY)


def _month(first: date) -> When:
    return attrs.evolve(when(f"{first:%Y-%m}"), policy=POLICY)


def _date(text: str) -> date:
    try:
        if _ISO.fullmatch(text):
            return date.fromisoformat(text)
        for form in _FORMATS:
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
    except ValueError:
        pass
    raise CellError("event_date", text, "expected a day such as 2022-09-16 or 16 September 2022")


def _place(record: TableRow) -> Place | None:
    within: Place | None = None
    for column in ("country", "admin1", "admin2", "admin3"):
        if record[column]:
            within = Place(record[column], within=within)
    name = record["location"]
    if not name:
        return within
    return Place(
        name,
        latitude=degrees(record, "latitude", 90),
        longitude=degrees(record, "longitude", 180),
        within=within,
        precision=coded(record, "geo_precision", PLACED) if record["geo_precision"] else None,
    )
