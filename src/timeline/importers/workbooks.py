"""Opens what isn't lines of text: workbooks (XLSX, XLS, ODS), JSON, and a zip with one table.

A workbook's typed cells become text that says the same: a date is written as ISO 8601 has it and
marked, so that no format is needed to read it. What a file states twice or not at all is asked.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from timeline.errors import ImporterError
from timeline.extras import needed

__all__ = [
    "DateCell", "Grid", "content_of", "is_json", "is_packed", "open_packed", "read_json",
    "sheet_names",
]  # fmt: skip

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_LARGEST = 1 << 31  # bytes of what a zip unpacks to; more is a bomb, or should be unpacked by hand
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".json", ".ndjson", ".jsonl", ".xlsx", ".ods", ".xls")
_WORKBOOK_PARTS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}
_LISTS = (
    "data",
    "Result",
    "results",
    "features",
    "rows",
    "records",
    "items",
    "events",
    "value",
    "values",
)
_SPOT = ("longitude", "latitude")

_Raw = dict[str, Any]


class DateCell(str):
    """The text of a cell that its file says is a date or a time, as ISO 8601 has it."""

    __slots__ = ()


class Grid(NamedTuple):
    """Rows of cells with their numbers from 1, and the name of the sheet that they are of."""

    rows: Iterable[tuple[int, list[str]]]
    name: str = ""


def is_packed(first: str | bytes) -> bool:
    """Whether a file that begins so is a workbook or a zip."""
    return isinstance(first, bytes) and first.startswith((_ZIP, _OLD_EXCEL))


def is_json(first: str | bytes) -> bool:
    """Whether a file that begins so is JSON."""
    head = first[:200]
    start = head if isinstance(head, bytes) else head.encode("utf-8", "replace")
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    opens = start[1:].lstrip()
    return (start[:1] == b"{" and opens[:1] in (b'"', b"}", b"")) or (
        start[:1] == b"[" and opens[:1] in (b"{", b"]", b"")
    )


def content_of(first: str | bytes, rest: Iterable[str | bytes]) -> bytes:
    """Return the whole content of a file of which the first line was read."""
    parts = (one if isinstance(one, bytes) else one.encode() for one in chain([first], rest))
    return b"".join(parts)


def open_packed(
    content: bytes, *, sheet: str | None, fits: Callable[[Sequence[Sequence[str]]], bool]
) -> Grid | io.BufferedIOBase:
    """Return the rows of a workbook, or the one file that a zip has, open for reading.

    ``sheet`` names the sheet or file; left out, it is the only one with content, or else the only
    one whose first rows ``fits`` takes. Raises ``ImporterError`` where it can't be told.
    """
    if content.startswith(_OLD_EXCEL):
        return _workbook(content, sheet, fits)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = {one.filename for one in archive.infolist()}
        size = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ImporterError(f"the zip archive or workbook can't be opened: {error}") from None
    if size > _LARGEST:
        raise ImporterError(
            f"the archive unpacks to {size:,} bytes, and {_LARGEST:,} is the most; unpack it first"
        )
    if names & _WORKBOOK_PARTS:
        return _workbook(content, sheet, fits)
    return _unpacked(archive, sheet, fits)


def _unpacked(
    archive: zipfile.ZipFile, sheet: str | None, fits: Callable[[Sequence[Sequence[str]]], bool]
) -> Grid | io.BufferedIOBase:
    files = [
        name for name in archive.namelist()
        if not name.endswith("/") and not name.startswith("__MACOSX/")
    ]  # fmt: skip
    tables = [name for name in files if name.lower().endswith(_TABLES)] or files
    chosen = [name for name in tables if sheet is None or sheet in (name, name.rpartition("/")[2])]
    if len(chosen) != 1:
        raise ImporterError(
            f"the zip archive has {len(tables)} tables ({', '.join(sorted(tables)):.300}); name "
            "one with sheet = '…', or unpack it"
        )
    try:
        file = archive.open(chosen[0])
        start = file.peek(8)[:8] if hasattr(file, "peek") else b""  # pyright: ignore[reportAttributeAccessIssue]
        if is_packed(start):
            inner = file.read()
            if not _is_workbook(inner):
                raise ImporterError("it is a zip archive within a zip archive; unpack it")
            return _workbook(inner, None, fits)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise ImporterError(f"{chosen[0]!r} in the zip archive can't be read: {error}") from None
    return file  # type: ignore[return-value] # it reads as a file does


def _is_workbook(content: bytes) -> bool:
    if content.startswith(_OLD_EXCEL):
        return True
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError):
        return False
    return bool(_WORKBOOK_PARTS & set(names))


def sheet_names(content: bytes) -> list[str]:
    """Return the names of a workbook's sheets that have something in them; none of other files."""
    if not _is_workbook(content):
        return []
    book = _opened(content)
    return [name for name in book.sheet_names if next(iter(_rows(book, name)), None) is not None]


def _opened(content: bytes) -> Any:
    calamine = needed("python_calamine", extra="sheets", what="reading a workbook")
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except Exception as error:  # whatever a reader of somebody else's makes of hostile bytes
        raise ImporterError(f"the workbook can't be opened: {error!s:.200}") from error


