"""A Count is a number of people or things as sources report it: low, best, high, or unreported."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from typing import Any, Self

import attrs

from timeline.display import HtmlRepr
from timeline.errors import EventError, OrderError
from timeline.fast_decode import unchecked

__all__ = ["ABOUT", "MOST", "NO_FIGURES", "UNREPORTED", "Breakdown", "Count", "says_nothing"]

ABOUT = 10
"""How far "about n" reaches to either side, in per cent of n, rounded outward: a stated policy,
because no codebook gives one. "About 450" is 405 to 495."""

MOST = 10**30
"""The most that one source may count, so that no number is too long to be written. Sums may be
more."""


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise EventError(f"a Count's {name} is a whole number, not {value!r}")
    if value < 0:
        raise EventError(f"a Count's {name} can't be below zero, but it is {value!s:.30}")
    if value > MOST:
        raise EventError(f"a Count's {name} is at most 10**30, and this one isn't")
    return value


def _checked(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    # For counts that are read from bytes; a sum may be more than one source may count.
    if value is not None:
        _whole(attribute.name, value)


def _total(one: int | None, other: int | None) -> int | None:
    """The sum of two ceilings; without one of them there is none."""
    return None if one is None or other is None else one + other


def _least(minuend: int, subtrahend: int | None) -> int:
    """The lower bound of a difference, clipped at 0; without a ceiling it may be nothing."""
    return 0 if subtrahend is None else max(0, minuend - subtrahend)


def _most(minuend: int | None, subtrahend: int) -> int | None:
    return None if minuend is None else max(0, minuend - subtrahend)


@attrs.frozen(init=False, eq=False, order=False, repr=False)
class Count(HtmlRepr, shows="words low best high approximate"):
    """How many, with ``low <= best <= high``; ``high`` is None where nobody set a ceiling.

    ``Count(12)`` is exactly twelve. ``Count(low=400)`` is "at least 400", and its best is the
    400 that is sure: the conservative reading of the UCDP codebook. ``Count(about=450)`` is
    approximate and reaches ``ABOUT`` per cent to either side. ``Count(low=3, best=5, high=9)`` is
    what data sets such as UCDP GED give.

    ``Count()`` is *unreported*: nobody gives a figure. It has low 0, best 0 and no ceiling, and is
    neither 0 nor ``Count(0)``, which states that there was none.

    Counts add by interval arithmetic; the sum has a ceiling only if every part has one. Where an
    unreported figure goes in, low and best stay, the ceiling goes, ``missing`` counts it, and
    ``given`` is the sum of the reported figures alone. A difference is clipped at 0. Exact counts
    are ordered and true unless 0, and equal the int that they are; others have no order.

    Raises ``EventError`` for numbers below zero, that aren't whole, or out of order, and for a
    difference that is certainly negative.
    """

    low: int = attrs.field(validator=_checked)
    best: int = attrs.field(validator=_checked)
    high: int | None = attrs.field(validator=_checked)
    approximate: bool
    missing: int = attrs.field(default=0, validator=_checked)
    """How many unreported figures went in: 1 for ``Count()``, 0 for a figure that is given."""
    reported: bool = True
    """Whether any figure is given."""
    given_low: int | None = attrs.field(default=None, validator=_checked)
    given_high: int | None = attrs.field(default=None, validator=_checked)
    # The bounds of `given`, where figures are missing as well; None where none are.

    def __init__(
        self,
        best: int | None = None,
        *,
        low: int | None = None,
        high: int | None = None,
        about: int | None = None,
    ) -> None:
        arguments = {"best": best, "low": low, "high": high, "about": about}
        numbers = {
            name: _whole(name, value) for name, value in arguments.items() if value is not None
        }
        if not numbers:
            self._fill(0, 0, None, approximate=False, missing=1, reported=False)
            return
        if "about" in numbers:
            if len(numbers) > 1:
                raise EventError(
                    f"about={about} already sets low, best and high; give either about= or these"
                )
            middle = numbers["about"]
            spread = -(-middle * ABOUT // 100)
            self._fill(middle - spread, middle, middle + spread, approximate=True)
            return
        floor = numbers.get("low", numbers.get("best", 0))
        middle = numbers.get("best", floor)
        # A lone lower bound is open above; a best without a range is exact.
        lone = "best" in numbers and "low" not in numbers
        ceiling = numbers.get("high", middle if lone else None)
        self._fill(floor, middle, ceiling, approximate=False)

    def _fill(
        self,
        low: int,
        best: int,
        high: int | None,
        *,
        approximate: bool,
        missing: int = 0,
        reported: bool = True,
        given: tuple[int | None, int | None] = (None, None),
    ) -> None:
        put = object.__setattr__
        put(self, "low", low)
        put(self, "best", best)
        put(self, "high", high)
        put(self, "approximate", approximate)
        put(self, "missing", missing)
        put(self, "reported", reported)
        put(self, "given_low", given[0])
        put(self, "given_high", given[1])
        self.__attrs_post_init__()

    def __attrs_post_init__(self) -> None:
        # Here rather than in __init__, which is passed over where a Count is read from a log.
        if not 0 <= self.low <= self.best or (self.high is not None and self.high < self.best):
            raise EventError(
                f"a Count needs low <= best <= high, but got low={self.low}, best={self.best}, "
                f"high={self.high}; if the source has them so, keep them out and say why"
            )
        if self.reported and not self.missing:
            sound = self.given_low is None and self.given_high is None
        elif self.reported:
            sound = (
                self.given_low is not None
                and self.low <= self.given_low <= self.best
                and (self.given_high is None or self.best <= self.given_high)
            )
        else:
            unset = (0, None, False, None, None)
            sound = unset == (
                self.best,
                self.high,
                self.approximate,
                self.given_low,
                self.given_high,
            )
        if not sound or self.missing < 0:
            raise EventError(
                f"a Count can't have missing={self.missing}, reported={self.reported}, "
                f"given_low={self.given_low} and given_high={self.given_high} beside "
                f"low={self.low}, best={self.best}, high={self.high}; make it with Count() or +"
            )

    @classmethod
    def of(cls, value: Count | int | None) -> Count:
        """Return a Count as it is, an int as an exact one, None as unreported; refuse the rest."""
        if value is None:
            return UNREPORTED
        return value if isinstance(value, Count) else cls(_whole("best", value))

    @classmethod
    def of_parts(
        cls,
        *,
        low: int,
        best: int,
        high: int | None,
        approximate: bool,
        missing: int = 0,
        reported: bool = True,
        given: tuple[int | None, int | None] = (None, None),
    ) -> Self:
        """Return a Count from its parts, as they are stored; ``high`` None is no ceiling.

        ``given`` has the bounds of the reported figures, where ``missing`` others aren't.
        """
        count = cls.__new__(cls)
        cls._fill(
            count,
            low,
            best,
            high,
            approximate=approximate,
            missing=missing,
            reported=reported,
            given=given,
        )
        return count

    @classmethod
    def sum(cls, counts: Iterable[Count | int | None]) -> Count:
        """Return the sum; of none at all it is unreported with nothing missing, and adds nothing.

        Unlike ``sum()`` it takes None, and doesn't begin with a 0 that nobody stated.
        """
        total = NO_FIGURES
        for count in counts:
            total += cls.of(count)
        return total

    @classmethod
    def spanning(cls, counts: Iterable[Count]) -> Count:
        """Return the range that holds all of them, with the lowest best; silent ones are left out.

        This is how versions of one figure are read side by side, where nobody knows which counts.
        """
        figures = [count for count in counts if count.reported]
        if len(set(figures)) <= 1:
            return figures[0] if figures else UNREPORTED
        missing = max(count.missing for count in figures)
        bounds = _hull((count.low, count.high) for count in figures)
        return cls.of_parts(
            low=bounds[0],
            best=min(count.best for count in figures),
            high=bounds[1],
            approximate=any(count.approximate for count in figures),
            missing=missing,
            given=_hull(count.given_bounds for count in figures) if missing else (None, None),
        )

    @property
    def _parts(self) -> tuple[int, int, int | None, bool, int, bool, int | None, int | None]:
        return (
            self.low,
            self.best,
            self.high,
            self.approximate,
            self.missing,
            self.reported,
            self.given_low,
            self.given_high,
        )

    @property
    def exact(self) -> bool:
        """Whether there is one number that it can be."""
        return self.low == self.high and not self.approximate and not self.missing

    @property
    def given_bounds(self) -> tuple[int, int | None]:
        """The low and high of the reported figures alone."""
        if self.given_low is None:
            return self.low, self.high
        return self.given_low, self.given_high

    @property
    def given(self) -> Count:
        """The sum of the reported figures alone, with its ceiling; unreported where none is."""
        if not self.missing:
            return self
        if not self.reported:
            return NO_FIGURES
        low, high = self.given_bounds
        return Count.of_parts(low=low, best=self.best, high=high, approximate=self.approximate)

    def __add__(self, other: Count | int) -> Count:
        if not isinstance(other, Count):
            if isinstance(other, bool) or not isinstance(other, int):
                return NotImplemented
            other = Count.of(other)
        if not (self.reported and other.reported):
            if not self.missing and not self.reported:
                return other  # this one is a sum of nothing at all
            if not other.missing and not other.reported:
                return self
            if not self.reported and not other.reported:
                return _unreported(self.missing + other.missing)
        missing = self.missing + other.missing
        if not missing:
            return _exactly_given(self, other)
        bounds = [count.given_bounds for count in (self, other) if count.reported]
        given = sum(low for low, _ in bounds), reduce(_total, [high for _, high in bounds])
        return Count.of_parts(
            low=self.low + other.low,
            best=self.best + other.best,
            high=_total(self.high, other.high),
            approximate=self.approximate or other.approximate,
            missing=missing,
            given=given,
        )

    def __radd__(self, other: int) -> Count:
        # The 0 that sum() begins with is nobody's statement that there was none.
        return self if type(other) is int and other == 0 else self + other

    def __sub__(self, other: Count | int) -> Count:
        if isinstance(other, bool) or not isinstance(other, Count | int):
            return NotImplemented
        other = Count.of(other)
        missing = self.missing + other.missing
        if not self.reported:
            return _unreported(missing)
        if not other.reported and not other.missing:
            return self
        if self.high is not None and self.high < other.low:
            raise EventError(f"{self} less {other} is certainly below zero, which no Count can be")
        (low, high), (other_low, other_high) = self.given_bounds, other.given_bounds
        if not other.reported:
            other_high = 0  # of `given`, from which an unreported figure takes nothing
        return Count.of_parts(
            low=_least(self.low, other.high),
            best=max(0, self.best - other.best),
            high=_most(self.high, other.low),
            approximate=self.approximate or other.approximate,
            missing=missing,
            given=(_least(low, other_high), _most(high, other_low)) if missing else (None, None),
        )

    def __rsub__(self, other: int) -> Count:
        if isinstance(other, bool) or not isinstance(other, int):
            return NotImplemented
        return Count(other) - self

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Count):
            return (
                self.low == other.low
                and self.best == other.best
                and self.high == other.high
                and self.approximate == other.approximate
                and self.missing == other.missing
                and self.reported == other.reported
                and self.given_low == other.given_low
                and self.given_high == other.given_high
            )
        if isinstance(other, int) and not isinstance(other, bool):
            return self.exact and self.best == other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.best) if self.exact else hash(self._parts)

    def _ordered(self, other: Count | int, compare: Callable[[int, int], bool]) -> Any:
        if isinstance(other, bool) or not isinstance(other, Count | int):
            return NotImplemented
        other = Count.of(other)
        if self.exact and other.exact:
            return compare(self.best, other.best)
        raise OrderError(
            f"counts known only roughly have no order of their own ({self} and {other}); "
            "compare .low, .best or .high"
        )

    def __lt__(self, other: Count | int) -> Any:
        return self._ordered(other, operator.lt)

    def __le__(self, other: Count | int) -> Any:
        return self._ordered(other, operator.le)

    def __gt__(self, other: Count | int) -> Any:
        return self._ordered(other, operator.gt)

    def __ge__(self, other: Count | int) -> Any:
        return self._ordered(other, operator.ge)

    def __bool__(self) -> bool:
        if self.exact:
            return self.best > 0
        raise OrderError(
            f"the truth value of a count ({self}) is ambiguous unless it is exact; ask .reported, "
            ".low > 0, .best > 0 or .high"
        )

    @property
    def doubt(self) -> str:
        """What ``best`` leaves open, in words: "(3 to 9)", "or more"; empty for an exact count."""
        if self.exact:
            return ""
        if self.high is None:
            return "or more" if self.low == self.best else f"({self.low} or more)"
        return f"({self.low} to {self.high})"

    def __str__(self) -> str:
        missing = "1 figure missing" if self.missing == 1 else f"{self.missing} figures missing"
        if not self.reported:
            return "unreported" if self.missing <= 1 else f"unreported, {missing}"
        if self.missing:
            return f"{self.given}, {missing}"
        about = "about " if self.approximate else ""
        return f"{about}{self.best}" + (f" {self.doubt}" if self.doubt else "")

    def __repr__(self) -> str:
        if self.exact:
            return f"Count({self.best})"
        if not self.reported:
            return "Count()" if self.missing == 1 else f"Count(missing={self.missing})"
        missing = f", missing={self.missing}, given={self.given!r}" if self.missing else ""
        approximate = ", approximate=True" if self.approximate else ""
        return f"Count(low={self.low}, best={self.best}, high={self.high}{approximate}{missing})"


unchecked(Count)


def _unreported(missing: int) -> Count:
    return Count.of_parts(
        low=0, best=0, high=None, approximate=False, missing=missing, reported=False
    )


def _hull(bounds: Iterable[tuple[int, int | None]]) -> tuple[int, int | None]:
    lows, highs = zip(*bounds, strict=True)
    return min(lows), None if None in highs else max(highs)


UNREPORTED = Count()
"""No figure is given: what a count is unless somebody reports one."""

NO_FIGURES = _unreported(0)
"""The sum of nothing, which changes nothing that it is added to."""


_SLOTS = [vars(Count)[field.name].__set__ for field in attrs.fields(Count)]
_new = object.__new__


def _exactly_given(one: Count, other: Count) -> Count:
    """The sum of two counts of which no figure is missing, at a fifth of the cost of checking it.

    What adds up parts that are in order is in order.
    """
    count = _new(Count)
    low, best, high, approximate, missing, reported, given_low, given_high = _SLOTS
    low(count, one.low + other.low)
    best(count, one.best + other.best)
    high(count, _total(one.high, other.high))
    approximate(count, one.approximate or other.approximate)
    missing(count, 0)
    reported(count, True)  # noqa: FBT003 - a slot's value
    given_low(count, None)
    given_high(count, None)
    return count


class Breakdown(Mapping[str, Count]):
    """How many of whom, by name, out of a larger count: ``{"children": 2}``.

    A frozen, hashable mapping to Counts, ordered by name; equal to any mapping of equal parts. A
    name that isn't in it is unreported, so an unreported part is left out.
    """

    __slots__ = ("_parts",)

    @classmethod
    def of(cls, value: Mapping[str, Count | int | None] | None) -> Breakdown:
        """Return a Breakdown as it is, another mapping or None as one; refuse the rest."""
        return value if isinstance(value, Breakdown) else cls(value)

    def __init__(self, parts: Mapping[str, Count | int | None] | None = None) -> None:
        parts = {} if parts is None else parts
        if not isinstance(parts, Mapping):
            raise EventError(
                f"a breakdown is a mapping from names to counts such as {{'children': 2}}, "
                f"not {parts!r}"
            )
        for name in parts:
            if not isinstance(name, str) or not name.strip():
                raise EventError(f"a breakdown's parts have names such as 'children', not {name!r}")
        counts = {name: Count.of(parts[name]) for name in sorted(parts)}
        self._parts = {name: count for name, count in counts.items() if count.reported}

    def __getitem__(self, name: str) -> Count:
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __hash__(self) -> int:
        return hash(tuple(self._parts.items()))

    def __repr__(self) -> str:
        return f"Breakdown({self._parts!r})"


def says_nothing(value: object) -> bool:
    """Whether a field with this value is silent: None, no members, or an unreported count."""
    return value is None or value == () or (isinstance(value, Count) and not value.reported)
