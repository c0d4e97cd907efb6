"""Reads the rows of a CSV or tab-separated file, one at a time and in bounded memory.

The csv module has one limit on the length of a cell for the whole process, and takes a quote that
is never closed as a cell as long as the file. So rows are read here: as RFC 4180 has them, with
bounds, and with the reason where one can't be read.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

from timeline.errors import ImporterError

__all__ = ["LONGEST_ROW", "Lines", "TableReader", "TableRow", "lines_of", "records", "split"]

LONGEST_ROW = 1_000_000
"""Characters; a longer row is refused. Real ones have thousands."""

_GIVEN_UP = 20  # quotes that are never closed, before the file is given up
_MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}


class _Readable(Protocol):
    def readline(self, size: int, /) -> str | bytes: ...


Lines = _Readable | Iterable[str] | Iterable[bytes]
"""What an importer reads: a file open as text or as bytes, or lines."""


class _Line(NamedTuple):
    text: str
    problem: str | None


class _Pieces(NamedTuple):
    row: int
    cells: list[str]
    problem: str | None


class TableRow:
    """One row with its number, its cells by column, and what is wrong with it as a whole."""

    __slots__ = ("_places", "cells", "header", "problem", "row")

    def __init__(
        self,
        row: int,
        cells: Sequence[str],
        *,
        header: tuple[str, ...],
        places: Mapping[str, int],
        problem: str | None = None,
    ) -> None:
        self.row = row
        self.cells = cells
        self.header = header
        self.problem = problem
        self._places = places

    def check(self) -> None:
        """Raises ``ImporterError`` for a row that can't be read as a whole."""
        if self.problem is not None:
            raise ImporterError(self.problem)
        if len(self.cells) != len(self.header):
            raise ImporterError(
                f"it has {len(self.cells)} cells, but there are {len(self.header)} columns"
            )

    def __contains__(self, column: str) -> bool:
        return column in self._places

    def __getitem__(self, column: str) -> str:
        """The cell of a column without the white space around it; empty where there is none."""
        place = self._places.get(column)
        return "" if place is None else self.cells[place].strip()


class TableReader:
    """The rows of a file under its header, or under ``columns`` where it has none.

    ``usual`` are the columns of a format whose files sometimes lack the header: a first row of as
    many cells that opens with a number is a row like the others.
    With ``delimiter=None`` it is the one of comma, semicolon and tab that parts the header most.
    """

    def __init__(
        self,
        source: Lines,
        *,
        encoding: str = "utf-8",
        delimiter: str | None = ",",
        quoted: bool = True,
        columns: Sequence[str] = (),
        usual: Sequence[str] = (),
    ) -> None:
        lines = lines_of(source, encoding=encoding)
        if delimiter is None:
            start = list(islice(lines, 1))
            delimiter = _sniffed(start[0].text if start else "")
            lines = chain(start, lines)
        self._rows = records(lines, delimiter, quoted=quoted)
        self.header = tuple(columns) or self._first(usual)
        self._places: dict[str, int] = {}
        for place, name in enumerate(self.header):
            if name and name in self._places:
                raise ImporterError(
                    f"two columns are called {name!r}; a column is found by its name: rename one"
                )
            self._places[name] = place

    def _first(self, usual: Sequence[str]) -> tuple[str, ...]:
        first = next(self._rows, None)
        if first is None:
            raise ImporterError("the file is empty: there is not even a header row")
        if first.problem is not None:
            raise ImporterError(f"the header row can't be read: {first.problem}")
        if "\r" in "".join(first.cells):
            raise ImporterError(
                "the lines end in carriage returns alone, as on old Macs; save the file as CSV "
                "UTF-8"
            )
        if len(first.cells) == len(usual) and first.cells[0].strip().isdigit():
            self._rows = chain([first], self._rows)
            return tuple(usual)
        return tuple(name.strip() for name in first.cells)

    def need(self, *columns: str, what: str) -> None:
        """Raises ``ImporterError`` where a column is missing."""
        missing = [name for name in columns if name not in self._places]
        if missing:
            raise ImporterError(
                f"this isn't {what}: there is no column {missing[0]!r}; the columns are "
                f"{', '.join(self.header):.500}"
            )

    def __contains__(self, column: str) -> bool:
        return column in self._places

    def __iter__(self) -> Iterator[TableRow]:
        for row, cells, problem in self._rows:
            yield TableRow(row, cells, header=self.header, places=self._places, problem=problem)


def lines_of(source: Lines, *, encoding: str = "utf-8") -> Iterator[_Line]:
    """Gives the lines of a file, each with what is wrong with it, in bounded memory.

    Raises ``ImporterError`` for what isn't a file or lines, for an archive, and for an encoding
    that isn't known or in which a line can't be told.
    """
    if isinstance(source, str | bytes) or not (
        hasattr(source, "readline") or isinstance(source, Iterable)
    ):
        raise ImporterError(
            f"an importer reads an open file, such as open(path, 'rb'), or lines in a list, not "
            f"{source!r:.80}"
        )
    _check_encoding(encoding)
    raw = _raw(source)
    first = next(raw, None)
    if first is None:
        return iter(())
    _check_magic(first)
    return _read(chain([first], raw), encoding)


def _check_encoding(encoding: str) -> None:
    try:
        known = '\n,\t;"'.encode(encoding) == b'\n,\t;"' and codecs.lookup(encoding)
    except (LookupError, TypeError, UnicodeError):
        known = None
    if not known:
        raise ImporterError(
            f"encoding={encoding!r} can't be read line by line; give 'utf-8', 'cp1252' (Windows) "
            "or another one that has ASCII in it, or save the file as CSV UTF-8"
        )


