"""Reads the small TOML file that says what the columns of somebody's spreadsheet mean.

The fields of an event, a claim and a report stand on the left; the column that each comes from, or
a value, on the right. See docs/imports.md for all that it may hold.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from timeline.errors import ImporterError
from timeline.events import Event
from timeline.importers.date_formats import EXCEL, date_format
from timeline.importers.numbers_in_cells import Numbers
from timeline.importers.outcomes import CellError
from timeline.importers.table_reader import TableReader, TableRow
from timeline.kinds import KINDS

__all__ = ["ABOUT_CLAIMS", "ROW", "Cell", "SheetMap", "kinds_by_name", "sheet_map"]

ABOUT_CLAIMS = (
    "according_to", "archived", "credibility", "language", "media", "published", "quote",
    "reliability", "retrieved", "sha256", "source", "stance", "title", "url",
)  # fmt: skip
"""What a mapping may name beside the fields of events: the report's and the claim's own."""

ROW = "#row"
"""A column that every sheet has: the row's number."""

ASKS = "?"
"""What ``guess`` writes where the file doesn't tell; a mapping that still has it is refused."""

_TOP = {
    "kind": str, "otherwise": str, "zone": str, "formats": list, "midnight": str, "span": str,
    "empty_end": str, "id_prefix": str, "encoding": str, "delimiter": str, "separator": str,
    "sheet": str, "header": int, "ragged": bool, "blank": list, "fill_down": list, "each": str,
    "each_source": bool, "numbers": dict, "columns": dict, "defaults": dict, "flags": dict,
    "translate": dict, "only": dict, "where": dict, "group": dict, "events": list,
}  # fmt: skip
# What somebody's sheet has stands in these, and may be a question mark.
_ANYTHING = ("blank", "columns", "defaults", "fill_down", "flags", "only", "translate", "where")
_CHOICES = {
    "span": ("between", "lasted"),
    "midnight": ("day", "time"),
    "empty_end": ("unknown", "start"),
}
_OF_EVENTS = {"name", "kind", "otherwise", "columns", "defaults", "flags", "where", "span"}
_WORDS = {
    str: "a text",
    list: "a list of texts",
    dict: "a table",
    int: "a number",
    bool: "true or false",
}


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
    blank: frozenset[str] = frozenset()
    as_it_stands: str = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(lambda cell: _as_it_stands(cell), takes_self=True),  # noqa: PLW0108 - below
    )
    """The one column whose text is taken as it stands; empty where there is more to do."""

    def read(self, record: TableRow) -> str:
        """Return the text of a record, translated; the default where it is empty."""
        if self.as_it_stands:
            return record[self.as_it_stands] or self.default
        if not self.columns:
            return self.default
        if len(self.columns) == 1:
            return self._one(record, self.columns[0]) or self.default
        return " ".join(filter(None, self.each(record))) or self.default

    def each(self, record: TableRow) -> list[str]:
        """Return the text of each column by itself."""
        if self.as_it_stands:
            return [record[self.as_it_stands]]
        return [self._one(record, column) for column in self.columns]

    def _one(self, record: TableRow, column: str) -> str:
        text = record[column]
        if not text and column == ROW and column not in record:
            return str(record.row)
        if text in self.blank:
            return ""
        meanings = self.translate.get(column)
        value = text if meanings is None else meanings.get(text, text).strip()
        if value and column in self.only and value not in self.only[column]:
            allowed = ", ".join(self.only[column])
            raise CellError(column, text, f"{self.key}: expected one of {allowed}")
        return value

    def refuse(self, record: TableRow, expected: str) -> CellError:
        """Return the error that refuses a record for this value."""
        return self.wrong(record, f"expected {expected}")

    def wrong(self, record: TableRow, why: str) -> CellError:
        """Return the same, in the words of another error."""
        text = " ".join(filter(None, (record[column] for column in self.columns)))
        return CellError(" + ".join(self.columns), text or self.default, f"{self.key}: {why}")


