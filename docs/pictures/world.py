"""Makes ``assets/world.bin`` anew: ``python docs/pictures/world.py countries-50m.json``.

The input is the TopoJSON that the package ``world-atlas`` 2.0.2 on npm makes of Natural Earth 4.1,
1:50 million, which is in the public domain. Lines are thinned to about a kilometre and written as
differences of hundredths of a degree: see ``timeline.export.world`` for what is in the file.
"""

from __future__ import annotations

import json
import sys
import zlib
from itertools import accumulate
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[2] / "src" / "timeline" / "export" / "assets" / "world.bin"
FINE = 100  # parts of a degree
CLOSE = 1.2  # parts; a point nearer to the line through its neighbours is left out

Point = tuple[float, float]


def thinned(line: list[Point]) -> list[Point]:
    """Gives a line with as few points as keep it where it is (Douglas and Peucker 1973)."""
    kept = {0, len(line) - 1}
    todo = [(0, len(line) - 1)]
    while todo:
        a, b = todo.pop()
        (ax, ay), (bx, by) = line[a], line[b]
        dx, dy = bx - ax, by - ay
        length = (dx * dx + dy * dy) ** 0.5
        far, at = 0.0, 0
        for i in range(a + 1, b):
            x, y = line[i][0] - ax, line[i][1] - ay
            away = abs(x * dy - y * dx) / length if length else (x * x + y * y) ** 0.5
            if away > far:
                far, at = away, i
        if far > CLOSE:
            kept.add(at)
            todo += [(a, at), (at, b)]
    return [line[i] for i in sorted(kept)]


def varint(number: int) -> bytes:
    """Gives a whole number in groups of seven bits, small ones in one byte, signs last."""
    value = number << 1 if number >= 0 else (-number << 1) - 1
    made = bytearray()
    while value > 127:  # noqa: PLR2004 - seven bits
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])


def arcs_of(topology: Any) -> list[list[tuple[int, int]]]:
    """Gives every line of the topology in hundredths of a degree."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    lines = []
    for arc in topology["arcs"]:
        xs, ys = (list(accumulate(step[axis] for step in arc)) for axis in (0, 1))
        exact = [((x * sx + tx) * FINE, (y * sy + ty) * FINE) for x, y in zip(xs, ys, strict=True)]
        lines.append([(round(x), round(y)) for x, y in thinned(exact)])
    return lines


def rings(geometry: Any) -> list[list[int]]:
    """Gives every ring of a geometry as the numbers of its arcs, ``~n`` for one walked back."""
    if geometry["type"] == "GeometryCollection":
        return [ring for one in geometry["geometries"] for ring in rings(one)]
    if geometry["type"] == "Polygon":
        return list(geometry["arcs"])
    if geometry["type"] == "MultiPolygon":
        return [ring for polygon in geometry["arcs"] for ring in polygon]
    return []


def main(source: str) -> None:
    """Writes the file."""
    topology = json.loads(Path(source).read_text("utf-8"))
    lines = arcs_of(topology)
    land = rings(topology["objects"]["land"])
    coasts = {arc if arc >= 0 else ~arc for ring in land for arc in ring}
    body = bytearray(varint(len(lines)))
    for number, line in enumerate(lines):
        body += varint(int(number in coasts)) + varint(len(line))
        x0 = y0 = 0
        for x, y in line:
            body += varint(x - x0) + varint(y - y0)
            x0, y0 = x, y
    body += varint(len(land))
    for ring in land:
        body += varint(len(ring)) + b"".join(map(varint, ring))
    OUT.write_bytes(zlib.compress(bytes(body), 9))


if __name__ == "__main__":
    main(sys.argv[1])
