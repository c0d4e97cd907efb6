"""Gives accounts as an Arrow table, and from it as a frame of pandas or polars; needs extras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from timeline.accounts import Account
from timeline.calendar_math import as_datetime
from timeline.extras import needed
from timeline.views.tables import Cell, Column, columns

__all__ = ["arrow_table", "pandas_frame", "polars_frame"]

_LARGEST = (1 << 63) - 1  # a cell has 64 bits


def _types(pa: Any) -> dict[str, Any]:
    return {
        "text": pa.string(),
        "whole": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "moment": pa.timestamp("us", tz="UTC"),
        "texts": pa.list_(pa.string()),
    }


def _fitting(column: Column, accounts: Sequence[Account]) -> list[Cell]:
    """The cells of a column, None for what its type can't hold."""
    cells = [column.read(account) for account in accounts]
    if column.of == "moment":
        return [cell if as_datetime(_whole(cell)) is not None else None for cell in cells]
    if column.of == "whole":
        return [cell if abs(_whole(cell) or 0) <= _LARGEST else None for cell in cells]
    return cells


def _whole(cell: Cell) -> int | None:
    return cell if isinstance(cell, int) else None


def arrow_table(accounts: Sequence[Account]) -> Any:
    """Return a ``pyarrow.Table`` with the columns of ``timeline.views.tables``.

    Moments are timestamps in microseconds of UTC, null where open and, as ``When.earliest``, beyond
    the years 1 to 9999; ``when`` has those in words. A count that 64 bits don't hold is null.
    Raises ``MissingExtraError`` without the extra ``arrow``.
    """
    pa = needed("pyarrow", extra="arrow", what="an Arrow table")
    types = _types(pa)
    chosen = columns(accounts)
    return pa.table(
        {column.name: pa.array(_fitting(column, accounts), types[column.of]) for column in chosen},
        schema=pa.schema([(column.name, types[column.of]) for column in chosen]),
    )


def pandas_frame(accounts: Sequence[Account]) -> Any:
    """Return a ``pandas.DataFrame``. Raises ``MissingExtraError`` without the extra ``pandas``."""
    needed("pandas", extra="pandas", what="a pandas frame")
    return arrow_table(accounts).to_pandas()


def polars_frame(accounts: Sequence[Account]) -> Any:
    """Return a ``polars.DataFrame``. Raises ``MissingExtraError`` without the extra ``polars``."""
    polars = needed("polars", extra="polars", what="a polars frame")
    return polars.DataFrame(arrow_table(accounts))
