"""Reads the events of UCDP GED, the georeferenced event dataset of Uppsala, in any release.

Rules are those of the GED code books 5.0 to 25.1 (Högbladh). Columns are found by name, for their
order and number differ: releases up to 5.0 call the estimates ``best_est``, ``low_est`` and
``high_est`` and the ids ``conflict_id``; those from 17.1 on have ``best`` and ``conflict_new_id``;
those from 20.1 on add ``relid``, ``code_status`` and ``where_description``. Extracts for the
Humanitarian Data Exchange have a row of HXL tags under the header.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, Literal

from timeline.claims import Claim, Report, make_claim
from timeline.counts import Breakdown, Count
from timeline.errors import ImporterError
from timeline.imported_kinds import VIOLENCE, UcdpClash, UcdpEvent, UcdpSource
from timeline.importers.cell_parsers import coded, day, degrees, optional, required, whole
from timeline.importers.outcomes import Accepted, CellError, Outcome, Skipped, outcomes
from timeline.importers.table_reader import Lines, TableReader, TableRow, split
from timeline.places import Place
from timeline.time_parsing import Written, between, when
from timeline.times import When

__all__ = ["UCDP", "ucdp", "ucdp_release"]

UCDP = "UCDP GED"
"""The name of the source; all releases are its publications."""

PLACED = {
    "1": "exact location",
    "2": "near a known location",
    "3": "second-order division",
    "4": "first-order division",
    "5": "a line, an area or a part of the country",
    "6": "country",
    "7": "international waters or airspace",
}
_DATED = {str(code): code for code in range(1, 6)}
_FIGHTS = ("state-based", "non-state")
_CLEAR = {"1": 1, "2": 2}
_WHERE_PREC = {code: int(code) for code in PLACED}
_WHERE = (
    "country", "adm_1", "adm_2", "where_coordinates", "latitude", "longitude", "where_prec",
)  # fmt: skip
_KNOWN = 4096  # places that are remembered
_NEEDED = ("id", "side_a", "side_b", "latitude", "longitude", "date_start", "date_end")
_STANDARD = (
    "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,"
    "conflict_name,dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,"
    "side_b_dset_id,side_b_new_id,side_b,number_of_sources,source_article,source_office,"
    "source_date,source_headline,source_original,where_prec,where_coordinates,"
    "where_description,adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,country_id,"
    "region,event_clarity,date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,"
    "deaths_unknown,best,high,low,gwnoa,gwnob"
).split(",")  # the order of releases from 21.1 on; some candidate releases came without a header


def ucdp_release(release: str, *, published: Written) -> Report:
    """Return the report that a release is: ``ucdp_release("20.1", published="2020-06")``."""
    return Report(UCDP, published=published, title=f"UCDP GED {release}")


def ucdp(
    file: Lines,
    release: Report,
    *,
    says: Literal["release", "articles"] = "release",
    disorder: Literal["refuse", "widen"] = "refuse",
    undated: Collection[str] = ("1753-01-01",),
    encoding: str = "utf-8",
) -> Iterator[Outcome]:
    """Read the rows of a CSV release, or of an extract of one, as the ``release`` that says them.

    ``says="articles"`` has each cited article say the event instead, on its own date. Rows whose
    low, best and high are out of order are refused; ``disorder="widen"`` takes them, with
    ``killed`` opened so far that it holds all three, and says so in the summary. ``undated`` are
    source dates that stand for none: 1753-01-01 is the first day of the database they came from.

    Raises ``ImporterError`` for a file that isn't UCDP GED.
    """
    if says not in ("release", "articles") or disorder not in ("refuse", "widen"):
        raise ImporterError(
            f"says= is 'release' or 'articles' and disorder= 'refuse' or 'widen', not {says!r} "
            f"and {disorder!r}"
        )
    sheet = TableReader(
        file, encoding=encoding, delimiter=None, usual=_STANDARD, expect=_NEEDED, fold=True
    )
    sheet.need(*_NEEDED, what="a release of UCDP GED")
    suffix = "" if "best" in sheet else "_est"
    sheet.need(f"low{suffix}", f"best{suffix}", f"high{suffix}", what="a release of UCDP GED")
    if says == "articles":
        sheet.need("source_office", "source_date", what="a release with the dates of its sources")

    unknown_dates = frozenset(undated)
    known: dict[tuple[str, ...], Place | None] = {}  # a place has many rows

    def make(record: TableRow) -> Accepted | Skipped:
        event = _event(record, suffix, disorder, unknown_dates, known)
        if says == "release":
            offices = dict.fromkeys(one.office for one in event.sources if one.office)
            # What came out before it can have happened, the import counts.
            claim: Claim = make_claim(release, "says", event, according_to=list(offices))
            return Accepted(record.row, (claim,))
        articles = [_article(one) for one in event.sources if one.office]
        if not articles:
            raise CellError("source_office", record["source_office"], "expected who reported it")
        return Accepted(record.row, tuple(dict.fromkeys(one.says(event) for one in articles)))

    way = f"ucdp {release!r} {release.id} {says} {disorder} {sorted(undated)} {sheet.header!r}"
    return outcomes(sheet, make, names=_name, way="" if sheet.typed else way)


def _article(source: UcdpSource) -> Report:
    return Report(source.office, published=source.date, title=source.headline)


def _name(record: TableRow) -> str:
    return f"ucdp:{whole(record, 'id')}"


def _event(
    record: TableRow,
    suffix: str,
    disorder: str,
    undated: frozenset[str],
    known: dict[tuple[str, ...], Place | None],
) -> UcdpEvent | UcdpClash:
    name = _name(record)
    killed, summary, numbers = _killed(record, suffix, disorder, name)
    start, end = day(record, "date_start"), day(record, "date_end")
    sides = required(record, "side_a"), required(record, "side_b")
    violence = None
    if record["type_of_violence"]:
        violence = coded(record, "type_of_violence", VIOLENCE)
    deaths = {
        column: whole(record, column) if record[column] else None
        for column in ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
    }
    common: dict[str, Any] = {
        "id": name,
        "when": _days(start, end),
        "summary": summary,
        "place": _place(record, known),
        "killed": killed,
        **numbers,
        "date_prec": _code(record, "date_prec", _DATED),
        "where_prec": _code(record, "where_prec", _WHERE_PREC),
        "clarity": _code(record, "event_clarity", _CLEAR),
        "year": whole(record, "year", empty=int(start[:4])),
        "violence": violence,
        "conflict": optional(record, "conflict_name"),
        "dyad": optional(record, "dyad_name"),
        "country": optional(record, "country"),
        "adm1": record["adm_1"],
        "sources": tuple(_sources(record, undated)),
    }
    if violence not in _FIGHTS:
        # Its fields take no blanks: where one was blank, the parts don't make up best.
        common |= {column: dead or 0 for column, dead in deaths.items()}
        return UcdpEvent(by=sides[0], against=sides[1], **common)
    lost = zip(sides, (deaths["deaths_a"], deaths["deaths_b"]), strict=True)
    return UcdpClash(
        sides=sides,
        losses=Breakdown({side: _count(dead) for side, dead in lost if dead is not None}),
        civilians=_count(deaths["deaths_civilians"]),
        unknown=_count(deaths["deaths_unknown"]),
        **common,
    )


def _killed(
    record: TableRow, suffix: str, disorder: str, name: str
) -> tuple[Count, str | None, dict[str, int]]:
    """Low, best and high as a count and as they stand; a summary where they are out of order."""
    low, best, high = (whole(record, f"{one}{suffix}") for one in ("low", "best", "high"))
    summary = None
    if not low <= best <= high:
        if disorder == "refuse":
            column = f"low{suffix}" if low > best else f"high{suffix}"
            raise CellError(
                column,
                record[column],
                f"expected low <= best <= high, but they are {low}, {best} and {high}; "
                "disorder='widen' takes the row with a range that holds all three",
            )
        summary = f"UCDP event {name[5:]}, given as low {low}, best {best}, high {high}"
    killed = _range(min(low, best), best, max(best, high))
    return killed, summary, {"low": low, "best": best, "high": high}


@lru_cache(maxsize=4096)  # the same few numbers stand in most rows
def _count(dead: int | None) -> Count:
    return Count(dead)


@lru_cache(maxsize=4096)
def _range(low: int, best: int, high: int) -> Count:
    return Count(low=low, best=best, high=high)


@lru_cache(maxsize=4096)  # a day has many rows, and a row many articles
def _days(start: str, end: str) -> When:
    return when(start) if start == end else between(start, end)


def _code(record: TableRow, column: str, meanings: dict[str, int]) -> int:
    return coded(record, column, meanings) if record[column] else 1


def _place(record: TableRow, known: dict[tuple[str, ...], Place | None]) -> Place | None:
    key = tuple([record[column] for column in _WHERE])
    if key not in known:
        place = _read_place(record)
        if len(known) >= _KNOWN:
            known.clear()
        known[key] = place
    return known[key]


def _read_place(record: TableRow) -> Place | None:
    within: Place | None = None
    for column in ("country", "adm_1", "adm_2"):
        if record[column]:
            within = Place(record[column], within=within)
    name = record["where_coordinates"] or (within.name if within else "")
    if not name:
        return None
    code = record["where_prec"]
    return Place(
        name,
        latitude=degrees(record, "latitude", 90),
        longitude=degrees(record, "longitude", 180),
        within=within,
        precision=coded(record, "where_prec", PLACED) if code else None,
    )


def _sources(record: TableRow, undated: frozenset[str]) -> Iterator[UcdpSource]:
    """The articles, where offices and dates can be told apart; else what is there, in one piece."""
    articles = record["source_article"]
    offices, dates = record["source_office"].split(";"), record["source_date"].split(";")
    if not record["source_office"] or len(offices) != len(dates):
        whole_text = record["source_office"] or articles
        if whole_text:
            yield UcdpSource("", headline=whole_text)
        return
    titles = split(articles, ";") or []
    headlines = record["source_headline"].split(";")
    if len(headlines) != len(offices):
        headlines = [""] * len(offices)
    for place, (office, date) in enumerate(zip(offices, dates, strict=True)):
        start = f"{office},{date},"
        named = len(titles) == len(offices) and titles[place].startswith(start)
        headline = titles[place].removeprefix(start) if named else headlines[place]
        yield UcdpSource(
            office.strip(),
            date=None if not date.strip() or date.strip() in undated else _published(date.strip()),
            headline=headline.strip() or None,
        )


def _published(date: str) -> When:
    try:
        return _days(date, date)
    except ValueError:
        raise CellError("source_date", date, "expected days such as 2022-09-16 between ;") from None
