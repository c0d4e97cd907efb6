"""Says in a few plain lines what links make of what stands, to hold the library against.

Components are put together by hand, times by Floyd and Warshall over a handful of events, and of
the smallest contradictions every subset is tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations
from math import inf
from typing import Any, NamedTuple

from tests.naive import (
    Stands,
    Trust,
    hi,
    later,
    latest_of_each_source,
    lo,
    naive_account,
    naive_claims,
)
from timeline.accounts import Account, Entry
from timeline.claims import Claim, LinkClaim
from timeline.links import Before, Link, SameEvent, SplitInto
from timeline.relations import Certainty
from timeline.times import When


class LinkedStands(NamedTuple):
    """What stands about one event once links are applied."""

    id: str
    ids: frozenset[str]
    maybe_same: frozenset[str]
    folded: bool
    bounds: tuple[float, float]
    claims: frozenset[Any]
    sources: frozenset[str]
    expected: bool


def seen_linked(account: Account) -> LinkedStands:
    """The same of an account of the library."""
    return LinkedStands(
        account.event.id,
        account.ids,
        account.maybe_same,
        account.folded,
        (lo(account.when), hi(account.when)),
        frozenset(account.claims),
        account.sources,
        account.expected,
    )


class Sayings(NamedTuple):
    """Who says and who denies one link, of what counts."""

    link: Link
    says: list[LinkClaim]
    denies: list[LinkClaim]


def rank(claim: Any, trust: Trust) -> Any:
    if callable(trust):
        return trust(claim)
    return list(trust).index(claim.source) if claim.source in trust else len(trust)


def trusted_more(one: LinkClaim, other: LinkClaim, trust: Trust) -> bool:
    mine, its = rank(one, trust), rank(other, trust)
    return mine is not None and its is not None and bool(mine < its)


def sayings(standing: Iterable[Any]) -> list[Sayings]:
    links = {claim.link.id: claim.link for claim in standing if isinstance(claim, LinkClaim)}
    found = []
    for name, link in sorted(links.items()):
        about = [one for one in standing if isinstance(one, LinkClaim) and one.link.id == name]
        counted = latest_of_each_source(about)
        found.append(
            Sayings(
                link,
                [one for one in counted if one.stance == "says"],
                [one for one in counted if one.stance == "denies"],
            )
        )
    return found


def undenied(one: Sayings, trust: Trust) -> bool:
    return bool(one.says) and all(
        any(trusted_more(say, deny, trust) for say in one.says) for deny in one.denies
    )


def components(several: list[Sayings], kind: type[Link], trust: Trust) -> tuple[Any, Any]:
    """The names that are one, and those that may be, by each name."""

    def names(link: Any) -> tuple[str, ...]:
        return tuple(next(iter(link.content().values())))

    mine = [one for one in several if isinstance(one.link, kind)]
    groups: list[set[str]] = []
    for one in mine:
        if one.says:
            met = [group for group in groups if group & set(names(one.link))]
            groups = [group for group in groups if group not in met]
            groups.append(set(names(one.link)).union(*met))
    classes: dict[str, set[str]] = {}
    maybe: dict[str, set[str]] = {}
    for group in groups:
        opened = any(
            set(names(one.link)) <= group
            and not any(
                trusted_more(say, deny, trust)
                for by in mine
                if set(names(one.link)) <= set(names(by.link))
                for say in by.says
            )
            for one in mine
            for deny in one.denies
        )
        for name in group:
            (maybe if opened else classes)[name] = group
    return classes, maybe


class Times:
    """All distances between the points of some times, with an origin at zero."""

    def __init__(self, times: dict[str, When], links: list[tuple[str, str, int, float]]) -> None:
        self.first: dict[str, int] = {}
        self.last: dict[str, int] = {}
        edges: list[tuple[int, int, float]] = []
        size = 1
        for name, time in times.items():
            one = time.extent
            boxes = [(one.lo, one.hi)]
            if not one.moment:
                boxes = [(one.lo, one.start_hi), (one.end_lo, one.hi)]
            for place, (low, high) in enumerate(boxes):
                edges.append((size + place, 0, inf if low is None else -low))
                edges.append((0, size + place, inf if high is None else high - 1))
            self.first[name], self.last[name] = size, size + len(boxes) - 1
            if not one.moment:
                edges.append((size + 1, size, -1))
            size += len(boxes)
        for earlier, after, least, most in links:
            edges.append((self.first[after], self.last[earlier], -least))
            edges.append((self.last[earlier], self.first[after], most))
        self.d = [[0 if i == j else inf for j in range(size)] for i in range(size)]
        for start, end, weight in edges:
            self.d[start][end] = min(self.d[start][end], weight)
        for k in range(size):
            for i in range(size):
                for j in range(size):
                    self.d[i][j] = min(self.d[i][j], self.d[i][k] + self.d[k][j])
        self.holds = all(self.d[i][i] >= 0 for i in range(size))

    def bounds(self, name: str) -> tuple[float, float]:
        return -self.d[self.first[name]][0], self.d[0][self.last[name]] + 1

    def certainly_before(self, one: str, other: str) -> bool:
        return one != other and self.d[self.first[other]][self.last[one]] <= -1


def _gap(link: Before) -> tuple[int, float]:
    least = max(1, (link.least or timedelta(0)) // timedelta(microseconds=1))
    return least, inf if link.most is None else link.most // timedelta(microseconds=1)


def stronger(one: Sayings, other: Sayings, trust: Trust) -> bool:
    def beats(mine: LinkClaim, its: LinkClaim) -> bool:
        a, b = rank(mine, trust), rank(its, trust)
        return later(mine, its) if a == b else trusted_more(mine, its, trust)

    return any(all(beats(mine, its) for its in other.says) for mine in one.says)


def naive_fallen(
    times: dict[str, When], orders: dict[str, tuple[Sayings, Any]], trust: Trust
) -> set[str]:
    """The orders that fall, by the words of the rule."""
    contradictions: list[set[str]] = []
    for size in range(1, len(orders) + 1):
        for chosen in combinations(sorted(orders), size):
            if any(one <= set(chosen) for one in contradictions):
                continue
            if not Times(times, [orders[name][1] for name in chosen]).holds:
                contradictions.append(set(chosen))

    def falls(name: str) -> bool:
        return any(
            name in one
            and not any(stronger(orders[name][0], orders[by][0], trust) for by in one)
            and not any(stronger(orders[by][0], orders[name][0], trust) and falls(by) for by in one)
            for one in contradictions
        )

    return {name for name in orders if falls(name)}


def naive_linked(
    entries: Iterable[Entry],
    *,
    known: datetime | int | None = None,
    published: float = inf,
    trust: Trust = (),
) -> tuple[list[LinkedStands], set[str], set[tuple[str, str]]]:
    """What stands, the orders that fell, and which of what is said certainly came before which."""
    standing, live = naive_claims(entries, known=known, published=published)
    several = sayings(standing)
    classes, maybe = components(several, SameEvent, trust)

    def one_of(name: str) -> str:
        return str(min(classes.get(name, {name})))

    groups: dict[str, set[Any]] = {}
    for claim in standing:
        if isinstance(claim, Claim):
            groups.setdefault(one_of(claim.event.id), set()).add(claim)
    accounts: dict[str, Stands] = {}
    for name, about in groups.items():
        if stands := naive_account(about, trust):
            accounts[name] = stands
    said = {name: one.event.when for name, one in accounts.items() if not one.expected}
    orders: dict[str, tuple[Sayings, Any]] = {}
    for one in several:
        if isinstance(one.link, Before) and undenied(one, trust):
            ends = one_of(one.link.earlier), one_of(one.link.later)
            orders[one.link.id] = one, (*ends, *_gap(one.link))
    among = {k: v for k, v in orders.items() if v[1][0] in said and v[1][1] in said}
    fallen = naive_fallen(said, among, trust)
    solved = Times(said, [link for name, (_, link) in among.items() if name not in fallen])
    bounds = {name: solved.bounds(name) for name in said}
    for name, stands in accounts.items():
        if stands.expected:
            bounds[name], more = _expected(name, stands.event.when, bounds, orders, trust)
            fallen |= more
    folded = _folded(several, accounts, live, one_of, trust)
    found = [
        LinkedStands(
            name,
            frozenset(classes.get(name, {name})),
            frozenset(maybe.get(name, {name})) - {name},
            folded.get(name, True),
            bounds[name],
            stands.claims,
            stands.sources,
            stands.expected,
        )
        for name, stands in accounts.items()
    ]
    certain = {(a, b) for a in said for b in said if solved.certainly_before(a, b)}
    return found, fallen, certain


def _expected(
    name: str,
    own: When,
    bounds: dict[str, tuple[float, float]],
    orders: dict[str, tuple[Sayings, Any]],
    trust: Trust,
) -> tuple[tuple[float, float], set[str]]:
    """The bounds of what is expected, by what is said alone, and the links that fell for it."""

    def fixed(one: tuple[float, float]) -> When:
        low, high = one
        return When(lo=None if low == -inf else int(low), hi=None if high == inf else int(high))

    times = {name: own}
    mine = {}
    for link, (one, ends) in orders.items():
        if name in ends[:2]:
            other = ends[1] if ends[0] == name else ends[0]
            if (other in bounds and other != name) or ends[0] == ends[1]:
                mine[link] = one, ends
                if other != name:
                    times[other] = fixed(bounds[other])
    fallen = naive_fallen(times, mine, trust)
    solved = Times(times, [link for key, (_, link) in mine.items() if key not in fallen])
    return solved.bounds(name), fallen


def _folded(
    several: list[Sayings], accounts: dict[str, Stands], live: list[Any], one_of: Any, trust: Trust
) -> dict[str, bool]:
    """Which accounts aren't folded, or are again."""
    splits: dict[str, set[str]] = {}
    mine = [one for one in several if isinstance(one.link, SplitInto) and undenied(one, trust)]
    edges = {
        (one_of(one.link.whole), one_of(part))  # type: ignore[attr-defined]
        for one in mine
        for part in one.link.parts  # type: ignore[attr-defined]
    }
    reached = set(edges)
    while more := {(a, d) for a, b in reached for c, d in edges if b == c} - reached:
        reached |= more
    for one in mine:
        link: Any = one.link
        ends = [(one_of(link.whole), one_of(part)) for part in link.parts]
        if not any((b, a) in reached for a, b in ends):
            splits.setdefault(one_of(link.whole), set()).update(part for _, part in ends)
    ever = {one_of(one.event.id) for one in live if isinstance(one, Claim) and one.stance == "says"}

    def stands(name: str) -> bool:
        return name in accounts and not accounts[name].expected

    folded: dict[str, bool] = {}
    for whole, parts in splits.items():
        if not stands(whole):
            continue
        if parts <= ever and any(map(stands, parts)):
            folded[whole] = False
        else:
            folded |= dict.fromkeys(parts, False)
    return folded


def before(one: Account, other: Account) -> bool:
    """Whether the library says that one certainly came before the other."""
    return one.before(other) is Certainty.CERTAIN
