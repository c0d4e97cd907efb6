"""Writes accounts as a Markdown table that reads well, on a page or as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from timeline.accounts import Account
from timeline.claims import Claim
from timeline.export.dropped_fields import UNLINKED, ExportText, left_out
from timeline.export.text import headline, quoted_time, time_text
from timeline.text_safety import one_line
from timeline.views.chronology import UNORDERED, Chronology

__all__ = ["to_markdown"]

_NOT_SHOWN = "a table for readers has no column for it"
LEAVES: Mapping[str, str] = {
    **UNLINKED,
    "coordinates": _NOT_SHOWN,
    "edtf": "the time is written in words",
    "evidence": _NOT_SHOWN,
    "fields": "what happened is described in words",
    "place_id": _NOT_SHOWN,
    "precision": "the time is written in words",
    "superseded": "a row tells what counts, not what it overtook",
    "texts": "a cell is no place for a whole report",
    "titles": "a source's name links to what it published",
    "versions": "a row tells the version that is believed, and in which fields sources differ",
    "within": _NOT_SHOWN,
}
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#$!])")
_WEB = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#@!$&'+,;=%]")  # leaves out * ( ) [ ] and the like


def _text(text: str) -> str:
    """A text on one line, in which no character means anything to Markdown."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _link(words: str, url: str | None) -> str:
    """Words that lead to a page of the web; other addresses, which may run a script, don't link."""
    if url is None or not _WEB.fullmatch(url):
        return words
    safe = _UNSAFE.sub(lambda one: "".join(f"%{b:02X}" for b in one[0].encode()), url)
    return f"[{words}](<{safe}>)"


def _said(claim: Claim) -> str:
    cited = _link(_text(claim.source), claim.report.url)
    if claim.report.published.lo is not None or claim.report.published.hi is not None:
        cited += f", {_text(str(claim.report.published))}"
    if claim.according_to:
        cited += f" (according to {_text(', '.join(claim.according_to))})"
    if claim.grade is not None:
        cited += f", graded {claim.grade}"
    return cited + (f": “{_text(claim.quote)}”" if claim.quote is not None else "")


def _who(account: Account) -> str:
    parts = [_said(claim) for claim in account.counted if claim.stance != "denies"]
    denying = [_said(claim) for claim in account.counted if claim.stance == "denies"]
    if denying:
        parts.append(f"**denied by** {'; '.join(denying)}")
    if account.disputes:
        parts.append(f"**disputed:** {_text(', '.join(sorted(account.disputes)))}")
    return "; ".join(parts)


def _when(account: Account) -> str:
    time = _text(time_text(account.when))
    words = quoted_time(account.when)
    return time if words is None else f"{time}, “{_text(words)}”"


def to_markdown(accounts: Chronology) -> ExportText:
    """Return a table in GitHub's Markdown: order, time, what happened, and who says so.

    A tilde in the first column says that the sources don't tell whether it came after the line
    above. Every text is escaped; only addresses of the web become links.
    """
    lines = ["|  | When | What | Who says so |", "| --- | --- | --- | --- |"]
    for index, account in enumerate(accounts):
        mark = "" if accounts.ordered(index) else f"\\{UNORDERED}"
        cells = (mark, _when(account), _text(headline(account)), _who(account))
        lines.append(f"| {' | '.join(cells)} |")
    legend = f"\n\\{UNORDERED} the sources don't say whether this came after the line above\n"
    marked = any(not accounts.ordered(index) for index in range(len(accounts)))
    table = "\n".join(lines) + "\n" + (legend if marked else "")
    return ExportText(table, left_out(accounts, LEAVES))
