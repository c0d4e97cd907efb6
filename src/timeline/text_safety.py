"""Keeps a spreadsheet from running what somebody wrote into a cell."""

from __future__ import annotations

__all__ = ["harmless"]

# What spreadsheets take for the opening of a formula, line feeds and full-width signs included.
_OPENS = tuple("=+-@\t\r\n＝＋－＠")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs: an apostrophe goes before what opens a formula."""
    return f"'{text}" if text.startswith(_OPENS) else text