def _as_it_stands(cell: Cell) -> str:
    if len(cell.columns) != 1 or cell.columns[0] == ROW or cell.blank:
        return ""
    return "" if {cell.columns[0]} & {*cell.translate, *cell.only} else cell.columns[0]


@attrs.frozen(kw_only=True)
class SheetMap:
    """A mapping that was read and checked by itself; see ``sheet_map``.

    Fields are as the TOML file has them; ``zone`` is None where nobody knows it.
    """

    kind: str | None = None
    otherwise: str | None = None
    zone: str | None = "UTC"
    formats: tuple[str, ...] = ()
    midnight: str | None = None
    span: str | None = None
    empty_end: str = "unknown"
    id_prefix: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    separator: str = ";"
    sheet: str | None = None
    header: int | None = None
    ragged: bool = False
    blank: frozenset[str] = frozenset()
    fill_down: tuple[str, ...] = ()
    each: str | None = None
    each_source: bool = False
    numbers: Mapping[str, Any] = {}
    columns: Mapping[str, Any] = {}
    defaults: Mapping[str, Any] = {}
    flags: Mapping[str, Mapping[str, str]] = {}
    translate: Mapping[str, Mapping[str, str]] = {}
    only: Mapping[str, tuple[str, ...]] = {}
    where: Mapping[str, tuple[str, ...]] = {}
    group_by: tuple[str, ...] = ()
    group_count: str | None = None
    events: tuple[tuple[str, SheetMap], ...] = ()

    def names(self) -> set[str]:
        """Return what the mapping speaks of: the keys of its columns, defaults and flags."""
        return set(self.columns) | set(self.defaults) | set(self.flags)

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
            self.blank,
        )

    def numbers_of(self, cell: Cell) -> Numbers:
        """Return how the numbers of a cell's columns are written."""
        rules = [self.numbers.get(column) for column in cell.columns]
        own = next((rule for rule in rules if isinstance(rule, dict)), self.numbers)
        return Numbers(own.get("thousands"), own.get("decimal"))

    def parts(self, *path: str) -> dict[str, Any] | None:
        """Return the keys of a value that is given in parts, None for one given as a whole."""
        given = [_at(table, path) for table in (self.columns, self.defaults)]
        parts = [one for one in given if isinstance(one, dict)]
        if not parts:
            return None
        if any(one is not None and not isinstance(one, dict) for one in given):
            raise ImporterError(
                f"{'.'.join(path)} is given as a whole in one of columns and defaults and in parts "
                "in the other; give it in one way"
            )
        return {name: None for one in parts for name in one}

    def named_columns(self) -> Iterator[tuple[str, str]]:
        """Return every column that the mapping names, each with the key that names it."""
        yield from _named_columns(self.columns, "columns")
        for key in ("translate", "only", "where"):
            yield from ((key, column) for column in getattr(self, key))
        yield from (("fill_down", column) for column in self.fill_down)
        yield from (("group", column) for column in self.group_by)
        if self.each is not None:
            yield "each", self.each
        yield from (
            (f"flags.{name}", column) for name, flags in self.flags.items() for column in flags
        )
        yield from (
            ("numbers", name) for name, rule in self.numbers.items() if isinstance(rule, dict)
        )
        for _, event in self.events:
            yield from event.named_columns()

    def check(self, sheet: TableReader) -> None:
        """Raise ``ImporterError`` for a column that the sheet doesn't have."""
        for key, column in self.named_columns():
            if column != ROW and column not in sheet:
                sheet.check_doubled(column)
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


_MOST_CHARACTERS, _LONGEST_LINE, _MOST_DOTS = 1_000_000, 16_000, 100