def _workbook(
    content: bytes, sheet: str | None, fits: Callable[[Sequence[Sequence[str]]], bool]
) -> Grid:
    book = _opened(content)
    names: list[str] = book.sheet_names
    if sheet is not None:
        if sheet not in names:
            raise ImporterError(f"the workbook has no sheet {sheet!r}; it has {names}")
        return Grid(_rows(book, sheet), sheet)
    filled = [name for name in names if next(iter(_rows(book, name)), None) is not None]
    if len(filled) > 1:
        heads = {name: [row for row, _ in zip(_cells(book, name), range(30), strict=False)]
                 for name in filled}  # fmt: skip
        fitting = [name for name in filled if fits(heads[name])]
        if len(fitting) != 1:
            raise ImporterError(
                f"the workbook has {len(filled)} sheets ({', '.join(filled):.300}); say which, "
                "with sheet = '…'"
            )
        filled = fitting
    if not filled:
        raise ImporterError("the workbook is empty: there is not even a header row")
    return Grid(_rows(book, filled[0]), filled[0])


def _cells(book: Any, name: str) -> Iterator[list[str]]:
    return (cells for _, cells in _rows(book, name))


def _rows(book: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        sheet = book.get_sheet_by_name(name)
        values = sheet.to_python(skip_empty_area=False)
        merged = list(sheet.merged_cell_ranges or ())
    except Exception as error:  # as in _workbook
        raise ImporterError(f"the sheet {name!r} can't be read: {error!s:.200}") from error
    for (top, left), (bottom, right) in merged:  # pyright: ignore[reportGeneralTypeIssues]
        # What is merged down says the same in each of its rows.
        for row in range(top + 1, min(bottom + 1, len(values))):
            if left < len(values[row]) and left == right:
                values[row][left] = values[top][left]
    for number, row in enumerate(values, 1):
        cells = [_text(value) for value in row]
        if any(cells):
            yield number, cells


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else repr(value)
    if isinstance(value, datetime):
        form = "%Y-%m-%dT%H:%M" if not (value.second or value.microsecond) else "%Y-%m-%dT%H:%M:%S"
        return DateCell(value.strftime(form).rjust(len("2022-09-16T08:00"), "0"))
    if isinstance(value, date):
        return DateCell(value.isoformat())
    if isinstance(value, time):
        return value.isoformat("minutes" if not value.second else "seconds")
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else str(value)


def read_json(content: bytes) -> Grid:
    """Return the objects of JSON or NDJSON as rows, under a header of all the names in them.

    A list stands alone, or in an object as an API answers with. What is nested has names such as
    ``actor.name``; the texts of a list are joined by ``; ``; a GeoJSON point becomes latitude and
    longitude. Raises ``ImporterError``.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=str)
    try:
        try:
            found = decoder.decode(content)
        except msgspec.MsgspecError:
            found = decoder.decode_lines(content)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise ImporterError(f"the JSON can't be read: {error!s:.200}") from None
    objects = [_flat(one) for one in _objects(found)]
    names = list(dict.fromkeys(name for one in objects for name in one))
    if not names:
        raise ImporterError("the file is empty: the JSON has no objects")
    rows = ([one.get(name, "") for name in names] for one in objects)
    return Grid(enumerate(chain([names], rows), 1))


def _objects(found: Any) -> list[_Raw]:
    if isinstance(found, dict):
        if found.get("success") is False or ("error" in found and "data" not in found):
            raise ImporterError(f"the answer is an error: {found.get('error', found)!s:.200}")
        lists = {name: part for name, part in found.items()
                 if isinstance(part, list) and part and isinstance(part[0], dict)}  # fmt: skip
        name = next((one for one in _LISTS if one in lists), None)
        if name is None and len(lists) == 1:
            (name,) = lists
        if name is None and any(found.get(one) == [] for one in _LISTS):
            return []
        found = [found] if name is None else lists[name]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ImporterError("the JSON is no list of objects, each of which would be a row")
    return [_feature(one) if one.get("type") == "Feature" else one for one in found]


def _feature(feature: _Raw) -> _Raw:
    """The properties of a GeoJSON feature, with where it is."""
    properties = feature.get("properties") or {}
    geometry = feature.get("geometry") or {}
    where: _Raw = {}
    if geometry.get("type") == "Point" and isinstance(geometry.get("coordinates"), list):
        where = dict(zip(_SPOT, geometry["coordinates"], strict=False))
    elif geometry:
        where = {"geometry": geometry}
    beside = {"id": feature["id"]} if "id" in feature else {}
    return {**beside, **where, **properties}


def _flat(value: _Raw, prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, part in value.items():
        key = f"{prefix}{name}"
        if isinstance(part, dict):
            flat |= _flat(part, f"{key}.")
        elif isinstance(part, list) and not any(isinstance(one, dict | list) for one in part):
            flat[key] = "; ".join(_scalar(one) for one in part)
        else:
            flat[key] = _scalar(part)
    return flat


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return msgspec.json.encode(value).decode()
