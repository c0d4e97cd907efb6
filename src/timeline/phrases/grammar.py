"""The grammar of English time phrases: which words, in which order, give which span of time.

A phrase is a relation ("since", "before"), a night of two days, a list, a range, or a moment; a
moment may have a preposition that fits it, and "about" or "perhaps" in front. Each rule takes all
the words that it is given, or gives None: no word is ever skipped, so what has one too many is
left undated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TypeGuard

import attrs

from timeline.calendar_math import DAY, HOUR, MINUTE, civil, days, month_length, months_on, wall_of
from timeline.edtf import coarser
from timeline.phrases.rules import (
    OVERNIGHT,
    PARTS,
    PREPOSITIONS,
    SHADED,
    SHORTLY,
    SOON,
    TONIGHT,
    Direction,
    Span,
    Unreadable,
    about,
    ago,
    ago_beyond,
    calendar,
    century,
    decade,
    hundreds,
    nth_week,
    on_day,
    part_of,
    recent,
    season,
    stretch,
)
from timeline.phrases.vocabulary import (
    ABOUT,
    AT_LEAST,
    AT_MOST,
    BEYOND,
    MAYBE,
    MONTHS,
    NEARLY,
    SEASONS,
    UNITS,
    WEEKDAYS,
    WITHIN,
)
from timeline.phrases.words import (
    Words,
    amount,
    clock_readings,
    is_clock,
    is_date,
    is_day,
    is_number,
    is_ordinal,
    is_year,
    is_zone,
    number,
)
from timeline.times import Precision

__all__ = ["Grammar", "Reference"]

_TO = {"-", "/", "through", "to", "until"}
_RELATIVE = {"this": 0, "current": 0, "last": -1, "next": 1}
_PARTITIVE = {"1.": "first", "2.": "second", "3.": "third", "4.": "fourth", "last": "last"}
_PARTITIVE |= {f"0{nth}": name for nth, name in _PARTITIVE.items() if nth != "last"}  # 1st
_SHARP = {"day", "decade", "hour", "minute", "month", "quarter", "week", "year"}
_WEEK = 7 * DAY
_MOST_WEEKS = 5  # of one month
_FINER: dict[str, Precision] = {
    "week": "day",
    "month": "day",
    "year": "month",
    "season": "month",
    "decade": "year",
    "century": "decade",
}
_NAMED_PARTS = {*PARTS, "hours"}
_PREPOSITIONS = {word for words in PREPOSITIONS.values() for word in words}
_AFTERWARDS = "it lies after the publication; ask with direction='future' if that is meant"
_LAST_CENTURY = 22
_FIRST_YEAR, _LAST_YEAR = 1900, 2099  # of bare numbers: others are counts or clocks as often
_FIRST_NAMED_YEAR = 1500  # after "in" and the like
_LEAST_LEFT = 3  # a part cut to less than a third of itself was never meant
_HOW_FAR = {
    **dict.fromkeys(BEYOND, "beyond"),
    **dict.fromkeys(NEARLY, "nearly"),
    **dict.fromkeys(WITHIN, "within"),
    **dict.fromkeys(AT_LEAST, "at least"),
    **dict.fromkeys(AT_MOST, "at most"),
    **dict.fromkeys(
        [("just", "over"), ("a", "little", "over"), ("slightly", "over")], "just beyond"
    ),
}
_FINAL = {"either", "bounded"}  # "about over a week ago" says nothing
_NEW_YEAR = {"eve": "31 december", "day": "1 january"}


@attrs.frozen(kw_only=True)
class Reference:
    """The publication as the words count from it: its local day, and when on it.

    ``now`` are the first and the last instant at which it may have been, ``shown`` what the
    clocks of the zone showed then, ``ended`` the instant by which it was out. ``why`` is the reason
    why there is no day, if there is none, ``vague`` the reason why ``now`` is None.
    """

    today: int = 0
    now: tuple[int, int] | None = None
    shown: tuple[int, int] = (0, 0)
    why: str | None = None
    vague: str = ""


@attrs.frozen
class Grammar:
    """Reads words against one day of publication; None for words that it has no rule for."""

    reference: Reference
    direction: Direction

    @property
    def today(self) -> int:
        """The local day of publication."""
        if self.reference.why:
            raise Unreadable(self.reference.why)
        return self.reference.today

    @property
    def past(self) -> bool:
        """Whether unmarked times lie before the publication."""
        return self.direction == "past"

    def _now(self) -> tuple[int, int]:
        """The instants of publication."""
        if self.reference.now is None:
            raise Unreadable(self.reference.why or self.reference.vague)
        return self.reference.now

    # A whole phrase

    def whole(self, words: Words) -> Span | None:
        """Return the span of a whole phrase."""
        rules = (self._relation, self._night, self._list, self._one_of, self._both)
        span = next((span for rule in rules if (span := rule(words))), None)
        if span is not None:
            return span
        span = self._phrase(words)
        return span and self._cut(span)

    def _cut(self, span: Span) -> Span:
        """End a part of what is still going on with today, where it is said of the past."""
        dated = span.approximate and span.edtf is not None
        if not self.past or self.reference.why or not (span.sort in {"part", "edge"} or dated):
            return span
        lo, hi = span.bounds
        tomorrow = (self.today + 1) * DAY
        if lo >= tomorrow:
            raise Unreadable(_AFTERWARDS)
        if hi <= tomorrow:
            return span
        if civil(lo // DAY)[2] != 1 and (tomorrow - lo) * _LEAST_LEFT < hi - lo:
            raise Unreadable("most of it lies after the publication; name the year or the month")
        return attrs.evolve(span, hi=tomorrow, edtf=None, unit=None)

    def _one_of(self, words: Words) -> Span | None:
        return self._range(words, _TO) or self._range(words, {"or"})

    def _both(self, words: Words) -> Span | None:
        """Two dates, both of which are meant ("on Friday and Saturday")."""
        span = self._range(words, {"and"})
        if span is None or not span.edtf:
            return None
        first, last = span.edtf[1:-1].split("..")
        return attrs.evolve(span, edtf=f"{{{first},{last}}}")

    def _list(self, words: Words) -> Span | None:
        """Three days or more ("14, 15 and 16 March")."""
        words = words[1:] if words[:1] == ("on",) else words
        joint = next((at for at, word in enumerate(words) if word in {"and", "or"}), None)
        if joint is None:
            return None
        left, right = words[:joint], words[joint + 1 :]
        if left and left[0] in MONTHS and right and is_day(right[0]):
            left, right = left[1:], (right[0], left[0], *right[1:])
        if len(left) < 2 or not right:  # noqa: PLR2004 - two before the joint
            return None
        if all(is_day(word) for word in left) and right[1:] and right[1] in MONTHS:
            ends = [self._date((word, *right[1:])) for word in (*left, right[0])]
        elif all(word in WEEKDAYS for word in (*left, *right)):
            ends = [self._weekday((word,)) for word in (*left, *right)]
        else:
            return None
        found = [span for span in ends if span]
        if len(found) != len(ends) or any(a.bounds >= b.bounds for a, b in pairwise(found)):
            return None
        texts = ",".join(span.edtf or "" for span in found)
        both = f"{{{texts}}}" if words[joint] == "and" else f"[{texts}]"
        return attrs.evolve(found[0], hi=found[-1].hi, edtf=both, unit=None)

    # Relations

    def _relation(self, words: Words) -> Span | None:  # noqa: C901, PLR0912 - one case a relation
        match words:
            case ("between", *rest):
                return self._range(tuple(rest), {"and"}) or self._range(tuple(rest), {"-"})
            case ("from" | "since", *rest) if not _TO.isdisjoint(rest):
                return self._range(tuple(rest), _TO - {"/"}, lasted=True)
            case ("since" | "from", "at", "least", *rest):
                span = self._since(self._end(tuple(rest)))
                return span and attrs.evolve(span, lo=None, edtf=None)
            case ("until", "at", "least", *rest):
                span = self._until(self._end(tuple(rest)), lasted=True)
                return span and attrs.evolve(span, hi=None, edtf=None)
            case ("from", *rest, "onward") | (*rest, "onward") if rest:
                return self._since(self._end(tuple(rest)))
            case ("sometime" | "anytime" | "anywhere", ("between" | "after" | "before"), *_):
                return self._relation(words[1:])
            case ("some" | "any", "time", ("between" | "after" | "before"), *_):
                return self._relation(words[2:])
            case ("from", *rest, "on") if rest:
                return self._since(self._end(tuple(rest)))
            case ("up", "to", *rest) if rest[-1:] != ["ago"]:
                return self._until(self._end(tuple(rest)), lasted=True)
            case ("starting" | "start", "on" | "at" | "in" | "from", *rest):
                return self._since(self._end(tuple(rest)))
            case ("from" | "since" | "starting" | "start", *rest) if rest[:1] != ["of"]:
                return self._since(self._end(tuple(rest)))
            case ("before" | "until" | "by" | "through", year) if self._maybe_clock(words[0], year):
                raise Unreadable(f"{year} may be a year or a time of the clock")
            case ("before", *rest) | ("prior", "to", *rest) | ("ahead", "of", *rest):
                return self._before(self._end(tuple(rest)))
            case ("after", *rest):
                return self._after(self._end(tuple(rest)))
            case ("on", "or", "after", *rest) | ("no" | "not", "earlier", "than", *rest):
                return self._from_then_on(self._end(tuple(rest)))
            case ("no" | "not", "sooner", "than", *rest) | ("not", "before", *rest):
                return self._from_then_on(self._end(tuple(rest)))
            case ("until", *rest) | ("up", "until", *rest):
                return self._until(self._end(tuple(rest)), lasted=True)
            case ("through", *rest):
                return self._until(self._end(tuple(rest)), lasted=True)
            case ("by", *rest) | ("no" | "not", "later", "than", *rest):
                return self._until(self._end(tuple(rest)))
            case ("on", "or", "before", *rest) | ("not", "after", *rest):
                return self._until(self._end(tuple(rest)))
            case ("for", "the", "past" | "last", *_):
                span = self._moment(words[1:])
                return span and attrs.evolve(span, shape="lasted")
            case _:
                return None

    @staticmethod
    def _maybe_clock(relation: str, year: str) -> bool:
        """Whether "by 2000" or "until 1530" may be about an hour."""
        if relation == "before" or not is_year(year):
            return False
        return year.endswith("00") or int(year) < _FIRST_YEAR

    def _end(self, words: Words) -> Span | None:
        """What a relation counts from: a moment, "about" in front or not, or a bare year."""
        if len(words) == 1 and is_year(words[0]) and int(words[0]) > _FIRST_NAMED_YEAR:
            return calendar("year", days(int(words[0])))
        span = self._roughly(words) or self._moment(words)
        return None if span and span.sort in _FINAL else span

    def _since(self, span: Span | None) -> Span | None:
        if span is None:
            return None
        text = f"{span.edtf}/.." if _plain(span) else None
        span = _by_days(span)
        return attrs.evolve(span, hi=None, start_hi=span.hi, shape="lasted", edtf=text)

    def _until(self, span: Span | None, *, lasted: bool = False) -> Span | None:
        if span is None:
            return None
        text = None
        if _plain(span):
            text = f"../{span.edtf}" if lasted else f"[..{span.edtf}]"
        lo, hi = span.lo, span.hi
        if span.sort == "clock" and span.precision == "hour" and not span.approximate:
            hi = span.bounds[0] + MINUTE  # "by 5 p.m." is by five o'clock, not by six
        return attrs.evolve(
            _by_days(span),
            lo=None,
            hi=hi,
            end_lo=lo if lasted else None,
            shape="lasted" if lasted else "moment",
            edtf=text,
        )

    def _before(self, span: Span | None) -> Span | None:
        if span is None or span.lo is None or span.hi is None:
            return None
        # "Before dawn" is before a moment that nobody knows: it may be the last one called so.
        lo, _ = span.bounds
        if not _sharp(span):
            return attrs.evolve(_by_days(span), lo=None, edtf=None)
        text = _same_unit(lo // DAY - 1, span) if _plain(span) else None
        return attrs.evolve(span, lo=None, hi=lo, edtf=text and f"[..{text}]")

    def _after(self, span: Span | None) -> Span | None:
        if span is None or span.lo is None or span.hi is None:
            return None
        _, hi = span.bounds
        if not _sharp(span):
            return self._by_publication(attrs.evolve(_by_days(span), edtf=None))
        if span.sort == "clock":
            return self._by_publication(attrs.evolve(span, edtf=None))
        text = _same_unit(hi // DAY, span) if _plain(span) else None
        return self._by_publication(attrs.evolve(span, lo=hi, edtf=text and f"[{text}..]"))

    def _from_then_on(self, span: Span | None) -> Span | None:
        """No earlier than a time."""
        if span is None or span.lo is None:
            return None
        text = f"[{span.edtf}..]" if _plain(span) else None
        return self._by_publication(attrs.evolve(_by_days(span), edtf=text))

    def _by_publication(self, span: Span) -> Span:
        """The same without an end; what is past ended by the publication (see ``published``)."""
        return attrs.evolve(span, hi=None, cut=self.past, edtf=None if self.past else span.edtf)

    # Ranges

    def _range(self, words: Words, joints: set[str], *, lasted: bool = False) -> Span | None:
        words = words[1:] if words[:1] in {("on",), ("in",), ("during",)} and not lasted else words
        if words[:3] in {
            ("the", "period", "of"),
            ("the", "years", "of"),
            ("the", "period", "from"),
        }:
            words = words[3:]
        for at, joint in enumerate(words):
            if joint not in joints or not 0 < at < len(words) - 1:
                continue
            if joint in {"-", "/"} and not SEASONS.isdisjoint(words[:at]):
                continue  # the winter of 2021-22 is one
            left, right = self._dated(*_carried(words[:at], words[at + 1 :]))
            first, last = self._end(left), self._end(right)
            if not first or not last or first.elapsed or last.elapsed:
                continue
            if first.lo is None or last.lo is None or first.hi is None or last.hi is None:
                continue
            if joint == "/" and first.hi != last.lo:
                continue
            return self._joined(first, last, lasted=lasted or joint in _TO - {"-", "/"})
        return None

    def _dated(self, left: Words, right: Words) -> tuple[Words, Words]:
        """Two ends that have a month each and no year, in the years that the direction picks."""
        start, end = _day_of_year(left), _day_of_year(right)
        if not start or not end or _has_year(left) or _has_year(right):
            return left, right
        if not _RELATIVE.keys().isdisjoint((*left, *right)) or "ago" in (*left, *right):
            return left, right
        wraps = start > end
        this_year = civil(self.today)[0]
        years = (
            range(this_year, this_year - 9, -1)
            if self.past
            else range(this_year - 1, this_year + 9)
        )
        for year in years:
            begins, ends = _existing(year, *start), _existing(year + wraps, *end)
            if begins is None or ends is None:
                continue
            if begins <= self.today if self.past else ends >= self.today:
                if self.past and ends > self.today:
                    raise Unreadable("its end lies after the publication; name the year if meant")
                return (*left, str(year)), (*right, str(year + wraps))
        return left, right

    def _joined(self, first: Span, last: Span, *, lasted: bool) -> Span:
        (lo, start_hi), (end_lo, hi) = first.bounds, last.bounds
        clocks = "clock" in {first.sort, last.sort}
        if lo > end_lo and first.floating and last.floating and not clocks:
            # The nearest Friday may come after the nearest Tuesday: the range still runs forward.
            if self.past:
                lo, start_hi = lo - _WEEK, start_hi - _WEEK
            else:
                end_lo, hi = end_lo + _WEEK, hi + _WEEK
        if lo > end_lo or start_hi > hi:
            raise Unreadable("it ends before it begins")
        if first.zone != last.zone:
            raise Unreadable("its ends are in two zones; write them apart")
        if last.sort == "clock" and last.precision == "hour" and not last.approximate:
            if lo < end_lo:
                end_lo, hi = end_lo - 1, end_lo  # to five o'clock is not to six
        text = None
        ends = [
            calendar("day", at // DAY).edtf if span.unit == "day" else span.edtf
            for span, at in ((first, lo), (last, end_lo))
        ]
        if _plain(first) and _plain(last) and first.precision == last.precision:
            text = "{}/{}".format(*ends) if lasted else "[{}..{}]".format(*ends)
        return Span(
            lo=lo,
            hi=hi,
            precision=coarser(first.precision, last.precision),
            edtf=text,
            approximate=first.approximate or last.approximate,
            uncertain=first.uncertain or last.uncertain,
            floating=first.floating and last.floating,
            shape="lasted" if lasted else "moment",
            start_hi=min(start_hi, hi) if lasted else None,
            end_lo=end_lo if lasted else None,
            zone=first.zone,
        )

    # A moment, and what may stand before it

    def _phrase(self, words: Words) -> Span | None:
        """A moment with a preposition that fits it, and "about" or "perhaps" in front."""
        match words:
            case (first, *rest) if first in MAYBE and rest:
                span = self._phrase(tuple(rest))
                if span is None or span.sort in _FINAL:
                    return None
                text = f"{span.edtf}?" if _plain(span) else None
                text = f"{span.edtf[:-1]}%" if span.edtf and span.edtf[-1] == "~" else text
                return attrs.evolve(span, uncertain=True, edtf=text, unit=None)
            case ("sometime", *rest) | ("some", "time", *rest):
                span = self._phrase(tuple(rest))
                return None if span is None or span.sort in {"clock", "ago", "bounded"} else span
            case ("as", "of", *rest):
                span = self._moment(tuple(rest))
                return span if span and span.sort in {"day", "today", "clock", "hours"} else None
            case _:
                pass
        return self._roughly(words) or self._prefixed(words) or self._moment(words)

    def _roughly(self, words: Words) -> Span | None:
        match words:
            case ("about" | "around" | "approximately" | "roughly", year) if is_year(year):
                if int(year) % 50 == 0 or not _FIRST_YEAR <= int(year) <= civil(self.today)[0]:
                    raise Unreadable(f"{year} may be a year or a count; write 'the year {year}'")
                return about(calendar("year", days(int(year))))
            case ("on" | "in", "or", "about", *rest):
                span = self._moment(tuple(rest))
            case (first, *rest) if first in ABOUT and rest and rest[0] in MAYBE:
                span = self._moment(tuple(rest[1:]))
                span = span and about(span)
                text = f"{span.edtf[:-1]}%" if span and span.edtf else None
                return span and attrs.evolve(span, uncertain=True, edtf=text)
            case ("some", first, *rest) if is_number(first) and rest[-1:] == ["ago"]:
                span = self._moment(words[1:])
            case (*rest, "or", "so", "ago"):
                span = self._moment((*rest, "ago"))
            case (first, *rest) if first in ABOUT:
                span = self._moment(tuple(rest))
                if span and "ago" in rest and span.sort != "ago":
                    return None  # about five o'clock, or about ten days?
            case _:
                return None
        return None if span is None or span.sort in _FINAL else about(span)

    def _prefixed(self, words: Words) -> Span | None:
        match words:
            case ("in", *rest) if counted := amount(tuple(rest)):
                # "In three days" is a length of time, unless something is still to come.
                if self.past:
                    return None
                return ago(counted[1], counted[0], self.today, self._now, "future")
            case ("in", near, *rest) if near in ABOUT and (counted := amount(tuple(rest))):
                if self.past:
                    return None
                span = ago(counted[1], counted[0], self.today, self._now, "future")
                return span and about(span)
            case ("within", *rest) if not self.past and (counted := amount(tuple(rest))):
                return stretch(counted[1], counted[0], self.today, self._now, "future")
            case ("in" | "during", year) if is_year(year) and int(year) > _FIRST_NAMED_YEAR:
                return calendar("year", days(int(year)))
            case (first, *rest) if first in _PREPOSITIONS and rest:
                words = tuple(rest)
            case _:
                return None
        span = self._roughly(words) or self._moment(words)
        if span is None or words[0] in _PREPOSITIONS:
            return None
        sort = "day" if span.sort == "either" else span.sort
        return span if first in PREPOSITIONS.get(sort, ()) else None

    def _moment(self, words: Words) -> Span | None:
        """The span of words that hold no relation, range or preposition of their own."""
        if not words:
            return None
        return next((span for rule in self._rules() if (span := rule(words))), None)

    def _rules(self) -> Iterator[Callable[[Words], Span | None]]:
        yield self._named_day
        yield self._weekday
        yield self._counted
        yield self._unit
        yield self._earlier
        yield self._part_of_unit
        yield self._nth_day
        yield self._week_of
        yield self._season
        yield self._long
        yield self._date
        yield self._near_night
        yield self._part
        yield self._clock
        yield self._close_to

    # Days and weeks

    def _named_day(self, words: Words) -> Span | None:
        """Today and its neighbours, alone or with the day that they are."""
        match words:
            case ("the", "day", "before", "yesterday") | ("day", "before", "yesterday"):
                on = -2
            case ("the", "day", "after", "tomorrow") | ("day", "after", "tomorrow"):
                on = 2
            case (("today" | "yesterday" | "tomorrow") as name, *rest):
                on = {"today": 0, "yesterday": -1, "tomorrow": 1}[name]
                if rest:
                    return self._same_day(self.today + on, tuple(rest))
            case _:
                return None
        return attrs.evolve(calendar("day", self.today + on), sort="today")

    def _same_day(self, day: int, words: Words) -> Span | None:
        """A day that is named twice ("yesterday, 15 September")."""
        if not (words[0] in WEEKDAYS or words[-1] in MONTHS or words[0] in MONTHS):
            return None
        other = self._date(words) or (self._weekday(words) if len(words) == 1 else None)
        if other is None or other.unit != "day":
            return None
        weekday = len(words) == 1
        same = other.bounds[0] // DAY == day
        if not same and not (weekday and (other.bounds[0] // DAY - day) % 7 == 0):
            raise Unreadable("it names two days that aren't one")
        return attrs.evolve(calendar("day", day), sort="today")

    def _weekday(self, words: Words) -> Span | None:
        """A weekday or a weekend, bare or with a word such as "last"."""
        match words:
            case (name, ("this" | "last" | "next") as which, "week") if name in WEEKDAYS:
                pass
            case (name, "of", ("this" | "last" | "next") as which, "week") if name in WEEKDAYS:
                pass
            case (("this" | "last" | "next") as which, "week", name) if name in WEEKDAYS:
                pass
            case (("this" | "last" | "next") as which, "week", "on", name) if name in WEEKDAYS:
                pass
            case (*before, name) if name in WEEKDAYS:
                after = (WEEKDAYS[name] - self.today - 3) % 7  # 1970-01-01 was a Thursday
                return self._nearest(tuple(before), name, self.today + after)
            case (*before, "weekend"):
                return self._weekend(tuple(before))
            case ("the", "weekend", "of", *rest):
                return self._weekend_of(tuple(rest))
            case _:
                return None
        monday = calendar("week", self.today + 7 * _RELATIVE[which]).bounds[0] // DAY
        day = calendar("day", monday + WEEKDAYS[name])
        return attrs.evolve(day, floating=which == "this")

    def _nearest(self, which: Words, name: str, coming: int) -> Span | None:
        """One weekday, of which ``coming`` is the first that isn't before today."""
        today = self.today
        sunday = calendar("week", today).bounds[1] // DAY - 1
        latest = coming if coming == today else coming - 7
        match which:
            case ():
                day = calendar("day", latest if self.past else coming)
                return attrs.evolve(day, floating=True)
            case ("last",) | ("past",) | ("this", "past"):
                return calendar("day", coming - 7)
            case ("coming",) | ("this", "coming"):
                return calendar("day", coming + 7 * (coming == today))
            case ("next",):
                if today < coming <= sunday:
                    raise Unreadable(
                        f"next {name.title()} may be that of this week or of the next one"
                    )
                return calendar("day", coming + 7 * (coming == today))
            case ("this",):
                if coming <= sunday:
                    if self.past and coming > today:
                        raise Unreadable(_AFTERWARDS)
                    return calendar("day", coming)
                if not self.past:
                    raise Unreadable(f"this {name.title()} may be the past one or the coming one")
                return calendar("day", latest)
            case _:
                return None

    def _weekend(self, which: Words) -> Span | None:
        monday = calendar("week", self.today).bounds[0] // DAY
        saturday = monday + 5
        match which:
            case () | ("the",):
                if self.past and self.today <= saturday:
                    saturday -= 7
            case ("this",):
                if self.past and self.today < saturday:
                    raise Unreadable(_AFTERWARDS)
            case ("last",) | ("past",) | ("the", "past") | ("this", "past"):
                saturday -= 7
            case ("coming",) | ("the", "coming") | ("this", "coming"):
                saturday += 7 * (self.today >= saturday)
            case ("next",):
                if self.today < saturday:
                    raise Unreadable("next weekend may be that of this week or of the next one")
                saturday += 7
            case _:
                return None
        return self._two_days(saturday)

    def _weekend_of(self, words: Words) -> Span | None:
        """The weekend of a day, or of both of its days."""
        span = self._range(words, {"-", "/", "and"}) or self._date(words)
        if span is None or span.precision != "day" or span.lo is None or span.hi is None:
            return None
        saturday = calendar("week", span.lo // DAY).bounds[0] // DAY + 5
        if span.lo < saturday * DAY or span.hi > (saturday + 2) * DAY:
            raise Unreadable("that is no weekend")
        return self._two_days(saturday)

    @staticmethod
    def _two_days(first_day: int) -> Span:
        first, last = calendar("day", first_day), calendar("day", first_day + 1)
        return Span(
            lo=first.lo,
            hi=last.hi,
            precision="day",
            edtf=f"[{first.edtf}..{last.edtf}]",
            sort="weekend",
        )

    def _week_of(self, words: Words) -> Span | None:
        """The week of, ending or starting with a day."""
        words = words[1:] if words[:1] == ("the",) else words
        match words:
            case ("week", ("of" | "ending" | "starting" | "start" | "to") as which, *rest):
                rest = rest[1:] if rest[:1] == ["on"] else rest
                day = self._date(tuple(rest)) if rest else None
            case _:
                return None
        if not _is_one_day(day):
            return None
        at = day.bounds[0] // DAY
        if which in {"ending", "to"}:
            first, last = at - 6, at
        elif which in {"starting", "start"} or (at + 3) % 7 in {0, 6}:  # Monday, Sunday
            first, last = at, at + 6
        else:  # the seven days from it, or those of the calendar around it
            first, last = calendar("week", at).bounds[0] // DAY, at + 6
        return Span(
            lo=first * DAY,
            hi=(last + 1) * DAY,
            precision="week",
            floating=day.floating,
            sort="week",
        )

    def _nth_day(self, words: Words) -> Span | None:
        """A day by its number in a month ("the 1st of last month", "the last Sunday of May")."""
        words = words[1:] if words[:1] == ("the",) else words
        match words:
            case (nth, "of", *rest) if is_ordinal(nth):
                month = self._whole_unit(tuple(rest), relative=True)
                if month is None or month.unit != "month":
                    return None
                year, of_year, _ = civil(month.bounds[0] // DAY)
                day = _existing(year, of_year, number(nth))
                if day is None:
                    raise Unreadable(f"there is no day {number(nth)} in that month")
                return attrs.evolve(calendar("day", day), floating=rest[0] == "this")
            case (("1." | "01." | "last") as nth, "day", "of", *rest):
                unit = self._whole_unit(tuple(rest))
                if unit is None or unit.unit not in {"week", "month", "year"}:
                    return None
                lo, hi = unit.bounds
                day = hi // DAY - 1 if nth == "last" else lo // DAY
                return attrs.evolve(calendar("day", day), floating=unit.floating)
            case (nth, name, "of" | "in", *rest) if name in WEEKDAYS:
                month = self._whole_unit(tuple(rest))
                if month is None or month.unit != "month" or not (nth == "last" or is_ordinal(nth)):
                    return None
                lo, hi = (at // DAY for at in month.bounds)
                days_ = [at for at in range(lo, hi) if (at + 3) % 7 == WEEKDAYS[name]]
                at = len(days_) if nth == "last" else number(nth)
                if not 1 <= at <= len(days_):
                    return None
                return attrs.evolve(calendar("day", days_[at - 1]), floating=month.floating)
            case _:
                return None

    # Counted from the publication

    def _counted(self, words: Words) -> Span | None:
        """Count back or on from the publication, and stretches that end or begin with it."""
        match words:
            case (*rest, "ago") | (*rest, "back"):
                return self._ago(tuple(rest))
            case ("the", ("week" | "month") as unit, "before", "last"):
                last = calendar(unit, self.today).bounds[0] // DAY - 1
                return calendar(unit, calendar(unit, last).bounds[0] // DAY - 1)
            case (*rest, "ago", "today"):
                return self._exactly_ago(tuple(rest))
            case (*rest, "from", "now" | "today") if counted := amount(tuple(rest)):
                return ago(counted[1], counted[0], self.today, self._now, "future")
            case ("in", *rest, "time") if counted := amount(tuple(rest)):
                return ago(counted[1], counted[0], self.today, self._now, "future")
            case ("recent", unit) if unit in UNITS:
                return recent(UNITS[unit], self.today, "past")
            case ("the", "coming", unit) | ("coming", unit) if unit in UNITS and unit[-1] == "s":
                return recent(UNITS[unit], self.today, "future")
            case _:
                return self._stretched(words)

    def _ago(self, words: Words) -> Span | None:
        counted = amount(words)
        if counted is not None:
            return ago(counted[1], counted[0], self.today, self._now, "past")
        if words[:1] in {("exactly",), ("precisely",)}:
            return self._exactly_ago(words[1:])
        for size in (3, 2, 1):
            how = _HOW_FAR.get(words[:size])
            counted = amount(words[size:])
            if how and counted:
                return ago_beyond(how, counted[1], counted[0], self.today, self._now)
        return None

    def _exactly_ago(self, words: Words) -> Span | None:
        counted = amount(words)
        if counted is None or counted[0][0] != counted[0][1]:
            return None
        span = ago_beyond("at least", counted[1], counted[0], self.today, self._now)
        if span is None or span.elapsed or span.hi is None:
            return None
        return attrs.evolve(calendar("day", span.hi // DAY - 1), sort="bounded")

    def _stretched(self, words: Words) -> Span | None:
        the, rest = words[0] == "the", words[1:] if words[0] == "the" else words
        rest = rest[1:] if rest[:2] == ("this", "past") else rest
        if len(rest) < 2 or rest[0] not in {"past", "last", "next", "coming"}:  # noqa: PLR2004
            return None
        direction: Direction = "past" if rest[0] in {"past", "last"} else "future"
        if len(rest) == 2 and rest[1] in UNITS and rest[1].endswith("s"):  # noqa: PLR2004
            # "The past weeks" are as many as "recent weeks": nobody says.
            return recent(UNITS[rest[1]], self.today, direction)
        if len(rest) == 2 and rest[0] == "coming" and rest[1] not in {"hour", "day"}:  # noqa: PLR2004
            return None  # the coming week may be seven days, or the calendar's next one
        # "Last week" is a week of the calendar, "the last week" the seven days up to now.
        if len(rest) == 2 and rest[0] in {"last", "next"}:  # noqa: PLR2004
            if rest[0] == "next" or (not the and UNITS.get(rest[1]) not in {"day", "hour"}):
                return None
        counted = amount(rest[1:]) or (amount(("a", *rest[1:])) if len(rest) == 2 else None)  # noqa: PLR2004
        if counted is None or (counted[1] == "quarter" and rest[0] == "last"):
            return None  # the last quarter may be that of the calendar
        return stretch(counted[1], counted[0], self.today, self._now, direction)

    # Units of the calendar and their parts

    def _unit(self, words: Words) -> Span | None:
        """The present, the last or the next week, quarter, year and so on, or such a month."""
        words = words[1:] if words[:2] == ("the", "current") else words
        match words:
            case (which, "week") if which in _RELATIVE:
                return calendar("week", self.today + 7 * _RELATIVE[which])
            case (which, ("month" | "quarter" | "year") as unit) if which in _RELATIVE:
                here = calendar(unit, self.today).bounds
                beside = {-1: here[0] // DAY - 1, 0: self.today, 1: here[1] // DAY}
                return calendar(unit, beside[_RELATIVE[which]])
            case (which, "decade") if which in _RELATIVE:
                return decade(civil(self.today)[0] // 10 * 10 + 10 * _RELATIVE[which])
            case (which, name) if which in _RELATIVE and name in MONTHS:
                return self._relative_month(which, MONTHS[name])
            case (*rest, "of", which, "year") if which in _RELATIVE and rest:
                return self._of_year(tuple(rest), which)
            case (*rest, which, "year") if which in _RELATIVE and rest:
                return self._of_year(tuple(rest), which)
            case _:
                return None

    def _of_year(self, words: Words, which: str) -> Span | None:
        """What a word says of a year ("March last year", "24 February this year")."""
        if not any(word in MONTHS or word in SEASONS or word == "quarter" for word in words):
            return None
        year = str(civil(self.today)[0] + _RELATIVE[which])
        return (
            self._date((*words, year))
            or self._season((*words, year))
            or (self._part_of_unit((*words, year)) if words[-1] != "quarter" else None)
        )

    def _relative_month(self, which: str, month: int) -> Span | None:
        year, this_month, _ = civil(self.today)
        if which == "last":
            return calendar("month", days(year - (month >= this_month), month))
        if which == "next":
            return calendar("month", days(year + (month <= this_month), month))
        if self.past and month > this_month:
            raise Unreadable(_AFTERWARDS)
        if not self.past and month < this_month:
            raise Unreadable("such a month of this year lies before the publication")
        return calendar("month", days(year, month))

    def _earlier(self, words: Words) -> Span | None:
        if words[0] not in {"earlier", "later"} or len(words) == 1:
            return None
        which, rest = words[0], words[1:]
        if which == "earlier" and rest in {
            ("in", "the", unit) for unit in ("week", "month", "year")
        }:
            rest = ("this", rest[2])
        span = self._phrase(rest)
        if span is None or span.unit is None or span.approximate:
            # "Earlier this morning" is no sharper than the morning.
            return span if span and span.precision == "part" and rest[0] == "this" else None
        lo, hi = span.bounds
        if not lo // DAY <= self.today < hi // DAY:
            return span if span.unit in {"day", "week"} else None
        precision: Precision
        if span.unit == "day":
            first, last = self.reference.shown
            lo, hi = (lo, min(last, hi)) if which == "earlier" else (max(first, lo), hi)
            precision = "part"
        else:
            today = self.today * DAY
            lo, hi = (lo, today) if which == "earlier" else (today + DAY, hi)
            precision = _FINER[span.unit]
        if lo >= hi:
            raise Unreadable(f"nothing of {' '.join(rest)} is {which} than the publication")
        return attrs.evolve(
            span,
            lo=lo,
            hi=hi,
            precision=precision,
            edtf=None,
            unit=None,
            floating=False,
            sort="today",
        )

    def _part_of_unit(self, words: Words) -> Span | None:
        words = words[1:] if words[0] == "the" else words
        match words:
            case (("early" | "mid" | "late" | "start" | "end") as which, *rest):
                if which in {"start", "end"} and rest[:1] != ["of"]:
                    return None
                unit = self._whole_unit(tuple(rest))
                span = unit and part_of(unit, which)
                relative = not _RELATIVE.keys().isdisjoint(rest)
                if span and unit and relative and unit.unit in _FINER and unit.unit != "day":
                    span = attrs.evolve(span, precision=_FINER[unit.unit])
                if span and which == "mid" and span.sort == "part":
                    return attrs.evolve(span, sort="middle")
                return span
            case (nth, ("half" | "quarter") as part, *rest) if nth in _PARTITIVE and rest:
                unit = self._whole_unit(tuple(rest))
                return unit and part_of(unit, f"{_PARTITIVE[nth]} {part}")
            case (nth, "week", "of" | "in", *rest) if nth == "last" or is_ordinal(nth):
                month = self._whole_unit(tuple(rest))
                of_month = 0 if nth == "last" else number(nth)
                if month and month.unit == "month" and of_month <= _MOST_WEEKS:
                    return nth_week(month, of_month)
                return None
            case (("1." | "last") as nth, count, unit, "of", *rest) if counted := amount(
                (count, unit)
            ):
                month = self._whole_unit(tuple(rest))
                return month and _first_or_last(month, nth, counted)
            case (("1." | "01." | "last") as nth, "days", "of" | "in", *rest):
                unit = self._whole_unit(tuple(rest))
                return unit and part_of(unit, f"{_PARTITIVE[nth]} days")
            case _:
                return None

    def _whole_unit(self, words: Words, *, relative: bool = False) -> Span | None:
        """The unit that a part is one of; ``relative`` ones alone have a word such as "last"."""
        if words and words[0] in {"of", "in", "on"}:
            words = words[1:]
        if words in {("the", "week"), ("the", "month"), ("the", "year")}:
            return calendar(words[1], self.today)
        if relative and not (words and words[0] in _RELATIVE):
            return None
        span = self._moment(words)
        return span if span and span.unit and span.sort not in {"ago", "bounded"} else None

    def _season(self, words: Words) -> Span | None:
        """A season of a year, or the nearest one."""
        words = words[1:] if words[0] == "the" else words
        match words:
            case (name, "of", *rest) if name in SEASONS and rest:
                pass
            case (name, *rest) if name in SEASONS:
                pass
            case ("this", "past", name) if name in SEASONS:
                return attrs.evolve(self._relative_season(name, ""), floating=True)
            case (("this" | "last" | "next") as which, name) if name in SEASONS:
                return self._relative_season(name, which)
            case _:
                return None
        match rest:
            case [year] if is_year(year):
                if name == "winter":
                    raise Unreadable(
                        f"the winter of {year} may begin or end in it; write both years"
                    )
                return season(name, int(year))
            case [year, "-" | "/", other] if is_year(year) and other.isdigit() and name == "winter":
                follows = int(other) == (int(year) + 1) % 10 ** len(other)
                return season(name, int(year)) if follows else None
            case []:
                return self._relative_season(name, "")
            case _:
                return None

    def _relative_season(self, name: str, which: str) -> Span:
        year = civil(self.today)[0]
        turns = [season(name, at) for at in (year - 2, year - 1, year, year + 1)]
        begun = [turn for turn in turns if turn.bounds[0] // DAY <= self.today]
        latest, coming = begun[-1], turns[len(begun)]
        goes_on = latest.bounds[1] // DAY > self.today
        if which == "next" or (not which and not self.past and not goes_on):
            return coming
        if which == "last":
            if goes_on or civil(latest.bounds[0] // DAY)[0] == year:
                raise Unreadable(f"last {name} may be that of this year or of the one before")
            return latest
        if goes_on or not which:
            return latest
        if self.past and civil(latest.bounds[0] // DAY)[0] == year:
            return latest
        if not self.past and civil(coming.bounds[0] // DAY)[0] == year:
            return coming
        raise Unreadable(f"this {name} may be the past one or the coming one")

    def _long(self, words: Words) -> Span | None:
        """A decade, a century, or a year that is called one."""
        match words:
            case ("the", name) | (name,) if name[-3:] == "00s":
                return hundreds(int(name[:-1]))
            case ("the", name) | (name,) if name[-2:] == "0s":
                return decade(int(name[:-1]))
            case ("the", nth, "century") | (nth, "century") if is_ordinal(nth):
                return century(int(nth[:-1])) if int(nth[:-1]) <= _LAST_CENTURY else None
            case ("the", "year", year) | ("year", year) if is_year(year):
                return calendar("year", days(int(year)))
            case ("the", "month", "of", *rest) if rest and rest[0] in MONTHS:
                month = self._month_or_year(tuple(rest))
                return month if month and month.unit == "month" else None
            case _:
                return None

    # Dates

    def _date(self, words: Words) -> Span | None:  # noqa: C901, PLR0912 - one case a form of date
        """Dates, months and years, with a weekday that has to agree."""
        if not words:
            return None
        weekday = None
        if words[0] in WEEKDAYS and words[1:]:
            weekday, words = WEEKDAYS[words[0]], words[1:]
        elif words[-1] in WEEKDAYS and words[:-1]:
            weekday, words = WEEKDAYS[words[-1]], words[:-1]
        match words:
            case (date,) if is_date(date):
                return self._on_weekday(_day(date), weekday)
            case (either,) if "|" in either:
                first, last = either.split("|")
                if weekday is not None:
                    fitting = [at for at in (first, last) if (_day(at) + 3) % 7 == weekday]
                    return calendar("day", _day(fitting[0])) if len(fitting) == 1 else None
                return attrs.evolve(
                    calendar("day", _day(first)),
                    hi=calendar("day", _day(last)).hi,
                    edtf=f"[{first},{last}]",
                    unit=None,
                    sort="either",
                )
            case ("the", nth) if is_day(nth) and _in_figures(nth, weekday):
                return self._without_month(number(nth), weekday)
            case (nth,) if weekday is not None and is_day(nth) and _in_figures(nth, None):
                return self._without_month(number(nth), weekday)
            case ("new", "year", which) if which in _NEW_YEAR:
                return self._date(tuple(_NEW_YEAR[which].split()))
            case ("new", "year", which, year) if which in _NEW_YEAR and is_year(year):
                return self._date((*_NEW_YEAR[which].split(), year))
            case _:
                pass
        named = _named_date(words)
        if named is None:
            return None if weekday is not None else self._month_or_year(words)
        month, day, named_year = named
        if named_year is None:
            return self._without_year(month, day, weekday)
        at = _existing(named_year, MONTHS[month], day)
        if at is None:
            raise Unreadable(f"there is no {day} {month.title()} in {named_year}")
        return self._on_weekday(at, weekday)

    def _month_or_year(self, words: Words) -> Span | None:
        match words:
            case (year,) if is_year(year) and _FIRST_YEAR <= int(year) <= _LAST_YEAR:
                return calendar("year", days(int(year)))
            case (name,) if name in MONTHS:
                this_year, this_month, _ = civil(self.today)
                month = MONTHS[name]
                on = -(month > this_month) if self.past else int(month < this_month)
                return attrs.evolve(calendar("month", days(this_year + on, month)), floating=True)
            case (name, of_year) | (name, "of", of_year) if name in MONTHS and is_year(of_year):
                return calendar("month", days(int(of_year), MONTHS[name]))
            case _:
                return None

    def _on_weekday(self, day: int, weekday: int | None) -> Span:
        if weekday is not None and (day + 3) % 7 != weekday:
            span = calendar("day", day)
            right = next(name for name, at in WEEKDAYS.items() if at == (day + 3) % 7)
            raise Unreadable(f"the weekday contradicts the date: {span.edtf} was a {right.title()}")
        return calendar("day", day)

    def _without_year(self, month: str, day: int, weekday: int | None) -> Span:
        year = civil(self.today)[0]
        days_ = [
            at
            for y in range(year - 9, year + 10)
            if (at := _existing(y, MONTHS[month], day)) is not None
        ]
        if not days_:
            raise Unreadable(f"there is no {day} {month.title()}")
        before = [at for at in days_ if at <= self.today][-1]
        after = next(at for at in days_ if at >= self.today)
        chosen, other = (before, after) if self.past else (after, before)
        if chosen != other and abs(other - self.today) <= SOON:
            side = "after" if self.past else "before"
            raise Unreadable(
                f"{calendar('day', other).edtf} lies shortly {side} the publication; name the "
                f"year, or ask with direction={'future' if self.past else 'past'!r}"
            )
        return self._on_weekday(chosen, weekday)

    def _without_month(self, number: int, weekday: int | None) -> Span | None:
        """A day without its month: the nearest one in the direction asked."""
        year, month, _ = civil(self.today)
        step = -1 if self.past else 1
        for turn in range(3):
            at = _existing(*months_on(year, month, step * turn), number)
            if at is not None and (at <= self.today if self.past else at >= self.today):
                return self._on_weekday(at, weekday)
        raise Unreadable(f"there is no day {number} near the publication")

    # Parts of days, nights and clocks

    def _near_night(self, words: Words) -> Span | None:
        match words:
            case ("tonight",):
                return attrs.evolve(on_day(calendar("day", self.today), TONIGHT), sort="today")
            case ("last", "night"):
                on, hours = -1, TONIGHT
            case ("the", "night", "before", "last"):
                on, hours = -2, TONIGHT
            case ("late", "last", "night"):
                on, hours = -1, SHADED["late", "night"]
            case ("last", "evening"):
                on, hours = -1, PARTS["evening"]
            case ("overnight",):
                on, hours = 0, OVERNIGHT
            case _:
                return None
        return attrs.evolve(on_day(calendar("day", self.today + on), hours), sort="today")

    def _part(self, words: Words) -> Span | None:  # noqa: C901 - what stands around one word
        words = words[1:] if words[0] == "the" else words
        if words[:2] in {("early", "on"), ("late", "on")}:
            words = (words[0], *words[2:])
        at = next((at for at, word in enumerate(words) if word in _NAMED_PARTS), None)
        if at is None:
            return None
        name, before, after = words[at], words[:at], words[at + 1 :]
        if name != "hours" and after[:1] == ("hours",):
            after = after[1:]  # the morning hours of Thursday
        shade = next((word for word in (*before[:1], *before[-1:]) if (word, name) in SHADED), None)
        if shade:
            before = before[1:] if before[0] == shade else before[:-1]
        hours = SHADED[shade, name] if shade else PARTS.get(name)
        if hours is None:
            return None
        if before and before[-1] == "the":
            before = before[:-1]
        if before and before[-1] in {"at", "in", "on"}:
            before = before[:-1]
        if before and after:
            return None
        if not before and not after:
            raise Unreadable("it names a part of a day, but not the day")
        if before == ("this",) or after == ("of", "this", "morning"):
            before, after = ("today",), ()
        if after and after[-1] == "morning" and after[0] == "of" and hours[1] <= PARTS["dawn"][1]:
            after = after[:-1]  # the early hours of Friday morning
        if after[:1] in {("of",), ("on",), ("in",)}:
            after = after[1:]
        day = self._phrase(before) if before else self._moment(after)
        return on_day(day, hours) if _is_one_day(day) and not day.approximate else None

    def _night(self, words: Words) -> Span | None:
        """A night named by both of its days ("the night of 15-16 September")."""
        for lead in ("on", "in", "during", "the"):
            words = words[1:] if words[:1] == (lead,) else words
        match words:
            case ("overnight", "into" | "to", *rest):
                morning = self._moment(tuple(rest))
                return on_day(morning, OVERNIGHT) if _is_one_day(morning) else None
            case ("overnight", *rest) if rest and {*_TO, "and", "into"}.isdisjoint(rest):
                return self._either_night(self._phrase(tuple(rest)))
            case (*rest, "overnight") if _TO.isdisjoint(rest) and rest:
                return self._either_night(self._phrase(tuple(rest)))
            case (("night" | "overnight") as name, "of" | "from" | "between" | "on", *rest):
                joints, hours = _TO | {"and"}, (18, 33 if name == "overnight" else 30)
            case ("overnight", *rest) | (*rest, "overnight"):
                joints, hours = _TO | {"and", "into"}, (18, 33)
            case (*rest, "night", "into", after):
                rest, joints, hours = [*rest, "to", after], _TO, (18, 33)
            case _:
                return None
        days_ = self._range(tuple(rest), joints)
        if days_ is None:
            return None
        lo, hi = days_.bounds
        if hi - lo != 2 * DAY or days_.precision != "day":
            raise Unreadable("a night lies between two days that follow each other")
        return on_day(attrs.evolve(calendar("day", lo // DAY), floating=days_.floating), hours)

    def _either_night(self, day: Span | None) -> Span | None:
        """Overnight on Thursday: the night before it or the one after."""
        return on_day(day, (OVERNIGHT[0], 24 + OVERNIGHT[1])) if _is_one_day(day) else None

    def _clock(self, words: Words) -> Span | None:
        at = next((at for at, word in enumerate(words) if is_clock(word)), None)
        if at is None:
            return None
        before, after = words[:at], words[at + 1 :]
        zone = None
        if after and is_zone(after[0]):
            zone, after = after[0][1:] or None, after[1:]
        rough = bool(before) and before[-1] in ABOUT
        before = before[:-1] if rough else before
        if before and before[-1] == "at":
            before = before[:-1]
            if not before:
                return None  # its preposition is not a rule's to take
        if before and after:
            return None
        span = self._at_clock(words[at], before or after, zone)
        return about(span) if span and rough else span

    def _at_clock(self, clock: str, day_words: Words, zone: str | None) -> Span | None:
        readings, minutes = clock_readings(clock)
        length = MINUTE if minutes else HOUR
        if day_words:
            day = self._phrase(day_words)
        elif zone:
            today = wall_of(self._now()[0], zone) // DAY
            day = attrs.evolve(calendar("day", today), floating=True)
        else:
            day = attrs.evolve(calendar("day", self.today), floating=True)
        if day is None or day.approximate or day.lo is None or day.hi is None:
            return None
        if day.unit != "day" and not (day.precision == "part" and day.hi - day.lo <= 2 * DAY):
            return None
        if zone and day.unit != "day":
            raise Unreadable("a part of a day and a clock of another zone; name the day alone")
        lo, hi = day.bounds
        found = [
            at
            for midnight in range(lo // DAY * DAY, hi, DAY)
            for hour, minute in readings
            if lo <= (at := midnight + hour * HOUR + minute * MINUTE) and at + length <= hi
        ]
        if len(found) > 1 and len(readings) > 1:
            raise Unreadable("a clock shows that twice a day; say a.m. or p.m.")
        if len(found) != 1:
            raise Unreadable("the time of the clock doesn't fit the part of the day")
        return attrs.evolve(
            day,
            lo=found[0],
            hi=found[0] + length,
            precision="minute" if minutes else "hour",
            edtf=None,
            unit=None,
            sort="clock",
            zone=zone,
        )

    def _close_to(self, words: Words) -> Span | None:
        """What is near a clock's time ("shortly after 5 p.m. on Thursday")."""
        match words:
            case ("shortly" | "just" | "soon", ("before" | "after") as which, *rest):
                rest = ["12:00" if word == "noon" else word for word in rest]
                span = self._clock(tuple(rest))
            case _:
                return None
        if span is None or span.approximate:
            return None
        lo, _ = span.bounds
        lo, hi = (lo - SHORTLY, lo) if which == "before" else (lo, lo + SHORTLY)
        return attrs.evolve(span, lo=lo, hi=hi, approximate=True, sort="bounded")


def _plain(span: Span) -> bool:
    """Whether it is one date of EDTF, which may stand in a range or a set."""
    text = span.edtf or "["
    return text[0] != "[" and text[-1].isalnum()


def _sharp(span: Span) -> bool:
    """Whether everybody would put its ends at the same moment."""
    known = span.unit in _SHARP or span.precision in _SHARP - {"week"}
    return known and not span.approximate and span.precision != "season"


def _by_days(span: Span) -> Span:
    """The same, precise to the day where it is a part of more than a day: its end is one."""
    if span.lo is None or span.hi is None:
        return span
    lo, hi = span.bounds
    longer = span.precision == "part" and hi - lo > 2 * DAY
    return attrs.evolve(span, precision="day") if longer else span


def _same_unit(day: int, span: Span) -> str | None:
    """The EDTF of the day, month or year, whichever the span is, that a day lies in."""
    return calendar(span.unit, day).edtf if span.unit in {"day", "month", "year"} else None


def _is_one_day(span: Span | None) -> TypeGuard[Span]:
    return span is not None and span.unit == "day"


def _existing(year: int, month: int, day: int) -> int | None:
    """The days from 1970-01-01 to a date, None if there is no such date."""
    return days(year, month, day) if 1 <= day <= month_length(year, month) else None


def _first_or_last(month: Span, nth: str, counted: tuple[tuple[int, int], str]) -> Span | None:
    """The first or the last few days or weeks of a month."""
    (_, most), unit = counted
    if month.unit != "month" or unit not in {"day", "week"}:
        return None
    lo, hi = month.bounds
    if unit == "week":  # by every way of counting weeks
        if nth != "1." or most > _MOST_WEEKS:
            return None
        _, last = nth_week(month, most).bounds
        return attrs.evolve(part_of(month, "early") or month, lo=lo, hi=last)
    if most * DAY > hi - lo:
        return None
    part = part_of(month, "early") or month
    first, last = (lo, lo + most * DAY) if nth == "1." else (hi - most * DAY, hi)
    return attrs.evolve(part, lo=first, hi=last)


def _day(date: str) -> int:
    return days(*map(int, date.split("-")))


def _named_date(words: Words) -> tuple[str, int, int | None] | None:
    """The month, day and year of a date in words; None for words in any other order."""
    the = words[:1] == ("the",)
    words = words[1:] if the else words
    year = None
    if len(words) > 2 and is_year(words[-1]):  # noqa: PLR2004 - a day and a month before it
        year, words = int(words[-1]), words[:-1]
    match words:
        case (day, month) if month in MONTHS and is_day(day) and (is_ordinal(day) or not the):
            return month, number(day), year
        case (day, "of", month) if month in MONTHS and is_day(day) and is_ordinal(day):
            return month, number(day), year
        case (month, day) if month in MONTHS and is_day(day) and not the:
            return month, number(day), year
        case (month, "the", day) if month in MONTHS and is_ordinal(day) and not the:
            return month, number(day), year
        case _:
            return None


def _in_figures(nth: str, weekday: int | None) -> bool:
    """Whether an ordinal is a day by itself: "the 3rd" is, "the third" may be of anything."""
    return is_ordinal(nth) and (nth[0] == "0" or weekday is not None)


def _has_year(words: Words) -> bool:
    return any(is_year(word) or is_date(word) or "|" in word for word in words)


def _day_of_year(words: Words) -> tuple[int, int] | None:
    """The month and day that words name without their year; the first day for a month alone."""
    months = [at for at, word in enumerate(words) if word in MONTHS]
    if len(months) != 1:
        return None
    numbers = [number(word) for word in words if is_day(word)]
    return MONTHS[words[months[0]]], numbers[0] if len(numbers) == 1 else 1


def _clock_at_end(words: Words) -> int | None:
    """Where the clock begins with which words end, a zone after it or not."""
    for size in (1, 2):
        if (
            len(words) >= size
            and is_clock(words[-size])
            and all(map(is_zone, words[-size + 1 :] if size > 1 else ()))
        ):
            return len(words) - size
    return None


def _carried(left: Words, right: Words) -> tuple[Words, Words]:
    """Both ends of a range, each with the month, year, day or half of the day said only once."""
    left, right = _carried_clocks(left, right)
    last = left[-1]
    if is_year(last) and len(left) == 1 and len(right) == 1 and len(right[0]) == 2:  # noqa: PLR2004 - 2014-15
        return left, (last[:2] + right[0],)
    here, there = (
        next((word for word in words if word in MONTHS), None) for words in (left, right)
    )
    if there and not here and is_day(last):
        left = (*left, "of", there) if left[0] == "the" else (*left, there)
    elif here and not there and is_day(last) and is_day(right[0]):
        right = (here, *right)
    starts, ends = _day_of_year(left), _day_of_year(right)
    if starts and ends and _has_year(right) and not _has_year(left) and is_year(right[-1]):
        left = (*left, str(int(right[-1]) - (starts > ends)))
    elif starts and ends and is_year(left[-1]) and not _has_year(right):
        right = (*right, str(int(left[-1]) + (starts > ends)))
    return left, right


def _carried_clocks(left: Words, right: Words) -> tuple[Words, Words]:
    """Two clocks, each with the half, the zone and the day that are said only once."""
    if not right or not is_clock(right[0]):
        return left, right
    last = left[-1]
    if is_number(last) and 1 <= int(last) <= 12:  # noqa: PLR2004
        last = f"{int(last)}h?"
    if not is_clock(last) and _clock_at_end(left) is None:
        return left, right
    readings, minutes = clock_readings(last) if is_clock(last) else ([(0, 0)], False)
    ends, _ = clock_readings(right[0])
    if len(readings) > 1 and len(ends) == 1:
        # "5 and 6 pm": the latest that comes before the second one, on the same day.
        before = [time for time in sorted(readings) if time < ends[0]]
        if before:
            hour, minute = before[-1]
            last = f"{hour:02d}:{minute:02d}" if minutes else f"{hour}h"
    left = (*left[:-1], last)
    zone = right[1:2] if right[1:] and is_zone(right[1]) else ()
    at = _clock_at_end(left)
    if at is None:
        return left, right
    own = left[at + 1 :]
    clock, day = left[at], left[:at]
    rest = right[1 + len(zone) :]
    own, zone = own or zone, zone or own
    if not day:
        return (clock, *own, *rest), (right[0], *zone, *rest)
    if not rest:
        return (*day, clock, *own), (*day, right[0], *zone)
    return (*day, clock, *own), (right[0], *zone, *rest)
