"""Reads the event and mention files of GDELT 2.0: tab-separated, without a header.

Rules are those of the GDELT Event code book 2.0 (2015). What happened is a CAMEO code and stays a
text, for its leading zero counts: 010 is a statement, 10 a demand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Protocol

from timeline.claims import Report
from timeline.errors import ImporterError
from timeline.events import Event
from timeline.imported_kinds import GdeltEvent
from timeline.importers.cell_parsers import coded, degrees, number, optional, required, stamp, whole
from timeline.importers.outcomes import Accepted, CellError, Outcome, Skipped, outcomes
from timeline.importers.table_reader import Lines, TableReader, TableRow, lines_of
from timeline.places import Place

__all__ = ["GDELT", "gdelt", "gdelt_mentions"]

GDELT = "GDELT 2.0"
"""The name of the source of the event file; a mention's source is who published it."""

_GEO = "Type FullName CountryCode ADM1Code ADM2Code Lat Long FeatureID".split()
_ACTOR = (
    "Code Name CountryCode KnownGroupCode EthnicCode Religion1Code Religion2Code "
    "Type1Code Type2Code Type3Code"
).split()
COLUMNS = (
    "GlobalEventID", "Day", "MonthYear", "Year", "FractionDate",
    *(f"Actor1{name}" for name in _ACTOR),
    *(f"Actor2{name}" for name in _ACTOR),
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale",
    "NumMentions", "NumSources", "NumArticles", "AvgTone",
    *(f"{what}Geo_{name}" for what in ("Actor1", "Actor2", "Action") for name in _GEO),
    "DATEADDED", "SOURCEURL",
)  # fmt: skip
MENTIONS = (
    "GlobalEventID EventTimeDate MentionTimeDate MentionType MentionSourceName MentionIdentifier "
    "SentenceID Actor1CharOffset Actor2CharOffset ActionCharOffset InRawText Confidence "
    "MentionDocLen MentionDocTone MentionDocTranslationInfo Extras"
).split()
_WEB = "1"
_FIRST = (57, 58)  # columns of GDELT 1.0, before April 2013 and after
_PLACED = {
    "0": None, "1": "country", "2": "US state", "3": "US city", "4": "city", "5": "state",
}  # fmt: skip
_CODE = re.compile(r"(0[1-9]|1\d|20)\d{0,2}", re.ASCII)


class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...


def gdelt(file: Lines, *, encoding: str = "utf-8") -> Iterator[Outcome]:
    """Read an event file (``….export.CSV``): each is said by GDELT at its ``DATEADDED``, UTC.

    A header, where somebody added one, is passed over. Raises ``ImporterError`` at once for files
    of GDELT 1.0, and for others that don't have the 61 columns between tabs.
    """
    sheet = TableReader(
        _checked(file, encoding, COLUMNS, "an event file"),
        delimiter="\t",
        quoted=False,
        columns=COLUMNS,
    )

    def make(record: TableRow) -> Accepted:
        report = Report(
            GDELT, published=stamp(record, "DATEADDED"), url=optional(record, "SOURCEURL")
        )
        return Accepted(record.row, (report.says(_event(record)),))

    return outcomes(sheet, make, names=_name)


