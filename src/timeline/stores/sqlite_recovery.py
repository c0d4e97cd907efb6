"""Reads what is left in a damaged SQLite file, page by page, without SQLite.

SQLite refuses a file whose first page or index is gone, though all else in it may be whole. Here
each page that looks like a leaf of a table is read for itself, in the file and in the write-ahead
log beside it, by the published format (https://www.sqlite.org/fileformat2.html). Nothing that is
found is trusted: who reads a wreck checks each entry against the id that was made of its content.

A file may have been made to be read without end: pages whose cells lie over one another, and cells
that all run on to the same pages. In a file of SQLite's own they don't, so what is read is bounded:
of a page so many bytes of cells, of all pages that cells run on to so many times the file. What is
beyond that is lost.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

from timeline.errors import FormatError, StoreError
from timeline.merkle import Frontier
from timeline.stores.base import REDACTED, Record

__all__ = ["DamagedFile"]

_TABLE_LEAF = 0x0D
_FILE_HEADER, _PAGE_HEADER, _CELL_POINTER = 100, 8, 2
_WAL_HEADER, _FRAME_HEADER = 32, 24
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_PAGE_SIZES = tuple(1 << bits for bits in range(9, 17))
_USUAL_PAGE = 4096
_VARINT = 9  # bytes at most
_NEGATIVE = 1 << 63  # keys from here on are below zero, as no position is
_ID = 32
_TEXT = 12  # serial types from here on are blobs and texts, even and odd
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_CONSTANTS = {0: None, 8: 0, 9: 1}
_FLOAT, _FLOAT_BYTES = 7, 8
_ENTRY_COLUMNS = (7, 8)  # without and with a salt: formats 1 and 2
_REPORT_COLUMNS, _META_COLUMNS, _HEAD_COLUMNS = 3, 2, 7
_SIZE_BYTES = 8  # of a frontier: how many leaves it has seen


_OVERLAP = 2  # times the page that the cells of one page may take
_ROUNDS = 16  # times the file that may be read of what cells run on to: copies in the WAL share it
_FREE = 1 << 20
_CANDIDATES = 64  # reports that one number may have stood for, as numbers are used again
_PREFIX = 1024  # bytes of a record that tell what it is


class _Cell(NamedTuple):
    """A cell of a table: its key, and what of its record lies in its page."""

    key: int
    length: int
    """Of the whole record, in bytes."""
    local: bytes
    following: int
    """The number of the page on which it goes on, 0 where it doesn't."""


class _Place(NamedTuple):
    """Where a cell begins: in which copy of which page, and how far in."""

    start: int
    at: int
    wal: bool


