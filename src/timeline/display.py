"""Show a value: as a small HTML table in a notebook, as one line where it is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from html import escape
from string import Formatter
from typing import Any, ClassVar

import attrs

from timeline.text_safety import without_controls

__all__ = ["HtmlRepr", "folded_rows"]

_LONGEST = 280  # characters of a text; a notebook is no place to read reports
_MOST = 12  # members of a list
_MOST_ROWS = 60  # of a table, as data frames have it
_ENDS = 20  # rows that a longer table shows at each end
_LABEL = "text-align:left;vertical-align:top;font-weight:normal;opacity:.75"
_CELL = "text-align:left;vertical-align:top"


def _line(value: object) -> str:
    """A value in a line: what there are several of as a list, nothing for None."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, AbstractSet):
        return ", ".join(sorted(map(_line, value)))
    if isinstance(value, Mapping):
        text = ", ".join(
            f"{_line(part)} {_line(name) or 'nobody named'}" for name, part in value.items()
        )
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if isinstance(value, tuple | list):
        return ", ".join(map(_line, value))
    text = without_controls(value.summary() if isinstance(value, HtmlRepr) else str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _cell(value: object) -> str:
    """A value in a cell, escaped; several values or parts as a list."""
    parts: list[str] = []
    if isinstance(value, Mapping):
        parts = [f"{_line(name) or 'not named'}: {_line(part)}" for name, part in value.items()]
    elif isinstance(value, tuple) and any(isinstance(one, HtmlRepr) for one in value):
        parts = [_line(one) for one in value]
    if len(parts) <= 1:
        return escape("".join(parts) or _line(value))
    shown = "".join(f"<li>{escape(part)}</li>" for part in parts[:_MOST])
    more = f"<li>and {len(parts) - _MOST} more</li>" if len(parts) > _MOST else ""
    return f'<ul style="margin:0;padding-left:1.2em">{shown}{more}</ul>'


def folded_rows(count: int, row: Callable[[int], str], *, columns: int) -> str:
    """Return the rows of a table, those in the middle left out and counted where there are many.

    ``row`` gives one by its index; it is asked for no more than are shown.
    """
    if count <= _MOST_ROWS:
        return "".join(map(row, range(count)))
    gap = f'<tr><td colspan="{columns}" style="{_CELL}">… {count - 2 * _ENDS:,} more …</td></tr>'
    first, last = range(_ENDS), range(count - _ENDS, count)
    return "".join(map(row, first)) + gap + "".join(map(row, last))


class HtmlRepr:
    """Base of values that show themselves in a notebook.

    ``shows`` names what the table has: attributes, methods that need nothing, and ``words`` for the
    value as a text; without it, the attributes of attrs. ``short`` is the line, with such names in
    braces.
    """

    __slots__ = ()

    _shows: ClassVar[tuple[str, ...]] = ()
    _short: ClassVar[str] = ""

    def __init_subclass__(cls, *, shows: str = "", short: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        # attrs makes a class with slots anew, without these; what the first was given stays.
        if shows:
            cls._shows = tuple(shows.split())
        if short:
            cls._short = short

    def summary(self) -> str:
        """Return the value in one line."""
        parts = {
            name: _line(self._part(name))
            for _, name, _, _ in Formatter().parse(self._short)
            if name
        }
        return self._short.format_map(parts) if self._short else str(self)

    def _part(self, name: str) -> object:
        part = str(self) if name == "words" else getattr(self, name)
        return part() if callable(part) else part

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.summary()}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: a small table, every text escaped, and nothing loaded."""
        kind: Any = type(self)
        names: Iterable[str] = self._shows or (field.name for field in attrs.fields(kind))
        rows = "".join(
            f'<tr><th scope="row" style="{_LABEL}">{escape(name.strip("_").replace("_", " "))}</th>'
            f'<td style="{_CELL}">{cell}</td></tr>'
            for name in names
            if (cell := _cell(self._part(name)))
        )
        title = f'<caption style="text-align:left">{type(self).__name__}</caption>'
        return f"<table>{title}<tbody>{rows}</tbody></table>"
