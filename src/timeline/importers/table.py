"""Reads anybody's spreadsheet through a mapping that says what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain, islice
from typing import Any, cast

import attrs

from timeline.claims import Claim, Report, Stance, make_claim
from timeline.counts import Breakdown, Count
from timeline.errors import ImporterError, TimelineError
from timeline.events import Event
from timeline.evidence import Media
from timeline.importers.fields import Read, Times, may_be_days, midnights, readers, when_reader
from timeline.importers.mapping import ABOUT_CLAIMS, ROW, Cell, SheetMap, kinds_by_name, sheet_map
from timeline.importers.numbers_in_cells import Tally
from timeline.importers.outcomes import (
    Accepted,
    CellError,
    Outcome,
    Refused,
    Skipped,
    outcomes,
)
from timeline.importers.table_reader import Lines, TableReader, TableRow
from timeline.kinds import Incident
from timeline.time_parsing import Written
from timeline.times import When

__all__ = ["table"]

_STANCES = ("says", "denies", "expects")
_LOOKED_AT = 500  # rows that are read ahead at most, to see how times are written
_BARE = (
    "ids are bare numbers: those of another sheet would be taken for the same events; say "
    'id_prefix = "a name of this sheet:"'
)
_EVIDENCE = ("archived", "language", "reliability", "retrieved", "sha256")
_OF_MEDIA = ("url", "sha256", "archived")
_MANY = re.compile(r"[\s;|,]")
_NUMBERED = re.compile(r"\d{1,7}", re.ASCII)


def table(
    file: Lines,
    mapping: str | Mapping[str, Any] | SheetMap,
    *,
    source: str | None = None,
    published: Written | None = None,
    kinds: Iterable[type[Event]] = (),
    encoding: str | None = None,
) -> Iterator[Outcome]:
    """Read the rows of a sheet as ``mapping`` says, TOML text or what tomllib made of it.

    The sheet is CSV or other parted text, a workbook (with the extra ``sheets``), JSON, NDJSON, or
    a zip with one of these inside. ``source`` and ``published`` stand in where the sheet and the
    mapping say neither. ``kinds`` are those of your own that the mapping names. ``encoding`` goes
    before that of the mapping; UTF-8 unless given. Raises ``ImporterError``, which names the TOML
    key, for a mapping that doesn't fit the sheet.
    """
    plan, kinds = sheet_map(mapping), tuple(kinds)
    sheet = TableReader(
        file,
        encoding=encoding or plan.encoding or "utf-8",
        delimiter=plan.delimiter,
        expect={column for _, column in plan.named_columns() if column != ROW},
        header=plan.header,
        sheet=plan.sheet,
        ragged=plan.ragged,
        doubled=True,
    )
    plan.check(sheet)
    records = iter(_filled_down(sheet, plan.fill_down) if plan.fill_down else sheet)
    start = list(_read_ahead(plan, records))
    reader = _Rows(plan, source, published, kinds_by_name(kinds), start)
    rows = chain(start, records)
    if plan.group_by:
        return _grouped(rows, plan, reader)
    way = "" if kinds or sheet.typed else reader.way
    return outcomes(rows, reader.read, names=reader.name, way=way and f"{way} {sheet.header!r}")


def _read_ahead(plan: SheetMap, records: Iterator[TableRow]) -> Iterator[TableRow]:
    """The first row, and more as long as they don't show how times are written."""
    for record in islice(records, _LOOKED_AT):
        yield record
        if not may_be_days(plan, record):
            return


def _filled_down(records: Iterable[TableRow], columns: tuple[str, ...]) -> Iterator[TableRow]:
    """Rows whose empty cells in some columns have what stands above them."""
    above = dict.fromkeys(columns, "")
    for record in records:
        if len(record.cells) != len(record.header) or not any(map(str.strip, record.cells)):
            yield record
            continue
        empty = {column: above[column] for column in columns if not record[column]}
        above |= {column: record[column] for column in columns if record[column]}
        yield record.filled(empty) if empty else record


