"""Draws small times, and says by trial what is true of them."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st

from timeline.relations import Allen
from timeline.times import Shape, When

SIZE = 5


def times(shapes: tuple[Shape, ...] = ("moment", "lasted", "all")) -> st.SearchStrategy[When]:
    """Draw times of a few microseconds, bounded or not."""
    edge = st.none() | st.integers(0, SIZE)
    raw = st.tuples(st.sampled_from(shapes), edge, edge, edge, edge)
    return raw.filter(lambda parts: _fits(*parts)).map(lambda parts: _made(*parts))


def _made(
    shape: Shape, lo: int | None, start_hi: int | None, end_lo: int | None, hi: int | None
) -> When:
    if shape == "moment":
        return When(lo=lo, hi=hi)
    return When(lo=lo, start_hi=start_hi, end_lo=end_lo, hi=hi, shape=shape)


def _fits(
    shape: Shape, lo: int | None, start_hi: int | None, end_lo: int | None, hi: int | None
) -> bool:
    if lo is not None and hi is not None and lo >= hi:
        return False
    return shape == "moment" or any(_choices(False, lo, start_hi, end_lo, hi))


def choices(time: When) -> Iterator[tuple[int, int]]:
    """Return each (first, last) moment that a time may have had, far enough for all relations."""
    return _choices(time.shape == "moment", time.lo, time.start_hi, time.end_lo, time.hi)


def _choices(
    moment: bool,
    lo: int | None,
    start_hi: int | None,
    end_lo: int | None,
    hi: int | None,
) -> Iterator[tuple[int, int]]:
    # Four moments in a row never need more than four steps beyond where the bounds begin.
    room = range(-SIZE, 2 * SIZE + 1)
    within = [at for at in room if (lo is None or at >= lo) and (hi is None or at < hi)]
    if moment:
        yield from ((at, at) for at in within)
        return
    for first in within:
        for last in within:
            if (
                first < last
                and (start_hi is None or first < start_hi)
                and (end_lo is None or last >= end_lo)
            ):
                yield first, last


def relation_of(first: tuple[int, int], second: tuple[int, int]) -> Allen:
    """Return the one relation of two occurrences whose first and last moments are known."""
    (a, b), (x, y) = first, second
    if b < x:
        return Allen.BEFORE
    if y < a:
        return Allen.AFTER
    if (a, b) == (x, y):
        return Allen.EQUALS
    if a == b or x == y:
        return _with_a_moment(first, second)
    if b == x:
        return Allen.MEETS
    if a == y:
        return Allen.MET_BY
    if a == x:
        return Allen.STARTS if b < y else Allen.STARTED_BY
    if b == y:
        return Allen.FINISHES if a > x else Allen.FINISHED_BY
    if a < x:
        return Allen.OVERLAPS if b < y else Allen.CONTAINS
    return Allen.DURING if b < y else Allen.OVERLAPPED_BY


def _with_a_moment(first: tuple[int, int], second: tuple[int, int]) -> Allen:
    (a, b), (x, y) = first, second
    if a == b:
        return Allen.STARTS if a == x else Allen.FINISHES if a == y else Allen.DURING
    return Allen.STARTED_BY if x == a else Allen.FINISHED_BY if x == b else Allen.CONTAINS
