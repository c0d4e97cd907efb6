"""Keeps what somebody wrote from steering a terminal, turning a page or running in a spreadsheet.

The characters that turn the direction of all that follows them are left out, and each control is a
space: that is the one rule, for a line and for a text of several. Markup is escaped where a text
enters it, by ``html.escape``.
"""

from __future__ import annotations

__all__ = ["clean", "harmless", "one_line", "without_controls"]

# Unicode's directional marks, embeddings, overrides and isolates (UAX 9).
_TURNS = dict.fromkeys((0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
# Unicode's categories Cc, Zl and Zp.
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029), " ")
# Halves of characters and what is none, which neither UTF-8 nor XML can hold.
_BROKEN = dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd")
_BREAKS = (0x9, 0xA, 0xD, 0x2028, 0x2029)  # what a text of several lines may hold

_IN_A_LINE = {**_TURNS, **_CONTROLS}
_IN_A_TEXT = {code: to for code, to in {**_IN_A_LINE, **_BROKEN}.items() if code not in _BREAKS}

# What spreadsheets take for the opening of a formula, line feeds and full-width signs included.
_OPENS = tuple("=+-@\t\r\n＝＋－＠")


def without_controls(text: str) -> str:
    """Return a text without what would break the line, turn it, or steer a terminal."""
    return text if text.isprintable() else text.translate(_IN_A_LINE)


def one_line(text: str) -> str:
    """Return a text on one line, as ``without_controls``, each run of white space one space."""
    return " ".join(without_controls(text).split())


def clean(text: str) -> str:
    """Return a text that may have several lines, fit for a page: no controls, no turns.

    A half of a character, which neither UTF-8 nor XML can hold, becomes U+FFFD.
    """
    return text if text.isprintable() else text.translate(_IN_A_TEXT)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs: an apostrophe goes before what opens a formula."""
    return f"'{text}" if text.startswith(_OPENS) else text
