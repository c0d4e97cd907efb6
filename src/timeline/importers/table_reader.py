"""Reads the rows of a table: text parted by commas, semicolons or tabs, a workbook, JSON or a zip.

Text is read one row at a time and in bounded memory; what ``workbooks`` opens is read as a whole.
The csv module has one limit on the length of a cell for the whole process, and takes a quote that
is never closed as a cell as long as the file. So rows are read here: as RFC 4180 has them, with
bounds, and with the reason where one can't be read.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, pairwise
from typing import Any, NamedTuple, Protocol

from timeline.errors import ImporterError
from timeline.importers.workbooks import (
    DateCell,
    Grid,
    content_of,
    is_json,
    is_packed,
    open_packed,
    read_json,
)

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
}
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_HEAD = 30  # rows in which a header is looked for
_CHUNK = 1 << 16
_TAG = re.compile(r"#[a-z]\w*([ +][\w+ ]*)?", re.IGNORECASE)
_DELIMITERS = ",;\t|"


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
        """Raise ``ImporterError`` for a row that can't be read as a whole."""
        if self.problem is not None:
            raise ImporterError(self.problem)
        if len(self.cells) != len(self.header):
            raise ImporterError(
                f"it has {len(self.cells)} cells, but there are {len(self.header)} columns"
            )

    def repeats_header(self) -> bool:
        """Whether its cells are the names of the columns, as where files were put together."""
        first = self.cells[0].strip() if self.cells else ""
        same = bool(first) and first == self.header[0] and len(self.header) > 1
        return same and tuple(cell.strip() for cell in self.cells) == self.header

    def is_tags(self) -> bool:
        """Whether it is the row of HXL tags, such as ``#date``, that humanitarian tables have."""
        first = next(filter(None, self.cells), "")
        return first.lstrip().startswith("#") and all(
            _TAG.fullmatch(cell.strip()) for cell in self.cells if cell
        )

    def __contains__(self, column: str) -> bool:
        return column in self._places

    def __getitem__(self, column: str) -> str:
        """The cell of a column without the white space around it; empty where there is none."""
        try:
            cell = self.cells[self._places[column]]
        except KeyError:
            return ""
        return cell if type(cell) is DateCell else cell.strip()

    def filled(self, cells: Mapping[str, str]) -> TableRow:
        """Return the row with other cells in some of its columns."""
        new = list(self.cells)
        for column, cell in cells.items():
            new[self._places[column]] = cell
        return TableRow(self.row, new, header=self.header, places=self._places)


