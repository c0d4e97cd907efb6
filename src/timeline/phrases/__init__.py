"""Reads English news phrases ("this Friday") against a report's own date and zone.

A phrase is cut into words (``words``, by the tables of ``vocabulary``), the words are read by a
``grammar`` that rests on a table of stated numbers (``rules``), and what comes out is turned into
instants here. ``gaps`` reads how long after another event something was. Where
news style leaves two readings, the one taken is that of the Associated Press: a bare weekday is
the nearest one in the direction asked, today's own name means today, "last" excludes today. Where
even editors differ ("next Sunday", "last summer" in September) the reader abstains.
"""

from __future__ import annotations

import re

import attrs

from timeline import edtf
from timeline.calendar_math import DAY, FURTHEST_EAST, FURTHEST_WEST, MINUTE, instants, wall_of
from timeline.errors import PhraseError, WhenError
from timeline.phrases.gaps import Gap, gap
from timeline.phrases.grammar import Grammar, Reference
from timeline.phrases.rules import Direction, Span, Unreadable
from timeline.phrases.words import LONGEST, DateOrder, Words, why_not, words_of
from timeline.times import When

__all__ = ["POLICY", "DateOrder", "Gap", "gap", "resolve"]

POLICY = "phrases-en/2"
"""The version of the rules, kept with every time that they gave."""

# What only EDTF or ISO can be: a set, or digits and their signs, with more than a plain year.
_EDTF = re.compile(r"[\[{][-0-9XTYES:.,~?%/]+[\]}]|(?=.{6})[-Y~?%]?[0-9X]{4}[-0-9XTZ:.+/~?%]+")
_TWO_YEARS = re.compile(r"([0-9]{2})([0-9]{2})-([0-9]{2})")
_NEEDED = "it needs the day of publication, which "
_MOST_DAYS = 3  # that a publication may lie on, which is what an unknown zone makes of one day


def resolve(
    phrase: str,
    *,
    published: When,
    zone: str | None,
    direction: Direction = "past",
    date_order: DateOrder | None = None,
) -> When:
    """Return the time that a news phrase means in a report.

    ``published`` is the only clock: today is the local day, in ``zone``, that it lies on. A
    publication known to the minute counts as the instant at which that begins; one known to the
    day makes "an hour ago" a day wide; one that may lie on up to three days (an unknown zone)
    gives the bounds of every reading; a vaguer one dates only phrases that don't need the day.
    ``direction`` says on which side of the publication an unmarked time lies: a bare weekday, a
    month or a day without a year.

    "Between a and b" and "a-b" are one moment among these; "from a to b" and "a to b" lasted from
    the one to the other; "since a" began then and has no end; "until a" has no beginning. What is
    exactly a date of EDTF, or a range of them, equals what ``when()`` or ``between()`` gives.

    What is past ends with the report: "after 24 February" ends with its publication, "early March"
    in a report of the 5th on that day. ``date_order`` says how the source writes dates in figures;
    without it 03/04/2022 is one of two days.

    Raises ``PhraseError``, whose ``reason`` says what is missing, for every text that gives no
    date: lengths of time, quantities, words that point at another event, contradictions, days
    that don't exist, readings on which editors differ, and any word that it doesn't know.
    ``ZoneError`` for a zone that isn't one.
    """
    try:
        found = _resolve(phrase, published, zone, direction, date_order)
    except Unreadable as trouble:
        shown = phrase if len(phrase) <= LONGEST else f"{phrase[:LONGEST]}..."
        raise PhraseError(shown, str(trouble)) from None
    return attrs.evolve(found, text=phrase, policy=POLICY)


def _resolve(
    phrase: str,
    published: When,
    zone: str | None,
    direction: Direction,
    date_order: DateOrder | None,
) -> When:
    written = _written(phrase, zone)
    if written is not None:
        return written
    words = words_of(phrase, date_order)
    references = _references(published, zone)
    first, *others = (_read(words, at, published, zone, direction) for at in references)
    for last in others:
        if first != last and references[-1].today - references[0].today >= _MOST_DAYS:
            raise Unreadable(f"{_NEEDED}is known only as {published}")
        first = _both(first, last)
    return first


