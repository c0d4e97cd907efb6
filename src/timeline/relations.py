"""Say which orders of two uncertain times remain possible, never guessing one.

An occurrence has a first and a last moment, whole microseconds both; what happens at a single
moment has the two in one. Each is known only as a box ``[lo, hi)``, open-ended where None. A
relation is a chain of those moments in strictly rising order, with moments that coincide in one
link (Allen 1983 for two intervals; Vilain 1982 where one of them is a moment). It remains
possible iff the chain can be climbed: give each link the smallest value that its boxes allow and
that lies above the link before. The greedy climb is exact, because a smaller value never hinders
a later link.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from timeline.errors import OrderError

__all__ = ["Allen", "Certainty", "Extent", "before", "possible_relations"]


class Certainty(StrEnum):
    """How sure the sources leave us: there are three answers, and none of them is a bool."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    IMPOSSIBLE = "impossible"

    def __bool__(self) -> bool:
        raise OrderError(
            f"the truth of {self} is ambiguous; "
            "compare it: `is Certainty.CERTAIN`, or `is not Certainty.IMPOSSIBLE`"
        )


class Allen(StrEnum):
    """The relations of Allen's interval algebra, each named from the first time to the second."""

    BEFORE = "before"
    MEETS = "meets"
    OVERLAPS = "overlaps"
    STARTS = "starts"
    DURING = "during"
    FINISHES = "finishes"
    EQUALS = "equals"
    FINISHED_BY = "finished_by"
    CONTAINS = "contains"
    STARTED_BY = "started_by"
    OVERLAPPED_BY = "overlapped_by"
    MET_BY = "met_by"
    AFTER = "after"

    @property
    def inverse(self) -> Allen:
        """The same relation seen from the second time to the first."""
        order = tuple(Allen)
        return order[-1 - order.index(self)]


class Extent(NamedTuple):
    """The boxes of an occurrence: first moment in [lo, start_hi), last moment in [end_lo, hi).

    ``moment`` says that the two are one, and then both boxes are [lo, hi). Integer microseconds;
    None is unbounded.
    """

    lo: int | None
    start_hi: int | None
    end_lo: int | None
    hi: int | None
    moment: bool

    @property
    def lasts(self) -> bool:
        """Whether some first moment out of its box lies before some last one."""
        # The earliest first and the latest last moment lie furthest apart, and boxes hold both.
        return (
            _below(self.lo, self.start_hi)
            and _below(self.end_lo, self.hi)
            and _below(self.lo, self.hi, by=2)
        )


def _below(low: int | None, high: int | None, *, by: int = 1) -> bool:
    return low is None or high is None or low + by <= high


# The moments of the first time are a (first) and b (last), those of the second x and y.
_CHAINS: dict[tuple[bool, bool], dict[Allen, tuple[str, ...]]] = {
    (False, False): {
        Allen.BEFORE: ("a", "b", "x", "y"),
        Allen.MEETS: ("a", "bx", "y"),
        Allen.OVERLAPS: ("a", "x", "b", "y"),
        Allen.STARTS: ("ax", "b", "y"),
        Allen.DURING: ("x", "a", "b", "y"),
        Allen.FINISHES: ("x", "a", "by"),
        Allen.EQUALS: ("ax", "by"),
        Allen.FINISHED_BY: ("a", "x", "by"),
        Allen.CONTAINS: ("a", "x", "y", "b"),
        Allen.STARTED_BY: ("ax", "y", "b"),
        Allen.OVERLAPPED_BY: ("x", "a", "y", "b"),
        Allen.MET_BY: ("x", "ay", "b"),
        Allen.AFTER: ("x", "y", "a", "b"),
    },
    (True, False): {
        Allen.BEFORE: ("a", "x", "y"),
        Allen.STARTS: ("ax", "y"),
        Allen.DURING: ("x", "a", "y"),
        Allen.FINISHES: ("x", "ay"),
        Allen.AFTER: ("x", "y", "a"),
    },
    (False, True): {
        Allen.BEFORE: ("a", "b", "x"),
        Allen.FINISHED_BY: ("a", "bx"),
        Allen.CONTAINS: ("a", "x", "b"),
        Allen.STARTED_BY: ("ax", "b"),
        Allen.AFTER: ("x", "a", "b"),
    },
    (True, True): {
        Allen.BEFORE: ("a", "x"),
        Allen.EQUALS: ("ax",),
        Allen.AFTER: ("x", "a"),
    },
}


def _climbs(chain: tuple[str, ...], first: Extent, second: Extent) -> bool:
    boxes = {
        "a": (first.lo, first.hi if first.moment else first.start_hi),
        "b": (first.end_lo, first.hi),
        "x": (second.lo, second.hi if second.moment else second.start_hi),
        "y": (second.end_lo, second.hi),
    }
    reached: int | None = None
    for link in chain:
        floors = [boxes[name][0] for name in link] + [None if reached is None else reached + 1]
        ceilings = [boxes[name][1] for name in link]
        reached = max((floor for floor in floors if floor is not None), default=None)
        if reached is not None and any(top is not None and reached >= top for top in ceilings):
            return False
    return True


def possible_relations(first: Extent, second: Extent) -> frozenset[Allen]:
    """Return exactly the Allen relations that hold for some moments out of the boxes."""
    chains = _CHAINS[first.moment, second.moment]
    return frozenset(name for name, chain in chains.items() if _climbs(chain, first, second))


def before(first: Extent, second: Extent) -> Certainty:
    """Say whether the first ends before the second begins.

    CERTAIN iff every choice of moments has it so, which is the interval order
    ``first.hi <= second.lo``; IMPOSSIBLE iff none has.
    """
    if first.hi is not None and second.lo is not None and first.hi <= second.lo:
        return Certainty.CERTAIN
    chain = _CHAINS[first.moment, second.moment][Allen.BEFORE]
    return Certainty.POSSIBLE if _climbs(chain, first, second) else Certainty.IMPOSSIBLE