class TableReader:
    """The rows of a file under its header, or under ``columns`` where it has none.

    The header is row ``header``, or the first of thirty with all the columns of ``expect``, or the
    first of all; with ``header=0`` there is none, and columns are called by their numbers from 1.
    ``usual`` are the columns of a format whose files sometimes lack the header: a first row of as
    many cells that opens with a number is a row like the others.
    With ``delimiter=None`` it is the one of comma, semicolon, tab and bar that parts the most rows
    alike; a line such as ``sep=;`` says it. ``sheet`` names one of a workbook or zip. ``fold``
    finds columns by their names in small letters. Cells that ``ragged`` rows lack at their end are
    empty; otherwise such rows are refused, for a line may have been broken. Of columns with one
    name each is called by its number too, ``Source#2``, with ``doubled``. ``typed`` says whether
    it is of a workbook, whose cells say more than their text.
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
        expect: Collection[str] = (),
        header: int | None = None,
        sheet: str | None = None,
        fold: bool = False,
        ragged: bool = False,
        doubled: bool = False,
    ) -> None:
        self.typed = False
        self._fold = fold
        self._ragged = ragged
        self._expect = frozenset(expect)
        self._rows = self._opened(source, encoding, delimiter, sheet, quoted=quoted)
        self.header = tuple(columns) or self._first(usual, header)
        self._end = max((n for n, name in enumerate(self.header, 1) if name), default=0)
        self._places: dict[str, int] = {}
        self._doubled: set[str] = set()
        counts = Counter(map(self._name, self.header))
        seen: Counter[str] = Counter()
        for place, name in enumerate(map(self._name, self.header)):
            seen[name] += 1
            if counts[name] == 1 or not name:
                self._places[name] = place
            else:
                self._doubled.add(name)
                self._places[f"{name}#{seen[name]}"] = place
        if not doubled:
            for name in self._doubled:
                self.check_doubled(name)

    def _name(self, name: str) -> str:
        return name.lower() if self._fold else name

    def _opened(
        self,
        source: Lines,
        encoding: str,
        delimiter: str | None,
        sheet: str | None,
        *,
        quoted: bool,
    ) -> Iterator[_Pieces]:
        _check_source(source)
        first, rest = _peeked(source)
        if is_packed(first):
            opened = open_packed(content_of(first, rest), sheet=sheet, fits=self._fits)
            self.typed = True
            if isinstance(opened, Grid):
                return (_Pieces(row, cells, None) for row, cells in opened.rows)
            return self._opened(opened, encoding, delimiter, None, quoted=quoted)
        if is_json(first) and quoted:
            opened = read_json(content_of(first, rest))
            return (_Pieces(row, cells, None) for row, cells in opened.rows)
        lines = lines_of(_again(first, rest) if first else (), encoding=encoding)
        start = list(islice(lines, 1))
        separator = _SEPARATOR.fullmatch(start[0].text) if start else None
        if separator is not None:
            delimiter, start = separator[1], []
        elif delimiter is None and start:
            delimiter = self._only_fitting(start[0].text)
            if delimiter is None:
                start += islice(lines, _HEAD)
                delimiter = _sniffed(start)
        return records(chain(start, lines), delimiter or ",", quoted=quoted)

    def _only_fitting(self, header: str) -> str | None:
        """The only delimiter by which a line is a header with all the columns that are expected."""
        fitting = [one for one in _DELIMITERS if self._fits([split(header, one) or []])]
        return fitting[0] if len(fitting) == 1 else None

    def _fits(self, rows: Sequence[Sequence[str]]) -> bool:
        """Whether one of some rows is a header with all the columns that are expected."""
        return bool(self._expect) and any(self._is_header(cells) for cells in rows)

    def _is_header(self, cells: Sequence[str]) -> bool:
        names = {self._name(cell.strip()) for cell in cells}
        return all(one in names or re.sub(r"#\d+$", "", one) in names for one in self._expect)

    def _first(self, usual: Sequence[str], header: int | None) -> tuple[str, ...]:
        start: list[_Pieces] = []
        if header == 0:
            start += islice(self._rows, 1)
            self._rows = chain(start, self._rows)
            return tuple(map(str, range(1, len(start[0].cells) + 1))) if start else ("1",)
        place = self._header_place(start, header)
        if not start:
            raise ImporterError("the file is empty: there is not even a header row")
        first = start[place]
        if first.problem is not None:
            raise ImporterError(f"the header row can't be read: {first.problem}")
        if "\r" in "".join(first.cells) and len(start) == 1 and next(self._rows, None) is None:
            raise ImporterError(
                "the lines end in carriage returns alone, as on old Macs; save the file as CSV "
                "UTF-8"
            )
        if len(first.cells) == len(usual) and first.cells[0].strip().isdigit():
            self._rows = chain(start[place:], self._rows)
            return tuple(usual)
        self._rows = chain(start[place + 1 :], self._rows)
        return tuple(name.strip() for name in first.cells)

    def _header_place(self, start: list[_Pieces], header: int | None) -> int:
        """Which of the first rows is the header; ``start`` takes those that were read to see."""
        filled: int | None = None
        for one in islice(self._rows, max(_HEAD, header or 0)):
            start.append(one)
            if header is not None:
                if one.row == header:
                    return len(start) - 1
            elif one.problem is not None or any(map(str.strip, one.cells)):
                filled = len(start) - 1 if filled is None else filled
                if not self._expect or (one.problem is None and self._is_header(one.cells)):
                    return len(start) - 1
        if header is not None:
            raise ImporterError(f"header = {header}: the file has no such row, or it is empty")
        return filled or 0

    def check_doubled(self, column: str) -> None:
        """Raise ``ImporterError`` where several columns have a name."""
        if column in self._doubled:
            raise ImporterError(
                f"two columns are called {column!r}; a column is found by its name: say "
                f"{column + '#1'!r} or {column + '#2'!r} in a mapping, or rename one"
            )

    def rename(self, names: Mapping[str, str]) -> None:
        """Find columns by other names as well, where these aren't taken."""
        for name, other in names.items():
            if name in self._places and other not in self._places:
                self._places[other] = self._places[name]

    def need(self, *columns: str, what: str) -> None:
        """Raise ``ImporterError`` where a column is missing."""
        missing = [name for name in columns if name not in self._places]
        if missing:
            raise ImporterError(
                f"this isn't {what}: there is no column {missing[0]!r}; the columns are "
                f"{', '.join(self.header):.500}"
            )

    def __contains__(self, column: str) -> bool:
        return column in self._places

    def __iter__(self) -> Iterator[TableRow]:
        many = len(self.header)
        for row, cells, problem in self._rows:
            even = cells if len(cells) == many else self._evened(cells, many)
            yield TableRow(row, even, header=self.header, places=self._places, problem=problem)

    def _evened(self, cells: Sequence[str], many: int) -> Sequence[str]:
        """Cells beyond the header that are empty say nothing, nor does a column without a name."""
        if len(cells) > many:
            return cells if any(map(str.strip, cells[many:])) else cells[:many]
        if self._ragged or len(cells) >= self._end:
            return [*cells, *[""] * (many - len(cells))]
        return cells


