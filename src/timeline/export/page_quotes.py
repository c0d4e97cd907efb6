"""Finds the words of a quote in the text of its report, to mark them there."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["located"]

_QUOTE_MARKS = set("\"'“”„‟«»″‘’‚‛‹›′`´")


def _clusters(text: str) -> list[tuple[int, int]]:
    """Where each character with the marks that combine with it begins and ends."""
    starts = [at for at, one in enumerate(text) if not at or not unicodedata.combining(one)]
    return list(zip(starts, [*starts[1:], len(text)], strict=False))


@lru_cache(maxsize=64)  # many quotes come from one report
def _folded(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text with white space and composition evened out, and where each character came from."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        for one in unicodedata.normalize("NFC", text[start:end]):
            letter = " " if one.isspace() else one
            if one in _QUOTE_MARKS or (letter == " " and letters[-1:] in ([], [" "])):
                continue
            letters.append(letter)
            places.append((start, end))
    return "".join(letters), places


def located(quote: str, text: str | None) -> list[int] | None:
    """Gives where a quote begins and ends in a text, None where it isn't found.

    White space, quote marks and Unicode composition make no difference, as for
    ``Report.holds``. Counted in units of UTF-16, as browsers count.
    """
    words = _folded(quote)[0].strip()
    if not text or not words:
        return None
    told, places = _folded(text)
    at = told.find(words)
    if at < 0:
        return None
    start, end = places[at][0], places[at + len(words) - 1][1]
    return [_units(text[:start]), _units(text[:end])]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