def sheet_map(mapping: str | Mapping[str, Any] | SheetMap) -> SheetMap:
    """Read a mapping from TOML text, or take one that was read from TOML.

    Raises ``ImporterError``, which names the key, for one that lacks what it needs, and for one in
    which ``guess`` still asks something.
    """
    if isinstance(mapping, SheetMap):
        return mapping
    if isinstance(mapping, str):
        # Numbers and keys without end take TOML's reader all time or memory.
        lines = mapping.splitlines()
        longest = max(map(len, lines), default=0)
        dots = max((line.count(".") for line in lines), default=0)
        if len(mapping) > _MOST_CHARACTERS or longest > _LONGEST_LINE or dots > _MOST_DOTS:
            raise ImporterError(
                f"a mapping of {len(mapping):,} characters with {longest:,} and {dots:,} dots in a "
                f"line is none that anybody wrote; {_MOST_CHARACTERS:,}, {_LONGEST_LINE:,} and "
                f"{_MOST_DOTS} are the most"
            )
        try:
            mapping = tomllib.loads(mapping)
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            raise ImporterError(f"the mapping isn't TOML: {error!s:.200}") from error
    if not isinstance(mapping, Mapping):
        raise ImporterError(
            f"a mapping is TOML text or what tomllib read of it, not {mapping!r:.80}"
        )
    table = dict(mapping)
    _check_asked(table, "")
    _check(table)
    plan = _plan(table)
    if not plan.events:
        return plan
    events = tuple((name, _of_event(table, one)) for name, one in _named_events(table["events"]))
    return attrs.evolve(plan, events=events)


def _plan(table: Mapping[str, Any]) -> SheetMap:
    zone = table.get("zone", "UTC")
    simple = ("kind", "otherwise", "midnight", "span", "encoding", "delimiter", "sheet", "header",
              "each", "numbers", "defaults", "translate", "id_prefix", "empty_end", "ragged",
              "each_source", "columns", "flags")  # fmt: skip
    given = {name: table[name] for name in simple if name in table}
    group = table.get("group", {})
    return SheetMap(
        **given,
        zone=None if zone == "unknown" else zone,
        formats=tuple(table.get("formats", [])),
        separator=table.get("separator", ";") or ";",
        blank=frozenset(table.get("blank", [])),
        fill_down=tuple(table.get("fill_down", [])),
        only=_allowed(table.get("only", {}), "only"),
        where=_allowed(table.get("where", {}), "where"),
        group_by=tuple(_texts("group.by", group.get("by", []))),
        group_count=group.get("count"),
        events=(("", SheetMap()),) * bool(table.get("events")),
    )


