"""Compares quotes with texts, and finds the words of a quote in its text, to mark them there."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["located", "normalized"]

_QUOTE_MARKS = "\"'“”„‟«»″‘’‚‛‹›′`´"
_WITHOUT = str.maketrans("", "", _QUOTE_MARKS)


def normalized(text: str) -> str:
    """Gives a text without its quote marks, white space and Unicode composition normalized out.

    A quote stands in a text if it does so once both are normalized out.
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_WITHOUT).split())


@lru_cache(maxsize=64)  # many quotes come from one report
def _traced(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Normalize all but the ends, and trace each character back to its place in the text."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    starts = [at for at, one in enumerate(text) if not at or not unicodedata.combining(one)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        for one in unicodedata.normalize("NFC", text[start:end]):
            letter = " " if one.isspace() else one
            if one in _QUOTE_MARKS or (letter == " " and letters[-1:] in ([], [" "])):
                continue
            letters.append(letter)
            places.append((start, end))
    return "".join(letters), places


def located(quote: str, text: str | None) -> list[int] | None:
    """Gives where a quote begins and ends in a text, None where it isn't found.

    As ``Report.holds`` compares them; counted in units of UTF-16, as browsers count.
    """
    words = _traced(quote)[0].strip()
    if not text or not words:
        return None
    told, places = _traced(text)
    at = told.find(words)
    if at < 0:
        return None
    start, end = places[at][0], places[at + len(words) - 1][1]
    return [_units(text[:start]), _units(text[:end])]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
