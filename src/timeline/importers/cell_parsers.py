"""Reads what stands in cells: numbers, degrees, days and texts, each refused with what it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from timeline.calendar_math import month_length
from timeline.importers.outcomes import CellError
from timeline.importers.table_reader import TableRow
from timeline.time_parsing import when
from timeline.times import When

__all__ = ["coded", "day", "degrees", "instant", "number", "optional", "required", "stamp", "whole"]

_WHOLE = re.compile(r"(\d{1,15})(?:\.0{1,9})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00(?:\.0{1,6})?)?Z?)?", re.ASCII)
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?", re.ASCII)
_LAST_SECOND = 253_402_300_800  # the first second of the year 10000

T = TypeVar("T")


def required(record: TableRow, column: str, expected: str = "a text that isn't empty") -> str:
    """Return the text of a cell that may not be empty."""
    text = record[column]
    if not text:
        raise CellError(column, text, f"expected {expected}, but the cell is empty")
    return text


def optional(record: TableRow, column: str) -> str | None:
    """Return the text of a cell, None where it is empty or there is no such column."""
    return record[column] or None


def whole(record: TableRow, column: str, *, empty: int | None = None) -> int:
    """Return a whole number from 0; ``empty`` is what an empty cell stands for, if anything."""
    text = record[column]
    if not text and empty is not None:
        return empty
    found = _whole(text)
    if found is None:
        raise CellError(column, text, "expected a whole number, 0 or more")
    return found


@lru_cache(maxsize=4096)  # the same few numbers stand in most cells
def _whole(text: str) -> int | None:
    match = _WHOLE.fullmatch(text)
    return None if match is None else int(match[1])


def number(record: TableRow, column: str) -> float | None:
    """Return a number, None where the cell is empty."""
    text = record[column]
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise CellError(column, text, "expected a number such as -3.5")
    return float(text)


def degrees(record: TableRow, column: str, limit: int) -> float | None:
    """Return degrees between -limit and limit, None where the cell is empty."""
    found = number(record, column)
    if found is not None and abs(found) > limit:
        raise CellError(column, record[column], f"expected degrees from -{limit} to {limit}")
    return found


def day(record: TableRow, column: str) -> str:
    """Return a day as ``2022-09-16``; a midnight that follows it says nothing and is left out."""
    text = record[column]
    match = _DAY.fullmatch(text)
    if match is None:
        raise CellError(column, text, "expected a day such as 2022-09-16")
    return match[1]


def stamp(record: TableRow, column: str) -> When:
    """Return the time of ``20220916`` or, in UTC, ``20220916081500``."""
    text = record[column]
    match = _STAMP.fullmatch(text)
    if match is None:
        raise CellError(column, text, "expected digits as in 20220916 or 20220916081500")
    year, month, of_month, hour, minute, second = match.groups()
    if not 1 <= int(month) <= 12 or not 1 <= int(of_month) <= month_length(int(year), int(month)):  # noqa: PLR2004 - months
        raise CellError(column, text, "expected a day that the calendar has")
    date = f"{year}-{month}-{of_month}"
    return when(date if hour is None else f"{date}T{hour}:{minute}:{second}Z")


def instant(record: TableRow, column: str) -> When:
    """Return the second, in UTC, of a number of seconds since 1970."""
    seconds = whole(record, column)
    if seconds >= _LAST_SECOND:
        raise CellError(
            column, record[column], "expected seconds since 1970, before the year 10000"
        )
    return when(f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}")


def coded(record: TableRow, column: str, meanings: Mapping[str, T]) -> T:
    """Return what a code of a code book stands for."""
    text = record[column]
    code = text.partition(".")[0] if text.endswith(".0") else text
    if code not in meanings:
        raise CellError(column, text, f"expected one of {', '.join(meanings)}")
    return meanings[code]
