"""Reads ACLED's events, and its lists of deleted events, from CSV.

Rules are those of the ACLED code book of 2023, and of 2016 for the types of then. Actors 1 and 2
imply no direction in battles, which are clashes; in explosions and violence against civilians the
first is the one that acts. Fatalities aren't by side. A 0 is what ACLED writes where no fatalities
were reported; a blank is no figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import Literal

import attrs

from timeline.claims import Report
from timeline.counts import Count
from timeline.errors import ImporterError, TimelineError
from timeline.events import Event
from timeline.importers.cell_parsers import coded, degrees, instant, optional, required, whole
from timeline.importers.date_formats import date_format
from timeline.importers.outcomes import Accepted, CellError, Outcome, outcomes
from timeline.importers.table_reader import Lines, TableReader, TableRow
from timeline.kinds import Attack, Clash, Incident, TerritorialChange
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
    "Battles": "clash",
    "Battle-No change of territory": "clash",
    "Battle-Government regains territory": "clash",
    "Battle-Non-state actor overtakes territory": "clash",
    "Headquarters or base established": "incident",
    "Non-violent transfer of territory": "incident",
    "Riots/Protests": "incident",
    "Strategic development": "incident",
    "Explosions/Remote violence": "attack",
    "Remote violence": "attack",
    "Violence against civilians": "attack",
    "Protests": "incident",
    "Riots": "incident",
    "Strategic developments": "incident",
}
_TYPE_NAMES = {name.casefold(): name for name in TYPES}
_NO_ATTACK = {"Abduction/forced disappearance", "Sexual violence"}
_EXPLOSIONS = {"Explosions/Remote violence", "Remote violence"}
_STATES = {"1", "State forces", "8", "External/Other forces"}
_OTHERS = {"2", "Rebel group", "3", "Political militia", "4", "Identity militia"}
_GAINS = {
    "Government regains territory": (_STATES, _OTHERS),
    "Non-state actor overtakes territory": (_OTHERS, _STATES),
}
_BATTLE = "Battle-"  # types of before 2019 have the sub-type in them
_FORMATS = ("%d %B %Y", "%d-%B-%Y", "%d-%B-%y", "%d %B %y", "%B %d, %Y")
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: 0?0:00(?::00)?)?", re.ASCII)
_ORDERS = {"day first": "%d/%m", "month first": "%m/%d"}
_LOOKED_AT = 5000  # rows read ahead where dates are in digits, to see in which order
_MONTHS, _SHORT_YEAR = 12, 2
_WEEK = timedelta(days=6)


def acled(
    file: Lines,
    *,
    published: Written | None = None,
    dates: Literal["day first", "month first"] | None = None,
    encoding: str = "utf-8",
) -> Iterator[Outcome]:
    """Read the events of an export, in any layout since 2016: CSV, a workbook, or the API's JSON.

    Each is said by ACLED at its ``timestamp``, the second when ACLED last changed it; where that is
    empty, nobody knows when. ``published`` is for exports that have no such column. Dates in digits
    alone, as spreadsheets save them (``31-12-19``), are read in the order in which all the first
    5,000 make sense; where that is both orders, ``dates`` has to say which. Raises
    ``ImporterError`` for that, and for a file that isn't ACLED's.
    """
    if dates is not None and dates not in _ORDERS:
        raise ImporterError(f"dates= is 'day first' or 'month first', not {dates!r}")
    needed = ("event_id_cnty", "event_date", "event_type", "actor1", "location", "fatalities")
    sheet = TableReader(file, encoding=encoding, delimiter=None, expect=needed, fold=True)
    sheet.need(*needed, what="an export of ACLED")
    if "timestamp" not in sheet and published is None:
        raise ImporterError(
            "there is no column 'timestamp', by which ACLED says when it changed an event; give "
            "published= with the day of the export"
        )
    records = iter(sheet)
    start = list(_read_ahead(records))
    order = dates or _order(start)

    def make(record: TableRow) -> Accepted:
        report = _report(_stamped(record, "timestamp") if published is None else published)
        sources = [one.strip() for one in record["source"].split(";")]
        return Accepted(
            record.row,
            tuple(
                report.says(
                    event,
                    quote=optional(record, "notes"),
                    according_to=[one for one in dict.fromkeys(sources) if one],
                )
                for event in _events(record, order)
            ),
        )

    return outcomes(chain(start, records), make, names=_name)


def _read_ahead(records: Iterator[TableRow]) -> Iterator[TableRow]:
    for record in islice(records, _LOOKED_AT):
        yield record
        if record.is_tags():
            continue
        if len(record.cells) == len(record.header) and not _NUMERIC.fullmatch(record["event_date"]):
            return


def _order(records: Iterable[TableRow]) -> str:
    """In which order dates in digits are written, by those that make sense in one order alone."""
    found: set[str] = set()
    numeric = 0
    for record in records:
        if record.problem is not None or len(record.cells) != len(record.header):
            continue
        match = _NUMERIC.fullmatch(record["event_date"])
        if match is None:
            continue
        numeric += 1
        first, second = int(match[1]), int(match[3])
        if first > _MONTHS >= second:
            found.add("day first")
        elif second > _MONTHS >= first:
            found.add("month first")
    if numeric and len(found) != 1:
        both = (
            "some only make sense with the day first, some with the month"
            if found
            else ("all of them make sense in both orders")
        )
        raise ImporterError(
            f"event_date is in digits, and {both}; say dates='day first' or dates='month first', "
            "or export the file again"
        )
    return found.pop() if found else "day first"


@lru_cache(maxsize=4096)
def _report(published: Written | None) -> Report:
    return Report(ACLED, published=published, title="ACLED")


def _stamped(record: TableRow, column: str) -> When | None:
    """The second of a count of seconds since 1970 or of an ISO text; None where it is empty."""
    text = record[column]
    if not text:
        return None
    if text.isdigit() or text.endswith(".0"):
        return instant(record, column)
    try:
        return when(text if "T" in text or " " in text else text[:10])
    except TimelineError:
        raise CellError(
            column, text, "expected seconds since 1970, or a time such as 2022-09-20T12:00:00Z"
        ) from None


def acled_deletions(file: Lines, *, encoding: str = "utf-8") -> Iterator[Outcome]:
    """Read a list of deleted events, columns ``event_id_cnty`` and ``deleted_timestamp``.

    Each is retracted by ACLED at that second; what became of it as a change of territory, too.
    """
    needed = ("event_id_cnty", "deleted_timestamp")
    sheet = TableReader(file, encoding=encoding, delimiter=None, expect=needed, fold=True)
    sheet.need(*needed, what="a list of ACLED's deleted events")

    def make(record: TableRow) -> Accepted:
        report = _report(_stamped(record, "deleted_timestamp"))
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


def _events(record: TableRow, order: str) -> Iterator[Event]:
    of_type = _TYPE_NAMES.get(record["event_type"].casefold(), "")
    kind = TYPES[of_type] if of_type else coded(record, "event_type", TYPES)
    sub_type = record["sub_event_type"] or of_type.removeprefix(_BATTLE)
    name, time, place = _name(record), _when(record, order), _place(record)
    first, second = optional(record, "actor1"), optional(record, "actor2")
    killed = Count(whole(record, "fatalities")) if record["fatalities"] else Count()
    if kind == "clash" and first and second:
        yield Clash(id=name, when=time, place=place, sides=(first, second), killed=killed)
    elif kind in ("attack", "clash") and sub_type not in _NO_ATTACK:
        weapon = sub_type if of_type in _EXPLOSIONS else None
        yield Attack(
            id=name, when=time, place=place, by=first, against=second, weapon=weapon, killed=killed
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
    if kind == "clash":
        to, from_ = _passed(record, sub_type)
        if to is not None and place is not None:
            yield TerritorialChange(
                id=f"{name}:territory", when=time, place=place, to=to, from_=from_, how=sub_type
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


def _when(record: TableRow, order: str) -> When:
    text = record["event_date"]
    first = _date(text, order)
    year = record["year"]
    if year and whole(record, "year") != first.year:
        raise CellError("year", year, f"expected the year of event_date, {text}")
    widen: dict[str, Callable[[date], When]] = {"1": when, "2": _week, "3": _month}
    # Exports of one country on the Humanitarian Data Exchange lack the column.
    precise = coded(record, "time_precision", widen) if record["time_precision"] else when
    return attrs.evolve(precise(first), text=str(text))


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


@lru_cache(maxsize=4096)
def _date(text: str, order: str) -> date:
    iso = _ISO.fullmatch(text)
    numeric = _NUMERIC.fullmatch(text)
    try:
        if iso is not None:
            return date.fromisoformat(iso[1])
        if numeric is not None:
            form = f"{_ORDERS[order]}/{'%Y' if len(numeric[4]) > _SHORT_YEAR else '%y'}"
            return _day_of(form, f"{numeric[1]}/{numeric[3]}/{numeric[4]}")
        for form in _FORMATS:
            try:
                return _day_of(form, text)
            except ValueError:
                continue
    except ValueError:
        pass
    raise CellError("event_date", text, "expected a day such as 2022-09-16 or 16 September 2022")


def _day_of(form: str, text: str) -> date:
    found = date_format(form).read(text, "UTC").earliest
    assert found is not None  # noqa: S101 - these formats have a year of four digits
    return found.date()


def _place(record: TableRow) -> Place | None:
    # Names repeat from region to region, so a place is known by its path.
    path: list[str] = []
    within: Place | None = None
    for column in ("country", "admin1", "admin2", "admin3"):
        if record[column]:
            path.append(record[column])
            within = Place(record[column], id=_path(path), within=within)
    name = record["location"]
    if not name:
        return within
    return Place(
        name,
        id=_path([*path, name]),
        latitude=degrees(record, "latitude", 90),
        longitude=degrees(record, "longitude", 180),
        within=within,
        precision=coded(record, "geo_precision", PLACED) if record["geo_precision"] else None,
    )


def _path(names: list[str]) -> str | None:
    return " / ".join(names) if len(names) > 1 else None