def _grouped(records: Iterable[TableRow], plan: SheetMap, reader: _Rows) -> Iterator[Outcome]:
    """One event of all the rows that agree in some columns, such as a list of victims."""
    groups: dict[tuple[str, ...], list[TableRow]] = {}
    for record in records:
        try:
            record.check()
            key = tuple(record[column] for column in plan.group_by)
        except TimelineError:
            yield from outcomes([record], reader.read)
            continue
        if record.is_tags() or record.repeats_header():
            yield from outcomes([record], reader.read)
            continue
        if any(key):
            groups.setdefault(key, []).append(record)
        else:
            yield from outcomes([record], _without_group(plan))
    for key, rows in groups.items():
        (outcome,) = outcomes([rows[0]], reader.of_group(rows), names=reader.name)
        yield outcome
        for row in rows[1:]:
            if isinstance(outcome, Refused):
                yield attrs.evolve(
                    outcome, row=row.row, raw=tuple(row.cells), column="", value="",
                    expected=f"to be one event with row {rows[0].row}, which is refused",
                )  # fmt: skip
            else:
                yield Skipped(row.row, f"one of the {len(rows)} rows of {' / '.join(key)}")


def _without_group(plan: SheetMap) -> Callable[[TableRow], Accepted]:
    def refuse(_: TableRow) -> Accepted:
        raise CellError(
            " + ".join(plan.group_by), "", "group.by: expected what the rows of an event share"
        )

    return refuse


class _Rows:
    """Makes claims of records by a mapping, which may have several events for each."""

    def __init__(
        self,
        plan: SheetMap,
        source: str | None,
        published: Written | None,
        kinds: Mapping[str, type[Event]],
        start: list[TableRow],
    ) -> None:
        self._plan = plan
        days = midnights(plan, start)
        own = plan.kind is not None or plan.has("kind") or not plan.events
        plans = [("", plan)] if own else []
        self._readers = [
            (name, _Reader(one, source, published, kinds, days))
            for name, one in (*plans, *plan.events)
        ]
        self.name = self._readers[0][1].name
        self._warning: tuple[str, ...] = ()
        numbered = any(column == ROW for _, column in plan.named_columns())
        self.way = f"table {plan!r} {source!r} {published!r} {sorted(days)}"
        if not plan.id_prefix and _bare_numbers(plan.cell("id").columns, start[:1]):
            self._warning = (_BARE,)
        if numbered or self._warning:
            self.way = ""  # the row's number says something, or a warning is to be said again

    def read(self, record: TableRow) -> Accepted | Skipped:
        """Return the claims that a record makes."""
        claims = []
        for name, reader in self._readers:
            if reader.applies(record):
                claims += reader.claims(record, suffix=f":{name}" if name else "")
        if not claims:
            return Skipped(record.row, "the mapping has no event for it")
        said = tuple(claims) if len(claims) == 1 else tuple(dict.fromkeys(claims))
        return Accepted(record.row, said, self._warning)

    def of_group(self, rows: list[TableRow]) -> Callable[[TableRow], Accepted | Skipped]:
        """Return what reads a group's first row as the event of all of them."""

        def read(record: TableRow) -> Accepted | Skipped:
            claims: list[Claim] = []
            for name, reader in self._readers:
                if not reader.applies(record):
                    continue
                suffix = f":{name}" if name else ""
                events: dict[Event, int] = {}
                for row in rows:
                    for claim in reader.claims(row, suffix=suffix, rows=len(rows)):
                        events.setdefault(claim.event, row.row)
                        claims.append(claim)
                if len(events) > 1:
                    _differ(list(events), list(events.values()))
            if not claims:
                return Skipped(record.row, "the mapping has no event for it")
            return Accepted(record.row, tuple(dict.fromkeys(claims)), self._warning)

        return read


def _differ(events: list[Event], rows: list[int]) -> None:
    cls: type[Any] = type(events[0])
    names = [
        part.name for part in attrs.fields(cls)
        if getattr(events[0], part.name) != getattr(events[1], part.name, None)
    ]  # fmt: skip
    raise ImporterError(
        f"rows {rows[0]} and {rows[1]} are of one event by group.by, and differ in "
        f"{', '.join(names) or 'kind'}; leave that out of the mapping, or mend the rows"
    )


def _bare_numbers(columns: tuple[str, ...], rows: list[TableRow]) -> bool:
    if len(columns) != 1:
        return False
    ids = [row[columns[0]] for row in rows if row.problem is None and len(row.cells) > 0
           and len(row.cells) == len(row.header)]  # fmt: skip
    given = [one for one in ids if one]
    return bool(given) and all(map(_NUMBERED.fullmatch, given))


