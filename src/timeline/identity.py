"""Identity: which ids, places or actors are one, as far as sources say so and nobody denies it.

Pairs that are said join what they name into components. A component of which a pair is denied is
*open*: no join in it is applied. Any other component is a *class*, known by one of its names. What
goes in a circle, a place within itself or a split of itself, falls.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, TypeVar

__all__ = ["DisjointSets", "Identity", "Joint", "circular", "identity", "is_id", "preferred"]

N = TypeVar("N", bound=Hashable)

_ID = re.compile(r"[^\s:]+:\S+")


class Joint(NamedTuple):
    """One link that joins several names, as it stands."""

    names: tuple[str, ...]
    said_by: tuple[str, ...]
    """The sources that say it; none where it is only denied."""
    denied_by: tuple[str, ...] = ()
    firsts: tuple[str, ...] = ()
    """What each claim that says it lists first."""


class Identity:
    """Classes of names that are one, and open components of names that may be."""

    def __init__(
        self, classes: Mapping[str, tuple[str, ...]], maybe: Mapping[str, frozenset[str]]
    ) -> None:
        self.classes = classes
        """The names of a class, its key first, by each of them."""
        self.maybe = maybe
        """The other names of an open component, by each of them."""

    def key(self, name: str) -> str:
        """Return the key of a name's class; the name itself where it is in none."""
        found = self.classes.get(name)
        return name if found is None else found[0]

    def names(self, name: str) -> tuple[str, ...]:
        """Return the names of a name's class, its key first."""
        return self.classes.get(name, (name,))

    def __bool__(self) -> bool:
        return bool(self.classes or self.maybe)


def is_id(name: str, known: frozenset[str] | set[str] = frozenset()) -> bool:
    """Say whether a name is an id: ``scheme:rest`` without spaces, or one that is known as such."""
    return name in known or _ID.fullmatch(name) is not None


def preferred(
    names: Iterable[str], firsts: Iterable[str], *, first_kind: Callable[[str], bool] | None = None
) -> str:
    """Return the key of a class.

    Those of ``first_kind`` come before others, then the one that every claim lists first, if there
    is one, then the least by code point.
    """
    of_kind = [name for name in names if first_kind is None or first_kind(name)]
    candidates = of_kind or list(names)
    listed = set(firsts)
    if len(listed) == 1:
        (only,) = listed
        if only in candidates:
            return only
    return min(candidates)


class DisjointSets:
    """Names that are joined in sets, by union and find (Galler and Fischer 1964)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._above

    def top(self, name: str) -> str:
        """Return the one name that stands for a name's set."""
        above = self._above
        end = name
        while (step := above.setdefault(end, end)) != end:
            end = step
        while above[name] != end:
            above[name], name = end, above[name]
        return end

    def join(self, names: Sequence[str]) -> None:
        """Put names into one set."""
        for name in names:
            one, other = self.top(name), self.top(names[0])
            if one != other:
                self._above[one] = other

    def sets(self) -> dict[str, list[str]]:
        """Return the members of each set, ascending, by the one that stands for it."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._above:
            found[self.top(name)].append(name)
        for members in found.values():
            members.sort()
        return found


def identity(
    joints: Iterable[Joint],
    *,
    key: Callable[[Sequence[str], Sequence[str]], str] = lambda names, _: min(names),
    trusted_more: Callable[[str, str], bool] = lambda _, __: False,
) -> Identity:
    """Return the classes and the open components that links make.

    ``key`` chooses the key of a class from its names, ascending, and from what each claim that
    joins some of them lists first. ``trusted_more(a, b)`` says whether the source a certainly is
    trusted more than b: a denial isn't counted if one of those who say the pair is trusted more
    than the one who denies it.
    """
    links = list(joints)
    sets = DisjointSets()
    firsts: defaultdict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.said_by:
            sets.join(link.names)
    for link in links:
        if link.said_by:
            firsts[sets.top(link.names[0])].extend(link.firsts)
    opened = {
        sets.top(pair[0])
        for pair in _denied(links, trusted_more)
        if all(name in sets for name in pair) and sets.top(pair[0]) == sets.top(pair[1])
    }
    classes: dict[str, tuple[str, ...]] = {}
    maybe: dict[str, frozenset[str]] = {}
    for root, names in sets.sets().items():
        if root in opened:
            maybe |= {name: frozenset(names) - {name} for name in names}
        else:
            chosen = key(names, firsts[root])
            ordered = (chosen, *(name for name in names if name != chosen))
            classes |= dict.fromkeys(names, ordered)
    return Identity(classes, maybe)


def _denied(
    links: Sequence[Joint], trusted_more: Callable[[str, str], bool]
) -> Iterator[tuple[str, ...]]:
    """The pairs of which a denial counts."""
    denied: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for link in links:
        if link.denied_by:
            denied[tuple(sorted(link.names))].update(link.denied_by)
    sayers: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for link in links if denied else ():
        if link.said_by:
            for one, other in combinations(sorted(link.names), 2):
                if (one, other) in denied:
                    sayers[one, other].update(link.said_by)
    for pair, deniers in denied.items():
        for denier in deniers:
            if not any(trusted_more(sayer, denier) for sayer in sayers[pair]):
                yield pair


def circular(edges: Mapping[N, Iterable[N]]) -> dict[N, frozenset[N]]:
    """Return what lies in a circle of a directed graph, each with all that share its circles.

    Tarjan's strongly connected components (1972), without recursion: a chain may be longer than
    the stack.
    """
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    stack: list[N] = []
    found: dict[N, frozenset[N]] = {}
    done: set[N] = set()

    def enter(node: N) -> tuple[N, Iterator[N]]:
        index[node] = low[node] = len(index)
        stack.append(node)
        return node, iter(edges.get(node, ()))

    for start in edges:
        path = [] if start in index else [enter(start)]
        while path:
            node, after = path[-1]
            onward = next((other for other in after if other not in done), None)
            if onward is None:
                path.pop()
                if path:
                    above = path[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == index[node]:
                    ring = frozenset(_popped(stack, node))
                    done |= ring
                    if len(ring) > 1 or node in edges.get(node, ()):
                        found |= dict.fromkeys(ring, ring)
            elif onward in index:
                low[node] = min(low[node], index[onward])
            else:
                path.append(enter(onward))
    return found


def _popped(stack: list[N], node: N) -> Iterator[N]:
    while True:
        last = stack.pop()
        yield last
        if last == node:
            return
