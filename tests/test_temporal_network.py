"""Tests what follows for uncertain times, against Floyd and Warshall over a handful of events."""

from __future__ import annotations

from itertools import combinations
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline.relations import Certainty, Extent
from timeline.temporal_network import FEW, Network, Order, network

Links = dict[str, Order]


class Naive:
    """Distances between all points by Floyd and Warshall, with an origin at zero."""

    def __init__(self, extents: dict[str, Extent], links: list[Order]) -> None:
        self.points = ["0"]
        self.first: dict[str, int] = {}
        self.last: dict[str, int] = {}
        edges: list[tuple[int, int, float]] = []
        for name, one in extents.items():
            boxes = [(one.lo, one.start_hi)] if one.moment else []
            if not one.moment:
                boxes = [(one.lo, one.start_hi), (one.end_lo, one.hi)]
            self.first[name] = len(self.points)
            for low, high in boxes:
                point = len(self.points)
                self.points.append(name)
                edges.append((point, 0, inf if low is None else -low))
                edges.append((0, point, inf if high is None else high - 1))
            self.last[name] = len(self.points) - 1
            if not one.moment:
                edges.append((self.last[name], self.first[name], -1))
        for link in links:
            a, b = self.last[link.earlier], self.first[link.later]
            edges.append((b, a, -link.least))
            edges.append((a, b, inf if link.most is None else link.most))
        size = len(self.points)
        self.d = [[0 if i == j else inf for j in range(size)] for i in range(size)]
        for start, end, weight in edges:
            self.d[start][end] = min(self.d[start][end], weight)
        for k in range(size):
            for i in range(size):
                for j in range(size):
                    self.d[i][j] = min(self.d[i][j], self.d[i][k] + self.d[k][j])
        self.consistent = all(self.d[i][i] >= 0 for i in range(size))

    def box(self, point: int) -> tuple[int | None, int | None]:
        low, high = self.d[point][0], self.d[0][point]
        return None if low == inf else int(-low), None if high == inf else int(high) + 1

    def before(self, one: str, other: str) -> Certainty:
        if self.d[self.first[other]][self.last[one]] <= -1:
            return Certainty.CERTAIN
        if one == other or self.d[self.last[one]][self.first[other]] <= 0:
            return Certainty.IMPOSSIBLE
        return Certainty.POSSIBLE


def naive_fallen(
    extents: dict[str, Extent], links: Links, stronger: set[tuple[str, str]]
) -> set[str]:
    """The links that fall, by every subset and by the words of the rule."""
    contradictions: list[set[str]] = []
    for size in range(1, len(links) + 1):
        for chosen in combinations(sorted(links), size):
            if any(one <= set(chosen) for one in contradictions):
                continue
            if not Naive(extents, [links[name] for name in chosen]).consistent:
                contradictions.append(set(chosen))

    def falls(link: str) -> bool:
        return any(
            link in one
            and not any((link, other) in stronger for other in one)
            and not any((other, link) in stronger and falls(other) for other in one)
            for one in contradictions
        )

    return {link for link in links if falls(link)}


bounds = st.none() | st.integers(0, 12)


@st.composite
def spans(draw: st.DrawFn) -> Extent:
    moment = draw(st.booleans())
    while True:
        lo, hi = draw(bounds), draw(bounds)
        if moment:
            made = Extent(lo, hi, lo, hi, moment=True)
            if lo is None or hi is None or lo < hi:
                return made
        else:
            start_hi, end_lo = draw(st.just(hi) | bounds), draw(st.just(lo) | bounds)
            made = Extent(lo, start_hi, end_lo, hi, moment=False)
            if made.lasts:
                return made


@st.composite
def histories(
    draw: st.DrawFn,
) -> tuple[dict[str, Extent], Links, set[tuple[str, str]]]:
    names = "abcdef"[: draw(st.integers(2, 6))]
    extents = {name: draw(spans()) for name in names}
    links: Links = {}
    for number in range(draw(st.integers(0, 6))):
        least = draw(st.sampled_from([1, 1, 1, 2, 5]))
        most = draw(st.none() | st.sampled_from([least, least + 3]))
        earlier, later = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        links[f"l{number}"] = Order(f"l{number}", earlier, later, least, most)
    ranks = draw(st.lists(st.integers(0, 2), min_size=len(links), max_size=len(links)))
    ranked = dict(zip(links, ranks, strict=True))
    stronger = {(a, b) for a in links for b in links if ranked[a] > ranked[b] > 0}
    return extents, links, stronger


def _solved(extents: dict[str, Extent], links: Links, stronger: set[tuple[str, str]]) -> Network:
    return network(extents, links.values(), lambda one, other: (one, other) in stronger)