class _Reader:
    """Makes claims of records by the mapping of one event."""

    def __init__(
        self,
        plan: SheetMap,
        source: str | None,
        published: Written | None,
        kinds: Mapping[str, type[Event]],
        days: frozenset[str],
    ) -> None:
        self._plan = plan
        self._source = source
        self._published = published
        self._kinds = kinds
        self._times = Times(plan.formats, plan.zone, days)
        names = {*ABOUT_CLAIMS, "id", "kind"} - {"media"}
        self._claims = {name: plan.cell(name) for name in names}
        self._media = _media_cells(plan)
        self._where = {
            column: Cell("where", (column,), "", plan.translate, plan.only, plan.blank)
            for column in plan.where
        }
        if not plan.has("when"):
            raise ImporterError("the mapping needs columns.when: when it happened")
        if source is None and not plan.has("source"):
            raise ImporterError(
                "nobody says it: give columns.source or defaults.source, or source= in the call"
            )
        self._when = when_reader(plan, self._times)
        self._default_date: When | None = None
        self._simple = not plan.each_source
        self._kept = [name for name in _EVIDENCE if plan.has(name)]
        self._graded = plan.has("credibility") or plan.has("media")
        self._readers: dict[type[Event], dict[str, Read]] = {}
        self._needed: dict[type[Event], list[str]] = {}
        self._strange: dict[type[Event], list[Cell]] = {}
        if plan.kind is None and not plan.has("kind"):
            raise ImporterError("the mapping needs kind = 'attack', or columns.kind: what happened")
        for name in (plan.kind, plan.otherwise):
            if name is not None and not (name == plan.otherwise and _of_category(plan)):
                self._fields(self._kind(name))
        one = None if plan.has("kind") else plan.kind
        self._only_kind = None if one is None else kinds[one]
        self._plainly_said = not (plan.has("stance") or plan.has("according_to"))
        self._check_names({kinds[one]} if one is not None else set(kinds.values()))

    def _check_names(self, possible: set[type[Event]]) -> None:
        fields = {name for kind in possible for name in _fields_of(kind)}
        for name in sorted(self._plan.names() - {*ABOUT_CLAIMS, "id", "kind", "when"}):
            if name not in fields:
                where = "columns" if name in self._plan.columns else "defaults"
                raise ImporterError(
                    f"{where}.{name}: no such field; there are "
                    f"{', '.join(sorted({*ABOUT_CLAIMS, 'id', 'kind', 'when', *fields}))}"
                )

    def _kind(self, name: str) -> type[Event]:
        if name not in self._kinds:
            known = ", ".join(sorted(one for one in self._kinds if "/" not in one))
            raise ImporterError(f"kind: no kind is called {name!r}; there are {known}")
        return self._kinds[name]

    def _fields(self, kind: type[Event]) -> dict[str, Read]:
        if kind not in self._readers:
            plan = self._plan
            if kind is Incident and _of_category(plan):
                plan = attrs.evolve(
                    plan, columns={**plan.columns, "category": plan.columns["kind"]}
                )
            self._readers[kind] = readers(plan, kind, self._times)
            self._needed[kind] = [name for name, needed in _fields_of(kind).items() if needed]
        return self._readers[kind]

    def applies(self, record: TableRow) -> bool:
        """Whether a record has what ``where`` asks for."""
        return all(
            text in self._plan.where[column] or ("*" in self._plan.where[column] and text)
            for column, text in (
                (column, cell.read(record)) for column, cell in self._where.items()
            )
        )

    def claims(self, record: TableRow, *, suffix: str = "", rows: int = 0) -> list[Claim]:
        """Return the claims about the event that a record speaks of, or several in several places.

        ``rows`` is how many rows the event is made from, where a field counts them.
        """
        kind = self._kind_of(record)
        reports = self._reports(record)
        time = self._when(record, reports[0])
        if time is None:
            raise CellError("", "", "columns.when: expected a time, but the cell is empty")
        values = self._values(record, kind)
        if self._plan.group_count is not None and rows:
            values[self._plan.group_count] = Count(rows)
        for name in self._needed[kind]:
            if name not in values:
                raise self._plan.cell(name).refuse(record, f"a value; {kind.kind} needs one")
        self._check_lost(record, kind)
        event_id = self.name(record)
        named = "" if event_id is None else f"{event_id}{suffix}"
        return [
            self._claim(record, report, event)
            for event in self._events(record, kind, time, named, values)
            for report in reports
        ]

    def _values(self, record: TableRow, kind: type[Event]) -> dict[str, Any]:
        values = {}
        including: dict[str, Count] = {}
        for name, read in self._fields(kind).items():
            value = read(record)
            if isinstance(value, Tally):
                if value.including is not None:
                    if name != "killed" or "including" not in _fields_of(kind):
                        raise self._plan.cell(name).refuse(
                            record, "a number alone: it has no field for how many were of a group"
                        )
                    including |= value.including
                value = value.count
            if value is not None:
                values[name] = value
        if including:
            stated = Breakdown.of(values.get("including", {}))
            twice = sorted(stated.keys() & including.keys())
            if any(stated[one] != including[one] for one in twice):
                raise self._plan.cell("killed").refuse(
                    record, f"as many {twice[0]} as the column for them has"
                )
            values["including"] = {**stated, **including}
        return values

    def _events(
        self, record: TableRow, kind: type[Event], time: Any, named: str, values: dict[str, Any]
    ) -> list[Event]:
        if self._plan.each is None:
            return [kind(when=time, id=named, **values)]
        parts = [one.strip() for one in record[self._plan.each].split(self._plan.separator)]
        parts = [one for one in parts if one]
        if len(parts) < 2:  # noqa: PLR2004 - one place is the row's own
            return [kind(when=time, id=named, **values)]
        counts = [name for name, value in values.items() if isinstance(value, Count)]
        if counts:
            raise CellError(
                self._plan.each, record[self._plan.each],
                f"each: {len(parts)} places, and one figure for {counts[0]}, which would "
                "be counted in each of them; write a row for each place",
            )  # fmt: skip
        events = []
        for number, part in enumerate(parts, 1):
            fields = self._values(record.filled({self._plan.each: part}), kind)
            events.append(kind(when=time, id=f"{named}:{number}" if named else "", **fields))
        return events

    def _kind_of(self, record: TableRow) -> type[Event]:
        cell = self._claims["kind"]
        if self._only_kind is not None:
            return self._only_kind
        name = cell.read(record) or self._plan.kind or self._plan.otherwise or ""
        found = self._kinds.get(name)
        if found is None and self._plan.otherwise is not None:
            found = self._kinds[self._plan.otherwise]
        if found is None:
            known = ", ".join(sorted(one for one in self._kinds if "/" not in one))
            raise cell.refuse(
                record,
                f"one of the kinds {known}; translate what the column has, or say otherwise = "
                "'incident'",
            )
        return found

    def _check_lost(self, record: TableRow, kind: type[Event]) -> None:
        """Refuse a row that has something in a column which its kind has no field for."""
        if kind not in self._strange:
            known = {*ABOUT_CLAIMS, "id", "kind", "when", *_fields_of(kind)}
            self._strange[kind] = [
                self._plan.cell(name, *([part] if part else []))
                for name in sorted(self._plan.columns.keys() - known)
                for part in self._plan.parts(name) or [""]
            ]
        for cell in self._strange[kind]:
            if any(cell.each(record)) and self._plan.otherwise is None:
                field = cell.key.split(".")[1]
                raise cell.refuse(record, f"nothing: {kind.kind} has no field {field!r}")

    def name(self, record: TableRow) -> str | None:
        """Return the id of a record's event; None where it follows from content."""
        cell = self._claims["id"]
        if not cell.columns:
            return None
        parts = cell.each(record)
        if not any(parts):
            raise cell.refuse(record, "an id, by which the event is known again")
        return self._plan.id_prefix + ":".join(parts)

    def _reports(self, record: TableRow) -> list[Report]:
        """The reports that a record stands in: one, or one for each source and address in it."""
        cells = self._claims
        source = cells["source"].read(record) or self._source
        if source is None:
            raise cells["source"].refuse(record, "who says it")
        published = self._dated(record)
        evidence = self._evidence(record) if self._kept else ()
        if self._simple and not cells["url"].columns:
            return [
                _report(
                    str(source),
                    self._plan.zone,
                    self._published if published is None else published,
                    cells["title"].read(record) or None,
                    cells["url"].default or None,
                    evidence,
                )
            ]
        urls = _addresses(cells["url"].each(record)) or _addresses([cells["url"].default])
        sources = [str(source)]
        if self._plan.each_source:
            sources = _listed(cells["source"].each(record), re.escape(self._plan.separator))
            sources = sources or [str(source)]
        if len(sources) > 1 and len(urls) > 1 and len(sources) != len(urls):
            raise cells["url"].refuse(
                record, f"as many addresses as there are sources, {len(sources)}, or one of them"
            )
        many = max(len(sources), len(urls), 1)
        sources = sources * many if len(sources) == 1 else sources
        addresses: list[str | None] = (
            [*urls] if len(urls) == many else [*urls, *[None] * many][:1] * many
        )
        return [
            _report(
                one,
                self._plan.zone,
                self._published if published is None else published,
                cells["title"].read(record) or None,
                address,
                evidence,
            )
            for one, address in zip(sources, addresses, strict=True)
        ]

    def _dated(self, record: TableRow) -> When | None:
        cell = self._claims["published"]
        if cell.columns:
            return self._times.read(cell, record)
        if self._default_date is None and cell.default:
            self._default_date = self._times.read(cell, record)
        return self._default_date

    def _claim(self, record: TableRow, report: Report, event: Event) -> Claim:
        cells = self._claims
        quote = cells["quote"].read(record) or None
        if self._plainly_said and not self._graded:
            plain: Claim = make_claim(report, "says", event, quote=quote)
            return plain
        stance = (cells["stance"].read(record) if cells["stance"].columns else "") or (
            cells["stance"].default or "says"
        )
        if stance not in _STANCES:
            raise cells["stance"].refuse(record, f"one of {', '.join(_STANCES)}")
        cell = cells["according_to"]
        whom = cell.read(record) if cell.columns else cell.default
        names = whom.split(self._plan.separator) if whom else ()
        claim: Claim = make_claim(  # pyright: ignore[reportCallIssue]
            report,
            cast("Stance", stance),
            event,
            quote=quote,
            according_to=tuple(one.strip() for one in names if one.strip()),
            **(self._grades(record) if self._graded else {}),  # pyright: ignore[reportArgumentType]
        )
        return claim

    def _evidence(self, record: TableRow) -> tuple[tuple[str, Any], ...]:
        """What the Berkeley Protocol asks to be kept of an online item, as far as it is mapped."""
        evidence: list[tuple[str, Any]] = []
        for name in self._kept:
            cell = self._claims[name]
            retrieved = name == "retrieved"
            value = self._times.read(cell, record) if retrieved else cell.read(record)
            if value is not None and value != "":
                evidence.append((name, value))
        return tuple(evidence)

    def _grades(self, record: TableRow) -> dict[str, Any]:
        grade = self._claims["credibility"]
        text = grade.read(record)
        if text and text not in "123456":
            raise grade.refuse(record, "a credibility from 1 to 6")
        media = self._media_of(record)
        grades: dict[str, Any] = {"media": media} if media else {}
        return grades | ({"credibility": int(text)} if text else {})

    def _media_of(self, record: TableRow) -> tuple[Media, ...]:
        """Return the pictures and films of a record: one in parts, or the addresses of several."""
        if isinstance(self._media, Cell):
            return tuple(Media(url=url) for url in _addresses(self._media.each(record)))
        parts = {name: cell.read(record) or None for name, cell in self._media.items()}
        return (Media(**parts),) if any(parts.values()) else ()


