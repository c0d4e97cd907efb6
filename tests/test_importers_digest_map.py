"""Tests the table of digests against a dict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from timeline.importers.digest_map import DigestMap, digest

KEYS = st.integers(1, 2**64 - 1) | st.integers(1, 8).map(lambda one: one << 40)


@given(st.lists(st.tuples(KEYS, st.integers(0, 2**64 - 1))))
def test_it_is_a_dict(puts: list[tuple[int, int]]) -> None:
    table = DigestMap()
    naive: dict[int, int] = {}
    for key, value in puts:
        assert (key in table) == (key in naive)
        assert table.put(key, value) == naive.get(key)
        naive[key] = value
    assert len(table) == len(naive)


def test_it_grows() -> None:
    table = DigestMap()
    keys = [digest(str(number)) for number in range(5000)]
    assert all(table.put(key, place) is None for place, key in enumerate(keys))
    assert [table.put(key) for key in keys] == list(range(5000))
    assert len(table) == 5000


def test_parts_are_told_apart() -> None:
    assert digest("a", "bc") != digest("ab", "c") != digest("abc")
    assert digest("a") == digest(b"a")
    assert digest("\ud800")
