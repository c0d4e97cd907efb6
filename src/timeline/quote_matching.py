"""Compares quotes with texts, and finds the words of a quote in its text, to mark them there.

A quote stands in a text if it does so once what printing does to words is taken from both: how
Unicode composes a letter, white space, characters that show nothing, the shape of a dash, and
quote marks, which one text has where the other has none.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["located", "normalized"]

# What Unicode's table of confusables (UTS 39, revision 15.1) gives the prototype ' or '' (an
# apostrophe, or two), without the letters of a script among them, such as the Hebrew yod.
_APOSTROPHES = "'\"`´ʹʺʻʼʽʾˈˊˋ˝ˮ˴˶ʹ΄՚՝׳״ߴߵ᾽᾿`´῾᳓‘’‛“”‟′″‵‶〃＇＂｀"
_LOW_QUOTES = "‚„"  # opening punctuation elsewhere, quotation marks (PropList.txt) all the same
# The same for the prototype -, beside the dashes, which have a category of their own.
_HYPHENS = "⁃˗−➖"
_SELECTORS = {0x34F, 0x115F, 0x1160, 0x3164, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)}
_SHOWN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x8E2}  # of format characters, those that print


class _Shapes(dict[int, str | None]):
    """What each character is compared as, worked out when it is first met; None for not at all."""

    def __missing__(self, code: int) -> str | None:
        self[code] = shape = self._shape(chr(code))
        return shape

    @staticmethod
    def _shape(character: str) -> str | None:
        category = unicodedata.category(character)
        if character in _APOSTROPHES or character in _LOW_QUOTES or category in {"Pi", "Pf"}:
            return None
        if category == "Pd" or character in _HYPHENS:
            return "-"
        return "..." if character == "…" else character


_SHAPES = _Shapes()


def normalized(text: str) -> str:
    """Return a text as quotes are compared: without quote marks, in one kind of space and dash."""
    return " ".join(unicodedata.normalize("NFC", _letters(text)).translate(_SHAPES).split())


def _letters(text: str) -> str:
    """A text without the characters that show nothing, which may part a letter from its accent."""
    return text if text.isascii() else "".join(one for one in text if not _unseen(one))


@lru_cache(maxsize=4096)
def _unseen(character: str) -> bool:
    """Whether a character shows nothing: soft hyphens, zero-width marks, turns of direction."""
    code = ord(character)
    if unicodedata.category(character) == "Cf":
        return code not in _SHOWN
    return code in _SELECTORS


@lru_cache(maxsize=64)  # many quotes come from one report
def _traced(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A normalized text but for its ends, and where in the text each character came from."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    starts = [
        at
        for at, one in enumerate(text)
        if not at or not (unicodedata.combining(one) or _unseen(one))
    ]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        composed = unicodedata.normalize("NFC", _letters(text[start:end]))
        for one in composed.translate(_SHAPES):
            letter = " " if one.isspace() else one
            if letter == " " and letters[-1:] in ([], [" "]):
                continue
            letters.append(letter)
            places.append((start, end))
    return "".join(letters), places


def located(quote: str, text: str | None) -> list[int] | None:
    """Return where a quote begins and ends in a text, None where it isn't found.

    As ``Report.holds`` compares them; counted in units of UTF-16, as browsers count.
    """
    words = _traced(quote)[0].strip()
    if not text or not words:
        return None
    letters, places = _traced(text)
    at = letters.find(words)
    if at < 0:
        return None
    start, end = places[at][0], places[at + len(words) - 1][1]
    return [_units(text[:start]), _units(text[:end])]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