@settings(deadline=None)
@given(histories())
def test_what_falls_and_what_follows_is_as_defined(
    drawn: tuple[dict[str, Extent], Links, set[tuple[str, str]]],
) -> None:
    extents, links, stronger = drawn
    solved = _solved(extents, links, stronger)
    fallen = naive_fallen(extents, links, stronger)
    assert solved.fallen.keys() == fallen
    for link, contradiction in solved.fallen.items():
        assert link in contradiction
        assert not Naive(extents, [links[name] for name in contradiction]).consistent
        for name in contradiction:
            rest = [links[other] for other in contradiction if other != name]
            assert Naive(extents, rest).consistent
    naive = Naive(extents, [link for name, link in links.items() if name not in fallen])
    assert naive.consistent
    for name in solved.parts:
        (lo, start_hi), (end_lo, hi) = map(naive.box, (naive.first[name], naive.last[name]))
        expected = Extent(lo, start_hi, end_lo, hi, moment=extents[name].moment)
        assert solved.extent(name) == expected
        for other in solved.parts:
            answer = solved.before(name, other)
            assert answer in (None, naive.before(name, other))


@settings(deadline=None)
@given(histories())
def test_the_orders_of_folding_and_reading_are_linear_extensions(
    drawn: tuple[dict[str, Extent], Links, set[tuple[str, str]]],
) -> None:
    extents, links, stronger = drawn
    solved = _solved(extents, links, stronger)

    def folding(name: str) -> tuple[float, float, int]:
        one = solved.extent(name)
        lo, hi = (-inf if one.lo is None else one.lo), (inf if one.hi is None else one.hi)
        return lo, hi, solved.order(name)[0]

    def reading(name: str) -> tuple[float, bool, int]:
        _, date, depth = solved.order(name)
        return date, solved.extent(name).lo is not None, depth

    for one in solved.parts:
        for other in solved.parts:
            if solved.before(one, other) is Certainty.CERTAIN:
                assert folding(one) < folding(other)
                assert reading(one) < reading(other)


OPEN = Extent(None, None, None, None, moment=True)


def test_depth_counts_the_predecessors_one_after_the_other() -> None:
    links = [Order("1", "c", "b"), Order("2", "b", "a"), Order("3", "d", "a")]
    solved = network(dict.fromkeys("abcd", OPEN), links)
    assert {name: solved.order(name)[0] for name in "abcd"} == {"c": 0, "b": 1, "a": 2, "d": 0}


def test_a_gap_can_order_what_no_chain_of_links_does() -> None:
    # c comes five or more after a, and two at most after b: so a came before b.
    links = [Order("1", "a", "c", 5), Order("2", "b", "c", 1, 2)]
    solved = network(dict.fromkeys("abc", OPEN), links)
    assert solved.before("a", "b") is Certainty.CERTAIN
    assert solved.order("a")[0] < solved.order("b")[0]


def test_of_two_that_nobody_can_rank_both_fall() -> None:
    links = [Order("1", "a", "b"), Order("2", "b", "a")]
    both = frozenset({"1", "2"})
    assert network(dict.fromkeys("ab", OPEN), links).fallen == {"1": both, "2": both}
    ranked = network(dict.fromkeys("ab", OPEN), links, lambda *two: two == ("1", "2"))
    assert ranked.fallen == {"2": both}


def test_a_time_that_no_link_names_is_no_part_of_it() -> None:
    solved = network({"a": OPEN, "b": OPEN}, [Order("1", "a", "x")])
    assert "a" not in solved
    assert solved.before("a", "b") is None


@pytest.mark.parametrize("gaps", [False, True])
def test_a_long_chain_costs_what_it_is_long(gaps: bool) -> None:
    count = 20_000
    extents = {f"{n:06}": OPEN for n in range(count)} | {"000000": Extent(0, 1, 0, 1, moment=True)}
    most = 3 if gaps else None
    links = [Order(f"{n}", f"{n:06}", f"{n + 1:06}", 2, most) for n in range(count - 1)]
    solved = network(extents, links)
    assert not solved.fallen
    assert solved.extent(f"{count - 1:06}").lo == 2 * (count - 1)
    assert solved.before("000000", f"{count - 1:06}") is Certainty.CERTAIN
    assert solved.before("000500", "000501") is Certainty.CERTAIN


def test_of_many_links_more_may_fall_and_what_remains_is_consistent() -> None:
    count = FEW + 8
    ring = [Order(f"{n:02}", f"{n:02}", f"{(n + 1) % count:02}") for n in range(count)]
    solved = network({f"{n:02}": OPEN for n in range(count)}, ring)
    assert len(solved.fallen) == count
    # One small contradiction in a large component leaves the rest of it alone.
    chain = ring[:-1]
    wrong = Order("x", "03", "01")
    solved = network({f"{n:02}": OPEN for n in range(count)}, [*chain, wrong])
    assert solved.fallen.keys() == {"x", "01", "02"}
