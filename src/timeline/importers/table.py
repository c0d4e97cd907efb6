"""Reads anybody's spreadsheet, saved as CSV, through a mapping that says what its columns mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import attrs

from timeline.claims import Claim, Report
from timeline.errors import ClaimError, ImporterError
from timeline.events import Event
from timeline.evidence import Media
from timeline.importers.fields import Read, Times, readers, when_reader
from timeline.importers.mapping import ABOUT_CLAIMS, Cell, SheetMap, kinds_by_name, sheet_map
from timeline.importers.outcomes import Accepted, CellError, Outcome, outcomes
from timeline.importers.table_reader import Lines, TableReader, TableRow
from timeline.time_parsing import Written

__all__ = ["table"]

T = TypeVar("T")

_STANCES = ("says", "denies", "expects")
_OF_REPORTS = ("title", "url", "archived", "sha256", "language", "reliability")
_OF_MEDIA = ("url", "sha256", "archived")


def table(
    file: Lines,
    mapping: str | Mapping[str, Any] | SheetMap,
    *,
    source: str | None = None,
    published: Written | None = None,
    kinds: Iterable[type[Event]] = (),
    encoding: str = "utf-8",
) -> Iterator[Outcome]:
    """Reads the rows of a sheet as ``mapping`` says, TOML text or what tomllib made of it.

    ``source`` and ``published`` stand in where the sheet and the mapping say neither. ``kinds``
    are those of your own that the mapping names. Raises ``ImporterError``, which names the TOML
    key, for a mapping that doesn't fit the sheet.
    """
    plan = sheet_map(mapping)
    sheet = TableReader(file, encoding=encoding, delimiter=plan.delimiter)
    plan.check(sheet)
    reader = _Reader(plan, source, published, kinds_by_name(kinds))
    return outcomes(sheet, reader.told, names=reader.name)


class _Reader:
    """Makes claims of records by a mapping."""

    def __init__(
        self,
        plan: SheetMap,
        source: str | None,
        published: Written | None,
        kinds: Mapping[str, type[Event]],
    ) -> None:
        self._plan = plan
        self._source = source
        self._published = published
        self._kinds = kinds
        self._times = Times(plan.formats, plan.zone)
        names = {*ABOUT_CLAIMS, "id", "kind"} - {"media"}
        self._claims = {name: plan.cell(name) for name in names}
        self._media = _media_cells(plan)
        if not plan.has("when"):
            raise ImporterError("the mapping needs columns.when: when it happened")
        if source is None and not plan.has("source"):
            raise ImporterError(
                "nobody says it: give columns.source or defaults.source, or source= in the call"
            )
        self._when = when_reader(plan, self._times)
        self._readers: dict[type[Event], dict[str, Read]] = {}
        self._needed: dict[type[Event], list[str]] = {}
        self._strange: dict[type[Event], list[Cell]] = {}
        if plan.kind is None and not plan.has("kind"):
            raise ImporterError("the mapping needs kind = 'attack', or columns.kind: what happened")
        if plan.kind is not None:
            self._fields(self._kind(plan.kind))
        one = None if plan.has("kind") else plan.kind
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
            self._readers[kind] = readers(self._plan, kind, self._times)
            self._needed[kind] = [name for name, needed in _fields_of(kind).items() if needed]
        return self._readers[kind]

    def told(self, record: TableRow) -> Accepted:
        """Gives the claim that a record makes."""
        kind = self._kind_of(record)
        report = self._report(record)
        time = self._when(record, report)
        if time is None:
            raise CellError("", "", "columns.when: expected a time, but the cell is empty")
        values = {name: read(record) for name, read in self._fields(kind).items()}
        told = {name: value for name, value in values.items() if value is not None}
        for name in self._needed[kind]:
            if name not in told:
                raise self._plan.cell(name).refuse(record, f"a value; {kind.kind} needs one")
        self._check_lost(record, kind)
        event = kind(when=time, id=self.name(record) or "", **told)
        return Accepted(record.row, (self._claim(record, report, event),))

    def _kind_of(self, record: TableRow) -> type[Event]:
        cell = self._claims["kind"]
        name = cell.read(record) or self._plan.kind or ""
        if name not in self._kinds:
            known = ", ".join(sorted(one for one in self._kinds if "/" not in one))
            raise cell.refuse(record, f"one of the kinds {known}; translate what the column has")
        return self._kinds[name]

    def _check_lost(self, record: TableRow, kind: type[Event]) -> None:
        """Refuses a row that has something in a column which its kind has no field for."""
        if kind not in self._strange:
            known = {*ABOUT_CLAIMS, "id", "kind", "when", *_fields_of(kind)}
            self._strange[kind] = [
                self._plan.cell(name, *([part] if part else []))
                for name in sorted(self._plan.columns.keys() - known)
                for part in self._plan.parts(name) or [""]
            ]
        for cell in self._strange[kind]:
            if any(cell.each(record)):
                field = cell.key.split(".")[1]
                raise cell.refuse(record, f"nothing: {kind.kind} has no field {field!r}")

    def name(self, record: TableRow) -> str | None:
        """Gives the id of the event that a record speaks of; None where it follows from content."""
        cell = self._claims["id"]
        if not cell.columns:
            return None
        parts = cell.each(record)
        if not any(parts):
            raise cell.refuse(record, "an id, by which the event is known again")
        return self._plan.id_prefix + ":".join(parts)

    def _report(self, record: TableRow) -> Report:
        cells = self._claims
        source = cells["source"].read(record) or self._source
        if source is None:
            raise cells["source"].refuse(record, "who says it")
        published = self._times.read(cells["published"], record)
        details: dict[str, Any] = {name: cells[name].read(record) or None for name in _OF_REPORTS}
        for name, value in details.items():
            if value is not None:
                _checked(cells[name], record, lambda: Report(source, **{name: value}))  # noqa: B023 - called at once
        return _report(
            source,
            self._plan.zone,
            self._published if published is None else published,
            self._times.read(cells["retrieved"], record),
            tuple(details.items()),
        )

    def _media_of(self, record: TableRow) -> list[Media]:
        """The pictures and films of a record: one in parts, or the addresses of several."""
        if isinstance(self._media, Cell):
            cell = self._media
            texts = [one for one in cell.each(record) if one] or [cell.default]
            urls = [part.strip() for text in texts for part in text.split(self._plan.separator)]
            return [Media(url=one) for one in urls if one]
        parts = {name: cell.read(record) or None for name, cell in self._media.items()}
        if not any(parts.values()):
            return []
        last = next(reversed(self._media.values()))
        return [_checked(last, record, lambda: Media(**parts))]

    def _claim(self, record: TableRow, report: Report, event: Event) -> Claim:
        cells = self._claims
        stance = cells["stance"].read(record) or "says"
        if stance not in _STANCES:
            raise cells["stance"].refuse(record, f"one of {', '.join(_STANCES)}")
        grade: Any = cells["credibility"].read(record) or None
        if grade is not None:
            if grade not in {"1", "2", "3", "4", "5", "6"}:
                wanted = "a number from 1 (confirmed) to 6 (can't be judged)"
                raise cells["credibility"].refuse(record, wanted)
            grade = int(grade)
        names = cells["according_to"].read(record).split(self._plan.separator)
        say = {"says": report.says, "denies": report.denies, "expects": report.expects}[stance]
        return say(
            event,
            quote=cells["quote"].read(record) or None,
            according_to=[one.strip() for one in names if one.strip()],
            credibility=grade,
            media=self._media_of(record),
        )


@lru_cache(maxsize=1024)  # many rows stand in one report, whose id is worked out once
def _report(
    source: str,
    zone: str | None,
    published: Written | None,
    retrieved: Written | None,
    details: tuple[tuple[str, Any], ...],
) -> Report:
    return Report(source, zone=zone, published=published, retrieved=retrieved, **dict(details))


def _media_cells(plan: SheetMap) -> Cell | dict[str, Cell]:
    parts = plan.parts("media")
    if parts is None:
        return plan.cell("media")
    for part in parts:
        if part not in _OF_MEDIA:
            raise ImporterError(f"media has no part {part!r}; it has {', '.join(_OF_MEDIA)}")
    return {part: plan.cell("media", part) for part in parts}


def _checked(cell: Cell, record: TableRow, make: Callable[[], T]) -> T:
    """What is made of a cell, with the cell named where it is refused."""
    try:
        return make()
    except ClaimError as error:
        raise cell.wrong(record, str(error)) from None


def _fields_of(kind: Any) -> dict[str, bool]:
    """The fields of a kind, and whether one has to be given."""
    return {
        one.name: one.default is attrs.NOTHING
        for one in attrs.fields(kind)
        if one.name not in ("id", "when")
    }