def lines_of(source: Lines, *, encoding: str = "utf-8") -> Iterator[_Line]:
    """Return the lines of a file, each with what is wrong with it, in bounded memory.

    Raises ``ImporterError`` for what isn't a file or lines, for an archive, and for an encoding
    that isn't known or in which a line can't be told.
    """
    _check_source(source)
    wide = _check_encoding(encoding)
    first, rest = _peeked(source)
    if not first:
        return iter(())
    _check_magic(first)
    if isinstance(first, bytes):
        found = _BOMS.get(first[:2])
        if found or wide:
            return _read(_wide_lines(chain([first], rest), found or encoding), "utf-8")
    return _read(chain([first], _after(first, rest)), encoding)


def _after(first: str | bytes, rest: _Rest) -> Iterator[str | bytes]:
    if hasattr(rest, "readline"):
        _pass_over(rest, first)
    yield from _raw(rest)


def _check_source(source: object) -> None:
    if isinstance(source, str | bytes) or not (
        hasattr(source, "readline") or isinstance(source, Iterable)
    ):
        raise ImporterError(
            f"an importer reads an open file, such as open(path, 'rb'), or lines in a list, not "
            f"{source!r:.80}"
        )


class _Rest:
    """A file or lines of which the first line was read."""

    def __init__(self, source: Any) -> None:
        self._source = source
        if hasattr(source, "readline"):
            self.readline = source.readline
        if hasattr(source, "read"):
            self.read = source.read

    def __iter__(self) -> Iterator[Any]:
        """The rest in pieces, for what isn't made of lines."""
        if hasattr(self._source, "read"):
            while piece := self._source.read(_CHUNK):
                yield piece
            return
        if hasattr(self._source, "readline"):
            while piece := self._source.readline():
                yield piece
            return
        yield from self._source


def _peeked(source: Lines) -> tuple[str | bytes, _Rest]:
    """The first line of a file or of lines, as far as a row may reach, and the rest."""
    if isinstance(source, Iterable) and not hasattr(source, "readline"):
        lines = iter(source)
        return next(_raw_lines(lines), b""), _Rest(lines)
    return _line_of(source), _Rest(source)


class _Again:
    """A file whose first line was read, as if it hadn't been."""

    def __init__(self, first: Any, rest: Any) -> None:
        self._first = first
        self._rest = rest

    def readline(self, size: int) -> Any:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return self._rest.readline(size)

    def read(self, size: int) -> Any:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return self._rest.read(size)


def _again(first: str | bytes, rest: _Rest) -> Lines:
    if hasattr(rest, "readline"):
        return _Again(first, rest)
    return chain([first], rest)  # pyright: ignore[reportReturnType]


def _wide_lines(pieces: Iterable[str | bytes], encoding: str) -> Iterator[str]:
    """The lines of text whose letters have several bytes each."""
    decoder = codecs.getincrementaldecoder(encoding)()
    waiting = ""
    try:
        for piece in pieces:
            waiting += decoder.decode(piece if isinstance(piece, bytes) else piece.encode())
            *lines, waiting = waiting.split("\n")
            yield from (f"{line}\n" for line in lines)
        waiting += decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise ImporterError(f"it isn't text in {encoding}: {error!s:.200}") from None
    if waiting:
        yield waiting


def _check_encoding(encoding: str) -> bool:
    """Whether an encoding has to be read otherwise than line by line."""
    try:
        name = codecs.lookup(encoding).name
        if name.startswith(("utf-16", "utf-32")):
            return True
        known = '\n,\t;"'.encode(encoding) == b'\n,\t;"'
    except (LookupError, TypeError, UnicodeError):
        known = False
    if not known:
        raise ImporterError(
            f"encoding={encoding!r} can't be read line by line; give 'utf-8', 'cp1252' (Windows) "
            "or another one that has ASCII in it, or save the file as CSV UTF-8"
        )
    return False


