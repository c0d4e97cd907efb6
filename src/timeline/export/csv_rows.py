"""Writes accounts as CSV, one row each, in which no cell can run as a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping

from timeline.export.dropped_fields import UNLINKED, ExportText, left_out
from timeline.serialization import moment_text
from timeline.text_safety import harmless
from timeline.views.chronology import Chronology
from timeline.views.tables import Cell, Column, columns

__all__ = ["to_csv"]

LEAVES: Mapping[str, str] = {
    **UNLINKED,
    "pairing": "sources, quotes and addresses are lists, side by side",
    "superseded": "a row tells what counts, not what it overtook",
    "texts": "a cell is no place for a whole report",
    "versions": "a row tells the version that is believed; `disputes` names the fields",
}
_TO_QUOTE = re.compile(r"[\",\r\n]")


def _quoted(cell: str) -> str:
    # By hand, for csv.writer leaves a lone carriage return bare where lines end in line feeds.
    return '"' + cell.replace('"', '""') + '"' if _TO_QUOTE.search(cell) else cell


def _cell(column: Column, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return harmless("; ".join(cell))
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return str(moment_text(int(cell))) if column.of == "moment" else repr(cell)
    return harmless(cell)


def to_csv(accounts: Chronology, *, bom: bool = False) -> ExportText:
    """Return CSV (RFC 4180 with line feeds): a head, then one row for each account.

    The columns are those of ``timeline.views.tables``; moments are ISO 8601 in UTC, several texts
    are joined by ``; ``, what isn't known is empty. A text that a spreadsheet would run as a
    formula has an apostrophe before it. ``bom`` opens the file with the mark by which Excel knows
    UTF-8.
    """
    chosen = columns(accounts)
    rows = ([_cell(column, column.read(account)) for column in chosen] for account in accounts)
    lines = [",".join(map(_quoted, row)) for row in ([one.name for one in chosen], *rows)]
    text = "\n".join(["\ufeff" + lines[0] if bom else lines[0], *lines[1:], ""])
    return ExportText(text, left_out(accounts, LEAVES))