def _media_cells(plan: SheetMap) -> Cell | dict[str, Cell]:
    parts = plan.parts("media")
    if parts is None:
        return plan.cell("media")
    for part in parts:
        if part not in _OF_MEDIA:
            raise ImporterError(f"media has no part {part!r}; it has {', '.join(_OF_MEDIA)}")
    return {part: plan.cell("media", part) for part in parts}


def _of_category(plan: SheetMap) -> bool:
    """Whether what no kind is found for says in its kind's cell what an incident was."""
    return (
        plan.otherwise in ("incident", "incident/1")
        and isinstance(plan.columns.get("kind"), str)
        and not plan.has("category")
    )


def _addresses(texts: Iterable[str]) -> list[str]:
    """The addresses in some cells; a text with anything else in it stays as it is."""
    addresses: list[str] = []
    for text in texts:
        if text.startswith("http") and not _MANY.search(text):
            addresses.append(text)
            continue
        parts = _listed([text], r"[\s;|]+|,(?=\s*https?:)")
        whole = all(part.startswith(("http://", "https://")) for part in parts)
        addresses += parts if whole else [text]
    return list(dict.fromkeys(addresses))


def _listed(texts: Iterable[str], separator: str) -> list[str]:
    parts = (part.strip() for text in texts for part in re.split(separator, text))
    return list(dict.fromkeys(part for part in parts if part))


@lru_cache(maxsize=1024)  # many rows stand in one report, whose id is worked out once
def _report(  # noqa: PLR0917 - a cache of values, which are hashed in their order
    source: str,
    zone: str | None,
    published: Written | None,
    title: str | None,
    url: str | None,
    evidence: tuple[tuple[str, Any], ...],
) -> Report:
    return Report(source, zone=zone, published=published, title=title, url=url, **dict(evidence))


def _fields_of(kind: type[Event]) -> dict[str, bool]:
    return _known_fields(cast("Any", kind))


@cache
def _known_fields(kind: Any) -> dict[str, bool]:
    """The fields of a kind, and whether one has to be given."""
    return {
        one.name: one.default is attrs.NOTHING
        for one in attrs.fields(kind)
        if one.name not in ("id", "when")
    }
