"""Reads the small TOML file that says what the columns of somebody's spreadsheet mean.

What an event, a claim and a report are made of stands on the left; the column it comes from, or
a value, on the right. See docs/imports.md for all that it may hold.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from timeline.errors import ImporterError
from timeline.events import Event
from timeline.importers.outcomes import CellError
from timeline.importers.table_reader import TableReader, TableRow
from timeline.kinds import KINDS

__all__ = ["ABOUT_CLAIMS", "Cell", "SheetMap", "kinds_by_name", "sheet_map"]

ABOUT_CLAIMS = (
    "according_to", "archived", "credibility", "language", "media", "published", "quote",
    "reliability", "retrieved", "sha256", "source", "stance", "title", "url",
)  # fmt: skip
"""What a mapping may name beside the fields of events: the report's and the claim's own."""

ROW = "#row"
"""A column that every sheet has: the row's number."""

_TOP = {
    "kind": str, "zone": str, "span": str, "delimiter": str, "id_prefix": str, "separator": str,
    "formats": list, "columns": dict, "defaults": dict, "translate": dict, "only": dict,
}  # fmt: skip
_SPANS = ("between", "lasted")


@attrs.frozen
class Cell:
    """Where one value comes from: columns, joined by a space, or else a default.

    ``key`` is its name in the TOML file, which messages give.
    """

    key: str
    columns: tuple[str, ...]
    default: str
    translate: Mapping[str, Mapping[str, str]]
    only: Mapping[str, tuple[str, ...]]

    def read(self, record: TableRow) -> str:
        """Gives the text of a record, translated; the default where it is empty."""
        return " ".join(filter(None, self.each(record))) or self.default

    def each(self, record: TableRow) -> list[str]:
        """Gives the text of each column by itself."""
        return [self._one(record, column) for column in self.columns]

    def _one(self, record: TableRow, column: str) -> str:
        if column == ROW and column not in record:
            return str(record.row)
        text = record[column]
        told = self.translate.get(column, {}).get(text, text).strip()
        if told and column in self.only and told not in self.only[column]:
            allowed = ", ".join(self.only[column])
            raise CellError(column, text, f"{self.key}: expected one of {allowed}")
        return told

    def refuse(self, record: TableRow, expected: str) -> CellError:
        """Gives the error that refuses a record for this value."""
        return self.wrong(record, f"expected {expected}")

    def wrong(self, record: TableRow, why: str) -> CellError:
        """Gives the same, in the words of another error."""
        told = " ".join(filter(None, (record[column] for column in self.columns)))
        return CellError(" + ".join(self.columns), told or self.default, f"{self.key}: {why}")


@attrs.frozen
class SheetMap:
    """A mapping that was read and checked by itself; see ``sheet_map``.

    ``columns`` and ``defaults`` are as the TOML file has them.
    """

    kind: str | None
    zone: str | None
    formats: tuple[str, ...]
    span: str | None
    delimiter: str | None
    id_prefix: str
    separator: str
    columns: Mapping[str, Any]
    defaults: Mapping[str, Any]
    translate: Mapping[str, Mapping[str, str]]
    only: Mapping[str, tuple[str, ...]]

    def names(self) -> set[str]:
        """Gives what the mapping speaks of: the keys of its columns and defaults."""
        return set(self.columns) | set(self.defaults)

    def has(self, *path: str) -> bool:
        """Whether the mapping says where something comes from."""
        return any(_at(table, path) is not None for table in (self.columns, self.defaults))

    def cell(self, *path: str) -> Cell:
        """Return where a value comes from: ``cell("place", "latitude")``."""
        key = ".".join(path)
        columns = _at(self.columns, path)
        default = _at(self.defaults, path)
        if columns is None:
            columns = []
        named = [columns] if isinstance(columns, str) else columns
        if not isinstance(named, list) or not all(isinstance(one, str) and one for one in named):
            raise ImporterError(
                f"columns.{key} is the name of a column, or several in a list, not {columns!r:.80}"
            )
        if isinstance(default, dict | list):
            raise ImporterError(f"defaults.{key} is one value, not {default!r:.80}")
        text = "" if default is None else str(default).strip()
        return Cell(
            f"columns.{key}" if named else f"defaults.{key}",
            tuple(named),
            text,
            self.translate,
            self.only,
        )

    def parts(self, *path: str) -> dict[str, Any] | None:
        """Gives the keys of a value that is told in parts, None for one told as a whole."""
        told = [_at(table, path) for table in (self.columns, self.defaults)]
        parts = [one for one in told if isinstance(one, dict)]
        if not parts:
            return None
        if any(one is not None and not isinstance(one, dict) for one in told):
            raise ImporterError(
                f"{'.'.join(path)} is told as a whole in one of columns and defaults and in parts "
                "in the other; tell it in one way"
            )
        return {name: None for one in parts for name in one}

    def check(self, sheet: TableReader) -> None:
        """Raises ``ImporterError`` for a column that the sheet doesn't have."""
        for key, column in _named_columns(self.columns, "columns"):
            if column != ROW and column not in sheet:
                raise ImporterError(_no_column(key, column, sheet.header))
        for key, columns in (("translate", self.translate), ("only", self.only)):
            for column in columns:
                if column not in sheet:
                    raise ImporterError(_no_column(key, column, sheet.header))


