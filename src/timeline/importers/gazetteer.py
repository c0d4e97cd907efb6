"""Reads a gazetteer as a report: which names and ids are of one place, and where it lies.

A name joins a place only where the file gives it to no other: "Kharkiv" is a city and a region, and
joining both by it would make them one. Each claim quotes its row, where whatever no link has room
for stays readable: coordinates, population, and the names that several places share. The file is
read twice: first which names are whose, then what it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import IO, Any, Literal, get_args

import attrs

from timeline.claims import Claim, Report
from timeline.errors import ImporterError
from timeline.importers.cell_parsers import required
from timeline.importers.digest_map import DigestMap, digest
from timeline.importers.outcomes import Accepted, Outcome, Skipped, outcomes
from timeline.importers.table_reader import TableReader, TableRow
from timeline.linking import places_of
from timeline.links import Link, SamePlace, Within
from timeline.log import Log

__all__ = ["Layout", "PlaceCheck", "gazetteer"]

Layout = Literal["csv", "geonames", "katottg"]
"""How a gazetteer is laid out.

``csv`` has the columns id and name, and may have alternate_names (parted by a semicolon or a bar),
parent (an id), latitude, longitude and population, and any others. ``geonames`` is a dump of
GeoNames such as ``UA.txt``, nineteen columns parted by tabs, without a header. ``katottg`` is the
codifier of Ukraine's administrative units (KATOTTH, Ministry for Communities, order no. 290 of
2020): a code for each of up to five levels, category and name.
"""

_GEONAMES = (
    "geonameid", "name", "asciiname", "alternatenames", "latitude", "longitude", "feature class",
    "feature code", "country code", "cc2", "admin1 code", "admin2 code", "admin3 code",
    "admin4 code", "population", "elevation", "dem", "timezone", "modification date",
)  # fmt: skip
_ADMIN = tuple(f"admin{level} code" for level in range(1, 5))
_LEVELS = (
    "Перший рівень", "Другий рівень", "Третій рівень", "Четвертий рівень", "Додатковий рівень",
)  # fmt: skip
_KATOTTG_NAME = "Назва об’єкта"
_SHOWN = 10
_IN_ROW = re.compile(r"\s*[|;,]\s*")  # what parts names in a row as it is quoted


@attrs.frozen
class _Entry:
    """One place as a row has it."""

    id: str
    names: tuple[str, ...]
    parent: str | None


def gazetteer(
    file: IO[Any], report: Report, *, layout: Layout = "csv", encoding: str = "utf-8"
) -> Iterator[Outcome]:
    """Return what a gazetteer says, row by row, for ``import_into``.

    ``SamePlace`` of an id and the names that the file gives to no other place, and ``Within`` of a
    place and its parent. The report is the file's: who publishes it, and when. A row that says
    neither is skipped, with the reason. Raises ``ImporterError`` for a file that can't be read
    twice, such as a pipe, for a layout that there isn't, and where a column is missing.
    """
    if layout not in get_args(Layout):
        raise ImporterError(f"a gazetteer is one of {', '.join(get_args(Layout))}, not {layout!r}")
    if not getattr(file, "seekable", bool)():
        raise ImporterError("a gazetteer is read twice: give a file rather than a pipe")
    start = file.tell()
    names = _Names()
    read: _Read = _READERS[layout](_table(file, layout, encoding), names)
    file.seek(start)
    return outcomes(
        _table(file, layout, encoding), lambda row: _said(row, read(row), report, names)
    )


def _table(file: IO[Any], layout: Layout, encoding: str) -> TableReader:
    if layout == "geonames":
        return TableReader(file, delimiter="\t", quoted=False, columns=_GEONAMES, encoding=encoding)
    expect = ("id", "name") if layout == "csv" else _LEVELS[:1]
    table = TableReader(file, delimiter=None, expect=expect, ragged=True, encoding=encoding)
    table.need(*expect, what="a gazetteer in this layout")
    return table


class _Names:
    """Which names the file gives to several places, by their hashes."""

    def __init__(self) -> None:
        self._owners = DigestMap()
        self._shared = DigestMap()
        self._places = 0

    def add(self, entry: _Entry) -> None:
        self._places += 1
        for name in set(entry.names):
            number = digest("name", name)
            if self._owners.put(number, self._places) is not None:
                self._shared.put(number)

    def shared(self, name: str) -> bool:
        return digest("name", name) in self._shared


_Read = Callable[[TableRow], _Entry]


def _said(row: TableRow, entry: _Entry, report: Report, names: _Names) -> Accepted | Skipped:
    own = [name for name in entry.names if not names.shared(name)]
    links: list[Link] = []
    if own:
        links.append(SamePlace(entry.id, *own))
    if entry.parent is not None and entry.parent != entry.id:
        links.append(Within(entry.id, entry.parent))
    if not links:
        return Skipped(row.row, "it lies in no place, and its names are those of several")
    words = " | ".join(cell.strip() for cell in row.cells if cell.strip())
    return Accepted(row.row, tuple(report.says(link, quote=words) for link in links))


def _first_pass(rows: Iterable[TableRow], read: _Read, names: _Names) -> None:
    for row in rows:
        if row.problem is None and len(row.cells) == len(row.header):
            try:
                names.add(read(row))
            except ImporterError:
                continue  # refused when it is read for what it says


def _from_csv(rows: TableReader, names: _Names) -> _Read:
    def read(row: TableRow) -> _Entry:
        others = row["alternate_names"].replace("|", ";").split(";")
        given = (required(row, "name"), *map(str.strip, others))
        return _Entry(required(row, "id"), _distinct(given), row["parent"] or None)

    _first_pass(rows, read, names)
    return read


def _from_geonames(rows: TableReader, names: _Names) -> _Read:
    units: dict[tuple[str, ...], str] = {}

    def read(row: TableRow) -> _Entry:
        name = f"geonames:{required(row, 'geonameid')}"
        path = _path(row)
        code = row["feature code"]
        above = [path[:end] for end in range(len(path), 0, -1)]
        if code.startswith("ADM") and code[3:4].isdigit():
            above = above[1:]
        parent = next((units[one] for one in above if one in units and units[one] != name), None)
        given = (required(row, "name"), row["asciiname"], *row["alternatenames"].split(","))
        return _Entry(name, _distinct(map(str.strip, given)), parent)

    def note(some: Iterable[TableRow]) -> Iterator[TableRow]:
        for row in some:
            if row.problem is None and len(row.cells) == len(row.header):
                code = row["feature code"]
                if row["feature class"] == "A" and (code in ("PCLI", "PCL") or _is_unit(code, row)):
                    units.setdefault(_path(row), f"geonames:{row['geonameid']}")
            yield row

    _first_pass(note(rows), read, names)
    return read


def _is_unit(code: str, row: TableRow) -> bool:
    return code[:3] == "ADM" and code[3:].isdigit() and int(code[3:]) == len(_path(row)) - 1


def _path(row: TableRow) -> tuple[str, ...]:
    """The country's code and those of the units that a row lies in; 00 is none."""
    path = [row["country code"]]
    for column in _ADMIN:
        if row[column] in ("", "00"):
            break
        path.append(row[column])
    return tuple(path)


