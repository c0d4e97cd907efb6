"""Writes accounts as the JSON that TimelineJS 3 (Knight Lab) draws.

TimelineJS says nothing of a date that it can't read: it leaves the slide out, or rolls month 13
over into the next year and 30 February into March. So every date here is one of the calendar, and
an event that has none is named in what was left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from timeline.accounts import Account
from timeline.calendar_math import DAY, MINUTE, SECOND, civil
from timeline.export.dropped_fields import UNLINKED, ExportText, left_out
from timeline.export.text import Span, headline, json_text, notes, span, time_text
from timeline.times import When
from timeline.views.chronology import Chronology

__all__ = ["to_timelinejs"]

LEAVES: Mapping[str, str] = {
    **UNLINKED,
    "coordinates": "a slide has no place",
    "edtf": "the time is written in words",
    "evidence": "a slide is no place for hashes and addresses of copies",
    "fields": "what happened is described in words",
    "other_places": "a slide has no place",
    "place_id": "a slide has no place",
    "precision": "the time is written in words",
    "superseded": "a slide tells what counts, not what it overtook",
    "texts": "a slide is no place for a whole report",
    "within": "a slide has no place",
}
NO_YEAR = "TimelineJS needs a year, and nobody says when it was"
TOO_FAR = "TimelineJS draws the years -271820 to 275759"
_YEARS = range(-271_820, 275_760)  # what a date of JavaScript reaches, by TimelineJS's own limits


def _date(at: int, *, clock: bool) -> dict[str, int]:
    year, month, day = civil(at // DAY)
    date = {"year": year, "month": month, "day": day}
    if clock:
        rest = at % DAY
        date |= {"hour": rest // (60 * MINUTE), "minute": rest // MINUTE % 60}
        if rest % MINUTE:
            date |= {"second": rest // SECOND % 60, "millisecond": rest % SECOND // 1000}
    return date


def _dates(when: When, found: Span) -> dict[str, Any]:
    """Where a slide stands on the axis, and the words that say how much of it is known."""
    whole = found.first % DAY == 0 and found.last % DAY == 0
    dates: dict[str, Any] = {"start_date": _date(found.first, clock=not whole and not found.open)}
    if not found.open and not found.exact:
        end = _date(found.last - 1, clock=not whole)
        if end != dates["start_date"]:
            dates["end_date"] = end
    return {**dates, "display_date": time_text(when)}


def _slide(account: Account, found: Span) -> dict[str, Any]:
    # The first line of the notes is the time, which display_date has.
    paragraphs = "".join(f"<p>{escape(line, quote=False)}</p>" for line in notes(account)[1:])
    return {
        **_dates(account.when, found),
        "text": {"headline": escape(headline(account), quote=False), "text": paragraphs},
        "group": account.event.kind.partition("/")[0].replace("-", " "),
        "unique_id": account.event.id,
        "autolink": False,
    }


def to_timelinejs(accounts: Chronology) -> ExportText:
    """Return the JSON of a TimelineJS 3 timeline: a slide for each account, grouped by kind.

    A slide stands where the bounds of its time are, and ``display_date`` says what is known of it,
    with its zone: "2022-09-08 – 2022-09-10" is a bar of three days and means some moment of them. A
    time that is open on one side stands at the other ("by 2022-09-16"); one that is open on both
    can't be drawn and is left out.
    """
    slides = []
    missing: dict[str, list[Account]] = {NO_YEAR: [], TOO_FAR: []}
    for account in accounts:
        found = span(account.when)
        if found is None:
            missing[NO_YEAR].append(account)
        elif found.date[0] not in _YEARS or found.last_date[0] not in _YEARS:
            missing[TOO_FAR].append(account)
        else:
            slides.append(_slide(account, found))
    text = json_text({"scale": "human"}, "events", slides)
    return ExportText(text, left_out(accounts, LEAVES, missing))
