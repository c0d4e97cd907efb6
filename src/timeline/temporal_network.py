"""A simple temporal network: what follows for uncertain times from links that order them.

After Dechter, Meiri and Pearl, Temporal Constraint Networks (1991). A moment is one point, what
lasted has two, its first and its last one. Each constraint says that one point lies at most so
many microseconds after another: ``x[v] - x[u] <= w`` is an edge from u to v of weight w, and an
origin at zero carries the bounds. The constraints can hold together iff no circle has a negative
weight; then the tightest bounds of a point are its shortest distances from and to the origin.

Where they can't, links fall: of each smallest contradiction, a link falls unless another link in it
is certainly weaker, or a stronger one in it has fallen itself. What remains is consistent, for the
weakest links of any contradiction left would have fallen. Bounds never fall.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

from timeline.identity import DisjointSets, circular
from timeline.relations import Certainty, Extent

__all__ = ["FEW", "Network", "Order", "network"]

FEW = 32
"""Links of one component up to which the falling of contradicting ones is exact."""

_FEW_TIED = 64  # times of one component, tied, whose order is worked out pair by pair
_FAR = 10**45  # microseconds; beyond all bounds and all sums of gaps
_UNBOUNDED = 10**40  # what lies as far as this has no bound
_TRIES = 200_000  # steps of a search that may be cut off

Edges = dict[int, list[tuple[int, int, int]]]
"""By point, the edges that leave it: where to, the weight, and the number of the link or -1."""


class Order(NamedTuple):
    """One link: the last moment of one time lies before the first moment of another."""

    id: str
    earlier: str
    later: str
    least: int = 1
    """How many microseconds lie between, at least."""
    most: int | None = None


Stronger = Callable[[str, str], bool]
"""Says of two links, by their ids, whether the first one certainly is stronger."""


class Network:
    """What follows from the links that stand; made by ``network``."""

    def __init__(self) -> None:
        self.fallen: dict[str, frozenset[str]] = {}
        """The links that fell, by id, each with a smallest contradiction that it is in."""
        self.parts: dict[str, _Component] = {}
        """The times that links join with others, each with what they make together."""

    def __contains__(self, name: str) -> bool:
        return name in self.parts

    def extent(self, name: str) -> Extent:
        """Return the tightest bounds of a time."""
        return self.parts[name].extent(name)

    def before(self, one: str, other: str) -> Certainty | None:
        """Say whether one time ended before another began; None where links say nothing of it."""
        part = self.parts.get(one)
        if part is None or self.parts.get(other) is not part:
            return None
        return part.before(one, other)

    def order(self, name: str) -> tuple[int, float, int]:
        """Return a time's depth, its reading date, and its depth among those of that reading date.

        Depth counts the linked predecessors with the very same bounds, one after the other. The
        reading date is the earliest moment or, where only the end is known, the lesser of that and
        the reading dates of all that links put after it; without an end, too, it is before all.
        """
        return self.parts[name].order(name)

    def component(self, name: str) -> int:
        """Return a number that all times have that links join with this one, and no others."""
        return id(self.parts[name])


class _Component:
    """Times that links join, solved; links that fell have no part in it any more."""

    def __init__(
        self, names: Sequence[str], extents: Mapping[str, Extent], links: Sequence[Order]
    ) -> None:
        self.names = names
        self.extents = extents
        self.links = links
        # Points: 0 is the origin; a moment has one, and what lasted has two.
        self.first: dict[str, int] = {}
        self.last: dict[str, int] = {}
        self.lo: list[int] = [0]
        self.hi: list[int] = [0]  # included
        for name in names:
            one = extents[name]
            self.first[name] = self._point(one.lo, one.hi if one.moment else one.start_hi)
            self.last[name] = self.first[name] if one.moment else self._point(one.end_lo, one.hi)
        self.given = (list(self.lo), list(self.hi))
        self._orders: dict[str, tuple[int, float, int]] | None = None
        self._edges: Edges | None = None
        self._owners: dict[int, str] = {}

    def _point(self, lo: int | None, hi: int | None) -> int:
        self.lo.append(-_FAR if lo is None else lo)
        self.hi.append(_FAR if hi is None else hi - 1)
        return len(self.lo) - 1

    # -- solving

    def solve(self, stronger: Stronger) -> dict[str, frozenset[str]]:
        """Drop the links that fall; give each with a smallest contradiction, and set the bounds."""
        culprits = self._relaxed(self.links)
        if not culprits:
            return {}
        aside: set[int] = set()
        while culprits:
            aside |= culprits
            kept = [link for number, link in enumerate(self.links) if number not in aside]
            numbers = [number for number in range(len(self.links)) if number not in aside]
            culprits = {numbers[one] for one in self._relaxed(kept)}
        fallen = _Falling(self, aside, stronger).fallen()
        names = {
            self.links[number].id: frozenset(self.links[one].id for one in contradiction)
            for number, contradiction in fallen.items()
        }
        self.links = [link for number, link in enumerate(self.links) if number not in fallen]
        again = self._relaxed(self.links)
        assert not again, "what remains is consistent"  # noqa: S101 - see the opening of the file
        return names

    def conflict(self) -> bool:
        """Say whether the links can't all hold."""
        return bool(self._relaxed(self.links))

    def _relaxed(self, links: Sequence[Order]) -> set[int]:
        """Tighten the bounds of all points by these links.

        Gives the numbers of some links that can't hold together, none where all can. It passes
        over the points from the earlier to the later ones and back, as often as anything changes:
        twice where no link bounds a gap from above.
        """
        self.lo, self.hi = list(self.given[0]), list(self.given[1])
        after: defaultdict[str, list[int]] = defaultdict(list)
        for number, link in enumerate(links):
            after[link.earlier].append(number)
        edges = {
            name: [links[number].later for number in numbers] for name, numbers in after.items()
        }
        rings = circular(edges)
        if rings:
            return {
                number
                for number, link in enumerate(links)
                if link.later in rings.get(link.earlier, ())
            }
        order = _topological(self.names, edges)
        return self._passes(order, after, links)

    def _passes(
        self, order: Sequence[str], after: Mapping[str, Sequence[int]], links: Sequence[Order]
    ) -> set[int]:
        lo, hi = self.lo, self.hi
        why_lo: dict[int, int] = {}  # by point, the link that moved its lower bound last, or -1
        why_hi: dict[int, int] = {}
        bounded = any(link.most is not None for link in links)
        for turn in range(len(order) + 2):
            before = (sum(lo), sum(hi)) if bounded else None
            for name in order:
                self._forward(name, after.get(name, ()), links, why_lo, why_hi)
            for name in reversed(order):
                self._backward(name, after.get(name, ()), links, why_lo, why_hi)
            crossed = [point for point in range(1, len(lo)) if lo[point] > hi[point]]
            if crossed:
                return self._culprits(crossed, why_lo, why_hi, links)
            if before is None or before == (sum(lo), sum(hi)):
                return set()
            if turn & (turn - 1) == 0:  # now and then: bounds that never come to rest
                for why in (why_lo, why_hi):
                    if found := self._ring(why, links, upward=why is why_lo):
                        return found
        raise AssertionError("bounds came to rest or went in a circle")  # pragma: no cover

    def _forward(
        self,
        name: str,
        numbers: Sequence[int],
        links: Sequence[Order],
        why_lo: dict[int, int],
        why_hi: dict[int, int],
    ) -> None:
        """What a time's own bounds say of those that links put after it."""
        lo, hi = self.lo, self.hi
        first, last = self.first[name], self.last[name]
        if first != last and lo[last] <= lo[first]:
            lo[last], why_lo[last] = lo[first] + 1, -1
        for number in numbers:
            link = links[number]
            start = self.first[link.later]
            if lo[start] < lo[last] + link.least:
                lo[start], why_lo[start] = lo[last] + link.least, number
            if link.most is not None and hi[start] > hi[last] + link.most:
                hi[start], why_hi[start] = hi[last] + link.most, number

    def _backward(
        self,
        name: str,
        numbers: Sequence[int],
        links: Sequence[Order],
        why_lo: dict[int, int],
        why_hi: dict[int, int],
    ) -> None:
        """What those that links put after a time say of its own bounds."""
        lo, hi = self.lo, self.hi
        first, last = self.first[name], self.last[name]
        for number in numbers:
            link = links[number]
            start = self.first[link.later]
            if hi[last] > hi[start] - link.least:
                hi[last], why_hi[last] = hi[start] - link.least, number
            if link.most is not None and lo[last] < lo[start] - link.most:
                lo[last], why_lo[last] = lo[start] - link.most, number
        if first != last and hi[first] >= hi[last]:
            hi[first], why_hi[first] = hi[last] - 1, -1

    def _came_from(self, at: int, number: int, links: Sequence[Order], *, upward: bool) -> int:
        """The point that moved a bound of this one, through a link or, -1, within what lasted."""
        if number < 0:
            name = self._owner(at)
            return self.first[name] if upward else self.last[name]
        last, start = self.last[links[number].earlier], self.first[links[number].later]
        return last if at == start else start

    def _owner(self, point: int) -> str:
        if not self._owners:
            self._owners = {point: name for name, point in self.first.items()}
            self._owners |= {point: name for name, point in self.last.items()}
        return self._owners[point]

    def _ring(self, why: Mapping[int, int], links: Sequence[Order], *, upward: bool) -> set[int]:
        """The links of a circle in which bounds push each other on; none where there is none."""
        done: set[int] = set()
        for start in why:
            path: dict[int, int] = {}
            at = start
            while at in why and at not in done and at not in path:
                path[at] = why[at]
                at = self._came_from(at, why[at], links, upward=upward)
            if at in path:
                points = list(path)
                return {path[point] for point in points[points.index(at) :]} - {-1}
            done.update(path)
        return set()

    def _culprits(
        self,
        crossed: Sequence[int],
        why_lo: Mapping[int, int],
        why_hi: Mapping[int, int],
        links: Sequence[Order],
    ) -> set[int]:
        """The links by which the lower bound of some point came to lie above its upper one."""
        found: set[int] = set()
        for point in crossed[:8]:
            for why in (why_lo, why_hi):
                at, seen = point, set()
                while at in why and at not in seen:
                    seen.add(at)
                    found.add(why[at])
                    at = self._came_from(at, why[at], links, upward=why is why_lo)
        return found - {-1}

    # -- asking

    def edges(self, links: Sequence[Order]) -> Edges:
        """Return the network as edges, the given bounds among them."""
        found: Edges = defaultdict(list)
        for point in range(1, len(self.given[0])):
            lo, hi = self.given[0][point], self.given[1][point]
            if lo > -_UNBOUNDED:
                found[point].append((0, -lo, -1))
            if hi < _UNBOUNDED:
                found[0].append((point, hi, -1))
        for name in self.names:
            if self.first[name] != self.last[name]:
                found[self.last[name]].append((self.first[name], -1, -1))
        for number, link in enumerate(links):
            last, start = self.last[link.earlier], self.first[link.later]
            found[start].append((last, -link.least, number))
            if link.most is not None:
                found[last].append((start, link.most, number))
        return found

    def extent(self, name: str) -> Extent:
        """Return the tightest bounds of a time."""
        first, last = self.first[name], self.last[name]
        lo, hi = _bound(self.lo[first]), _bound(self.hi[last])
        if first == last:
            end = None if hi is None else hi + 1
            return Extent(lo, end, lo, end, moment=True)
        start_hi, end_lo = _bound(self.hi[first]), _bound(self.lo[last])
        return Extent(
            lo,
            None if start_hi is None else start_hi + 1,
            end_lo,
            None if hi is None else hi + 1,
            moment=False,
        )

    def before(self, one: str, other: str) -> Certainty:
        """Say whether one time ended before another began."""
        last, first = self.last[one], self.first[other]
        if last != first and self._within(first, last, -1):
            return Certainty.CERTAIN
        if last == first or self._within(last, first, 0):
            return Certainty.IMPOSSIBLE
        return Certainty.POSSIBLE

    def _within(self, start: int, end: int, most: int) -> bool:
        """Whether ``x[end] - x[start] <= most`` follows.

        Dijkstra over weights made positive by a solution, the earliest times (Johnson 1977); the
        search goes no further than an answer could lie.
        """
        if self.hi[end] - self.lo[start] <= most:
            return True
        if self._edges is None:
            self._edges = self.edges(self.links)
        lo = self.lo
        most += lo[start] - lo[end]
        if most < 0:
            return False
        best = {start: 0}
        heap = [(0, 0, start)]
        turn = 0
        while heap:
            distance, _, point = heappop(heap)
            if point == end:
                return True
            if distance > best[point]:
                continue
            for to, weight, _ in self._edges.get(point, ()):
                if to == 0:
                    continue  # through the origin is what the bounds say, and they were looked at
                new = distance + weight + lo[point] - lo[to]
                if new <= most and new < best.get(to, most + 1):
                    best[to] = new
                    turn += 1
                    heappush(heap, (new, turn, to))
        return False

    def order(self, name: str) -> tuple[int, float, int]:
        """Return depth, reading date, and depth among those of that reading date."""
        if self._orders is None:
            self._orders = self._ordered()
        return self._orders[name]

    def _ordered(self) -> dict[str, tuple[int, float, int]]:
        bounds = {name: self.extent(name) for name in self.names}
        late = {name: one.lo for name, one in bounds.items() if one.lo is not None}
        after = self._after([name for name in self.names if name not in late])
        inner = {name: [one for one in others if one in after] for name, others in after.items()}
        sequence = _topological(list(after), inner)
        reading: dict[str, float] = dict(late)
        for name in reversed(sequence):
            hi = bounds[name].hi
            later = min((reading[other] for other in after[name]), default=inf)
            reading[name] = -inf if hi is None else min(hi, later)
        depth = dict.fromkeys(self.names, 0)
        read_depth = dict.fromkeys(self.names, 0)
        for name in sequence:
            for other in inner[name]:
                if bounds[name].hi is None and bounds[other].hi is None:
                    depth[other] = max(depth[other], depth[name] + 1)
                if reading[name] == reading[other]:
                    read_depth[other] = max(read_depth[other], read_depth[name] + 1)
        return {name: (depth[name], reading[name], read_depth[name]) for name in self.names}

    def _after(self, early: Sequence[str]) -> dict[str, list[str]]:
        """What comes after each time without a beginning: enough for the order to follow."""
        after: dict[str, list[str]] = {name: [] for name in early}
        if all(link.most is None for link in self.links):
            for link in self.links:
                if link.earlier in after:
                    after[link.earlier].append(link.later)
            return after
        # The earliest times of all are an order that fits; those without a beginning come first.
        sequence = sorted(self.names, key=lambda name: (self.lo[self.first[name]], name))
        for number, name in enumerate(sequence[: len(early)]):
            if len(early) > _FEW_TIED:  # too many to ask of each pair
                after[name] = sequence[number + 1 : number + 2]
            else:
                rest = sequence[number + 1 :]
                after[name] = [one for one in rest if self.before(name, one) is Certainty.CERTAIN]
        return after


