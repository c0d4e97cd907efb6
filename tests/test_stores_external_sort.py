"""Tests that a spool gives places back in chronological order, and takes out what it is to."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from math import inf
from tempfile import TemporaryFile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.errors import StoreError
from timeline.stores import external_sort
from timeline.stores.external_sort import Place, Sorter


@pytest.fixture(params=[(4, 2, 3), None], ids=["small", "as it is"], autouse=True, scope="module")
def _size(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs, blocks and slices of a few, so that few places make many of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, size in zip(("_RUN", "_BLOCK", "_SLICES"), request.param or (), strict=False):
            patch.setattr(external_sort, name, size)
        yield


class _Full:
    """A file on a full disk."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by the sorter

    def write(self, _: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


bounds = st.integers(-(10**13) * 366 * 86_400_000_000, 10**13 * 366 * 86_400_000_000)
places = st.lists(
    st.tuples(
        st.just(-inf) | st.integers(-2, 2) | bounds,
        st.just(inf) | st.integers(-2, 2) | bounds,
        st.text(max_size=2) | st.sampled_from(["a", "a\0", "a\0b", "é", "\U0001f4a5", "\ud800"]),
        st.booleans(),
    ),
    max_size=24,
).map(lambda told: [(lo, hi, name, no, heard) for no, (lo, hi, name, heard) in enumerate(told, 1)])


@given(places, st.sets(st.text(max_size=2)), st.integers(0, 24))
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


def test_bounds_that_a_float_cannot_tell_apart_are_told_apart() -> None:
    spool = Sorter()
    late = 1 << 60
    spool.add((late + 9 - no, late + 10, f"{no}", no, True) for no in range(1, 9))
    assert list(spool.in_order()) == [8, 7, 6, 5, 4, 3, 2, 1]
    spool.close()


def test_a_full_disk_is_said() -> None:
    spool = Sorter()
    spool.add([(1, 2, "a", 1, True)])
    spool._file.close()
    spool._file = _Full()  # type: ignore[assignment] # as much of one as is needed
    with pytest.raises(StoreError, match=r"couldn't be sorted in a .* \(.*No space left.* TMPDIR"):
        spool.add([(1, 2, "b", 1, True)])
    spool.close()
    for ask in (lambda: spool.take(["a"]), spool.in_order):
        with pytest.raises(StoreError, match="closed"):
            list(ask())


def test_no_folder_for_temporary_files_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> Any:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(external_sort, "TemporaryFile", refused)
    with pytest.raises(StoreError, match="No usable temporary directory found"):
        Sorter()
