"""Finds the days, weeks, months, seasons and years that phrases name, against a publication."""

from __future__ import annotations

import attrs

from timeline.calendar_math import (
    DAY,
    civil,
    days,
    month_length,
    months_on,
)
from timeline.phrases.rules import (
    SOON,
    Direction,
    Span,
    Unreadable,
    ago,
    calendar,
    century,
    decade,
    recent,
    season,
    stretch,
)
from timeline.phrases.words import (
    MONTHS,
    SEASONS,
    UNITS,
    WEEKDAYS,
    Words,
    amount,
    is_date,
    is_day,
    is_ordinal,
    is_year,
    number,
)

__all__ = ["Days", "Reference", "existing"]

_RELATIVE = {"this": 0, "current": 0, "last": -1, "next": 1}
_AFTERWARDS = "it lies after the publication; ask with direction='future' if that is meant"
_LAST_CENTURY = 22
_FIRST_YEAR = 1500  # of bare numbers: lower ones are counts more often than years


@attrs.frozen(kw_only=True)
class Reference:
    """The publication as the words count from it: its local day, and when on it.

    ``now`` are the first and the last instant at which it may have been, ``shown`` what the
    clocks of the zone showed then. ``why`` is the reason why there is no day, if there is none,
    ``vague`` the reason why ``now`` is None.
    """

    today: int = 0
    now: tuple[int, int] | None = None
    shown: tuple[int, int] = (0, 0)
    why: str | None = None
    vague: str = ""


