"""Accounts of events with many claims, each further claim taken in at a cost that grows slowly.

What ``resolution.resolve_one`` makes of all n claims is the definition. Here the same is kept up to
date, as every rule but one looks at a single source:

* What stands of a source's claims follows from what that source said about the event, and from
  what replaces or voids it. Most claims are plain: nobody has named them and they replace nothing,
  so they stand unless a retraction reaches them. After anything else, the claims of that one
  source are resolved anew, by ``supersession.standing_claims``.
* A claim is outdated once its source certainly published another: those that count wait in a heap,
  the one that ends first on top, and each leaves it once.
* Believed are the claims than which no other certainly came later. By stance, those that count
  stand in a balanced tree in the order in which their publication ends, each stretch with the span
  of its versions (``resolution.VersionSpan``): the believed ones are the stretches at the end.

An account is made without its claims. They are read from the log once somebody asks for them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from functools import reduce
from heapq import heappop, heappush
from math import inf
from threading import RLock
from typing import NamedTuple

from timeline.accounts import Account, live_account
from timeline.claims import Claim, Retraction, Said, Void
from timeline.errors import LogError
from timeline.events import Event
from timeline.folding.persistent_tree import MISSING, Indexed, Leaf, SortKey, Tree, updated
from timeline.resolution import VersionSpan, resolve_one
from timeline.supersession import (
    DependencyIndex,
    Find,
    Reach,
    Read,
    published_bounds,
    standing_claims,
    targets_of,
)

__all__ = ["LiveAccounts"]

_MANY = 16
"""Entries about one event before its account is kept up to date instead of resolved anew."""
_KEPT = 1 << 18
"""Entries about all events whose accounts are kept up to date; beyond that the least used go."""

_Publication = tuple[float, float, str]
"""When a claim was published, and its id: the order in which an account lists its claims."""


class LiveAccounts:
    """The accounts, as a fold stands, of the events of which much was said.

    ``lock`` is the fold's: an account may be looked at by any thread.
    """

    def __init__(self, dependencies: DependencyIndex, read: Read, find: Find, lock: RLock) -> None:
        self._dependencies = dependencies
        self._read = read
        self._find = find
        self._lock = lock
        self._live: dict[str, _LiveAccount] = {}

    def add(self, position: int, said: Said) -> None:
        """Take in the next entry, once the dependency index has."""
        if not self._live:
            return
        one: Said | None = said
        while isinstance(one, Void):
            found = self._find(one.target)
            one = None if found is None else found[1]
        if isinstance(one, Void | None):
            return
        plain = one is said and isinstance(said, Claim) and not said.replaces
        # Whatever it reaches, it reaches what one source says: its own.
        subjects = {one.subject} if plain else self._dependencies.dirty(one, self._find)
        for subject in subjects & self._live.keys():
            if plain and isinstance(said, Claim):
                self._live[subject].add(position, said)
            else:
                itself = one is said and subject == one.subject
                self._live[subject].changed(one.report.source, position if itself else None)

    def __contains__(self, name: str) -> bool:
        """Whether so much was said about an event that its account is kept up to date."""
        return self._dependencies.about.count(name) >= _MANY

    def get(self, name: str, position: int) -> Account | None:
        """Return the account of an event as known at the position of the last entry."""
        live = self._live.pop(name, None)
        if live is None:
            live = _LiveAccount(name, self._dependencies, self._read, self._lock)
        self._live[name] = live  # the last used goes last
        count = self._dependencies.about.count
        while len(self._live) > 1 and sum(map(count, self._live)) > _KEPT:
            del self._live[next(iter(self._live))]
        return live.account(position)


class _Version:
    """One version of the event, by content, and the claims that have it, by stance."""

    def __init__(self, span: VersionSpan, equal: Event) -> None:
        self.span = span
        self.equal = id(equal)
        """What versions have in common that are equal though other words were used."""
        self.published: dict[str, list[_Publication]] = {}
        """A heap of when its claims were published, and of some that don't count any more."""
        self.listed: dict[str, _Publication] = {}
        """The first of those that count."""


class _Counted(NamedTuple):
    """One claim that counts."""

    source: str
    stance: str
    published: _Publication
    version: _Version

    @property
    def sort_key(self) -> SortKey:
        start, end, name = self.published
        return SortKey(end, start, name)


class _Source:
    """What one source said about the event."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.counted: dict[str, _Counted] = {}
        self.ending: list[tuple[float, str]] = []
        """A heap of when these end, and of some that don't count any more."""
        self.last = -inf
        """The latest start of what stands."""
        self.reach: Reach | None = None
        """What all its retractions would reach, if none of them had fallen."""
        self.whole = True
        """Whether they reach just that."""