class DamagedFile:
    """What a file that held a log still holds; a context manager, and closes.

    Raises ``StoreError`` where there is no file or it can't be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name = os.fspath(path)
        self._file = _mapped(Path(path))
        self._wal = _mapped(Path(f"{self.name}-wal"), missing=True)
        self._size = self._page_size()
        self._left = _ROUNDS * (len(self._file) + len(self._wal)) + _FREE
        self._newest: dict[int, int] = {}  # where the last copy of a page is in the WAL
        # By position and by id; of cells that are alike, by their hash, one.
        self._entries: dict[int, dict[int, _Place]] = {}
        self._reports: dict[bytes, dict[int, _Place]] = {}
        self._numbers: dict[int, set[bytes]] = {}  # the ids that a report's number may stand for
        self.last = 0
        """The last position that the head or an entry tells of."""
        self.root: bytes | None = None
        """The root of the head that tells of the last position, None where it is lost."""
        self.identity: str | None = None
        """The log's identity, None where it is lost."""
        self._scan()
        self.last = max(self.last, *self._entries, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        for one in (self._file, self._wal):
            if isinstance(one, mmap.mmap):
                one.close()

    def rows(self) -> Iterator[tuple[int, list[Record]]]:
        """Return, for each position of which anything is left, the rows that it may be.

        Copies that say the same are given once. Where one of them was redacted, only that one:
        older copies hold what was erased.
        """
        self._left = _ROUNDS * (len(self._file) + len(self._wal)) + _FREE
        for position in sorted(self._entries):
            rows = dict.fromkeys(
                row for place in self._entries[position].values() for row in self._row(place)
            )
            redacted = [row for row in rows if row.record_type == REDACTED]
            yield position, redacted or list(rows)

    def report(self, name: bytes) -> Iterator[bytes]:
        """Yield the bodies that the report of that id may have."""
        for place in self._reports.get(name, {}).values():
            for _, values in self._record(place):
                yield _bytes(values[2])

    def _page_size(self) -> int:
        for source, at, width in ((self._wal, 8, 4), (self._file, 16, 2)):
            size = int.from_bytes(source[at : at + width], "big")
            size = 1 << 16 if size == 1 else size  # two bytes are too few for 65,536
            if size in _PAGE_SIZES:
                return size
        return _USUAL_PAGE

    def _scan(self) -> None:
        """Note where every record of a log begins."""
        # Frames of an older round of the same file come last, and are as good: ids tell.
        frames = [
            (int.from_bytes(self._wal[start : start + 4], "big"), start + _FRAME_HEADER)
            for start in range(_WAL_HEADER, len(self._wal), self._size + _FRAME_HEADER)
        ]
        self._newest.update(frames)
        for start in range(0, len(self._file), self._size):
            self._scan_page(start, first=start == 0, wal=False)
        for number, start in frames:
            self._scan_page(start, first=number == 1, wal=True)

    def _scan_page(self, start: int, *, first: bool, wal: bool) -> None:
        source = self._wal if wal else self._file
        header = start + (_FILE_HEADER if first else 0)
        if source[header : header + 1] != bytes([_TABLE_LEAF]):
            return
        cells = int.from_bytes(source[header + 3 : header + 5], "big")
        pointers = header + _PAGE_HEADER
        room = _OVERLAP * self._size
        page = source[start : start + self._size]
        for pointer in range(
            pointers, min(pointers + cells * _CELL_POINTER, start + self._size), 2
        ):
            at = int.from_bytes(source[pointer : pointer + _CELL_POINTER], "big")
            with suppress(IndexError, ValueError):
                cell = self._cell(page, at)
                room -= len(cell.local) + _CELL_POINTER
                if room < 0:
                    return
                self._note(cell, _Place(start, at, wal))

    def _note(self, cell: _Cell, place: _Place) -> None:
        number = cell.key
        values = list(_columns(self._payload(cell, most=_PREFIX), cell.length))
        if _is_entry(values) and 0 < number < _NEGATIVE:
            self._entries.setdefault(number, {}).setdefault(hash(cell), place)
        elif len(values) == _REPORT_COLUMNS and _is_id(values[1]):
            self._reports.setdefault(values[1], {}).setdefault(hash(cell), place)
            names = self._numbers.setdefault(number, set())
            if len(names) < _CANDIDATES:
                names.add(values[1])
        elif _is_head(values) and values[1] >= self.last:
            self.last = values[1]
            with suppress(FormatError):
                self.root = Frontier.from_bytes(values[3]).root()
        elif len(values) == _META_COLUMNS and values[0] == b"identity":
            self.identity = _bytes(values[1]).decode("ascii", "replace")

    def _row(self, place: _Place) -> Iterator[Record]:
        for position, values in self._record(place):
            _, recorded, name, form, kind, number, body, *salt = values
            for report in sorted(self._numbers.get(number) or {b""}):
                with suppress(UnicodeDecodeError):
                    yield Record(
                        position,
                        recorded,
                        name or b"",
                        form.decode(),
                        kind.decode(),
                        report,
                        body,
                        salt[0] if salt else b"",
                    )

    def _record(self, place: _Place) -> Iterator[tuple[int, list[Any]]]:
        """The key and the columns of a cell; nothing where it isn't whole."""
        source = self._wal if place.wal else self._file
        with suppress(IndexError, ValueError):
            cell = self._cell(source[place.start : place.start + self._size], place.at)
            columns = _columns(self._payload(cell, most=cell.length), cell.length)
            yield cell.key, list(columns)

    def _cell(self, page: bytes, at: int) -> _Cell:
        """The cell that begins so far into a page."""
        length, at = _varint(page, at)
        key, at = _varint(page, at)
        most = self._size - 35
        if length <= most:
            local = page[at : at + length]
            if len(local) != length:
                raise ValueError("the cell runs over the end of its page")
            return _Cell(key, length, local, 0)
        if length > len(self._file) + len(self._wal):
            raise ValueError("the cell would be longer than the file")
        least = (self._size - 12) * 32 // 255 - 23
        size = least + (length - least) % (self._size - 4)
        size = size if size <= most else least
        following = page[at + size : at + size + 4]
        if len(following) != 4:  # noqa: PLR2004 - bytes of a page's number
            raise ValueError("the cell runs over the end of its page")
        return _Cell(key, length, page[at : at + size], int.from_bytes(following, "big"))

    def _payload(self, cell: _Cell, *, most: int) -> bytes:
        """The first bytes of a cell's record, those that didn't fit into its page too."""
        parts = [cell.local]
        following = cell.following
        left = min(cell.length, most) - len(cell.local)
        while left > 0:
            self._left -= self._size
            if self._left < 0:
                raise ValueError("cells run on to the same pages again and again")
            more = self._overflow(following)
            parts.append(more[4 : 4 + min(left, len(more) - 4)])
            left -= len(more) - 4
            following = int.from_bytes(more[:4], "big")
        return b"".join(parts)

    def _overflow(self, number: int) -> bytes:
        start = self._newest.get(number)
        if start is not None:
            page = self._wal[start : start + self._size]
        else:
            page = self._file[(number - 1) * self._size : number * self._size] if number else b""
        if len(page) != self._size:
            raise ValueError("a page that the cell runs on to is lost")
        return page


def _mapped(path: Path, *, missing: bool = False) -> bytes | mmap.mmap:
    """The bytes of a file, read as they are asked for."""
    try:
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return b""
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        if missing:
            return b""
        raise StoreError(f"there is no file {os.fspath(path)!r} to read from") from None
    except OSError as error:
        raise StoreError(f"{os.fspath(path)!r} can't be read: {error.strerror}") from error


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for place in range(_VARINT - 1):
        byte = page[at + place]
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, at + place + 1
    return value << 8 | page[at + _VARINT - 1], at + _VARINT


def _columns(payload: bytes, length: int) -> Iterator[Any]:
    """The values of a record: None, whole numbers and bytes, texts as the bytes they are of.

    ``length`` is the record's; of values that begin beyond the payload there is nothing but b"".
    """
    head, at = _varint(payload, 0)
    value = head
    while at < head:
        kind, at = _varint(payload, at)
        if kind in _CONSTANTS:
            yield _CONSTANTS[kind]
            continue
        if kind >= _TEXT:
            size = (kind - _TEXT) // 2
        elif kind == _FLOAT:
            size = _FLOAT_BYTES
        elif kind in _INTEGERS:
            size = _INTEGERS[kind]
        else:
            raise ValueError(f"no value has the type {kind}")
        part = payload[value : value + size]
        value += size
        if value > length:
            raise ValueError("the record ends before its last value")
        if len(part) != size:
            part = b""
        yield int.from_bytes(part, "big", signed=True) if kind in _INTEGERS else part


def _is_id(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == _ID


def _is_entry(values: list[Any]) -> bool:
    if len(values) not in _ENTRY_COLUMNS:
        return False
    _, recorded, name, form, kind, report, body, *salt = values
    return (
        isinstance(recorded, int)
        and (name is None or _is_id(name))
        and isinstance(form, bytes)
        and isinstance(kind, bytes)
        and isinstance(report, int)
        and isinstance(body, bytes)
        and all(isinstance(one, bytes) for one in salt)
    )


def _is_head(values: list[Any]) -> bool:
    if len(values) != _HEAD_COLUMNS:
        return False
    _, position, _, frontier, *_ = values
    return (
        isinstance(position, int)
        and isinstance(frontier, bytes)
        and int.from_bytes(frontier[:_SIZE_BYTES], "big") == position
    )


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
