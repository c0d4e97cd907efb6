"""Writes accounts as a JSON list, with all that stands about each of them."""

from __future__ import annotations

from collections.abc import Mapping

from timeline.export.dropped_fields import UNLINKED, ExportText, left_out
from timeline.export.text import json_text
from timeline.views.chronology import Chronology

__all__ = ["to_json"]

LEAVES: Mapping[str, str] = {
    **UNLINKED,
    "texts": "a report is cited once for every claim",
}


def to_json(accounts: Chronology) -> ExportText:
    """Return a JSON list of accounts, one a line; ``timeline.serialization`` explains the keys."""
    text = json_text(None, "", (row for account in accounts for row in account.to_dicts()))
    return ExportText(text, left_out(accounts, LEAVES))