class _LiveAccount:
    """The account of one event, kept up to date."""

    def __init__(self, name: str, dependencies: DependencyIndex, read: Read, lock: RLock) -> None:
        self.name = name
        self.lock = lock
        self.changes = 0
        """Grows whenever something that bears on it is taken in."""
        self._dependencies = dependencies
        self._read = read
        self._sources: dict[str, _Source] = {}
        self._stale: set[str] = set()
        self._counted: dict[str, _Counted] = {}
        self._versions: dict[tuple[bytes, str], _Version] = {}
        self._equal: dict[Event, Event] = {}
        self._listed: dict[str, list[tuple[_Publication, _Version]]] = {"says": [], "expects": []}
        self._denying: dict[str, int] = {}
        self._trees: dict[str, Tree | None] = {"says": None, "expects": None}
        self._moved: dict[str, dict[SortKey, Indexed | None]] = {"says": {}, "expects": {}}
        for position, said in sorted(read(dependencies.about.several(name)).items()):
            if isinstance(said, Claim | Retraction):
                self.changed(said.report.source, position)

    # -- taking in

    def add(self, position: int, claim: Claim) -> None:
        """Take in a claim that replaces nothing."""
        self.changes += 1
        source = self._sources.setdefault(claim.source, _Source())
        source.positions.append(position)
        if claim.source in self._stale:
            return
        reach = source.reach
        reached = reach is not None and reach.reaches(claim)
        named = claim.id in self._dependencies.naming or (reach and claim.id in reach.named)
        if named or (reached and not source.whole):
            self._stale.add(claim.source)
        elif not reached:
            self._stands(source, claim)

    def changed(self, name: str, position: int | None) -> None:
        """Note that what stands of a source has to be resolved anew, and what it says of it."""
        self.changes += 1
        if position is not None:
            self._sources.setdefault(name, _Source()).positions.append(position)
        self._stale.add(name)

    def _resolve(self, position: int) -> None:
        """Resolve anew what stands of the sources that have changed."""
        stale = {name: self._sources[name] for name in self._stale if name in self._sources}
        self._stale.clear()
        positions = sorted(at for source in stale.values() for at in source.positions)
        said = self._dependencies.part(positions, self._read, position)
        retractions: dict[str, list[Retraction]] = {}
        claims: dict[str, list[Claim]] = {}
        for one in said:
            if isinstance(one, Retraction) and one.subject == self.name:
                retractions.setdefault(one.report.source, []).append(one)
            if isinstance(one, Claim) and one.subject == self.name:
                claims.setdefault(one.source, []).append(one)
        whole = not any(map(targets_of, said))
        for name, source in stale.items():
            for claim_id in list(source.counted):
                self._leaves(source, claim_id)
            source.ending.clear()
            source.last = -inf
            source.whole = whole
            own = retractions.get(name)
            source.reach = Reach(own, claims.get(name, ())) if own else None
        for group in standing_claims(said):
            for claim in group:
                # What replaces something else may be about another event, or of another source.
                if claim.subject == self.name and claim.source in stale:
                    self._stands(stale[claim.source], claim)

    def _stands(self, source: _Source, claim: Claim) -> None:
        """Take in a claim that stands: it may outdate others, and be outdated itself."""
        start, end = published_bounds(claim)
        if start > source.last:
            source.last = start
            while source.ending and source.ending[0][0] <= start:
                self._leaves(source, heappop(source.ending)[1])
        if end <= source.last:
            return
        span = VersionSpan.of(claim.event)
        version = self._versions.get(span.content)
        if version is None:
            equal = self._equal.setdefault(claim.event, claim.event)
            version = self._versions[span.content] = _Version(span, equal)
        one = _Counted(claim.source, claim.stance, (start, end, claim.id), version)
        source.counted[claim.id] = self._counted[claim.id] = one
        heappush(source.ending, (end, claim.id))
        if one.stance == "denies":
            self._denying[one.source] = self._denying.get(one.source, 0) + 1
            return
        heappush(version.published.setdefault(one.stance, []), one.published)
        self._list(version, one.stance)
        self._moved[one.stance][one.sort_key] = Indexed(one.sort_key, start, end)

    def _leaves(self, source: _Source, claim_id: str) -> None:
        """Let go of a claim that counts no more."""
        one = source.counted.pop(claim_id, None)
        if one is None:
            return  # it went before
        del self._counted[claim_id]
        if one.stance == "denies":
            self._denying[one.source] -= 1
            if not self._denying[one.source]:
                del self._denying[one.source]
            return
        self._list(one.version, one.stance)
        self._moved[one.stance][one.sort_key] = None

    def _list(self, version: _Version, stance: str) -> None:
        """List a version where the first of its claims stands that count."""
        published, listed = version.published[stance], self._listed[stance]
        while published and published[0][2] not in self._counted:
            heappop(published)
        before = version.listed.pop(stance, None)
        if published:
            version.listed[stance] = published[0]
        elif not version.listed:
            self._versions.pop(version.span.content, None)
        if before != version.listed.get(stance):
            if before is not None:
                del listed[bisect_left(listed, before, key=_first)]
            if published:
                insort(listed, (published[0], version), key=_first)

    # -- what follows

    def account(self, position: int) -> Account | None:
        """Return the account as known at a position; None where nobody affirms the event."""
        if self._stale:
            self._resolve(position)
        for stance, moved in self._moved.items():
            self._trees[stance] = updated(self._trees[stance], moved)
            moved.clear()
        expected = self._trees["says"] is None
        tree = self._trees["expects" if expected else "says"]
        if tree is None:
            return None
        # As ``latest``: those that end after the last one began.
        found = self._believed(tree, tree.firsts[1]) if tree.size > 1 else self._span(tree)
        assert found is not None  # noqa: S101 - the last one to begin hasn't ended before that
        return live_account(found.event, _Tally(self, position, expected=expected))

    def _believed(self, tree: Tree, last: float) -> VersionSpan | None:
        """The span of those whose publication ends after a moment."""
        if tree.start.lo > last:
            return self._span(tree)
        if tree.final.lo <= last:
            return None
        if isinstance(tree, Leaf):
            spans = [self._of(item) for item in tree.items if item.sort_key.lo > last]
            return reduce(VersionSpan.joined, spans)
        left, right = self._believed(tree.left, last), self._believed(tree.right, last)
        assert right is not None  # noqa: S101 - what ends last does
        return right if left is None else left.joined(right)

    def _span(self, tree: Tree) -> VersionSpan:
        if tree.summary is MISSING:
            if isinstance(tree, Leaf):
                count, span = tree.parent_summary or (0, None)
                spans = [] if span is None else [span]
                tree.summary = reduce(
                    VersionSpan.joined, [*spans, *map(self._of, tree.items[count:])]
                )
                tree.parent_summary = None
            else:
                tree.summary = self._span(tree.left).joined(self._span(tree.right))
        found: VersionSpan = tree.summary
        return found

    def _of(self, item: Indexed) -> VersionSpan:
        return self._counted[item.sort_key.event_id].version.span

    def versions(self, *, expected: bool) -> tuple[Event, ...]:
        """Return the versions as they are listed now, without repetition."""
        listed = self._listed["expects" if expected else "says"]
        # By hand: to hash thousands of events takes longer than everything else.
        found: dict[int, Event] = {}
        for _, version in listed:
            found.setdefault(version.equal, version.span.base)
        return tuple(found.values())

    def denied_by(self) -> frozenset[str]:
        """Return who denies it now."""
        return frozenset(self._denying)

    def resolved(self, position: int) -> Account:
        """Return the account as known at a position, with all its claims, by the definition."""
        read = self._dependencies.closure([self.name], self._read, position)
        account = resolve_one(self.name, read[self.name])
        if account is None:
            raise LogError(
                f"what was said about {self.name!r} was redacted since this answer was given; ask "
                "again"
            )
        return account


class _Tally:
    """What a live account was at one position; from its claims, once it has gone on."""

    def __init__(self, live: _LiveAccount, position: int, *, expected: bool) -> None:
        self.expected = expected
        self._live = live
        self._position = position
        self._changes = live.changes

    @property
    def versions(self) -> tuple[Event, ...]:
        """See ``Account.versions``."""
        with self._live.lock:
            if self._live.changes == self._changes:
                return self._live.versions(expected=self.expected)
            return self._live.resolved(self._position).versions

    @property
    def denied_by(self) -> frozenset[str]:
        """See ``Account.denied_by``."""
        with self._live.lock:
            if self._live.changes == self._changes:
                return self._live.denied_by()
            return self._live.resolved(self._position).denied_by

    def claims(self) -> dict[str, tuple[Claim, ...]]:
        """Return all standing claims, and those that count, by name; see ``Account``."""
        with self._live.lock:
            account = self._live.resolved(self._position)
        return {"claims": account.claims, "counted": account.counted}


def _first(listed: tuple[_Publication, _Version]) -> _Publication:
    return listed[0]