def _no_column(key: str, column: str, header: Iterable[str]) -> str:
    there = ", ".join(repr(name) for name in header if name)
    return f"{key}: the sheet has no column {column!r}; it has {there:.500}"


def _at(table: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        table = table.get(name) if isinstance(table, dict) else None
    return table


def _named_columns(table: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(table, dict):
        for name, part in table.items():
            yield from _named_columns(part, f"{key}.{name}")
    elif isinstance(table, list):
        for part in table:
            yield from _named_columns(part, key)
    elif isinstance(table, str):
        yield key, table
    else:
        raise ImporterError(
            f"{key} is the name of a column, or several in a list, not {table!r:.80}"
        )


def sheet_map(mapping: str | Mapping[str, Any] | SheetMap) -> SheetMap:
    """Reads a mapping from TOML text, or takes one that was read from TOML.

    Raises ``ImporterError``, which names the key, for one that doesn't hold what it has to.
    """
    if isinstance(mapping, SheetMap):
        return mapping
    if isinstance(mapping, str):
        try:
            mapping = tomllib.loads(mapping)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ImporterError(f"the mapping isn't TOML: {error!s:.200}") from error
    if not isinstance(mapping, Mapping):
        raise ImporterError(
            f"a mapping is TOML text or what tomllib read of it, not {mapping!r:.80}"
        )
    table = dict(mapping)
    _check(table)
    zone = table.get("zone", "UTC")
    return SheetMap(
        kind=table.get("kind"),
        zone=None if zone == "unknown" else zone,
        formats=tuple(table.get("formats", [])),
        span=table.get("span"),
        delimiter=table.get("delimiter"),
        id_prefix=table.get("id_prefix", ""),
        separator=table.get("separator", ";") or ";",
        columns=table["columns"],
        defaults=table.get("defaults", {}),
        translate=_translations(table.get("translate", {})),
        only=_allowed(table.get("only", {})),
    )


def _check(table: Mapping[str, Any]) -> None:
    """Refuses what no mapping has, and values of another type than their key takes."""
    for key, value in table.items():
        if key not in _TOP:
            raise ImporterError(f"a mapping has no key {key!r}; it has {', '.join(_TOP)}")
        if not isinstance(value, _TOP[key]):
            wanted = {str: "a text", list: "a list of texts", dict: "a table"}[_TOP[key]]
            raise ImporterError(f"{key} is {wanted}, not {value!r:.80}")
    formats = table.get("formats", [])
    if not all(isinstance(one, str) and one for one in formats):
        raise ImporterError(f"formats is a list of texts such as '%d.%m.%Y', not {formats!r:.80}")
    if table.get("span", "lasted") not in _SPANS:
        raise ImporterError(f"span is 'between' or 'lasted', not {table['span']!r:.80}")
    if len(table.get("delimiter", ",")) != 1 or table.get("delimiter") in ('"', "\n", "\r"):
        raise ImporterError(
            f"delimiter is one character such as ';', not {table['delimiter']!r:.80}"
        )
    if "columns" not in table:
        raise ImporterError("the mapping needs a table [columns]: what each column of the sheet is")


def _translations(table: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    for column, values in table.items():
        if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
            raise ImporterError(
                f"translate.{column!r} is a table from what the column has to what it means, such "
                f'as RU = "Russia", not {values!r:.80}'
            )
    return dict(table)


def _allowed(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    for column, values in table.items():
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise ImporterError(
                f"only.{column!r} is a list of what the column may have, once translated, such as "
                f'["Russia", "Ukraine"], not {values!r:.80}'
            )
    return {column: tuple(values) for column, values in table.items()}


def kinds_by_name(kinds: Iterable[type[Event]]) -> dict[str, type[Event]]:
    """Gives kinds by their names on disk, with the version and without it."""
    found: dict[str, type[Event]] = {}
    for kind in (*KINDS, *kinds):
        found[kind.kind] = found[kind.kind.partition("/")[0]] = kind
    return found