def _check_magic(first: str | bytes) -> None:
    start = first if isinstance(first, bytes) else first[:8].encode("latin-1", "replace")
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            raise ImporterError(
                f"this is {what}, not a text file; unpack it, or save it as CSV UTF-8, first: "
                "archives aren't opened here"
            )


def _raw_lines(source: Iterable[Any]) -> Iterator[str | bytes]:
    for line in source:
        if not isinstance(line, str | bytes):
            raise ImporterError(f"a line is text or bytes, not {line!r:.80}")
        yield line


def _line_of(file: Any) -> str | bytes:
    try:
        line: str | bytes = file.readline(LONGEST_ROW + 1)
    except UnicodeError as error:
        raise ImporterError(
            f"the file was opened as text of another encoding ({error}); open it with "
            "open(path, 'rb') and give encoding="
        ) from None
    return line


def _pass_over(file: Any, line: str | bytes) -> None:
    """Read to the end of a line that is too long anyway."""
    end: Any = b"\n" if isinstance(line, bytes) else "\n"
    while len(line) > LONGEST_ROW and not line.endswith(end):
        line = _line_of(file)
        if not line:
            return


def _raw(source: Any) -> Iterator[str | bytes]:
    """The lines as they are, of at most one character more than a row may have."""
    if not hasattr(source, "readline"):
        yield from _raw_lines(source)
        return
    while line := _line_of(source):
        yield line
        _pass_over(source, line)


def _single_byte(line: bytes) -> str:
    """The likeliest encoding of a line with bytes beyond ASCII: runs of them are Cyrillic words."""
    beyond = [at for at, byte in enumerate(line) if byte > 127]  # noqa: PLR2004 - ASCII
    beside = sum(b - a == 1 for a, b in pairwise(beyond))
    return "cp1251" if 2 * beside > len(beyond) else "cp1252"


def _read(raw: Iterable[str | bytes], encoding: str) -> Iterator[_Line]:
    for number, line in enumerate(raw):
        problem = None
        if isinstance(line, bytes):
            try:
                text = line.decode(encoding)
            except UnicodeError as error:
                text = line.decode(encoding, "replace")
                likely = _single_byte(line)
                problem = f"it isn't text in {encoding} ({error!s:.80}); is it encoding={likely!r}?"
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
        """Take one more line; True once the row is complete."""
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
        """Take a quoted cell; the place after its quote, or None where it isn't closed yet."""
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


def _parted(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line in which each quote opens or closes a cell; None where one doesn't.

    What ``_Cells`` gives, in a few steps for the whole line: between quotes are cells, and around
    them the others.
    """
    parts = line.split('"')
    last = len(parts) - 1
    if not last:
        return line.split(delimiter)
    if last % 2 or '""' in line:
        return None
    cells: list[str] = []
    for place in range(0, last + 1, 2):
        around = parts[place]
        first, end = place == 0, place == last
        if (not first and not around.startswith(delimiter) and (around or not end)) or (
            not end and not around.endswith(delimiter) and (around or not first)
        ):
            return None
        inner = around[not first : len(around) - (not end)]
        if around and (first or end or len(around) > 1):
            cells += inner.split(delimiter)
        if not end:
            cells.append(parts[place + 1])
    return cells


def split(text: str, delimiter: str) -> list[str] | None:
    """Return the parts of a list within a cell, quoted or not; None where a quote isn't closed."""
    if '"' not in text:
        return _body(text).split(delimiter)
    cells = _Cells(delimiter)
    return cells.cells if cells.feed(text) and cells.problem is None else None


def _sniffed(lines: Sequence[_Line]) -> str:
    """The delimiter that parts the most lines into rows of as many cells, and of the most cells.

    Rows are counted by their lines, for a cell may have several, and another delimiter would take
    each for a row.
    """

    def parts(delimiter: str) -> tuple[int, int]:
        counts: Counter[int] = Counter()
        try:
            for one in records(lines, delimiter):
                if one.problem is None and len(one.cells) > 1:
                    counts[len(one.cells)] += 1 + sum(cell.count("\n") for cell in one.cells)
        except ImporterError:  # its quotes are no quotes of cells
            return (0, 0)
        return max(((many, size) for size, many in counts.items()), default=(0, 0))

    return max(_DELIMITERS, key=parts)


def records(lines: Iterable[_Line], delimiter: str, *, quoted: bool = True) -> Iterator[_Pieces]:
    """Return rows with their numbers from 1.

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
        plainly = _parted(_body(line.text), delimiter)
        if plainly is not None:
            yield _Pieces(row, plainly, line.problem)
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