def _bound(value: int) -> int | None:
    return value if -_UNBOUNDED < value < _UNBOUNDED else None


def _topological(names: Sequence[str], edges: Mapping[str, Sequence[str]]) -> list[str]:
    """Name so that each comes after all that lead to it (Kahn 1962); there must be no circle."""
    waiting = dict.fromkeys(names, 0)
    for others in edges.values():
        for other in others:
            waiting[other] += 1
    ready = deque(name for name in names if not waiting[name])
    order = []
    while ready:
        name = ready.popleft()
        order.append(name)
        for other in edges.get(name, ()):
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return order


class _CutOff(Exception):  # noqa: N818 - it is no error: more falls then
    """A search took more steps than it may."""


class _Falling:
    """Which links of a component that contradict each other fall.

    ``aside`` are links without which the others are consistent. A contradiction is the links of a
    circle of negative weight. Weights are reduced by a solution of the others (Johnson 1977), so
    that only edges of those aside are negative: what lies further from all of them than these can
    make up for is in no contradiction.
    """

    def __init__(self, component: _Component, aside: set[int], stronger: Stronger) -> None:
        self._component = component
        self._links = component.links
        height = component.lo
        self._out: dict[int, list[tuple[int, int, int]]] = {
            point: [(to, weight + height[point] - height[to], number) for to, weight, number in out]
            for point, out in component.edges(self._links).items()
        }
        self._of_link: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for point, out in self._out.items():
            for to, weight, number in out:
                if number >= 0:
                    self._of_link[number].append((point, to, weight))
        self._stronger = stronger
        self._holds: dict[frozenset[int], bool] = {}
        self._steps = 0
        self._most_steps: int | None = None
        self._aside = aside

    def fallen(self) -> dict[int, frozenset[int]]:
        """Return the links that fall, by number, each with a smallest contradiction."""
        near = self._near()
        ids = [link.id for link in self._links]
        self._most_steps = None if len(near) <= FEW else _TRIES
        above = {
            one: {other for other in near if self._stronger(ids[other], ids[one])} for one in near
        }
        below: defaultdict[int, set[int]] = defaultdict(set)
        for one, others in above.items():
            for other in others:
                below[other].add(one)
        fallen: dict[int, frozenset[int]] = {}
        surely: set[int] = set()
        # The strongest first: what a link's falling depends on is decided by then.
        for one in sorted(near, key=lambda number: (len(above[number]), ids[number])):
            allowed = near - below[one] - (above[one] & surely)
            try:
                found = self._contradiction(one, allowed)
            except _CutOff:
                fallen[one] = frozenset(allowed)
                continue
            if found is not None:
                fallen[one] = found
                surely.add(one)
        return fallen

    def _near(self) -> set[int]:
        """The links that may be in a contradiction."""
        negative = [
            (point, to, weight)
            for number in self._aside
            for point, to, weight in self._of_link[number]
            if weight < 0
        ]
        most = -sum(weight for _, _, weight in negative)
        into: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        onward: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for point, out in self._out.items():
            for to, weight, _ in out:
                if weight >= 0:
                    onward[point].append((to, weight))
                    into[to].append((point, weight))
        ahead = _distances([to for _, to, _ in negative], onward, most)
        back = _distances([point for point, _, _ in negative], into, most)
        return {
            number
            for number, edges in self._of_link.items()
            for point, to, weight in edges
            if weight < 0 or ahead.get(point, most) + weight + back.get(to, most) < most
        }

    def _contradiction(self, one: int, allowed: set[int]) -> frozenset[int] | None:
        """A smallest contradiction of allowed links that this one is in, if there is any."""
        spare = {
            number: -sum(weight for _, _, weight in self._of_link[number] if weight < 0)
            for number in allowed & self._aside
        }
        for edge in self._of_link[one]:
            for found in self._circles(edge, one, allowed, spare):
                if self._smallest(found):
                    return found
        return None

    def _circles(
        self, edge: tuple[int, int, int], one: int, allowed: set[int], spare: Mapping[int, int]
    ) -> Iterator[frozenset[int]]:
        """The links of each circle of negative weight, without a point twice, through an edge.

        ``spare`` is what the negative edges of a link take off, once: a path that the rest of them
        can't make up for is given up.
        """
        start, to, weight = edge
        left = sum(spare.values()) - spare.get(one, 0)
        path = [(to, weight, left, frozenset({one}), iter(self._out.get(to, ())))]
        seen = {to}
        if to == start and weight < 0:
            yield frozenset({one})
        while path and to != start:
            point, total, less, links, out = path[-1]
            step = next((step for step in out if self._goes_on(step, seen, allowed)), None)
            if step is None:
                path.pop()
                seen.discard(point)
                continue
            onto, cost, number = step
            if number >= 0 and number not in links:
                less -= spare.get(number, 0)
                links |= {number}
            if total + cost - less >= 0:
                continue
            if onto == start:
                if total + cost < 0:
                    yield links
                continue
            seen.add(onto)
            path.append((onto, total + cost, less, links, iter(self._out.get(onto, ()))))

    def _goes_on(self, step: tuple[int, int, int], seen: set[int], allowed: set[int]) -> bool:
        self._steps += 1
        if self._most_steps is not None and self._steps > self._most_steps:
            raise _CutOff
        onto, _, number = step
        return onto not in seen and (number < 0 or number in allowed)

    def _smallest(self, links: frozenset[int]) -> bool:
        """Whether a contradiction is none any more without any one of its links."""
        return all(self._consistent(links - {one}) for one in links)

    def _consistent(self, links: frozenset[int]) -> bool:
        found = self._holds.get(links)
        if found is None:
            chosen = [self._links[number] for number in sorted(links)]
            names = sorted({name for link in chosen for name in (link.earlier, link.later)})
            part = _Component(names, self._component.extents, chosen)
            found = self._holds[links] = not part.conflict()
        return found


