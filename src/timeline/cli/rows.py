"""Prints rows as a table for people, or as JSON or CSV for programs."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from shutil import get_terminal_size
from typing import Any
from unicodedata import category, east_asian_width

from timeline.text_safety import harmless, without_controls

__all__ = ["show", "shown"]

_NARROW = 8  # columns that a cell is left at least


def show(rows: Iterable[Mapping[str, Any]], shape: str | None, *, columns: Sequence[str]) -> None:
    """Print rows; ``columns`` are those of the table, JSON and CSV have all."""
    listed = list(rows)
    if shape == "json":
        print(json.dumps(listed, ensure_ascii=False, indent=1))
    elif shape == "csv":
        _csv(listed)
    else:
        _table(listed, columns)


def _csv(rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])


def _cell(value: Any) -> str:
    return _text(value) if isinstance(value, int | float) else harmless(_text(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, Mapping) and isinstance(value.get("told"), str):
        return str(value["told"])
    return json.dumps(value, ensure_ascii=False)


def shown(text: str) -> str:
    """Return a text as a terminal may show it, line by line; as it is to whatever else reads."""
    if not sys.stdout.isatty():
        return text
    return "\n".join(map(without_controls, text.split("\n")))


def _wide(text: str) -> int:
    return sum(
        0 if category(one) in ("Mn", "Me", "Cf") else 2 if east_asian_width(one) in "FW" else 1
        for one in text
    )


def _cut(text: str, width: int) -> str:
    if _wide(text) <= width:
        return text + " " * (width - _wide(text))
    cut = ""
    for one in text:
        if _wide(cut + one) > width - 1:
            break
        cut += one
    return cut + "…" + " " * (width - 1 - _wide(cut))


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    names = [name for name in columns if any(row.get(name) not in (None, "", []) for row in rows)]
    cells = [[without_controls(_text(row.get(name))) for name in names] for row in rows]
    widths = [
        max(_wide(name), *(_wide(row[i]) for row in cells)) if cells else _wide(name)
        for i, name in enumerate(names)
    ]
    room = get_terminal_size((120, 24)).columns if sys.stdout.isatty() else 0
    while room and sum(widths) + 2 * len(widths) > room and max(widths) > _NARROW:
        widths[widths.index(max(widths))] -= 1
    if not names:
        return
    head = "  ".join(
        _cut(name.replace("_", " "), width) for name, width in zip(names, widths, strict=True)
    )
    bold = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(f"\033[1m{head.rstrip()}\033[0m" if bold else head.rstrip())
    for row in cells:
        print(
            "  ".join(_cut(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
