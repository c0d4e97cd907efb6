"""The grammar of English time phrases: which words, in which order, give which span of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeGuard

import attrs

from timeline.civil import DAY, HOUR, MINUTE, civil, days, month_length, months_on
from timeline.edtf import coarser
from timeline.phrases.rules import (
    AMOUNTS,
    OVERNIGHT,
    PARTS,
    SEASON_ENDED,
    SHADED,
    SOON,
    TONIGHT,
    Direction,
    Span,
    about,
    ago,
    calendar,
    century,
    decade,
    nth_week,
    on_day,
    part_of,
    recent,
    season,
    stretch,
)
from timeline.phrases.words import (
    ABOUT,
    MAYBE,
    MONTHS,
    SEASONS,
    UNITS,
    WEEKDAYS,
    Unreadable,
    Words,
    is_clock,
    is_date,
    is_ordinal,
    is_year,
)

from timeline.times import Precision

__all__ = ["Reader", "Reference"]

_LEADING = {"at", "during", "in", "of", "on", "over", "sometime", "throughout"}
_TO = {"-", "through", "to", "until"}
_RELATIVE = {"this": 0, "current": 0, "last": -1, "next": 1}
_PARTITIVE = {"1.": "first", "2.": "second", "3.": "third", "4.": "fourth", "last": "last"}
_SHARP = {"day", "decade", "hour", "minute", "month", "quarter", "week", "year"}


@attrs.frozen(kw_only=True)
class Reference:
    """The publication as the words count from it: its local day, and when on it.

    ``now`` are the first and the last instant at which it may have been, ``shown`` what the
    clocks of the zone showed then; ``why`` is the reason why there is no day, if there is none.
    """

    today: int = 0
    now: tuple[int, int] = (0, 0)
    shown: tuple[int, int] = (0, 0)
    why: str | None = None


@attrs.frozen
class Reader:
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
    def now(self) -> tuple[int, int]:
        """The instants of publication."""
        return self.reference.now if self.today is not None else (0, 0)

    @property
    def past(self) -> bool:
        """Whether unmarked times lie before the publication."""
        return self.direction == "past"

    # Relations and ranges

    def whole(self, words: Words) -> Span | None:
        """Gives the span of a whole phrase."""
        return self._related(words) or self._night(words) or self._range(words, _TO) or (
            self._range(words, {"or"}) or self.moment(words)
        )

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
                counted = _amount(tuple(rest))
                return counted and stretch(counted[1], counted[0], self.today, self.now, "future")
            case ("for", "the", "past" | "last", *_):
                span = self.moment(words[1:])
                return span and attrs.evolve(span, shape="lasted")
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
        lo, hi = span.bounds
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
                left, right = self._dated(*_carried(words[:at], words[at + 1 :]))
                first, last = self.moment(left), self.moment(right)
                if first and last and not (first.elapsed or last.elapsed):
                    return self._joined(first, last, lasted=lasted or joint in _TO - {"-"})
        return None

    def _dated(self, left: Words, right: Words) -> tuple[Words, Words]:
        """Two ends that have a month each and no year, in the years that the direction picks."""
        start, end = _day_of_year(left), _day_of_year(right)
        if not start or not end or _has_year(left) or _has_year(right):
            return left, right
        wraps = start > end
        this_year = civil(self.today)[0]
        years = range(this_year, this_year - 9, -1) if self.past else range(this_year - 1, this_year + 9)
        for year in years:
            begins, ends = _existing(year, *start), _existing(year + wraps, *end)
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

    # Moments

    def moment(self, words: Words) -> Span | None:
        """Gives the span of words that hold no relation and no range."""
        match words:
            case ():
                return None
            case ("on", "or", "about" | "around", *rest):
                return self._about(tuple(rest))
            case ("some", "time", *rest) | ("as", "of", *rest):
                return self.moment(tuple(rest))
            case ("in" | "over", *rest) if _amount(tuple(rest)):
                counted = _amount(tuple(rest))
                if self.past or words[0] == "over" or counted is None:
                    return None
                return ago(counted[1], counted[0], self.today, self.now, "future")
            case ("in" | "during" | "over", "the", "year" | "years" | "period", *rest) if rest:
                return self.moment(("the", "year", *rest)) if len(rest) == 1 else self.whole(
                    tuple(rest[1:] if rest[0] == "of" else rest)
                )
            case (first, *rest) if first in MAYBE:
                span = self.moment(tuple(rest))
                text = f"{span.edtf}?" if span and _plain(span) else None
                return span and attrs.evolve(span, uncertain=True, edtf=text, unit=None)
            case (first, *rest) if first in ABOUT:
                return self._about(tuple(rest))
            case (first, *rest) if first in _LEADING:
                return self.moment(tuple(rest))
            case (*rest, which, "year") if which in _RELATIVE and _needs_year(words):
                year = civil(self.today)[0] + _RELATIVE[which]
                kept = rest[:-1] if rest[-1] == "of" else rest
                return self.moment((*kept, str(year)))
        for rule in self._rules():
            span = rule(words)
            if span:
                return span
        return None

    def _rules(self) -> Iterator[Callable[[Words], Span | None]]:
        yield self._named_day
        yield self._weekday
        yield self._counted
        yield self._unit
        yield self._earlier
        yield self._part_of_unit
        yield self._season
        yield self._long
        yield self._date
        yield self._part
        yield self._clock

    def _about(self, words: Words) -> Span | None:
        if len(words) == 1 and is_year(words[0]) and words[0].endswith("00"):
            raise Unreadable(f"{words[0]} may be a year or a count; write 'the year {words[0]}'")
        span = self.moment(words)
        return span and about(span)

    def _named_day(self, words: Words) -> Span | None:
        match words:
            case ("today",):
                return calendar("day", self.today)
            case ("yesterday",):
                return calendar("day", self.today - 1)
            case ("tomorrow",):
                return calendar("day", self.today + 1)
            case ("the", "day", "before", "yesterday") | ("day", "before", "yesterday"):
                return calendar("day", self.today - 2)
            case ("the", "day", "after", "tomorrow") | ("day", "after", "tomorrow"):
                return calendar("day", self.today + 2)
        return None

    def _weekday(self, words: Words) -> Span | None:
        match words:
            case (name, ("this" | "last" | "next") as which, "week") if name in WEEKDAYS:
                monday = calendar("week", self.today + 7 * _RELATIVE[which]).bounds[0] // DAY
                return calendar("day", monday + WEEKDAYS[name])
            case (name, "of", *rest) if name in WEEKDAYS and rest[1:] == ["week"]:
                return self._weekday((name, *rest))
            case (*which, name) if name in WEEKDAYS:
                after = (WEEKDAYS[name] - self.today - 3) % 7  # 1970-01-01 was a Thursday
                return self._nearest(tuple(which), name, self.today + after)
            case (*which, "weekend"):
                return self._weekend(tuple(which))
        return None

    def _nearest(self, which: Words, name: str, coming: int) -> Span | None:
        """One weekday, of which ``coming`` is the first that isn't before today."""
        today = self.today
        sunday = calendar("week", today).bounds[1] // DAY - 1
        recent = coming if coming == today else coming - 7
        match which:
            case ():
                day = calendar("day", recent if self.past else coming)
                return attrs.evolve(day, floating=True)
            case ("last",) | ("past",) | ("this", "past"):
                return calendar("day", coming - 7)
            case ("coming",) | ("this", "coming"):
                return calendar("day", coming + 7 * (coming == today))
            case ("next",):
                if today < coming <= sunday:
                    raise Unreadable(f"next {name} may be that of this week or of the next one")
                return calendar("day", coming + 7 * (coming == today))
            case ("this",):
                if coming <= sunday:
                    if self.past and coming > today:
                        raise Unreadable(_AFTERWARDS)
                    return calendar("day", coming)
                if not self.past:
                    raise Unreadable(f"this {name} may be the past one or the coming one")
                return calendar("day", recent)
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
        first, last = calendar("day", saturday), calendar("day", saturday + 1)
        return Span(
            lo=first.lo, hi=last.hi, precision="day", edtf=f"[{first.edtf}..{last.edtf}]"
        )  # fmt: skip

    def _counted(self, words: Words) -> Span | None:
        match words:
            case (*rest, "ago"):
                counted, direction = _amount(tuple(rest)), "past"
            case (*rest, "from", "now" | "today") | (*rest, "time"):
                counted, direction = _amount(tuple(rest)), "future"
            case ("recent", unit) if unit in UNITS:
                return recent(UNITS[unit], self.today, "past")
            case ("the", "coming", unit) | ("coming", unit) if unit in UNITS and unit[-1] == "s":
                return recent(UNITS[unit], self.today, "future")
            case _:
                return self._stretched(words)
        if counted is None:
            return None
        return ago(counted[1], counted[0], self.today, self.now, direction)

    def _stretched(self, words: Words) -> Span | None:
        the, rest = words[0] == "the", words[1:] if words[0] == "the" else words
        if len(rest) < 2 or rest[0] not in {"past", "last", "next", "coming"}:  # noqa: PLR2004
            return None
        # "Last week" is a week of the calendar, "the last week" the seven days up to now.
        if len(rest) == 2 and rest[0] in {"last", "next"}:  # noqa: PLR2004
            if rest[0] == "next" or not the and UNITS.get(rest[1]) not in {"day", "hour"}:
                return None
        counted = _amount(rest[1:]) or _amount(("a", *rest[1:]))
        if counted is None:
            return None
        direction: Direction = "past" if rest[0] in {"past", "last"} else "future"
        return stretch(counted[1], counted[0], self.today, self.now, direction)

    def _unit(self, words: Words) -> Span | None:
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
        return None

    def _relative_month(self, which: str, month: int) -> Span | None:
        year, this_month, _ = civil(self.today)
        if which == "last":
            return calendar("month", days(year - (month >= this_month), month))
        if which == "next":
            return calendar("month", days(year + (month <= this_month), month))
        return calendar("month", days(year, month))

    def _earlier(self, words: Words) -> Span | None:
        if words[0] not in {"earlier", "later"}:
            return None
        which, rest = words[0], words[1:]
        if rest[:2] == ("in", "the") and which == "earlier" and rest[2:] in {("week",), ("month",), ("year",)}:
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
            precision = "part"
        else:
            today = self.today * DAY
            lo, hi = (lo, today) if which == "earlier" else (today + DAY, hi)
            precision = _FINER[span.unit]
        if lo >= hi:
            raise Unreadable(f"nothing of {' '.join(rest)} is {which} than the publication")
        return attrs.evolve(span, lo=lo, hi=hi, precision=precision, edtf=None, unit=None, floating=False)

    def _part_of_unit(self, words: Words) -> Span | None:
        words = words[1:] if words[0] == "the" else words
        match words:
            case (("early" | "mid" | "late" | "start" | "end") as which, *rest):
                unit = self._whole_unit(tuple(rest))
                span = unit and part_of(unit, which)
                relative = not _RELATIVE.keys().isdisjoint(rest)
                if span and unit and relative and unit.unit in _FINER and unit.unit != "day":
                    return attrs.evolve(span, precision=_FINER[unit.unit])
                if span and unit and "since" == which:
                    return span
                return span
            case (nth, "half" | "quarter", *rest) if nth in _PARTITIVE and rest:
                unit = self._whole_unit(tuple(rest))
                return unit and part_of(unit, f"{_PARTITIVE[nth]} {words[1]}")
            case (nth, "week", "of" | "in", *rest) if nth == "last" or is_ordinal(nth):
                unit = self._whole_unit(tuple(rest))
                number = 0 if nth == "last" else int(nth[:-1])
                return nth_week(unit, number) if unit and unit.unit == "month" and number < 6 else None
            case ("1." | "last", "days", "of" | "in", *rest):
                unit = self._whole_unit(tuple(rest))
                return unit and part_of(unit, f"{_PARTITIVE[words[0]]} days")
        return None

    def _whole_unit(self, words: Words) -> Span | None:
        if words and words[0] in {"of", "in", "on"}:
            words = words[1:]
        if words in {("the", "week"), ("the", "month"), ("the", "year")}:
            return calendar(words[1], self.today)
        span = self.moment(words)
        return span if span and span.unit else None

    def _season(self, words: Words) -> Span | None:
        words = words[1:] if words[0] == "the" else words
        names = [word for word in words if word in SEASONS]
        if len(names) != 1:
            return None
        name = names[0]
        match tuple(word for word in words if word not in {name, "of"}):
            case (year,) if is_year(year):
                if name == "winter":
                    raise Unreadable(f"the winter of {year} may begin or end in it; write both years")
                return season(name, int(year))
            case (year, "-", other) if is_year(year) and name == "winter":
                follows = int(other) == (int(year) + 1) % 10 ** len(other)
                return season(name, int(year)) if follows else None
            case (("this" | "last" | "next") as which,):
                return self._relative_season(name, which)
            case ():
                return self._relative_season(name, "")
        return None

    def _relative_season(self, name: str, which: str) -> Span:
        year = civil(self.today)[0]
        turns = [season(name, at) for at in (year - 2, year - 1, year, year + 1)]
        begun = [turn for turn in turns if turn.bounds[0] // DAY <= self.today]
        latest, coming = begun[-1], turns[len(begun)]
        goes_on = latest.bounds[1] // DAY > self.today
        if which == "next" or not which and not self.past and not goes_on:
            return coming
        if which == "last":
            if latest.bounds[1] // DAY > self.today - SEASON_ENDED:
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
        words = words[1:] if words[0] == "the" else words
        match words:
            case (name,) if name[-2:] == "0s":
                return decade(int(name[:-1]))
            case (nth, "century") if is_ordinal(nth) and int(nth[:-1]) <= 22:
                return century(int(nth[:-1]))
            case ("year", year) if is_year(year):
                return calendar("year", days(int(year)))
        return None

    # Dates, parts of days and clocks

    def _date(self, words: Words) -> Span | None:
        rest = tuple(word for word in words if word not in {"the", "of"})
        named = [word for word in rest if word in WEEKDAYS]
        if len(named) > 1 or named and named[0] not in {rest[0], rest[-1]}:
            return None
        weekday = WEEKDAYS[named[0]] if named else None
        rest = tuple(word for word in rest if word not in WEEKDAYS)
        if rest[1:2] and rest[1] in MONTHS:
            rest = (rest[1], rest[0], *rest[2:])
        match rest:
            case (date,) if is_date(date):
                return self._on_weekday(days(*map(int, date.split("-"))), weekday)
            case (year,) if is_year(year) and not named:
                return calendar("year", days(int(year))) if "1500" < year else None
            case (nth,) if is_ordinal(nth) and (named or words[0] == "the"):
                return self._this_month(int(nth[:-1]), weekday)
            case (number,) if named and number.isdigit():
                return self._this_month(int(number), weekday)
            case (month,) if month in MONTHS and not named:
                year, this_month, _ = civil(self.today)
                at = MONTHS[month]
                year += -(at > this_month) if self.past else at < this_month
                return attrs.evolve(calendar("month", days(year, at)), floating=True)
            case (month, year) if month in MONTHS and is_year(year) and not named:
                return calendar("month", days(int(year), MONTHS[month]))
            case (month, day) if month in MONTHS and _is_day(day):
                return self._without_year(MONTHS[month], _number(day), weekday)
            case (month, day, year) if month in MONTHS and _is_day(day) and is_year(year):
                at = _existing(int(year), MONTHS[month], _number(day))
                if at is None:
                    raise Unreadable(f"there is no {day.strip('.')} {month} {year}")
                return self._on_weekday(at, weekday)
        return None

    def _on_weekday(self, day: int, weekday: int | None) -> Span:
        if weekday is not None and (day + 3) % 7 != weekday:
            span = calendar("day", day)
            right = next(name for name, at in WEEKDAYS.items() if at == (day + 3) % 7)
            raise Unreadable(f"the weekday contradicts the date: {span.edtf} was a {right}")
        return calendar("day", day)

    def _without_year(self, month: int, day: int, weekday: int | None) -> Span:
        year = civil(self.today)[0]
        days_ = [at for y in range(year - 9, year + 10) if (at := _existing(y, month, day)) is not None]
        if not days_:
            raise Unreadable(f"there is no day {day} in month {month}")
        before = [at for at in days_ if at <= self.today][-1]
        after = next(at for at in days_ if at >= self.today)
        chosen, other = (before, after) if self.past else (after, before)
        if chosen != other and abs(other - self.today) <= SOON:
            side = "after" if self.past else "before"
            raise Unreadable(
                f"{calendar('day', other).edtf} lies shortly {side} the publication; name the year, "
                f"or ask with direction={'future' if self.past else 'past'!r}"
            )
        return self._on_weekday(chosen, weekday)

    def _this_month(self, number: int, weekday: int | None) -> Span | None:
        """A day without its month: the nearest one in the direction asked."""
        year, month, _ = civil(self.today)
        step = -1 if self.past else 1
        for turn in range(3):
            at = _existing(*months_on(year, month, step * turn), number)
            if at is not None and (at <= self.today if self.past else at >= self.today):
                return self._on_weekday(at, weekday)
        raise Unreadable(f"there is no day {number} near the publication")

    def _part(self, words: Words) -> Span | None:
        words = words[1:] if words[0] == "the" and len(words) > 1 else words
        match words:
            case ("tonight",):
                return on_day(calendar("day", self.today), TONIGHT)
            case ("last", "night"):
                return on_day(calendar("day", self.today - 1), TONIGHT)
            case ("last", "evening"):
                return on_day(calendar("day", self.today - 1), PARTS["evening"])
            case ("overnight",):
                return on_day(calendar("day", self.today), OVERNIGHT)
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
        if before == ("this",) or after in {("today",), ("this", "morning")}:
            return on_day(calendar("day", self.today), hours)
        if not before and not after:
            raise Unreadable(f"it doesn't say on which day the {name} was")
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
            time, length, precision = int(clock[:-1]) * HOUR, HOUR, "hour"
        else:
            hours, minutes = map(int, clock.split(":"))
            time, length, precision = hours * HOUR + minutes * MINUTE, MINUTE, "minute"
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
        return attrs.evolve(
            day, lo=found[0], hi=found[0] + length, precision=precision, edtf=None, unit=None
        )


_WEEK = 7 * DAY
_AFTERWARDS = "it lies after the publication; ask with direction='future' if that is meant"
_MOST_COUNTED = 1_000
_FINER: dict[str, Precision] = {"week": "day", "month": "day", "year": "month", "season": "month"}
_NAMED_PARTS = {*PARTS, "hours"}


def _amount(words: Words) -> tuple[tuple[int, int], str] | None:
    """The least and the most that "three days" and the like may be, and the unit."""
    match words:
        case ("half", "a", "hour"):
            return (30, 30), "minute"
        case (number, unit) if unit in UNITS:
            if number == "a":
                return (1, 1), UNITS[unit]
            if number in AMOUNTS:
                return AMOUNTS[number], UNITS[unit]
            if number.isdigit() and 0 < int(number) < _MOST_COUNTED:
                return (int(number), int(number)), UNITS[unit]
    return None


def _plain(span: Span) -> bool:
    """Whether it is one date of EDTF, which may stand in a range or a set."""
    return bool(span.edtf) and span.edtf[0] not in "[." and span.edtf[-1].isalnum()


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


def _is_day(word: str) -> bool:
    return len(word) <= 3 and word.strip(".").isdigit()


def _number(word: str) -> int:
    return int(word.strip("."))


def _existing(year: int, month: int, day: int) -> int | None:
    return days(year, month, day) if 1 <= day <= month_length(year, month) else None


def _has_year(words: Words) -> bool:
    return any(is_year(word) or is_date(word) for word in words)


def _needs_year(words: Words) -> bool:
    return any(word in MONTHS or word in SEASONS or word in {"half", "quarter"} for word in words)


def _day_of_year(words: Words) -> tuple[int, int] | None:
    """The month and day that words name without their year; the first day for a month alone."""
    months = [at for at, word in enumerate(words) if word in MONTHS]
    if len(months) != 1:
        return None
    numbers = [_number(word) for word in words if _is_day(word)]
    return MONTHS[words[months[0]]], numbers[0] if len(numbers) == 1 else 1


def _carried(left: Words, right: Words) -> tuple[Words, Words]:
    """Both ends of a range, each with the month, year, day or half of the day said only once."""
    last = left[-1]
    if is_clock(right[0]) and _is_day(last):
        # "5 and 6 pm": the first hour lies in the same half of the day.
        hour = int(last) + (12 if _clock_hour(right[0]) >= 12 and int(last) < 12 else 0)
        left = (*left[:-1], f"{hour}h")
    if is_clock(left[-1]) and is_clock(right[0]):
        if len(left) == 1:
            return (*left, *right[1:]), right
        return left, (*left[:-1], *right) if len(right) == 1 else right
    if is_year(last) and len(left) == 1 and len(right) == 1 and len(right[0]) == 2:
        return left, (last[:2] + right[0],)
    here, there = (
        next((word for word in words if word in MONTHS), None) for words in (left, right)
    )
    if there and not here and _is_day(last):
        left = (*left, there)
    elif here and not there and _is_day(last) and _is_day(right[0]):
        right = (here, *right)
    starts, ends = _day_of_year(left), _day_of_year(right)
    if starts and ends and _has_year(right) and not _has_year(left) and is_year(right[-1]):
        left = (*left, str(int(right[-1]) - (starts > ends)))
    elif starts and ends and is_year(left[-1]) and not _has_year(right):
        right = (*right, str(int(left[-1]) + (starts > ends)))
    return left, right


def _clock_hour(clock: str) -> int:
    return int(clock[:-1]) if clock[-1] == "h" else int(clock[:2])
