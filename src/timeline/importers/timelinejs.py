"""Reads what people make for TimelineJS: its spreadsheet, as CSV or a workbook, and its JSON.

Columns are those of the template that Knight Lab publishes for TimelineJS 3, and names in JSON
those of its documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from html import unescape

import attrs

from timeline.canonical import encode
from timeline.claims import Report
from timeline.importers.cell_parsers import optional, required
from timeline.importers.outcomes import Accepted, CellError, Outcome, Skipped, outcomes
from timeline.importers.table_reader import Lines, TableReader, TableRow
from timeline.kinds import Incident
from timeline.time_parsing import lasted, when
from timeline.times import When

__all__ = ["timelinejs"]

_NUMBER = re.compile(r"(\d{1,4})(?:\.0+)?", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp])?\.?(?:[Mm]\.?)?", re.ASCII)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BLOCK = re.compile(r"</?(?:p|br|div|li|ul|ol|h\d|tr|td|blockquote)\b[^<>]*>", re.IGNORECASE)
_MARKED = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
_NOON = 12
_JSON = {
    "start_date.year": "Year", "start_date.month": "Month", "start_date.day": "Day",
    "end_date.year": "End Year", "end_date.month": "End Month", "end_date.day": "End Day",
    "display_date": "Display Date", "start_date.display_date": "Display Date",
    "text.headline": "Headline", "text.text": "Text", "media.url": "Media", "group": "Group",
    "type": "Type",
}  # fmt: skip


def timelinejs(
    file: Lines, report: Report, *, zone: str | None = "UTC", encoding: str = "utf-8"
) -> Iterator[Outcome]:
    """Read slides as incidents that ``report`` says: the sheet has no dates of its own.

    The headline is the summary, the text the quote, both without their markup; the group is the
    category, and the media link the report's url. A year may be negative: -44 is 44 before year 0.
    Times are those of ``zone``. Raises ``ImporterError`` for another sheet.
    """
    needed = ("Year", "Headline")
    sheet = TableReader(file, encoding=encoding, delimiter=None, expect=needed)
    sheet.rename(_JSON)
    sheet.need(*needed, what="a TimelineJS spreadsheet")

    def make(record: TableRow) -> Accepted | Skipped:
        if record["Type"].lower() == "title":
            return Skipped(record.row, "the title slide")
        headline = _plain(required(record, "Headline"))
        start, end = _time(record, "", zone), _time(record, "End ", zone)
        if start is None:
            raise CellError("Year", record["Year"], "expected a year, such as 2022 or -44")
        time = start if end is None else lasted(start, end)
        era = record["Type"].lower() == "era"
        slide = Incident(
            id=_named(report.source, start, end, headline),
            when=attrs.evolve(time, text=optional(record, "Display Date")),
            category="era" if era else record["Group"] or "event",
            summary=headline,
        )
        media = record["Media"]
        linked = media if media.startswith(("https://", "http://")) else report.url
        page = attrs.evolve(report, url=linked)
        return Accepted(record.row, (page.says(slide, quote=_plain(record["Text"]) or None),))

    return outcomes(sheet, make)


def _named(source: str, start: When, end: When | None, headline: str) -> str:
    """An id that stays when the text is edited; a sheet has none."""
    ends = None if end is None else [end.lo, end.hi]
    form = encode([source, [start.lo, start.hi], ends, headline])
    return f"timelinejs:{sha256(form).hexdigest()[:24]}"


def _time(record: TableRow, which: str, zone: str | None) -> When | None:
    columns = [f"{which}{name}" for name in ("Year", "Month", "Day")]
    parts = [_year(record, columns[0]), *(_part(record, column) for column in columns[1:])]
    clock = record[f"{which}Time"]
    given = [part is not None for part in parts] + [bool(clock)]
    if given != sorted(given, reverse=True):
        place = given.index(False)
        raise CellError([*columns, ""][place], "", "expected a number, as a finer one is given")
    if not any(given):
        return None
    year, month, of_month = parts
    text = f"{year:05d}" if year is not None and year < 0 else f"{year:04d}"
    text += "" if month is None else f"-{month:02d}"
    text += "" if of_month is None else f"-{of_month:02d}"
    return when(text + (_clock(record, f"{which}Time") if clock else ""), zone=zone)


def _plain(text: str) -> str:
    """Text without HTML: tags are left out, and what they escape is itself."""
    if not _MARKED.search(text):
        return text
    return " ".join(unescape(_TAG.sub("", _BLOCK.sub(" ", text))).split())


def _year(record: TableRow, column: str) -> int | None:
    text = record[column]
    if text.startswith("-") and (match := _NUMBER.fullmatch(text[1:])):
        return -int(match[1])
    return _part(record, column)


def _part(record: TableRow, column: str) -> int | None:
    text = record[column]
    if not text:
        return None
    match = _NUMBER.fullmatch(text)
    if match is None or not int(match[1]):
        raise CellError(column, text, "expected a number from 1")
    return int(match[1])


def _clock(record: TableRow, column: str) -> str:
    match = _TIME.fullmatch(record[column])
    if match is None:
        raise CellError(column, record[column], "expected a time such as 17:30 or 5:30 PM")
    hour, minute, second, half = match.groups()
    hours = int(hour)
    if half:
        if not 1 <= hours <= _NOON:
            raise CellError(column, record[column], "expected an hour from 1 to 12 before AM or PM")
        hours = hours % _NOON + (_NOON if half in "Pp" else 0)
    return f"T{hours:02d}:{minute}" + (f":{second}" if second else "")