def _from_katottg(rows: TableReader, names: _Names) -> _Read:
    column = next((one for one in rows.header if one.startswith("Назва")), _KATOTTG_NAME)

    def read(row: TableRow) -> _Entry:
        codes = [row[level] for level in _LEVELS if row[level]]
        if not codes:
            required(row, _LEVELS[0], "a code such as UA63000000000041885")
        parent = f"katottg:{codes[-2]}" if len(codes) > 1 else None
        return _Entry(f"katottg:{codes[-1]}", (required(row, column),), parent)

    _first_pass(rows, read, names)
    return read


_READERS: Mapping[str, Callable[[TableReader, _Names], _Read]] = MappingProxyType(
    {"csv": _from_csv, "geonames": _from_geonames, "katottg": _from_katottg}
)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


class PlaceCheck:
    """Looks through what another importer reads for places that the log doesn't know.

    A place is known where it has an id, or where links join its name with something else or put it
    into a larger place: then every answer finds it by any of its names. Nothing that a row says is
    changed. Names are looked up as the log knows them when this is made.
    """

    def __init__(self, log: Log) -> None:
        self._known: set[str] = set()
        self._rows: list[tuple[str, str]] = []
        for one in log.links():
            link = one.link
            if isinstance(link, SamePlace):
                keys = link.keys
            elif isinstance(link, Within):
                keys = (link.place,)
            else:
                continue
            self._known.update(keys)
            self._rows += [(keys[0], claim.quote) for claim in one.counted if claim.quote]
        self._found: set[str] = set()
        self._missing: dict[str, None] = {}

    def over(self, found: Iterable[Outcome]) -> Iterator[Outcome]:
        """Yield outcomes as they are, and note the places that they name."""
        for outcome in found:
            for said in outcome.said if isinstance(outcome, Accepted) else ():
                if isinstance(said, Claim):
                    for place in places_of(said.event):
                        if place.id is not None or place.key in self._known:
                            self._found.add(place.key)
                        else:
                            self._missing[place.key] = None
            yield outcome

    @property
    def missing(self) -> tuple[str, ...]:
        """The names that the log doesn't know, in the order in which they came."""
        return tuple(self._missing)

    @property
    def shared(self) -> dict[str, tuple[str, ...]]:
        """The missing names that gazetteers give to several places, with the keys of these.

        A name that is given to a single place besides one that the log has no link of counts too.
        """
        found: dict[str, set[str]] = {}
        for key, quote in self._rows if self._missing else ():
            for name in _IN_ROW.split(quote):
                if name in self._missing:
                    found.setdefault(name, set()).add(key)
        return {name: tuple(sorted(found[name])) for name in self._missing if name in found}

    def __str__(self) -> str:
        if not self._missing:
            return "the log knows every place"
        shared = self.shared
        unknown = [name for name in self._missing if name not in shared]
        lines = [f"{len(self._found):,} names of places are known, {len(self._missing):,} aren't"]
        if unknown:
            lines.append(f"no gazetteer in the log knows {_listed(map(repr, unknown))}")
        if shared:
            several = (f"{name!r} ({' or '.join(keys)})" for name, keys in shared.items())
            lines.append(f"names of several places, write the id instead: {_listed(several)}")
        return "\n".join(lines)


def _listed(texts: Iterable[str]) -> str:
    several = list(texts)
    more = len(several) - _SHOWN
    return ", ".join(several[:_SHOWN]) + (f" and {more:,} more" * (more > 0))
