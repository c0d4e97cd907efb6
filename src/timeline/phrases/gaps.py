"""A Gap is how much later one thing was than another, as in "two days later"."""

from __future__ import annotations

from datetime import timedelta

import attrs

from timeline.errors import PhraseError
from timeline.phrases.rules import Unreadable, reach_of
from timeline.phrases.vocabulary import ABOUT, AT_LEAST, AT_MOST, BEYOND, NEARLY, WITHIN
from timeline.phrases.words import Words, amount, why_not, words_of

__all__ = ["Gap", "gap"]


@attrs.frozen(kw_only=True)
class Gap:
    """How much later something was: at least ``least`` and at most ``most``, None where open.

    Days, and whatever is longer, are counted by the calendar, and a moment is a whole microsecond:
    "two days later" is at least a microsecond more than one day and a microsecond less than three.
    """

    least: timedelta | None = None
    most: timedelta | None = None
    text: str | None = attrs.field(default=None, eq=False)


def gap(phrase: str) -> Gap:
    """Return how much later, or earlier, a phrase says that one thing was than another.

    Raises ``PhraseError``, with the reason, for a phrase that gives no such length.
    """
    try:
        words = words_of(phrase)
        found = _gap(words)
    except Unreadable as trouble:
        raise PhraseError(phrase, str(trouble)) from None
    if found is None:
        raise PhraseError(
            phrase, f"{why_not(words)}; a gap is written 'two days later' or 'the next day'"
        )
    return attrs.evolve(found, text=phrase)


def _gap(words: Words) -> Gap | None:
    match words:
        case ("the", "same", "day"):
            return Gap(least=None, most=timedelta(days=1, microseconds=-1))
        case ("the", "next" | "following", "day") | ("the", "day", "after"):
            return _between(("a", "day"))
        case ("the", "previous", "day") | ("the", "day", "before"):
            return _between(("a", "day"))
        case ("the", "next" | "following", unit) if unit in {"week", "month", "year"}:
            return _between(("a", unit))
        case (*rest, "later" | "afterwards" | "after" | "earlier" | "before"):
            return _between(tuple(rest))
        case ("after", *rest):
            return _between(tuple(rest))
        case _:
            return None


def _between(words: Words) -> Gap | None:
    """The gap of an amount with a word such as "over" or "about" in front."""
    counted = amount(words)
    if counted is not None:
        return _of(*reach_of(counted[1], counted[0]))
    for size in (3, 2, 1):
        how, counted = words[:size], amount(words[size:])
        if counted is None:
            continue
        unit, (least, most) = counted[1], counted[0]
        near, far = reach_of(unit, (least, least))[0], reach_of(unit, (most, most))[1]
        if how in AT_LEAST or how in BEYOND:
            return _of(near, None)
        if how in AT_MOST or how in WITHIN:
            return _of(None, far)
        if how in NEARLY:
            return _of(near // 2, far)
        if len(how) == 1 and how[0] in ABOUT:
            return _of(near // 2, far + far // 2)
    return None


def _of(least: int | None, most: int | None) -> Gap:
    return Gap(
        least=None if least is None else timedelta(microseconds=least),
        most=None if most is None else timedelta(microseconds=most),
    )
