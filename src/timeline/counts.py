"""A Count is a number of people or things as far as the sources give it: low, best and high."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, Self

import attrs

from timeline.display import HtmlRepr
from timeline.errors import EventError, OrderError
from timeline.fast_decode import unchecked

__all__ = ["ABOUT", "MOST", "Breakdown", "Count"]

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


def _few(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    # Of what is read; a sum is made without it.
    if value is not None:
        _whole(attribute.name, value)


@attrs.frozen(init=False, eq=False, order=False, repr=False)
class Count(HtmlRepr, shows="told low best high approximate"):
    """How many, with ``low <= best <= high``; ``high`` is None where nobody set a ceiling.

    ``Count(12)`` is exactly twelve. ``Count(low=400)`` is "at least 400", and its best is the
    400 that is sure: the conservative reading of the UCDP codebook. ``Count(about=450)`` is
    approximate and reaches ``ABOUT`` per cent to either side. ``Count(low=3, best=5, high=9)`` is
    what data sets such as UCDP GED give. A missing count is ``Count(0)``.

    Counts add by interval arithmetic; the sum has a ceiling only if every part has one. An exact
    count equals the int that it is. Raises ``EventError`` for numbers below zero, that aren't
    whole, or out of order.
    """

    low: int = attrs.field(validator=_few)
    best: int = attrs.field(validator=_few)
    high: int | None = attrs.field(validator=_few)
    approximate: bool

    def __init__(
        self,
        best: int | None = None,
        *,
        low: int | None = None,
        high: int | None = None,
        about: int | None = None,
    ) -> None:
        given = {"best": best, "low": low, "high": high, "about": about}
        numbers = {name: _whole(name, value) for name, value in given.items() if value is not None}
        if not numbers:
            raise EventError("a Count needs a number: Count(12), Count(low=400), Count(about=450)")
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

    def _fill(self, low: int, best: int, high: int | None, *, approximate: bool) -> None:
        parts = {"low": low, "best": best, "high": high, "approximate": approximate}
        for name, value in parts.items():
            object.__setattr__(self, name, value)
        self.__attrs_post_init__()

    def __attrs_post_init__(self) -> None:
        # Here rather than in __init__, which is passed over where a Count is read from a log.
        if not 0 <= self.low <= self.best or (self.high is not None and self.high < self.best):
            raise EventError(
                f"a Count needs low <= best <= high, but got low={self.low}, best={self.best}, "
                f"high={self.high}; if the source has them so, keep them out and say why"
            )

    @classmethod
    def of(cls, value: Count | int) -> Count:
        """Gives a Count as it is and an int as an exact one; refuses the rest."""
        return value if isinstance(value, Count) else cls(_whole("best", value))

    @classmethod
    def of_parts(cls, *, low: int, best: int, high: int | None, approximate: bool) -> Self:
        """Gives a Count from its four parts, as they are stored; ``high`` None is no ceiling."""
        made = cls.__new__(cls)
        cls._fill(made, low, best, high, approximate=approximate)
        return made

    @property
    def _parts(self) -> tuple[int, int, int | None, bool]:
        return self.low, self.best, self.high, self.approximate

    @property
    def exact(self) -> bool:
        """Whether there is one number that it can be."""
        return self.low == self.high and not self.approximate

    def __add__(self, other: Count | int) -> Count:
        if isinstance(other, bool) or not isinstance(other, Count | int):
            return NotImplemented
        other = Count.of(other)
        return Count.of_parts(
            low=self.low + other.low,
            best=self.best + other.best,
            high=None if self.high is None or other.high is None else self.high + other.high,
            approximate=self.approximate or other.approximate,
        )

    __radd__ = __add__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Count):
            return (
                self.low == other.low
                and self.best == other.best
                and self.high == other.high
                and self.approximate == other.approximate
            )
        if isinstance(other, int) and not isinstance(other, bool):
            return self.exact and self.best == other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.best) if self.exact else hash(self._parts)

    def _unordered(self, other: object) -> NoReturn:
        raise OrderError(
            f"counts known only roughly have no order of their own ({self} and {other}); "
            "compare .low, .best or .high"
        )

    __lt__ = __le__ = __gt__ = __ge__ = _unordered

    def __bool__(self) -> bool:
        raise OrderError(
            f"the truth value of a count ({self}) is ambiguous; ask .low > 0, .best > 0 or .high"
        )

    def __str__(self) -> str:
        if self.exact:
            return str(self.best)
        about = "about " if self.approximate else ""
        if self.high is None:
            floor = "or more" if self.low == self.best else f"({self.low} or more)"
            return f"{about}{self.best} {floor}"
        return f"{about}{self.best} ({self.low} to {self.high})"

    def __repr__(self) -> str:
        if self.exact:
            return f"Count({self.best})"
        return f"Count(low={self.low}, best={self.best}, high={self.high}" + (
            ", approximate=True)" if self.approximate else ")"
        )


unchecked(Count)


class Breakdown(Mapping[str, Count]):
    """How many of whom, by name, out of a larger count: ``{"children": 2}``.

    A frozen, hashable mapping to Counts, ordered by name; equal to any mapping of equal parts.
    """

    __slots__ = ("_parts",)

    @classmethod
    def of(cls, value: Mapping[str, Count | int]) -> Breakdown:
        """Gives a Breakdown as it is and another mapping as one; refuses the rest."""
        return value if isinstance(value, Breakdown) else cls(value)

    def __init__(self, parts: Mapping[str, Count | int] | None = None) -> None:
        parts = {} if parts is None else parts
        if not isinstance(parts, Mapping):
            raise EventError(
                f"a breakdown is a mapping from names to counts such as {{'children': 2}}, "
                f"not {parts!r}"
            )
        for name in parts:
            if not isinstance(name, str) or not name.strip():
                raise EventError(f"a breakdown's parts have names such as 'children', not {name!r}")
        self._parts = {name: Count.of(parts[name]) for name in sorted(parts)}

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
