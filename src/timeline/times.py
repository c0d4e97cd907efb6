"""A When is a time known only roughly: bounds, how precise, and the words it was written in."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, NoReturn, get_args

import attrs

from timeline.calendar_math import (
    DAY,
    FURTHEST_EAST,
    FURTHEST_WEST,
    MINUTE,
    SECOND,
    as_datetime,
    civil,
    months_on,
    wall,
    wall_of,
    zone_info,
)
from timeline.display import HtmlRepr
from timeline.errors import OrderError, WhenError
from timeline.fast_decode import unchecked
from timeline.relations import Allen, Certainty, Extent, before, possible_relations

__all__ = ["Precision", "Shape", "When"]

Shape = Literal["moment", "lasted", "all"]
"""``moment``: some one moment within the bounds. ``lasted``: from a first to a last moment, each
known roughly (EDTF ``a/b``). ``all``: every one of several listed times (EDTF ``{a,b}``)."""

Precision = Literal[
    "microsecond",
    "second",
    "minute",
    "hour",
    "part",
    "day",
    "week",
    "month",
    "quarter",
    "season",
    "year",
    "decade",
    "century",
    "millennium",
    "vague",
    "unknown",
]
"""The unit in which the source spoke. ``part`` is a part of a day, month or year ("this
morning"), ``vague`` a length that nobody agreed on ("in recent days"), ``unknown`` no unit."""

_FURTHEST = 10**13 * 366 * DAY
_SHAPES = ("moment", "lasted", "all")
_PRECISIONS = frozenset(get_args(Precision))


def _whole(_: object, attribute: attrs.Attribute[int | None], value: object) -> None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise WhenError(
            f"a When's {attribute.name} is whole microseconds of UTC or None, not {value!r}; "
            "use when() or between() to make one from dates and texts"
        )
    if value is not None and not -_FURTHEST <= value <= _FURTHEST:
        raise WhenError(
            f"a When's {attribute.name} is beyond the years -10**13 to 10**13, which are far more "
            "than EDTF can write"
        )


def _dates_alone(edtf: str | None) -> str | None:
    """What of an EDTF text says more than the bounds: nothing of a time of the clock."""
    return None if edtf is None or "T" in edtf else edtf


@attrs.frozen(kw_only=True, repr=False, slots=False)
class When(HtmlRepr, shows="words bounds precision approximate uncertain zone edtf text policy"):
    """A time known only roughly: it lies in the half-open ``[lo, hi)``.

    ``lo`` and ``hi`` are integer microseconds of UTC since 1970, proleptic Gregorian, None where
    unbounded. Make one with ``when()``, ``between()`` or ``report.when()``. Frozen, hashable and
    structurally equal; ``text``, ``policy`` and the zone's name say where a time came from and
    take no part in equality, for the bounds hold what they meant: 12:00 in Europe/Kiev, in
    Europe/Kyiv and at +03:00 are one time. It has no ``<`` and no truth value: order has the named
    questions ``before`` and ``relation``.

    ``shape`` tells one moment among the bounds from something that lasted; for the latter the
    first moment lies in ``[lo, start_hi)`` and the last one in ``[end_lo, hi)``. ``approximate``
    bounds are already widened by the stated policy; ``uncertain`` marks a source that doubts
    itself and leaves the bounds alone. ``zone`` is the zone the words were read in, None where
    nobody knows it.
    """

    lo: int | None = attrs.field(default=None, validator=_whole)
    hi: int | None = attrs.field(default=None, validator=_whole)
    shape: Shape = "moment"
    start_hi: int | None = attrs.field(default=None, validator=_whole)
    end_lo: int | None = attrs.field(default=None, validator=_whole)
    precision: Precision = "unknown"
    approximate: bool = False
    uncertain: bool = False
    zone: str | None = attrs.field(default="UTC", eq=False)
    edtf: str | None = attrs.field(default=None, eq=_dates_alone)
    text: str | None = attrs.field(default=None, eq=False)
    policy: str | None = attrs.field(default=None, eq=False)

    def __attrs_post_init__(self) -> None:
        lo, hi = self.lo, self.hi
        if lo is not None and hi is not None and lo >= hi:
            raise WhenError(
                f"the earliest moment {_shown(lo)} must lie before the latest {_shown(hi)}; "
                "were the two swapped?"
            )
        self._check_words()
        if self.shape not in _SHAPES:
            raise WhenError(f"a When's shape is one of {', '.join(_SHAPES)}, not {self.shape!r}")
        if self.shape == "moment":
            if self.start_hi is not None or self.end_lo is not None:
                raise WhenError("start_hi and end_lo bound what lasted; a moment has neither")
        elif not self.extent.lasts:
            raise WhenError(
                f"what lasted must begin before it ends, but it begins at {_shown(lo)} or later "
                f"and ends before {_shown(hi)}, with nothing in between"
            )
        if self.zone is not None:
            zone_info(self.zone)

    def _check_words(self) -> None:
        if self.precision not in _PRECISIONS:
            raise WhenError(f"a When's precision is a unit such as 'day', not {self.precision!r}")
        for name in ("approximate", "uncertain"):
            if type(getattr(self, name)) is not bool:
                raise WhenError(f"a When's {name} is True or False, not {getattr(self, name)!r}")
        for name in ("edtf", "text", "policy"):
            if not isinstance(getattr(self, name), str | None):
                raise WhenError(f"a When's {name} is a text or None, not {getattr(self, name)!r}")

    @property
    def earliest(self) -> datetime | None:
        """The first moment it may have been, aware UTC; None if unbounded or beyond datetime."""
        return as_datetime(self.lo)

    @property
    def latest(self) -> datetime | None:
        """The end of the bounds, itself excluded, aware UTC; None as for ``earliest``."""
        return as_datetime(self.hi)

    @property
    def lasted(self) -> bool:
        """Whether it went on from a first to a last moment, rather than being one moment."""
        return self.shape == "lasted"

    @property
    def extent(self) -> Extent:
        """The boxes that the relations are worked out from."""
        if self.shape == "moment":
            return Extent(self.lo, self.hi, self.lo, self.hi, moment=True)
        start_hi = self.hi if self.start_hi is None else self.start_hi
        end_lo = self.lo if self.end_lo is None else self.end_lo
        return Extent(self.lo, start_hi, end_lo, self.hi, moment=False)

    def before(self, other: When) -> Certainty:
        """Say whether this ended before the other began: certain, possible or impossible."""
        return before(self.extent, _extent(other))

    def relation(self, other: When) -> frozenset[Allen]:
        """Return the Allen relations to the other that the bounds leave possible, and no more.

        One moment relates to another as before, equals or after; a moment and what lasted as
        Vilain (1982) has it; two things that lasted by Allen's thirteen. Members compare equal
        to their names: ``"before" in a.relation(b)``.
        """
        return possible_relations(self.extent, _extent(other))

    def _unordered(self, other: object) -> NoReturn:
        raise OrderError(
            f"times known only roughly have no order of their own ({self} and {other}); ask "
            "a.before(b) or a.relation(b), or sort events by timeline's chronological order"
        )

    __lt__ = __le__ = __gt__ = __ge__ = _unordered

    def __repr__(self) -> str:
        fields = (
            f"{field.name}={value!r}"
            for field in attrs.fields(type(self))
            if (value := getattr(self, field.name)) != field.default
        )
        return f"When({', '.join(fields)})"

    def __bool__(self) -> bool:
        raise OrderError(f"the truth value of a time ({self}) is ambiguous; ask a.before(b)")

    def __str__(self) -> str:
        """Read as a person would write it, in the time's own zone, ends included."""
        if self.edtf is not None and _UNSPECIFIED.match(self.edtf):
            return self.edtf  # nobody wrote the years that bound it
        words = _listed(self.edtf) or _in_words(*self._walls(), self.shape, self._end_unit())
        about = "about " if self.approximate else ""
        nowhere = " (zone unknown)" if self.zone is None and self.precision != "unknown" else ""
        return f"{about}{words}{nowhere}" + (" (?)" if self.uncertain else "")

    def _end_unit(self) -> int:
        """How long the unit is in which the end was written, 0 for one longer than a minute."""
        if self.hi is not None and self.end_lo is not None:
            unit = self.hi - self.end_lo
            return unit if unit <= MINUTE else 0
        return {"minute": MINUTE, "second": SECOND, "microsecond": 1}.get(self.precision, 0)

    def _walls(self) -> tuple[int | None, int | None]:
        """The bounds as clocks on the wall showed them, where the zone is known."""
        if self.zone is None:
            # What was widened because nobody knows the zone is shown as it was written.
            return (
                None if self.lo is None else self.lo + FURTHEST_EAST,
                None if self.hi is None else self.hi - FURTHEST_WEST,
            )
        return (
            None if self.lo is None else wall_of(self.lo, self.zone),
            None if self.hi is None else wall_of(self.hi, self.zone),
        )

    def bounds(self) -> str:
        """Return the bounds as text in the time's own zone, the end excluded: ``[a, b)``."""
        lo, hi = self._walls()
        return f"[{_shown(lo)}, {_shown(hi)})"


unchecked(When)


def _extent(other: object) -> Extent:
    if not isinstance(other, When):
        raise OrderError(
            f"a When is compared with a When, not {other!r}; read it with when() first"
        )
    return other.extent


# A year that isn't given at all, or one of several with a month: no range of dates says that.
_UNSPECIFIED = re.compile(r"[?~%]?-?(?:XXXX|[0-9X]*X[0-9X]*[?~%]?-)")


_NAMELESS = 1000  # microseconds


_LISTED = re.compile(r"[\[{]([0-9]+(?:-[0-9]+)*(?:,[0-9]+(?:-[0-9]+)*)+)[\]}]")


def _listed(edtf: str | None) -> str | None:
    """The dates of a set that lists them: "a or b" for one of them, "a, b and c" for all."""
    dates = None if edtf is None else _LISTED.fullmatch(edtf)
    if edtf is None or dates is None:
        return None
    *others, last = dates[1].split(",")
    return f"{', '.join(others)} {'or' if edtf[0] == '[' else 'and'} {last}"


def _in_words(lo: int | None, hi: int | None, shape: Shape, unit: int) -> str:
    if lo is not None and hi is not None and hi - lo <= MINUTE:
        return _shown(lo, clock=True, era=True)
    if unit != 1:  # each order in a chain moves a bound by a microsecond, which nobody would name
        lo = lo if lo is None or lo % SECOND >= _NAMELESS else lo - lo % SECOND
        hi = hi if hi is None or -hi % SECOND >= _NAMELESS else hi + -hi % SECOND
    if lo is None:
        return "at a time unknown" if hi is None else f"by {_last(hi, unit)}"
    if hi is None:
        return f"from {_shown(lo, era=True)} on"
    first, last = _shown(lo, era=True), _last(hi, unit)
    if lo // DAY == (hi - 1) // DAY and lo // DAY * DAY > wall(1):
        first, last = _shown(lo, clock=True), last.partition(" ")[2] or "24:00"
    stretch = f"{first} to {last}" if shape == "lasted" else f"{first} – {last}"
    return _one_unit(lo, hi) or stretch


def _one_unit(lo: int, hi: int) -> str | None:
    """The name of the year, month or day that the bounds are, None for any other stretch."""
    year, month, _ = civil(lo // DAY)
    era = _era(year)
    day = _shown(lo, era=True).removesuffix(era)
    names = {
        (wall(year), wall(year + 1)): str(1 - year) if era else day[:-6],
        (wall(year, month), wall(*months_on(year, month, 1))): day[:-3],
        (lo // DAY * DAY, lo // DAY * DAY + DAY): day,
    }
    name = names.get((lo, hi))
    return None if name is None else f"{name}{era}"


def _era(year: int) -> str:
    """What stands behind a year before our era; year 0 is 1 BC."""
    return " BC" if year <= 0 else ""


def _last(hi: int, unit: int) -> str:
    """An excluded end as it was written: the last day, minute or second that it closes."""
    if unit > 1:
        return _shown(hi - unit, clock=True, era=True)
    if hi % DAY == 0:
        return _shown(hi - DAY, era=True)
    # What is exact to the microsecond ends one after the time that a person would name.
    return _shown(hi - 1 if hi % SECOND == 1 else hi, clock=True, era=True)


def _shown(at: int | None, *, clock: bool = False, era: bool = False) -> str:
    if at is None:
        return ".."
    day, rest = divmod(at, DAY)
    year, month, of_month = civil(day)
    behind = _era(year) if era else ""
    year = 1 - year if behind else year
    date = f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{of_month:02d}"
    if not rest and not clock:
        return f"{date}{behind}"
    seconds, fraction = divmod(rest, 1_000_000)
    shown = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    if seconds % 60 or fraction:
        shown += f":{seconds % 60:02d}" + (f".{fraction:06d}" if fraction else "")
    return f"{date} {shown}{behind}"
