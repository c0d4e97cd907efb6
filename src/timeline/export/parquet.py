"""Writes accounts as Parquet, for data frames and databases; needs the extra ``arrow``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from timeline.calendar_math import as_datetime
from timeline.export.dropped_fields import UNLINKED, DroppedFields, ExportBytes, left_out
from timeline.extras import needed
from timeline.times import When
from timeline.views.chronology import Chronology
from timeline.views.dataframes import arrow_table

__all__ = ["to_arrow", "to_parquet"]

LEAVES: Mapping[str, str] = {
    **UNLINKED,
    "pairing": "sources, quotes and addresses are lists, side by side",
    "superseded": "a row tells what counts, not what it overtook",
    "texts": "a cell is no place for a whole report",
    "versions": "a row tells the version that is believed; `disputes` names the fields",
}
TOO_FAR = "a column of moments reaches the years 1 to 9999; `when` has it in words"


def to_arrow(accounts: Chronology) -> Any:
    """Return a ``pyarrow.Table``: one row an account, the columns of ``timeline.views.tables``.

    A chronology hands itself to whatever reads Arrow (``__arrow_c_stream__``); this is for those
    who want the table. Raises ``MissingExtraError`` without the extra ``arrow``.
    """
    return arrow_table(accounts)


def to_parquet(accounts: Chronology) -> ExportBytes:
    """Return a Parquet file: one row an account, the columns of ``timeline.views.tables``.

    Raises ``MissingExtraError`` without the extra ``arrow``.
    """
    pa = needed("pyarrow", extra="arrow", what="a Parquet file")
    parquet = needed("pyarrow.parquet", extra="arrow", what="a Parquet file")
    out = pa.BufferOutputStream()
    parquet.write_table(arrow_table(accounts), out, compression="zstd")
    far = tuple(account.event.id for account in accounts if _beyond(account.when))
    beyond = [DroppedFields("bounds", TOO_FAR, far)] if far else []
    return ExportBytes(out.getvalue().to_pybytes(), (*left_out(accounts, LEAVES), *beyond))


def _beyond(when: When) -> bool:
    bounds = (when.lo, when.hi)
    return any(one is not None and as_datetime(one) is None for one in bounds)