def _check_magic(first: str | bytes) -> None:
    start = first if isinstance(first, bytes) else first[:8].encode("latin-1", "replace")
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            raise ImporterError(
                f"this is {what}, not a text file; unpack it, or save it as CSV UTF-8, first: "
                "archives aren't opened here"
            )


def _raw(source: Lines) -> Iterator[str | bytes]:
    """The lines as they are, of at most one character more than a row may have."""
    if isinstance(source, Iterable) and not hasattr(source, "readline"):
        for line in source:
            if not isinstance(line, str | bytes):
                raise ImporterError(f"a line is text or bytes, not {line!r:.80}")
            yield line
        return
    file: Any = source
    while True:
        try:
            line = file.readline(LONGEST_ROW + 1)
        except UnicodeError as error:
            raise ImporterError(
                f"the file was opened as text of another encoding ({error}); open it with "
                "open(path, 'rb') and give encoding="
            ) from None
        if not line:
            return
        yield line
        end: Any = b"\n" if isinstance(line, bytes) else "\n"
        while len(line) > LONGEST_ROW and not line.endswith(end):
            line = file.readline(LONGEST_ROW + 1)  # too long anyway: the rest of it is passed over
            if not line:
                return


def _read(raw: Iterable[str | bytes], encoding: str) -> Iterator[_Line]:
    for number, line in enumerate(raw):
        problem = None
        if isinstance(line, bytes):
            try:
                text = line.decode(encoding)
            except UnicodeError as error:
                text = line.decode(encoding, "replace")
                problem = f"it isn't text in {encoding} ({error!s:.80}); is it encoding='cp1252'?"
        else:
            text = line
        if not number:
            text = text.removeprefix("\ufeff")
            if not text:
                continue
        if "\0" in text:
            problem = problem or "it has a NUL in it, which is no text"
        elif not text.isascii() and problem is None:
            try:
                text.encode()
            except UnicodeError:
                problem = "it has half a surrogate pair in it, which is no text"
        if len(text) > LONGEST_ROW:
            text, problem = text[:1000], f"it is longer than {LONGEST_ROW:,} characters"
        yield _Line(text, problem)


def _body(text: str) -> str:
    """A line without its end."""
    text = text.removesuffix("\n")
    return text.removesuffix("\r")


class _Cells:
    """Takes the cells off a row line by line, until no quote is open any more."""

    def __init__(self, delimiter: str) -> None:
        self.cells: list[str] = []
        self.problem: str | None = None
        self._delimiter = delimiter
        self._open: list[str] | None = None

    def feed(self, text: str) -> bool:
        """Takes one more line; True once the row is complete."""
        body = _body(text)
        place = 0
        while True:
            if self._open is None and not body.startswith('"', place):
                end = body.find(self._delimiter, place)
                self.cells.append(body[place:] if end < 0 else body[place:end])
            else:
                place += self._open is None
                after = self._quoted(text, place)
                if after is None:
                    return False
                end = body.find(self._delimiter, after)
                stray = body[after:] if end < 0 else body[after:end]
                if stray:
                    self.problem = (
                        f"after the quote that closes a cell comes {stray!r:.40}; a quote inside a "
                        "quoted cell is written twice"
                    )
            if end < 0:
                return True
            place = end + 1

    def _quoted(self, text: str, place: int) -> int | None:
        """Takes a quoted cell; the place after its quote, or None where it isn't closed yet."""
        parts = self._open if self._open is not None else []
        while True:
            close = text.find('"', place)
            if close < 0:
                parts.append(text[place:])
                self._open = parts
                return None
            parts.append(text[place:close])
            if not text.startswith('"', close + 1):
                self.cells.append("".join(parts))
                self._open = None
                return close + 1
            parts.append('"')
            place = close + 2


def split(text: str, delimiter: str) -> list[str] | None:
    """Gives the parts of a list within a cell, quoted or not; None where a quote isn't closed."""
    cells = _Cells(delimiter)
    return cells.cells if cells.feed(text) and cells.problem is None else None


def _sniffed(header: str) -> str:
    return max(",;\t", key=lambda one: len(split(header, one) or ()))


def records(lines: Iterable[_Line], delimiter: str, *, quoted: bool = True) -> Iterator[_Pieces]:
    """Gives rows with their numbers from 1.

    A quote that isn't closed, within ``LONGEST_ROW`` characters or before the text goes on after
    it, spoils its own line alone: the lines after it are read again as rows. Raises
    ``ImporterError`` where that happens too often.
    """
    waiting: list[_Line] = []  # lines to be read again, the next one last
    source = iter(lines)
    given_up = row = 0
    while True:
        line = waiting.pop() if waiting else next(source, None)
        if line is None:
            return
        row += 1
        if not quoted or '"' not in line.text:
            yield _Pieces(row, _body(line.text).split(delimiter), line.problem)
            continue
        cells = _Cells(delimiter)
        taken, length, problem = [line], len(line.text), line.problem
        closed = cells.feed(line.text)
        while not closed:
            more = waiting.pop() if waiting else next(source, None)
            if more is None or length + len(more.text) > LONGEST_ROW:
                waiting += [more] if more is not None else []
                break
            taken.append(more)
            length += len(more.text)
            problem = problem or more.problem
            closed = cells.feed(more.text)
        if closed and (cells.problem is None or len(taken) == 1):
            yield _Pieces(row, cells.cells, problem or cells.problem)
            continue
        given_up += 1
        if given_up > _GIVEN_UP:
            raise ImporterError(
                f"up to row {row}, {given_up} rows have a quote that is never closed; this isn't "
                "CSV with double quotes around cells"
            )
        waiting += reversed(taken[1:])
        yield _Pieces(row, [_body(line.text)], "a quote opens a cell and is never closed; close it")