def _distances(
    starts: Iterable[int], edges: Mapping[int, Sequence[tuple[int, int]]], most: int
) -> dict[int, int]:
    """The distance of each point from the nearest of some, where it is less than ``most``."""
    best = dict.fromkeys(starts, 0)
    heap = [(0, point) for point in best]
    while heap:
        distance, point = heappop(heap)
        if distance > best[point]:
            continue
        for to, weight in edges.get(point, ()):
            if distance + weight < best.get(to, most):
                best[to] = distance + weight
                heappush(heap, (distance + weight, to))
    return best


def network(
    extents: Mapping[str, Extent],
    links: Iterable[Order],
    stronger: Stronger = lambda _, __: False,
) -> Network:
    """Return what follows for some times from links between them.

    A link of a name that has no extent is left out. ``stronger`` is a strict partial order of
    links, by their ids.
    """
    solved = Network()
    known = sorted(
        (link for link in links if link.earlier in extents and link.later in extents),
        key=lambda link: link.id,
    )
    sets = DisjointSets()
    for link in known:
        sets.join((link.earlier, link.later))
    between: defaultdict[str, list[Order]] = defaultdict(list)
    for link in known:
        between[sets.top(link.earlier)].append(link)
    for root, names in sets.sets().items():
        part = _Component(names, extents, between[root])
        solved.fallen.update(part.solve(stronger))
        solved.parts.update(dict.fromkeys(names, part))
    return solved
