"""Puts places on a flat map: coordinates, outlines of GeoJSON, and labels that keep apart."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import cos, isfinite, radians
from typing import Any

import attrs

from timeline.errors import ClaimError
from timeline.export.svg import wide
from timeline.export.world import Window

__all__ = ["Label", "Outline", "Projection", "Site", "fitted", "labels", "outlines_of"]

_FULL_TURN = 360.0
_FEWEST = 2  # points that a line has
_LEAST = 1.6  # degrees that a map spans, so that it shows where it lies
_CELL = 48  # pixels
_MOST_LABELS = 400
_BOX = tuple[float, float, float, float]


@attrs.frozen
class Site:
    """A place on the map: its key, its name, and where it lies in degrees (WGS 84)."""

    key: str
    name: str
    latitude: float
    longitude: float


@attrs.frozen
class Outline:
    """A region's outline: the names by which places may mean it, and its rings.

    A ring is a list of (longitude, latitude) in degrees. ``filled`` is False for lines.
    """

    names: frozenset[str]
    rings: tuple[tuple[tuple[float, float], ...], ...]
    filled: bool

    @property
    def middle(self) -> tuple[float, float]:
        """The longitude and latitude of the middle of its largest ring, by area."""
        return max(((abs(area), at) for area, at in map(_centroid, self.rings)))[1]


def _centroid(ring: Sequence[tuple[float, float]]) -> tuple[float, tuple[float, float]]:
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]):
        cross = x1 * y2 - x2 * y1
        area, x, y = area + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    if not area:
        return 0.0, ring[0]
    return area / 2, (x / (3 * area), y / (3 * area))


def outlines_of(geojson: str | Mapping[str, Any] | None) -> tuple[Outline, ...]:
    """Read outlines out of GeoJSON (RFC 7946), a text or what it holds; points are passed over.

    A place means the feature whose ``id``, or whose property ``id`` or ``name`` (or one that
    opens with ``name``, such as ``name_en``), is its key or name. Raises ``ClaimError`` for what
    isn't GeoJSON.
    """
    if geojson is None:
        return ()
    try:
        read = json.loads(geojson) if isinstance(geojson, str) else geojson
        return tuple(_features(read, frozenset()))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ClaimError(
            f"outlines are GeoJSON, such as a FeatureCollection of Polygons; this isn't: {error}"
        ) from error


def _features(read: Mapping[str, Any], names: frozenset[str]) -> Iterator[Outline]:
    kind = read["type"]
    if kind == "FeatureCollection":
        for one in read["features"]:
            yield from _features(one, names)
    elif kind == "Feature":
        properties = dict(read.get("properties") or {})
        named = [
            value for key, value in properties.items() if key == "id" or key.startswith("name")
        ]
        own = frozenset(str(one) for one in (read.get("id"), *named) if one is not None)
        if read.get("geometry"):
            yield from _features(read["geometry"], own)
    elif kind == "GeometryCollection":
        for one in read["geometries"]:
            yield from _features(one, names)
    else:
        yield from _geometry(kind, read["coordinates"], names)


def _geometry(kind: str, coordinates: Any, names: frozenset[str]) -> Iterator[Outline]:
    depth = {"Polygon": 0, "MultiPolygon": 1, "LineString": -1, "MultiLineString": 0}
    if kind in ("Point", "MultiPoint"):
        return
    if kind not in depth:
        raise ValueError(f"no geometry is called {kind!r}")
    rings = [coordinates] if depth[kind] < 0 else coordinates
    if depth[kind] > 0:
        rings = [ring for polygon in coordinates for ring in polygon]
    read = tuple(tuple(map(_point, ring)) for ring in rings)
    kept = tuple(ring for ring in read if len(ring) >= _FEWEST)
    if kept:
        yield Outline(names, kept, filled="Polygon" in kind)


def _point(pair: Sequence[float]) -> tuple[float, float]:
    x, y = float(pair[0]), float(pair[1])
    if not (isfinite(x) and isfinite(y) and abs(x) <= _FULL_TURN and abs(y) <= _FULL_TURN / 4):
        raise ValueError(f"no point of the Earth lies at longitude {x}, latitude {y}")
    return x, y


@attrs.frozen
class Projection:
    """Lays degrees flat: equirectangular, true to scale at the middle latitude.

    ``west`` is where the map is cut open, in degrees, so that places on both sides of 180° lie
    side by side. ``scale`` is in pixels for a degree of latitude.
    """

    west: float
    north: float
    scale: float
    squeeze: float
    left: float
    top: float

    def window(self, width: float, height: float) -> Window:
        """Return the part of the Earth that a picture of a size shows."""
        west = self.west - self.left / (self.scale * self.squeeze)
        north = self.north + self.top / self.scale
        east = west + width / (self.scale * self.squeeze)
        return Window(west, max(north - height / self.scale, -90.0), east, min(north, 90.0))

    def straight(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a point lies whose longitude runs on beyond the cut, in pixels."""
        x = self.left + (longitude - self.west) * self.scale * self.squeeze
        return x, self.top + (self.north - latitude) * self.scale

    def xy(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a point lies, in pixels."""
        east = (longitude - self.west) % _FULL_TURN
        x = self.left + east * self.scale * self.squeeze
        return x, self.top + (self.north - latitude) * self.scale


def fitted(
    points: Sequence[tuple[float, float]], width: float, tallest: float, margin: float
) -> tuple[Projection, float]:
    """Return the projection that shows all points in a width, and the height that it takes.

    ``points`` are (longitude, latitude); one alone gets a degree about it.
    """
    longitudes = sorted({x % _FULL_TURN for x, _ in points}) or [0.0]
    latitudes = [y for _, y in points] or [0.0]
    # The map is cut open in the middle of the widest empty stretch.
    gaps = [
        (after - before, after)
        for before, after in pairwise([*longitudes, longitudes[0] + _FULL_TURN])
    ]
    gap, start = max(gaps, key=lambda one: (one[0], -one[1]))
    south, north = min(latitudes), max(latitudes)
    span_x, span_y = max(_FULL_TURN - gap, _LEAST), max(north - south, _LEAST)
    squeeze = max(cos(radians((north + south) / 2)), 0.1)
    scale = min((width - 2 * margin) / (span_x * squeeze), (tallest - 2 * margin) / span_y)
    height = span_y * scale + 2 * margin
    left = (width - span_x * squeeze * scale) / 2
    extra_x, extra_y = span_x - (_FULL_TURN - gap), span_y - (north - south)
    west = start - (extra_x / 2 if extra_x > 0 else 0)
    # A hair further west, so that rounding doesn't send the first place once around the Earth.
    return Projection(west - 1e-9, north + extra_y / 2, scale, squeeze, left, margin), height


@attrs.frozen
class Label:
    """Where a name stands: the point it is anchored at, how, and with how many lines."""

    x: float
    y: float
    anchor: str
    lines: int


_SIDES = (
    (1, 0, "start"),
    (-1, 0, "end"),
    (0, -1, "middle"),
    (0, 1, "middle"),
    (1, -1, "start"),
    (1, 1, "start"),
    (-1, -1, "end"),
    (-1, 1, "end"),
)


def labels(
    spots: Sequence[tuple[float, float, Sequence[str]]],
    *,
    radius: float | Sequence[float],
    size: float,
    bounds: tuple[float, float],
) -> list[Label | None]:
    """Find room for the lines of each spot (x, y, lines), the first first; None where none is.

    No label covers another, a mark or the edge. Where two lines don't fit, the first alone may.
    Those beyond the first few hundred go without. ``radius`` is that of the marks, all or each.
    """
    radii = [radius] * len(spots) if isinstance(radius, float | int) else radius
    marks, taken = _Boxes(), _Boxes()
    for (x, y, _), reach in zip(spots, radii, strict=True):
        marks.add((x - reach, y - reach, x + reach, y + reach))
    found: list[Label | None] = []
    for (x, y, lines), reach in zip(spots[:_MOST_LABELS], radii, strict=False):
        tries = ((count, side) for count in range(len(lines), 0, -1) for side in _SIDES)
        label = None
        for count, (dx, dy, anchor) in tries:
            width = max(wide(line, size) for line in lines[:count]) + 2
            high = count * size * 1.2
            left = x + dx * (reach + 3) - {"start": 0, "end": width, "middle": width / 2}[anchor]
            top = y + dy * (reach + 3 + high / 2) - high / 2
            box = (left, top, left + width, top + high)
            inside = left >= 0 and top >= 0 and box[2] <= bounds[0] and box[3] <= bounds[1]
            if inside and not taken.meet(box) and not marks.meet(box):
                at = {"start": left, "end": left + width, "middle": left + width / 2}[anchor]
                label = Label(at, top + size * 0.95, anchor, count)
                taken.add(box)
                break
        found.append(label)
    return found + [None] * (len(spots) - len(found))


class _Boxes:
    """Boxes on the map, found by the squares of a grid that they lie in."""

    def __init__(self) -> None:
        self._cells: defaultdict[tuple[int, int], list[_BOX]] = defaultdict(list)

    def add(self, box: _BOX) -> None:
        for cell in self._under(box):
            self._cells[cell].append(box)

    def meet(self, box: _BOX) -> bool:
        """Whether any of them shares room with a box."""
        a, b, c, d = box
        return any(
            a < x2 and x1 < c and b < y2 and y1 < d
            for cell in self._under(box)
            for x1, y1, x2, y2 in self._cells.get(cell, ())
        )

    @staticmethod
    def _under(box: _BOX) -> Iterator[tuple[int, int]]:
        columns = range(int(box[0] // _CELL), int(box[2] // _CELL) + 1)
        rows = range(int(box[1] // _CELL), int(box[3] // _CELL) + 1)
        return ((column, row) for column in columns for row in rows)
