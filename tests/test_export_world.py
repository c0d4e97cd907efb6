"""Looks at the coasts and borders that the package brings: whole, in place, and cut to a window."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from timeline.export.world import Window, land, lines

WHOLE = Window(-180, -90, 180, 90)


def inside(point: tuple[float, float], ring: list[tuple[float, float]]) -> bool:
    """Whether a point lies in a ring, by the crossings of a line to the east."""
    x, y = point
    found = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            found = not found
    return found


def on_land(longitude: float, latitude: float, window: Window = WHOLE) -> bool:
    """Whether land lies there: within an odd number of rings, for lakes are rings too."""
    return sum(inside((longitude, latitude), ring) for ring in land(window)) % 2 == 1


def test_cities_are_on_land_and_seas_are_not() -> None:
    for city in (
        (30.5, 50.4),
        (37.6, 55.7),
        (36.2, 50.0),
        (2.3, 48.8),
        (-99.1, 19.4),
        (151.0, -33.8),
    ):
        assert on_land(*city), city
    for sea in ((34.0, 43.5), (-30.0, 40.0), (160.0, 0.0)):
        assert not on_land(*sea), sea


def test_a_window_across_the_cut_runs_on() -> None:
    window = Window(170, 60, 195, 70)
    assert on_land(175, 67, window)  # Chukotka, on both sides of 180
    assert on_land(185, 66.5, window)
    for _, line in lines(WHOLE):
        assert all(abs(a[0] - b[0]) < 90 for a, b in pairwise(line))


def test_borders_are_told_from_coasts() -> None:
    kinds = {coast for coast, _ in lines(Window(22, 44, 40, 53))}
    assert kinds == {True, False}
    assert {coast for coast, _ in lines(Window(140, -40, 150, -30))} == {True}
    assert list(lines(Window(-40, 30, -39, 31))) == []


@settings(max_examples=15, deadline=None)
@given(st.integers(-180, 170), st.integers(-80, 75), st.integers(1, 40), st.integers(1, 10))
def test_land_is_cut_at_the_edges_and_nowhere_else(
    west: int, south: int, wide: int, high: int
) -> None:
    window = Window(west, south, west + wide, south + high)
    rings = list(land(window))
    for ring in rings:
        assert all(window.west <= x <= window.east for x, _ in ring)
        assert all(window.south <= y <= window.north for _, y in ring)
    middle = west + wide / 2 + 0.013, south + high / 2 + 0.017
    shifted = (middle[0] + 180) % 360 - 180
    assert (sum(inside(middle, ring) for ring in rings) % 2 == 1) == on_land(shifted, middle[1])
