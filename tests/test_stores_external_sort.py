"""Tests that a spool gives places back in chronological order, and takes out what it is to."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.errors import StoreError
from timeline.stores.external_sort import Place, Sorter

bounds = st.integers(-(10**13) * 366 * 86_400_000_000, 10**13 * 366 * 86_400_000_000)
places = st.lists(
    st.tuples(
        st.just(-inf) | st.integers(-2, 2) | bounds,
        st.just(inf) | st.integers(-2, 2) | bounds,
        st.text(max_size=2) | st.sampled_from(["a", "a\0", "a\0b", "é", "\U0001f4a5", "\ud800"]),
        st.booleans(),
    ),
    max_size=12,
).map(lambda told: [(lo, hi, name, no, heard) for no, (lo, hi, name, heard) in enumerate(told, 1)])


@given(places, st.sets(st.text(max_size=2)), st.integers(0, 12))
def test_it_sorts_as_a_list_does(told: list[Place], reached: set[str], cut: int) -> None:
    spool = Sorter()
    spool.add(told[:cut])
    spool.add(told[cut:])
    names = [place[2] for place in told]
    reached |= {name for name in names if names.count(name) > 1}
    assert sorted(spool.take(reached)) == [place[3] for place in told if place[2] in reached]
    left = sorted(place for place in told if place[2] not in reached and place[4])
    assert list(spool.in_order()) == [place[3] for place in left]
    spool.close()


def test_events_with_several_places_are_taken_without_being_named() -> None:
    spool = Sorter()
    spool.add([(1, 2, "a", 1, True), (1, 2, "b", 2, True), (3, 4, "a", 3, False)])
    assert sorted(spool.take([])) == [1, 3]
    assert list(spool.in_order()) == [2]
    spool.close()


def test_a_full_disk_is_said() -> None:
    spool = Sorter()
    spool._connection.execute("PRAGMA max_page_count = 8")
    with pytest.raises(StoreError, match=r"couldn't be sorted in a .* \(database or disk"):
        spool.add((1, 2, f"desk:{no}" * 100, no, True) for no in range(10_000))
    spool.close()
    for ask in (lambda: spool.take(["a"]), spool.in_order):
        with pytest.raises(StoreError, match="closed"):
            list(ask())
