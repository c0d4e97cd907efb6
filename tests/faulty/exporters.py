"""Exporters that break a law each, by the law meant for it, and exporters that keep them all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from typing import Any
from xml.sax.saxutils import escape as escape_xml

from timeline import Chronology

__all__ = ["FAULTY_EXPORTERS", "SOUND_EXPORTERS"]

Export = Callable[[Chronology], str | bytes]


def _cells(accounts: Chronology) -> list[list[str]]:
    return [
        [str(one.when), str(one.event), "; ".join(sorted(one.sources)), one.when.text or ""]
        for one in accounts
    ]


def _page(accounts: Chronology, quoted: Callable[[str], str]) -> str:
    rows = "".join(
        f"<tr>{''.join(f'<td>{quoted(cell)}</td>' for cell in row)}</tr>"
        for row in _cells(accounts)
    )
    return f"<table>{rows}</table>"


def _raw_page(accounts: Chronology) -> str:
    return _page(accounts, str)


def _half_escaped_page(accounts: Chronology) -> str:
    return _page(accounts, lambda cell: cell.replace("<", "&lt;").replace(">", "&gt;"))


def _title_page(accounts: Chronology) -> str:
    """Escapes for the text of an element and writes into an attribute."""
    return "".join(
        f'<p title="{escape(cell, quote=False)}">{escape(cell)}</p>'
        for row in _cells(accounts)
        for cell in row
    )


def _bare_title_page(accounts: Chronology) -> str:
    return "".join(f"<p title={escape(row[1])}>x</p>" for row in _cells(accounts))


def _linking_page(accounts: Chronology) -> str:
    urls = [claim.report.url or "" for one in accounts for claim in one.claims]
    return "".join(f'<a href="{escape(url)}">source</a>' for url in urls)


def _script_page(accounts: Chronology) -> str:
    return f"<script>const rows = {json.dumps(_cells(accounts))};</script>"


def _handler_page(accounts: Chronology) -> str:
    return "".join(f"<p onclick=\"show('{escape(row[1])}')\">x</p>" for row in _cells(accounts))


def _comma_lines(accounts: Chronology) -> str:
    return "".join(",".join(row) + "\n" for row in _cells(accounts))


def _table(accounts: Chronology, cell: Callable[[str], str]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["when", "what", "who", "words"])
    writer.writerows([cell(one) for one in row] for row in _cells(accounts))
    return out.getvalue()


def _formula_table(accounts: Chronology) -> str:
    return _table(accounts, str)


def _dated_page(accounts: Chronology) -> str:
    made = datetime.now(UTC).isoformat()
    return f"<p>Made {made}</p>{_page(accounts, escape)}"


def _no_empty_page(accounts: Chronology) -> str:
    return f"<h1>From {escape(str(accounts[0].when))}</h1>{_page(accounts, escape)}"


def _dated_cells(accounts: Chronology) -> str:
    """Take for given that every time has a beginning."""
    return _table(accounts, str) + "".join(
        one.when.earliest.isoformat()  # type: ignore[union-attr]
        for one in accounts
    )


def _set_page(accounts: Chronology) -> str:
    """Write sources in the order in which a set has them."""
    return "".join(f"<p>{escape(', '.join(one.sources))}</p>" for one in accounts)


class _Numbered:
    """Numbers its outputs."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, accounts: Chronology) -> str:
        self.number += 1
        return f"no. {self.number}: {len(accounts)} accounts\n"


def _joined_json(accounts: Chronology) -> str:
    rows = ", ".join(f'{{"what": "{row[1]}"}}' for row in _cells(accounts))
    return f"[{rows}]"


def _lines(accounts: Chronology) -> str:
    return "".join(f"{row[0]}  {row[1]}\n" for row in _cells(accounts))


def _raw_xml(accounts: Chronology) -> str:
    cells = "".join(f"<c><![CDATA[{cell}]]></c>" for row in _cells(accounts) for cell in row)
    return f"<t>{cells}</t>"


def _markdown_table(accounts: Chronology) -> str:
    rows = "".join(f"| {' | '.join(row)} |\n" for row in _cells(accounts))
    return f"| when | what | who | words |\n|---|---|---|---|\n{rows}"


_OUT = "nothing_breaks_out"

FAULTY_EXPORTERS: dict[str, tuple[Callable[[], Export], str, str]] = {
    "unescaped page": (lambda: _raw_page, "html", _OUT),
    "half escaped page": (lambda: _half_escaped_page, "html", _OUT),
    "attribute": (lambda: _title_page, "html", _OUT),
    "bare attribute": (lambda: _bare_title_page, "html", _OUT),
    "link": (lambda: _linking_page, "html", _OUT),
    "script": (lambda: _script_page, "html", _OUT),
    "handler": (lambda: _handler_page, "html", _OUT),
    "commas": (lambda: _comma_lines, "csv", _OUT),
    "formula": (lambda: _formula_table, "csv", _OUT),
    "joined json": (lambda: _joined_json, "json", _OUT),
    "lines": (lambda: _lines, "text", _OUT),
    "cdata": (lambda: _raw_xml, "xml", _OUT),
    "pipes": (lambda: _markdown_table, "markdown", _OUT),
    "clock": (lambda: _dated_page, "html", "output_needs_no_clock"),
    "empty": (lambda: _no_empty_page, "html", "any_accounts_make_output"),
    "open time": (lambda: _dated_cells, "csv", "any_accounts_make_output"),
    "set": (lambda: _set_page, "html", "output_is_the_same_in_every_process"),
    "numbered": (_Numbered, "text", "making_it_again_gives_the_same"),
}
"""How to make each, its format, and the law meant for it."""


def _sound_page(accounts: Chronology) -> str:
    data = json.dumps(_cells(accounts)).replace("<", "\\u003c")
    return f"{_page(accounts, escape)}<script>const rows = {data};</script>"


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in set("=+-@\t\r") else cell


def _sound_table(accounts: Chronology) -> bytes:
    return _table(accounts, _harmless).encode("utf-8-sig")


def _sound_json(accounts: Chronology) -> str:
    return json.dumps(_cells(accounts), ensure_ascii=False)


def _sound_xml(accounts: Chronology) -> str:
    cells = "".join(
        f"<c>{escape_xml(''.join(one for one in cell if one.isprintable()))}</c>"
        for row in _cells(accounts)
        for cell in row
    )
    return f"<t>{cells}</t>"


def _shown(accounts: Chronology) -> str:
    return accounts.to_text()


def _in_a_notebook(accounts: Chronology) -> Any:
    return accounts._repr_html_()


SOUND_EXPORTERS: dict[str, tuple[Export, str]] = {
    "chronology as text": (_shown, "text"),
    "chronology in a notebook": (_in_a_notebook, "html"),
    "page": (_sound_page, "html"),
    "table": (_sound_table, "csv"),
    "json": (_sound_json, "json"),
    "xml": (_sound_xml, "xml"),
}
"""Exporters that keep every law, and their formats."""
