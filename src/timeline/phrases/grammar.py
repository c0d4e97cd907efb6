"""The grammar of English time phrases: which words, in which order, give which span of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeGuard

import attrs

from timeline.calendar_math import (
    DAY,
    HOUR,
    MINUTE,
    civil,
)
from timeline.edtf import (
    coarser,
)
from timeline.phrases.days import (
    Days,
    existing,
)
from timeline.phrases.rules import (
    OVERNIGHT,
    PARTS,
    SHADED,
    TONIGHT,
    Span,
    Unreadable,
    about,
    ago,
    calendar,
    nth_week,
    on_day,
    part_of,
    stretch,
)
from timeline.phrases.words import (
    ABOUT,
    MAYBE,
    SEASONS,
    Words,
    amount,
    carried,
    day_of_year,
    has_year,
    is_clock,
    is_ordinal,
    is_year,
    needs_year,
    number,
)
from timeline.times import (
    Precision,
)

__all__ = ["Reader"]

_LEADING = {"at", "during", "in", "of", "on", "over", "sometime", "throughout"}
_TO = {"-", "through", "to", "until"}
_RELATIVE = {"this": 0, "current": 0, "last": -1, "next": 1}
_PARTITIVE = {"1.": "first", "2.": "second", "3.": "third", "4.": "fourth", "last": "last"}
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


class Reader(Days):
    """Reads words against one day of publication; None for words that it has no rule for."""

    def whole(self, words: Words) -> Span | None:
        """Gives the span of a whole phrase."""
        rules = (self._related, self._night, self._one_of, self._both, self.moment)
        return next((span for rule in rules if (span := rule(words))), None)

    def _one_of(self, words: Words) -> Span | None:
        return self._range(words, _TO) or self._range(words, {"or"})

    def _both(self, words: Words) -> Span | None:
        """Two dates, both of which are meant ("on Friday and Saturday")."""
        span = self._range(words, {"and"})
        if span is None or not span.edtf:
            return None
        first, last = span.edtf[1:-1].split("..")
        return attrs.evolve(span, edtf=f"{{{first},{last}}}")

    def _related(self, words: Words) -> Span | None:
        match words:
            case ("between", *rest):
                return self._range(tuple(rest), {"and"})
            case ("from" | "since", *rest) if not _TO.isdisjoint(rest):
                return self._range(tuple(rest), _TO, lasted=True)
            case ("from" | "since" | "starting", *rest):
                return self._since(self.moment(tuple(rest)))
            case ("before", *rest):
                return self._before(self.moment(tuple(rest)))
            case ("after", *rest):
                return self._after(self.moment(tuple(rest)))
            case ("until", *rest):
                return self._until(self.moment(tuple(rest)), lasted=True)
            case ("by", *rest) | ("no" | "not", "later", "than", *rest):
                return self._until(self.moment(tuple(rest)))
            case ("within", *rest) if not self.past:
                counted = amount(tuple(rest))
                return counted and stretch(counted[1], counted[0], self.today, self.now, "future")
            case ("for", "the", "past" | "last", *_):
                span = self.moment(words[1:])
                return span and attrs.evolve(span, shape="lasted")
            case _:
                return None

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
        return attrs.evolve(
            _by_days(span),
            lo=None,
            end_lo=span.lo if lasted else None,
            shape="lasted" if lasted else "moment",
            edtf=text,
        )

    def _before(self, span: Span | None) -> Span | None:
        if span is None:
            return None
        # "Before dawn" is before a moment that nobody knows: it may be the last one called so.
        lo, _ = span.bounds
        if not _sharp(span):
            return attrs.evolve(_by_days(span), lo=None, edtf=None)
        text = _same_unit(lo // DAY - 1, span) if _plain(span) else None
        return attrs.evolve(span, lo=None, hi=lo, edtf=text and f"[..{text}]")

    def _after(self, span: Span | None) -> Span | None:
        if span is None:
            return None
        _, hi = span.bounds
        if not _sharp(span):
            return attrs.evolve(_by_days(span), hi=None, edtf=None)
        text = _same_unit(hi // DAY, span) if _plain(span) else None
        return attrs.evolve(span, lo=hi, hi=None, edtf=text and f"[{text}..]")

    def _range(self, words: Words, joints: set[str], *, lasted: bool = False) -> Span | None:
        for at, joint in enumerate(words):
            if joint in joints and 0 < at < len(words) - 1:
                if joint == "-" and not SEASONS.isdisjoint(words[:at]):
                    continue  # the winter of 2021-22 is one
                left, right = self._dated(*carried(words[:at], words[at + 1 :]))
                first, last = self.moment(left), self.moment(right)
                if first and last and not (first.elapsed or last.elapsed):
                    return self._joined(first, last, lasted=lasted or joint in _TO - {"-"})
        return None

    def _dated(self, left: Words, right: Words) -> tuple[Words, Words]:
        """Two ends that have a month each and no year, in the years that the direction picks."""
        start, end = day_of_year(left), day_of_year(right)
        if not start or not end or has_year(left) or has_year(right):
            return left, right
        wraps = start > end
        this_year = civil(self.today)[0]
        years = (
            range(this_year, this_year - 9, -1)
            if self.past
            else range(this_year - 1, this_year + 9)
        )
        for year in years:
            begins, ends = existing(year, *start), existing(year + wraps, *end)
            if begins is None or ends is None:
                continue
            if begins <= self.today if self.past else ends >= self.today:
                return (*left, str(year)), (*right, str(year + wraps))
        return left, right

    def _joined(self, first: Span, last: Span, *, lasted: bool) -> Span:
        (lo, start_hi), (end_lo, hi) = first.bounds, last.bounds
        if lo > end_lo and first.floating and last.floating:
            # The nearest Friday may come after the nearest Tuesday: the range still runs forward.
            if self.past:
                lo, start_hi = lo - _WEEK, start_hi - _WEEK
            else:
                end_lo, hi = end_lo + _WEEK, hi + _WEEK
        if lo > end_lo or start_hi > hi:
            raise Unreadable("it ends before it begins")
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
            start_hi=start_hi if lasted else None,
            end_lo=end_lo if lasted else None,
        )

    def moment(self, words: Words) -> Span | None:
        """Gives the span of words that hold no relation and no range."""
        return (
            next((span for rule in self._rules() if (span := rule(words))), None) if words else None
        )

    def _prefixed(self, words: Words) -> Span | None:
        match words:
            case ("some", "time", *rest) | ("as", "of", *rest):
                return self.moment(tuple(rest))
            case ("in" | "over", *rest) if counted := amount(tuple(rest)):
                # "In three days" is a length of time, unless something is still to come.
                if self.past or words[0] == "over":
                    return None
                return ago(counted[1], counted[0], self.today, self.now, "future")
            case ("in" | "during" | "over", "the", "years" | "period", "of", *rest):
                return self._range(tuple(rest), _TO)
            case (first, *rest) if first in _LEADING:
                return self.moment(tuple(rest))
            case (*rest, which, "year") if rest and which in _RELATIVE and needs_year(words):
                year = civil(self.today)[0] + _RELATIVE[which]
                return self.moment((*(rest[:-1] if rest[-1] == "of" else rest), str(year)))
            case _:
                return None

    def _qualified(self, words: Words) -> Span | None:
        match words:
            case (first, *rest) if first in MAYBE:
                span = self.moment(tuple(rest))
                text = f"{span.edtf}?" if span and _plain(span) else None
                return span and attrs.evolve(span, uncertain=True, edtf=text, unit=None)
            case ("nearly" | "almost", *rest, "ago") if counted := amount(tuple(rest)):
                span = ago(counted[1], counted[0], self.today, self.now, "past", nearly=True)
                return span and about(span)
            case ("about", year) if is_year(year) and year.endswith("00"):
                raise Unreadable(f"{year} may be a year or a count; write 'the year {year}'")
            case ("on", "or", "about", *rest):
                span = self.moment(tuple(rest))
                return span and about(span)
            case (first, *rest) if first in ABOUT:
                span = self.moment(tuple(rest))
                return span and about(span)
            case _:
                return None

    def _rules(self) -> Iterator[Callable[[Words], Span | None]]:
        yield self._qualified
        yield self._prefixed
        yield self.named_day
        yield self.weekday
        yield self.counted
        yield self.unit
        yield self._earlier
        yield self._part_of_unit
        yield self.season
        yield self.long
        yield self.date
        yield self._near_night
        yield self._part
        yield self._clock

    def _earlier(self, words: Words) -> Span | None:
        if words[0] not in {"earlier", "later"}:
            return None
        which, rest = words[0], words[1:]
        if (
            rest[:2] == ("in", "the")
            and which == "earlier"
            and rest[2:] in {("week",), ("month",), ("year",)}
        ):
            rest = ("this", *rest[2:])
        span = self.moment(rest)
        if span is None or span.unit is None or span.approximate:
            # "Earlier this morning" is no sharper than the morning.
            return span if span and span.precision == "part" and rest[0] == "this" else None
        lo, hi = span.bounds
        if not lo // DAY <= self.today < hi // DAY:
            return span if span.unit == "day" else None
        if span.unit == "day":
            first, last = self.reference.shown
            lo, hi = (lo, min(last, hi)) if which == "earlier" else (max(first, lo), hi)
            precision: Precision = "part"
        else:
            today = self.today * DAY
            lo, hi = (lo, today) if which == "earlier" else (today + DAY, hi)
            precision = _FINER[span.unit]
        if lo >= hi:
            raise Unreadable(f"nothing of {' '.join(rest)} is {which} than the publication")
        return attrs.evolve(
            span, lo=lo, hi=hi, precision=precision, edtf=None, unit=None, floating=False
        )

    def _part_of_unit(self, words: Words) -> Span | None:
        words = words[1:] if words[0] == "the" else words
        match words:
            case (("early" | "mid" | "late" | "start" | "end") as which, *rest):
                unit = self._whole_unit(tuple(rest))
                span = unit and part_of(unit, which)
                relative = not _RELATIVE.keys().isdisjoint(rest)
                if span and unit and relative and unit.unit in _FINER and unit.unit != "day":
                    return attrs.evolve(span, precision=_FINER[unit.unit])
                return span
            case (nth, "half" | "quarter", *rest) if nth in _PARTITIVE and rest:
                unit = self._whole_unit(tuple(rest))
                return unit and part_of(unit, f"{_PARTITIVE[nth]} {words[1]}")
            case (nth, "week", "of" | "in", *rest) if nth == "last" or is_ordinal(nth):
                month = self._whole_unit(tuple(rest))
                of_month = 0 if nth == "last" else number(nth)
                if month and month.unit == "month" and of_month <= _MOST_WEEKS:
                    return nth_week(month, of_month)
                return None
            case ("1." | "last", "days", "of" | "in", *rest):
                unit = self._whole_unit(tuple(rest))
                return unit and part_of(unit, f"{_PARTITIVE[words[0]]} days")
            case _:
                return None

    def _whole_unit(self, words: Words) -> Span | None:
        if words and words[0] in {"of", "in", "on"}:
            words = words[1:]
        if words in {("the", "week"), ("the", "month"), ("the", "year")}:
            return calendar(words[1], self.today)
        span = self.moment(words)
        return span if span and span.unit else None

    def _near_night(self, words: Words) -> Span | None:
        match words:
            case ("tonight",):
                return on_day(calendar("day", self.today), TONIGHT)
            case ("last", "night"):
                return on_day(calendar("day", self.today - 1), TONIGHT)
            case ("late", "last", "night"):
                return on_day(calendar("day", self.today - 1), SHADED["late", "night"])
            case ("last", "evening"):
                return on_day(calendar("day", self.today - 1), PARTS["evening"])
            case ("overnight",):
                return on_day(calendar("day", self.today), OVERNIGHT)
            case _:
                return None

    def _part(self, words: Words) -> Span | None:
        words = words[1:] if words[0] == "the" else words
        at = next((at for at, word in enumerate(words) if word in _NAMED_PARTS), None)
        if at is None:
            return None
        name, before, after = words[at], words[:at], words[at + 1 :]
        shade = next((word for word in (*before[:1], *before[-1:]) if (word, name) in SHADED), None)
        if shade:
            before = before[1:] if before[0] == shade else before[:-1]
        hours = SHADED[shade, name] if shade else PARTS.get(name)
        if hours is None:
            return None
        while before and before[-1] in {"at", "in", "on", "the"}:
            before = before[:-1]
        if before and after:
            return None
        if not before and not after:
            raise Unreadable("it names a part of a day, but not the day")
        if before == ("this",) or after == ("of", "this", "morning"):
            before = ("today",)
        day = self.moment(before or after)
        return on_day(day, hours) if _is_one_day(day) else None

    def _night(self, words: Words) -> Span | None:
        """A night named by both of its days ("the night of 15-16 September")."""
        while words and words[0] in {"on", "in", "the", "during"}:
            words = words[1:]
        match words:
            case ("overnight", "into" | "to", *rest):
                morning = self.moment(tuple(rest))
                return on_day(morning, OVERNIGHT) if _is_one_day(morning) else None
            case ("overnight", *rest) if _TO.isdisjoint(rest) and rest:
                return self._either_night(self.moment(tuple(rest)))
            case (*rest, "overnight") if _TO.isdisjoint(rest) and rest:
                return self._either_night(self.moment(tuple(rest)))
            case ("night" | "overnight", "of" | "from" | "between", *rest):
                joints, hours = _TO | {"and"}, (18, 33 if words[0] == "overnight" else 30)
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
        return on_day(calendar("day", lo // DAY), hours)

    def _either_night(self, day: Span | None) -> Span | None:
        """Overnight on Thursday: the night before it or the one after."""
        return on_day(day, (OVERNIGHT[0], 24 + OVERNIGHT[1])) if _is_one_day(day) else None

    def _clock(self, words: Words) -> Span | None:
        at = next((at for at, word in enumerate(words) if is_clock(word)), None)
        if at is None:
            return None
        before, after = words[:at], words[at + 1 :]
        rough = False
        while before and before[-1] in {"at", *ABOUT}:
            rough |= before[-1] in ABOUT
            before = before[:-1]
        if before and after:
            return None
        span = self._at_clock(words[at], before or after)
        return about(span) if span and rough else span

    def _at_clock(self, clock: str, day_words: Words) -> Span | None:
        if clock[-1] == "h":
            time, length = int(clock[:-1]) * HOUR, HOUR
        else:
            hours, minutes = map(int, clock.split(":"))
            time, length = hours * HOUR + minutes * MINUTE, MINUTE
        if day_words:
            day = self.moment(day_words)
        else:
            day = attrs.evolve(calendar("day", self.today), floating=True)
        if day is None or not (day.unit == "day" or day.precision == "part") or day.approximate:
            return None
        lo, hi = day.bounds
        found = [
            at
            for midnight in range(lo // DAY * DAY, hi, DAY)
            if lo <= (at := midnight + time) and at + length <= hi
        ]
        if len(found) != 1:
            raise Unreadable("the time of the clock doesn't fit the part of the day")
        precision: Precision = "hour" if length == HOUR else "minute"
        return attrs.evolve(
            day, lo=found[0], hi=found[0] + length, precision=precision, edtf=None, unit=None
        )


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
    lo, hi = span.bounds
    longer = span.precision == "part" and hi - lo > 2 * DAY
    return attrs.evolve(span, precision="day") if longer else span


def _same_unit(day: int, span: Span) -> str | None:
    """The EDTF of the day, month or year, whichever the span is, that a day lies in."""
    return calendar(span.unit, day).edtf if span.unit in {"day", "month", "year"} else None


def _is_one_day(span: Span | None) -> TypeGuard[Span]:
    return span is not None and span.unit == "day"