@attrs.frozen
class Days:
    """Names of days and longer units, read against one day of publication.

    Every rule takes words and gives None where they aren't its own.
    """

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
        if self.reference.now is None:
            raise Unreadable(self.reference.why or self.reference.vague)
        return self.reference.now

    @property
    def past(self) -> bool:
        """Whether unmarked times lie before the publication."""
        return self.direction == "past"

    def named_day(self, words: Words) -> Span | None:
        """Today and its neighbours."""
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
            case _:
                return None

    def weekday(self, words: Words) -> Span | None:
        """A weekday or a weekend, bare or with a word such as "last"."""
        match words:
            case (name, ("this" | "last" | "next") as which, "week") if name in WEEKDAYS:
                monday = calendar("week", self.today + 7 * _RELATIVE[which]).bounds[0] // DAY
                return calendar("day", monday + WEEKDAYS[name])
            case (name, "of", *rest) if name in WEEKDAYS and rest[1:] == ["week"]:
                return self.weekday((name, *rest))
            case (*which, name) if name in WEEKDAYS:
                after = (WEEKDAYS[name] - self.today - 3) % 7  # 1970-01-01 was a Thursday
                return self._nearest(tuple(which), name, self.today + after)
            case (*which, "weekend"):
                return self._weekend(tuple(which))
            case _:
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
                return calendar("day", recent)
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
        first, last = calendar("day", saturday), calendar("day", saturday + 1)
        return Span(
            lo=first.lo, hi=last.hi, precision="day", edtf=f"[{first.edtf}..{last.edtf}]"
        )  # fmt: skip

    def counted(self, words: Words) -> Span | None:
        """Counts back or on from the publication, and stretches that end or begin with it."""
        match words:
            case (*rest, "ago"):
                counted, past = amount(tuple(rest)), True
            case (*rest, "from", "now" | "today") | (*rest, "time"):
                counted, past = amount(tuple(rest)), False
            case ("recent", unit) if unit in UNITS:
                return recent(UNITS[unit], self.today, "past")
            case ("the", "coming", unit) | ("coming", unit) if unit in UNITS and unit[-1] == "s":
                return recent(UNITS[unit], self.today, "future")
            case _:
                return self._stretched(words)
        if counted is None:
            return None
        return ago(counted[1], counted[0], self.today, self.now, "past" if past else "future")

    def _stretched(self, words: Words) -> Span | None:
        the, rest = words[0] == "the", words[1:] if words[0] == "the" else words
        if len(rest) < 2 or rest[0] not in {"past", "last", "next", "coming"}:  # noqa: PLR2004
            return None
        # "Last week" is a week of the calendar, "the last week" the seven days up to now.
        if len(rest) == 2 and rest[0] in {"last", "next"}:  # noqa: PLR2004
            if rest[0] == "next" or (not the and UNITS.get(rest[1]) not in {"day", "hour"}):
                return None
        counted = amount(rest[1:]) or amount(("a", *rest[1:]))
        if counted is None:
            return None
        direction: Direction = "past" if rest[0] in {"past", "last"} else "future"
        return stretch(counted[1], counted[0], self.today, self.now, direction)

    def unit(self, words: Words) -> Span | None:
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
            case _:
                return None

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

    def season(self, words: Words) -> Span | None:
        """A season of a year, or the nearest one."""
        words = words[1:] if words[0] == "the" else words
        names = [word for word in words if word in SEASONS]
        if len(names) != 1:
            return None
        name = names[0]
        match tuple(word for word in words if word not in {name, "of"}):
            case (year,) if is_year(year):
                if name == "winter":
                    raise Unreadable(
                        f"the winter of {year} may begin or end in it; write both years"
                    )
                return season(name, int(year))
            case (year, "-", other) if is_year(year) and other.isdigit() and name == "winter":
                follows = int(other) == (int(year) + 1) % 10 ** len(other)
                return season(name, int(year)) if follows else None
            case (("this" | "last" | "next") as which,):
                return self._relative_season(name, which)
            case ():
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

    def long(self, words: Words) -> Span | None:
        """A decade, a century, or a year that is called one."""
        words = words[1:] if words[0] == "the" else words
        match words:
            case (name,) if name[-2:] == "0s":
                return decade(int(name[:-1]))
            case (nth, "century") if is_ordinal(nth) and int(nth[:-1]) <= _LAST_CENTURY:
                return century(int(nth[:-1]))
            case ("year", year) if is_year(year):
                return calendar("year", days(int(year)))
            case _:
                return None

    def date(self, words: Words) -> Span | None:
        """Dates, months and years, with a weekday that has to agree."""
        rest = tuple(word for word in words if word not in {"the", "of"})
        named = [word for word in rest if word in WEEKDAYS]
        if len(named) > 1 or (named and named[0] not in {rest[0], rest[-1]}):
            return None
        rest = tuple(word for word in rest if word not in WEEKDAYS)
        if rest[1:2] and rest[1] in MONTHS:
            rest = (rest[1], rest[0], *rest[2:])
        weekday = WEEKDAYS[named[0]] if named else None
        match rest:
            case (date,) if is_date(date):
                return self._on_weekday(days(*map(int, date.split("-"))), weekday)
            case (nth,) if is_ordinal(nth) and (words[0] in WEEKDAYS or words == ("the", nth)):
                return self._without_month(number(nth), weekday)
            case (month, day) if month in MONTHS and is_day(day):
                return self._without_year(month, number(day), weekday)
            case (month, day, year) if month in MONTHS and is_day(day) and is_year(year):
                at = existing(int(year), MONTHS[month], number(day))
                if at is None:
                    raise Unreadable(f"there is no {number(day)} {month.title()} in {year}")
                return self._on_weekday(at, weekday)
            case _:
                return None if named else self._month_or_year(rest)

    def _month_or_year(self, words: Words) -> Span | None:
        match words:
            case (year,) if is_year(year) and int(year) > _FIRST_YEAR:
                return calendar("year", days(int(year)))
            case (name,) if name in MONTHS:
                this_year, this_month, _ = civil(self.today)
                month = MONTHS[name]
                on = -(month > this_month) if self.past else int(month < this_month)
                return attrs.evolve(calendar("month", days(this_year + on, month)), floating=True)
            case (name, of_year) if name in MONTHS and is_year(of_year):
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
            if (at := existing(y, MONTHS[month], day)) is not None
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
            at = existing(*months_on(year, month, step * turn), number)
            if at is not None and (at <= self.today if self.past else at >= self.today):
                return self._on_weekday(at, weekday)
        raise Unreadable(f"there is no day {number} near the publication")


def existing(year: int, month: int, day: int) -> int | None:
    """Gives the days from 1970-01-01 to a date, None if there is no such date."""
    return days(year, month, day) if 1 <= day <= month_length(year, month) else None