def gdelt_mentions(
    file: Lines,
    events: Mapping[str, Event] | Callable[[str], Event | None],
    *,
    waiting: _Writable | None = None,
    encoding: str = "utf-8",
) -> Iterator[Outcome]:
    """Read a mentions file: the source that mentions an event says it, when it was mentioned.

    A mention has no content but its event's id, so ``events`` gives the event of an id such as
    ``"gdelt:410412347"``. Mentions of others are refused; with ``waiting``, a file open for writing
    text, they are written to it as they are, to be read as a mentions file once their events came.
    """
    if not isinstance(events, Mapping) and not callable(events):
        raise ImporterError(
            f"events= gives an event for an id, as a mapping or a function, not {events!r:.80}; "
            "take them from the event file: {one.event.id: one.event for one in log.accounts()}"
        )
    find = events.get if isinstance(events, Mapping) else events
    sheet = TableReader(
        _checked(file, encoding, MENTIONS, "a mentions file"),  # pyright: ignore[reportArgumentType]
        delimiter="\t",
        quoted=False,
        columns=MENTIONS,
    )

    def make(record: TableRow) -> Accepted | Skipped:
        event = find(_name(record))
        if event is None and waiting is not None:
            waiting.write("\t".join(record.cells) + "\n")
            return Skipped(record.row, "its event isn't there yet: the mention waits for it")
        if event is None:
            raise CellError(
                "GlobalEventID", record["GlobalEventID"], "expected the id of an event of events="
            )
        web = record["MentionType"] == _WEB
        report = Report(
            required(record, "MentionSourceName"),
            published=stamp(record, "MentionTimeDate"),
            title=None if web else optional(record, "MentionIdentifier"),
            url=optional(record, "MentionIdentifier") if web else None,
        )
        return Accepted(record.row, (report.says(event),))

    return outcomes(sheet, make, names=_name)


def _checked(
    file: Lines, encoding: str, columns: tuple[str, ...] | list[str], what: str
) -> Iterator[str]:
    """The lines of a file, without a header; refuses at once what isn't of this form."""
    lines = (line.text for line in lines_of(file, encoding=encoding))
    first = next(lines, "")
    cells = first.rstrip("\r\n").split("\t")
    if len(cells) in _FIRST and len(cells) != len(columns):
        raise ImporterError(
            f"this is a file of GDELT 1.0, with {len(cells)} columns; {what} of GDELT 2.0 has "
            f"{len(columns)}: take it from the 2.0 master list"
        )
    if first and len(cells) == 1 and first.count(",") + 1 >= len(columns) // 2:
        raise ImporterError(
            f"GDELT's files are parted by tabs, and this one by commas; take {what} as it is there"
        )
    if first and len(cells) != len(columns):
        raise ImporterError(
            f"{what} of GDELT 2.0 has {len(columns)} columns between tabs, and the first line of "
            f"this has {len(cells)}"
        )
    if cells[0].strip().casefold() == columns[0].casefold():
        return lines
    return chain([first], lines)


def _name(record: TableRow) -> str:
    return f"gdelt:{whole(record, 'GlobalEventID')}"


def _event(record: TableRow) -> GdeltEvent:
    code = record["EventCode"]
    if _CODE.fullmatch(code) is None:
        raise CellError("EventCode", code, "expected a CAMEO code such as 010 or 1823")
    return GdeltEvent(
        id=_name(record),
        when=stamp(record, "Day"),
        code=code,
        actor1=optional(record, "Actor1Name"),
        actor1_code=optional(record, "Actor1Code"),
        actor2=optional(record, "Actor2Name"),
        actor2_code=optional(record, "Actor2Code"),
        place=_place(record),
        root_event=coded(record, "IsRootEvent", {"0": False, "1": True}),
        goldstein=number(record, "GoldsteinScale"),
        tone=number(record, "AvgTone"),
        mentions=whole(record, "NumMentions"),
        sources=whole(record, "NumSources"),
        articles=whole(record, "NumArticles"),
    )


def _place(record: TableRow) -> Place | None:
    precision = coded(record, "ActionGeo_Type", _PLACED)
    name = record["ActionGeo_FullName"]
    if precision is None or not name:
        return None
    feature = record["ActionGeo_FeatureID"]
    scheme = {"US city": "gnis", "city": "gns"}.get(precision)
    region = record["ActionGeo_ADM1Code"] or record["ActionGeo_CountryCode"]
    if scheme and feature:
        place_id: str | None = f"{scheme}:{feature}"
    else:
        place_id = f"fips:{region}" if region and not scheme else None
    return Place(
        name,
        id=place_id,
        latitude=degrees(record, "ActionGeo_Lat", 90),
        longitude=degrees(record, "ActionGeo_Long", 180),
        precision=precision,
    )
