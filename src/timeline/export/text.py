"""Puts an account into words, for formats that have a place for text and none for what we know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from timeline.accounts import Account
from timeline.calendar_math import DAY, FURTHEST_EAST, FURTHEST_WEST, MINUTE, civil, wall_of
from timeline.claims import Claim
from timeline.text_safety import one_line
from timeline.times import When

__all__ = ["Span", "headline", "json_text", "notes", "quoted_time", "span", "time_text"]

_DOES = {"says": "says so", "denies": "denies it", "expects": "expects it"}
_PHRASE = re.compile(r"[^\W\d_]{3}")


def headline(account: Account) -> str:
    """Say what happened, or is only expected to, on one line."""
    line = one_line(str(account.event))
    return f"Expected: {line}" if account.expected else line


def time_text(when: When) -> str:
    """Return a time in words with its zone, wherever a clock was read or the zone isn't UTC."""
    shown = str(when)
    known = when.zone is not None and (when.lo is not None or when.hi is not None)
    return f"{shown} ({when.zone})" if known and (":" in shown or when.zone != "UTC") else shown


def quoted_time(when: When) -> str | None:
    """Return the phrase that a time was written in; None where it was a date in figures."""
    return one_line(when.text) if when.text is not None and _PHRASE.search(when.text) else None


def notes(account: Account) -> list[str]:
    """Tell all that is known of an account in lines of text: its time, and who says what of it."""
    when = account.when
    lines = [f"When: {time_text(when)}"]
    words = quoted_time(when)
    if words is not None:
        lines.append(f"In the words of the source: “{words}”")
    if account.expected:
        lines.append("Only expected: no source says that it happened.")
    lines += [_claimed(claim, account) for claim in account.counted]
    if account.disputes:
        lines.append(f"The sources differ on: {', '.join(sorted(account.disputes))}")
    if account.denied_by:
        lines.append(f"Denied by: {one_line(', '.join(sorted(account.denied_by)))}")
    return lines


def _claimed(claim: Claim, account: Account) -> str:
    """Who says it, when, on whose word, and in which words."""
    report = claim.report
    line = f"{claim.source} {_DOES[claim.stance]}"
    if report.published.lo is not None or report.published.hi is not None:
        line += f", published {report.published}"
    if claim.according_to:
        line += f", according to {', '.join(claim.according_to)}"
    if claim.grade is not None:
        line += f", graded {claim.grade}"
    if claim.stance != "denies" and claim.event != account.event:
        line += f", as {time_text(claim.event.when)}: {claim.event}"
    if claim.quote is not None:
        line += f": “{claim.quote}”"
    for part in (report.title, report.url):
        line += "" if part is None else f" – {part}"
    return one_line(line)


@attrs.frozen(kw_only=True)
class Span:
    """The bounds of a time as its own clocks and calendars showed them, for axes and calendars.

    ``first`` and ``last`` are wall microseconds, the last excluded. Where one side is open, the
    span is the one moment on the other side, and ``open`` says so. ``exact`` is a time that is
    known to the minute or better.
    """

    first: int
    last: int
    open: bool = False
    exact: bool = False

    @property
    def date(self) -> tuple[int, int, int]:
        """The year, month and day on which it begins."""
        return civil(self.first // DAY)

    @property
    def last_date(self) -> tuple[int, int, int]:
        """The last year, month and day within it."""
        return civil((self.last - 1) // DAY)


def span(when: When) -> Span | None:
    """Return the span of a time; None where it is open on both sides.

    Where the zone isn't known, it is as written, in whichever zone that was.
    """
    lo, hi = when.lo, when.hi
    if when.zone is None:
        first = None if lo is None else lo + FURTHEST_EAST
        last = None if hi is None else hi - FURTHEST_WEST
    else:
        first = None if lo is None else wall_of(lo, when.zone)
        last = None if hi is None else wall_of(hi, when.zone)
    if first is None:
        return None if last is None else Span(first=last - 1, last=last, open=True)
    if last is None or last <= first:
        # Open, or over before it began by clocks that were put back in between.
        return Span(first=first, last=first + 1, open=last is None)
    # By the bounds, for between() has a fine precision and may be wide.
    narrow = lo is not None and hi is not None and hi - lo <= MINUTE and when.shape == "moment"
    exact = narrow and not when.approximate and when.zone is not None
    return Span(first=first, last=last, exact=exact)


def json_text(head: Mapping[str, Any] | None, name: str, items: Iterable[Any]) -> str:
    """Return JSON with one item a line: an object with the items under a name, or a bare list."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    rows = f"[\n{lines}\n]" if lines else "[]"
    if head is None:
        return f"{rows}\n"
    opening = "".join(
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n"
        for key, value in head.items()
    )
    return f"{{{opening}{json.dumps(name)}: {rows}}}\n"
