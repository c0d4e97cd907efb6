"""Coasts and borders of the world, from Natural Earth, cut to the part that a map shows.

Made of Natural Earth 4.1, 1:50 million, which is in the public domain (naturalearthdata.com), by
way of the package world-atlas: ``docs/pictures/world.py`` says how. Borders are drawn as Natural
Earth has them, by who controls what; nothing here says whose they ought to be.

The file is compressed whole numbers in groups of seven bits: how many lines there are; of each
whether it is a coast, how many points it has, and their differences in hundredths of a degree; how
many rings of land there are; of each how many lines make it up and their numbers, ``~n`` for one
that is walked back.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pkgutil import get_data

import attrs

__all__ = ["SOURCE", "Window", "land", "lines"]

SOURCE = "Natural Earth"
"""Whose outlines they are, as maps say."""

_FINE = 100
_MORE = 128  # a byte from there on goes on in the next
_FULL_TURN = 360.0
_CUT = 180.0  # degrees: where the outlines are cut open, along no coast
Point = tuple[float, float]


@attrs.frozen
class Window:
    """The part of the Earth that a map shows, in degrees; ``east`` may lie beyond 180."""

    west: float
    south: float
    east: float
    north: float

    def meets(self, box: tuple[float, float, float, float], shift: float) -> bool:
        """Whether something within a box, moved to the east, may be seen."""
        west, south, east, north = box
        return (
            west + shift <= self.east
            and east + shift >= self.west
            and south <= self.north
            and north >= self.south
        )


@attrs.frozen
class _Line:
    """A coast, a border or a ring of land, and the box that it lies in."""

    points: tuple[Point, ...]
    coast: bool = True
    box: tuple[float, float, float, float] = attrs.field(
        init=False, default=attrs.Factory(lambda self: _box(self.points), takes_self=True)
    )


def _box(points: Sequence[Point]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _numbers(body: bytes) -> Iterator[int]:
    value = place = 0
    for byte in body:
        value |= (byte % _MORE) << place
        place += 7
        if byte < _MORE:
            yield value >> 1 if not value & 1 else -(value + 1 >> 1)
            value = place = 0


@cache
def _world() -> tuple[list[_Line], list[_Line]]:
    """All lines, and all rings of land."""
    body = get_data("timeline.export", "assets/world.bin")
    assert body is not None, "the package has its outlines"  # noqa: S101
    numbers = _numbers(zlib.decompress(body))
    found = []
    for _ in range(next(numbers)):
        coast, count = bool(next(numbers)), next(numbers)
        x = y = 0
        points = []
        for _ in range(count):
            x, y = x + next(numbers), y + next(numbers)
            points.append((x / _FINE, y / _FINE))
        found.append(_Line(tuple(_running(points)), coast))
    rings = []
    for _ in range(next(numbers)):
        ring: list[Point] = []
        for number in [next(numbers) for _ in range(next(numbers))]:
            line = found[number].points if number >= 0 else found[~number].points[::-1]
            ring += line[1:] if ring else line
        rings.append(_Line(tuple(_closed(_running(ring)))))
    return found, rings


def _running(points: Sequence[Point]) -> list[Point]:
    """A line whose longitudes run on where it crosses 180, rather than jump."""
    found: list[Point] = []
    shift = 0.0
    for x, y in points:
        if found:
            jump = x + shift - found[-1][0]
            shift -= _FULL_TURN * round(jump / _FULL_TURN)
        found.append((x + shift, y))
    return found


def _closed(ring: list[Point]) -> list[Point]:
    """A ring that goes about a pole closes by way of it."""
    (first, _), (last, south) = ring[0], ring[-1]
    if abs(first - last) < _FULL_TURN / 2:
        return ring
    pole = -90.0 if south < 0 else 90.0
    return [*ring, (last, pole), (first, pole)]


def _shifts(window: Window, box: tuple[float, float, float, float]) -> Iterator[float]:
    yield from (
        turn * _FULL_TURN for turn in (-2, -1, 0, 1, 2) if window.meets(box, turn * _FULL_TURN)
    )


def lines(window: Window) -> Iterator[tuple[bool, list[Point]]]:
    """Return the lines that may be seen, each with whether it is a coast; borders are the others.

    They reach a little beyond the window. Longitudes run on where the window crosses 180.
    """
    for line in _world()[0]:
        for shift in _shifts(window, line.box):
            piece: list[Point] = []
            for one, other in pairwise(line.points):
                along = abs(one[0]) == abs(other[0]) == _CUT
                if not along and window.meets(_box((one, other)), shift):
                    piece = piece or [(one[0] + shift, one[1])]
                    piece.append((other[0] + shift, other[1]))
                elif piece:
                    yield line.coast, piece
                    piece = []
            if piece:
                yield line.coast, piece


def land(window: Window) -> Iterator[list[Point]]:
    """Return the rings of land within the window, cut off at its edges."""
    for ring in _world()[1]:
        for shift in _shifts(window, ring.box):
            cut = _clipped([(x + shift, y) for x, y in ring.points], window)
            if cut:
                yield cut


def _clipped(ring: list[Point], window: Window) -> list[Point]:
    """A ring cut off at each edge in turn (Sutherland and Hodgman 1974)."""
    edges = ((0, window.west, 1), (0, window.east, -1), (1, window.south, 1), (1, window.north, -1))
    for axis, edge, sign in edges:
        cut: list[Point] = []
        for a, b in zip([ring[-1], *ring[:-1]] if ring else [], ring, strict=True):
            inside_a, inside_b = sign * (a[axis] - edge) >= 0, sign * (b[axis] - edge) >= 0
            if inside_a != inside_b:
                cut.append(_crossing(a, b, axis, edge))
            if inside_b:
                cut.append(b)
        ring = cut
    return ring


def _crossing(a: Point, b: Point, axis: int, edge: float) -> Point:
    """Where a line meets an edge, exactly on it."""
    part = (edge - a[axis]) / (b[axis] - a[axis])
    other = 1 - axis
    along = a[other] + (b[other] - a[other]) * part
    return (along, edge) if axis else (edge, along)