def _named_events(tables: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    seen = set()
    for number, one in enumerate(tables, 1):
        if not isinstance(one, dict):
            raise ImporterError(f"events are tables, [[events]], not {one!r:.80}")
        strange = sorted(one.keys() - _OF_EVENTS)
        if strange:
            raise ImporterError(
                f"[[events]] has no key {strange[0]!r}; it has {', '.join(sorted(_OF_EVENTS))}"
            )
        name = one.get("name", str(number))
        if not isinstance(name, str) or not name or name in seen:
            raise ImporterError(f"the events of a row have names, each its own, not {name!r:.80}")
        seen.add(name)
        yield name, {key: value for key, value in one.items() if key != "name"}


def _of_event(table: Mapping[str, Any], own: Mapping[str, Any]) -> SheetMap:
    """The mapping of one event among several of a row: the sheet's, with what it has of its own."""
    merged = {key: value for key, value in table.items() if key not in ("events", "where")}
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merged[key] | value if both else value
    _check(merged)
    return _plan(merged)


def _check_asked(value: Any, key: str) -> None:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if not key and name in _ANYTHING:
                continue
            _check_asked(part, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for part in value:
            _check_asked(part, key)
    elif value == ASKS:
        raise ImporterError(
            f"{key}: the mapping still asks; say what it is instead of '?', as the note beside it "
            "explains"
        )


def _check(table: Mapping[str, Any]) -> None:  # noqa: C901 - one key after the other
    """Refuse what no mapping has, and values of another type than their key takes."""
    for key, value in table.items():
        if key not in _TOP:
            raise ImporterError(f"a mapping has no key {key!r}; it has {', '.join(_TOP)}")
        wanted = _TOP[key]
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise ImporterError(f"{key} is {_WORDS[wanted]}, not {value!r:.80}")
    for key in ("formats", "blank", "fill_down"):
        _texts(key, table.get(key, []))
    for form in table.get("formats", []):
        if form not in ("edtf", "phrase", *EXCEL):
            date_format(form)
    for key, choices in _CHOICES.items():
        if table.get(key, choices[0]) not in choices:
            raise ImporterError(
                f"{key} is '{choices[0]}' or '{choices[1]}', not {table[key]!r:.80}"
            )
    if len(table.get("delimiter", ",")) != 1 or table.get("delimiter") in ('"', "\n", "\r"):
        raise ImporterError(
            f"delimiter is one character such as ';', not {table['delimiter']!r:.80}"
        )
    if table.get("header", 1) < 0:
        raise ImporterError(
            f"header is the number of the header row, from 1, or 0 if there is none, not "
            f"{table['header']}"
        )
    if "columns" not in table:
        raise ImporterError("the mapping needs a table [columns]: what each column of the sheet is")
    _check_translations(table.get("translate", {}))
    _check_flags(table.get("flags", {}))
    _check_numbers(table.get("numbers", {}))
    _check_group(table.get("group", {}))


def _texts(key: str, value: Any) -> list[str]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        like = "texts such as '%d.%m.%Y'" if key == "formats" else "texts"
        raise ImporterError(f"{key} is a list of {like}, not {value!r:.80}")
    return value


def _check_translations(table: Mapping[str, Any]) -> None:
    for column, values in table.items():
        if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
            raise ImporterError(
                f"translate.{column!r} is a table from what the column has to what it means, such "
                f'as RU = "Russia", not {values!r:.80}'
            )


def _check_flags(table: Mapping[str, Any]) -> None:
    for name, values in table.items():
        if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
            raise ImporterError(
                f"flags.{name} is a table from a column of yes and no to what yes means, such "
                f'as "Drone used" = "drone", not {values!r:.80}'
            )


def _check_numbers(table: Mapping[str, Any]) -> None:
    for key, value in table.items():
        rules = value if isinstance(value, dict) else {key: value}
        for name, sign in rules.items():
            if name not in ("thousands", "decimal") or not isinstance(sign, str) or len(sign) != 1:
                raise ImporterError(
                    "numbers has thousands and decimal, one sign each, for the sheet or for a "
                    f'column, [numbers."Dead"], not {key} = {value!r:.80}'
                )
        if isinstance(value, dict) and value.get("thousands", "") == value.get("decimal"):
            raise ImporterError(f"numbers.{key}: thousands and decimals have one sign")
    if "thousands" in table and table["thousands"] == table.get("decimal"):
        raise ImporterError("numbers: thousands and decimals have one sign")


def _check_group(table: Mapping[str, Any]) -> None:
    strange = sorted(table.keys() - {"by", "count"})
    if strange or (table and not table.get("by")):
        raise ImporterError(
            "group has by, the columns by which rows are one event, and count, the field that "
            f"counts the rows, not {table!r:.80}"
        )
    if not isinstance(table.get("count", ""), str):
        raise ImporterError(f"group.count is a field such as 'killed', not {table['count']!r:.80}")


def _allowed(table: Mapping[str, Any], key: str) -> dict[str, tuple[str, ...]]:
    for column, values in table.items():
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise ImporterError(
                f"{key}.{column!r} is a list of what the column may have, once translated, such as "
                f'["Russia", "Ukraine"], not {values!r:.80}'
            )
    return {column: tuple(values) for column, values in table.items()}


def kinds_by_name(kinds: Iterable[type[Event]]) -> dict[str, type[Event]]:
    """Return kinds by their names on disk, with the version and without it."""
    found: dict[str, type[Event]] = {}
    for kind in (*KINDS, *kinds):
        found[kind.kind] = found[kind.kind.partition("/")[0]] = kind
    return found