def _written(phrase: str, zone: str | None) -> When | None:
    """The time of a phrase that is EDTF or ISO from end to end."""
    if len(phrase) > LONGEST:
        return None
    text = phrase.strip().upper()
    if not _EDTF.fullmatch(text):
        return None
    years = _TWO_YEARS.fullmatch(text)
    if years:
        century, year, other = (int(part) for part in years.groups())
        if other == year + 1 and other <= 12:  # noqa: PLR2004 - months
            raise Unreadable(
                f"{text} may be a month or two years; write '{century}{year:02d} to "
                f"{century}{other:02d}', or name the month"
            )
        if other > 12:  # noqa: PLR2004 - not a month, and in the news no season of EDTF either
            return None
    try:
        return edtf.parse(text, zone=zone, iso=True)
    except WhenError:
        return None


def _references(published: When, zone: str | None) -> list[Reference]:
    """The publication on the first and on the last local day that it may have been on."""
    lo, hi = published.lo, published.hi
    if lo is None or hi is None:
        return [Reference(why=_NEEDED + "nobody knows")]
    last = hi - 1
    if zone is not None:
        shown = wall_of(lo, zone), wall_of(last, zone)
    elif published.zone is None and last - lo >= FURTHEST_EAST + FURTHEST_WEST:
        shown = lo + FURTHEST_EAST, last - FURTHEST_WEST  # widened for the unknown zone once
    else:
        shown = lo - FURTHEST_WEST, last + FURTHEST_EAST
    if last - lo < MINUTE:
        last = lo
    if shown[1] - shown[0] < MINUTE:
        shown = shown[0], shown[0]
    days = dict.fromkeys(at // DAY for at in shown)
    now = None if max(days) - min(days) >= _MOST_DAYS else (lo, last)
    vague = f"{_NEEDED}is known only as {published}"
    return [Reference(today=day, now=now, shown=shown, vague=vague) for day in days]


def _read(
    words: Words, at: Reference, published: When, zone: str | None, direction: Direction
) -> When:
    span = Grammar(at, direction).whole(words)
    if span is None:
        raise Unreadable(why_not(words))
    found = _when(span, zone)
    if span.cut and published.hi is not None:
        if found.lo is not None and found.lo >= published.hi:
            raise Unreadable("it lies after the publication; ask with direction='future' if meant")
        found = attrs.evolve(found, hi=published.hi)
    long = span.sort in {"year", "decade", "century"} and direction == "past"
    if (span.floating or long) and published.lo is not None and published.hi is not None:
        if direction == "past" and found.lo is not None and found.lo >= published.hi:
            raise Unreadable("it lies after the publication; ask with direction='future' if meant")
        if direction == "future" and found.hi is not None and found.hi <= published.lo:
            raise Unreadable("it lies before the publication; ask with direction='past' if meant")
    return found


def _when(span: Span, zone: str | None) -> When:
    """The span as a time, by way of its EDTF text where it has one, so that the two are equal."""
    if span.edtf:
        return edtf.parse(span.edtf, zone=zone)
    zone = span.zone or zone
    if span.elapsed:
        lo, hi, start_hi, end_lo = span.lo, span.hi, span.start_hi, span.end_lo
    else:
        lo, hi = instants(span.lo, span.hi, zone)
        _, start_hi = instants(None, span.start_hi, zone)
        end_lo, _ = instants(span.end_lo, None, zone)
    return When(
        lo=lo,
        hi=hi,
        shape=span.shape,
        start_hi=start_hi,
        end_lo=end_lo,
        precision=span.precision,
        approximate=span.approximate,
        uncertain=span.uncertain,
        zone=zone,
    )


def _both(first: When, last: When) -> When:
    """The bounds of two readings, for two days on which a report may have been published."""
    if first == last:
        return first
    return attrs.evolve(
        first,
        hi=last.hi,
        start_hi=last.start_hi,
        end_lo=first.end_lo,
        precision=edtf.coarser(first.precision, last.precision),
        edtf=None,
    )
