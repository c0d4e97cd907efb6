"""Folds a projection over a log that grows, whatever the order in which its news comes.

New entries change the accounts of a few events. Each account stands in the tree of its key, in
chronological order: a late, corrected or retracted one is put in, replaced or taken out where it
belongs, and only what that touches is folded again. What every answer must be is defined by
``folding/replay.py``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, groupby
from math import inf
from threading import RLock
from typing import Any, Protocol

from timeline.accounts import Account
from timeline.claims import Claim, Said
from timeline.errors import LogError
from timeline.events import UnknownEvent
from timeline.folding import replay
from timeline.folding.aggregation import Aggregator, Seen, TimeFilter, query
from timeline.folding.link_components import LinkComponents
from timeline.folding.live_accounts import LiveAccounts
from timeline.folding.persistent_tree import MISSING, Indexed, Keyed, SortKey, Tree, leaves, updated
from timeline.kinds import KINDS
from timeline.projection import powers_of
from timeline.resolution import Reading, account_order, form_account, resolve_one
from timeline.supersession import DependencyIndex, Dirty, unordered

__all__ = ["Answers", "Entries", "IncrementalView", "PastAnswers", "placements"]

_LOW, _HIGH = -inf, inf
_DEEP = -1e300  # before all times that are bounded
_PREFIXES = 64  # entries about an event whose every past account is worked out for its key
_FRESH = 4096  # accounts that stay at hand once they are settled

Trees = dict[Hashable, Tree]


class Entries(Protocol):
    """What a fold reads of a log: what its entries say, by position and by id."""

    def read(self, positions: Iterable[int]) -> Mapping[int, Said]:
        """Return what the entries at some positions say."""
        ...

    def find(self, said_id: str) -> tuple[int, Said] | None:
        """Return the position of an entry by its id, and what it says."""
        ...


class IncrementalView:
    """One projection folded over the accounts of a log.

    ``position`` is how far it has read, ``way`` how stretches are folded. ``trees`` holds each
    key's accounts; a dict that was handed out isn't changed any more. Threads take turns by
    ``lock``.
    """

    def __init__(
        self, projection: Any, way: Aggregator, entries: Entries, *, history: bool
    ) -> None:
        self.projection = projection
        self.entries = entries
        self.lock = RLock()
        self.position = 0
        self.dependencies = DependencyIndex()
        self.trees: Trees = {}
        self.keyed_by_event: dict[str, tuple[Keyed, ...]] = {}
        self.states: dict[Hashable, Any] = {}
        """The state after all of a key's accounts, where it is known."""
        self.kinds: dict[str, bool] = {}
        """The kinds it met that don't come with the library, and whether they could be read."""
        self.keyed = powers_of(projection).key is not None
        self.links = LinkComponents(self.dependencies, entries.read)
        self.way = way
        self._live = LiveAccounts(self.dependencies, entries.read, entries.find, self.lock)
        self._compacts = powers_of(projection).compact is not None
        self._dirty: Dirty = {}
        self.fresh: dict[str, Account] = {}
        """Accounts at hand, as they are at ``position``."""
        self._loose: dict[Hashable, int] = {}
        self._handed_out = False
        self._moved: dict[Hashable, set[str]] | None = None
        self._anywhere: set[str] = set()
        self._roots: dict[Hashable, list[tuple[int, Tree | None]]] | None = {} if history else None

    # -- reading on

    def learn(self, position: int, said: Said) -> None:
        """Take in the next entry; ``compact`` works out what it changes."""
        self._dirty |= self.dependencies.add(position, said, self.entries.find)
        if isinstance(said, Claim) and type(said.event) not in KINDS:
            kind = (said.event.as_recorded or (said.event.kind,))[0]
            self.kinds[kind] = not isinstance(said.event, UnknownEvent)
        self.links.add(said)
        self._live.add(position, said)
        self.position = position
        if self._roots is not None:
            with suppress(Exception):  # what the projection raises may be corrected yet
                self.compact()

    def compact(self) -> None:
        """Put what entries have changed where it belongs.

        Raises whatever the projection's ``key`` raises; what that is about stays as it was and is
        tried again the next time, and all else is changed.
        """
        if not self._dirty:
            return
        fresh = self._resolved()
        new, failed = self._placed(fresh)
        changes: dict[Hashable, dict[SortKey, Indexed | None]] = {}
        for event_id in self._dirty.keys() - failed.keys():
            for placed in self.keyed_by_event.pop(event_id, ()):
                changes.setdefault(placed.key, {})[placed.item.sort_key] = None
        for placements in new.values():
            for placed in placements:
                changes.setdefault(placed.key, {})[placed.item.sort_key] = placed.item
        self.keyed_by_event |= {
            event_id: placements for event_id, placements in new.items() if placements
        }
        self.fresh = fresh
        if self._handed_out and changes:
            self.trees, self._handed_out = dict(self.trees), False
        for key, places in changes.items():
            self._update(key, places)
        self._dirty = dict.fromkeys(failed)
        if len(fresh) > _FRESH:
            self.fresh = {}
        if failed:
            raise next(iter(failed.values()))

    def _placed(
        self, fresh: Mapping[str, Account]
    ) -> tuple[dict[str, tuple[Keyed, ...]], dict[str, Exception]]:
        """Where accounts stand, and what the projection raised for those of some events."""
        new: dict[str, tuple[Keyed, ...]] = {}
        failed: dict[str, Exception] = {}
        for event_id, account in fresh.items():
            try:
                placements = self._placements(account)
                for placed in placements:
                    hash(placed.key)  # one that can't be a key
                new[event_id] = placements
            except Exception as error:  # noqa: BLE001 - the caller raises it
                failed[event_id] = error
        return new, failed

    def _resolved(self) -> dict[str, Account]:
        """The accounts, as they are now, of the events that were touched."""
        if self.links:
            # Links may bear on more than what something was said of.
            reached = self.links.reached(self._dirty)
            self._dirty = dict.fromkeys({*self._dirty, *reached})
            if self._moved is not None:
                closures = self.dependencies.closure(reached, self.entries.read, self.position)
                for event_id, said in closures.items():
                    self._note_keys(event_id, said)
            return self.accounts(reached, self.position)
        touched = self._dirty.items()
        lone = {name: form_account([claim]) for name, claim in touched if claim is not None}
        several = [name for name, claim in touched if claim is None]
        if self._moved is not None:
            closures = self.dependencies.closure(several, self.entries.read, self.position)
            for event_id, said in closures.items():
                self._note_keys(event_id, said)
        found = self._alone(several, self.position)
        return found | {name: account for name, account in lone.items() if account is not None}

    def _placements(self, account: Account) -> tuple[Keyed, ...]:
        """Where an account stands, under each key that it may belong to."""
        return placements(self.projection, account)

    def placements(self, event_id: str) -> tuple[Keyed, ...]:
        """Return where an event's account stands, from what the log says now."""
        account = self.accounts([event_id], self.position).get(event_id)
        return () if account is None else self._placements(account)

    def accounts(self, names: Collection[str], position: int) -> dict[str, Account]:
        """Return the accounts of some events as known at a position."""
        if self.links:
            return self.links.accounts(names, position, self._alone)
        return self._alone(names, position)

    def _alone(self, names: Collection[str], position: int) -> dict[str, Account]:
        """The accounts of some events that no link joins with others."""
        now = position == self.position
        live = {
            name: self._live.get(name, position) for name in names if now and name in self._live
        }
        several = [name for name in names if name not in live]
        closures = self.dependencies.closure(several, self.entries.read, position)
        found = {name: resolve_one(name, said) for name, said in closures.items()} | live
        return {name: account for name, account in found.items() if account is not None}

    def in_turn(
        self, event_id: str, keys: list[Hashable], position: int, at: int | None
    ) -> list[Hashable]:
        """Return keys that one event is the first of in the order in which a replay meets them."""
        if len(keys) > 1:
            with self.lock:
                account = self.accounts([event_id], position).get(event_id)
                met = list(replay.grouped(self.projection, [account] if account else [], at))
            keys.sort(key=lambda key: met.index(key) if key in met else len(met))
        return keys

    def _update(self, key: Hashable, places: Mapping[SortKey, Indexed | None]) -> None:
        before = self.trees.get(key)
        tree = updated(before, places)
        if self._roots is not None:
            self._roots.setdefault(key, []).append((self.position, tree))
        state = self.states.pop(key, MISSING)
        if tree is None:
            self.trees.pop(key, None)  # where an earlier change was broken off, it never was there
            self._loose.pop(key, None)
            return
        self.trees[key] = tree
        items = [places[place] for place in sorted(places)]
        in_order = before is None or (items[0] is not None and items[0].sort_key > before.final)
        if before is None:
            state = self.projection.start
        self._loose[key] = self._loose.get(key, 0) + len(items)
        seen = partial(self.seen, key, self.position, None)
        # What raises here raises again, where it is asked for, unless it is corrected before.
        with suppress(Exception):
            if in_order and state is not MISSING and not self._compacts:
                added = [item for item in items if item is not None]
                self.states[key] = replay.fold(self.projection, seen(added), state)
            if self._loose[key] >= self.way.patience(tree, self.states.get(key)):
                self.way.prepare(tree, seen)
                self._loose[key] = 0

    # -- asking

    def answers(self, at: int | None, reading: Reading, known: int | None = None) -> Any:
        """Return what ``replay.answer`` gives from all that stands; a lazy mapping if it is keyed.

        ``summary``, for a fold with history, is a position up to ``position``.
        """
        time_filter = TimeFilter(at, reading, takes_query_time=self.projection.takes_query_time)
        trees, position = self.trees, self.position
        if known is not None and known != position:
            trees, position = self._as_of(known), known
        elif self.keyed:
            self._handed_out = True
        if self.keyed:
            return Answers(self, trees, position, time_filter)
        return self.answer(None, trees.get(None), position, time_filter)

    def answer(
        self, key: Hashable, tree: Tree | None, position: int, time_filter: TimeFilter
    ) -> Any:
        """Return the answer of one key."""
        state = self._state(key, tree, position, time_filter)
        return replay.result(self.projection, state, time_filter.at)

    def _state(
        self, key: Hashable, tree: Tree | None, position: int, time_filter: TimeFilter
    ) -> Any:
        seen = partial(self.seen, key, position, time_filter.at)
        whole = tree is not None and tree is self.trees.get(key) and time_filter.at is None
        if not whole or self._compacts:
            return query(self.way, self.projection, tree, seen, time_filter)
        if key not in self.states:
            assert tree is not None  # noqa: S101 - it is whole
            self.states[key] = self.way.whole(tree, seen)
        return self.states[key]

    def _as_of(self, known: int) -> Trees:
        found = {}
        for key, roots in (self._roots or {}).items():
            index = bisect_right(roots, known, key=lambda root: root[0])
            tree = roots[index - 1][1] if index else None
            if tree is not None:
                found[key] = tree
        return found

    def seen(
        self, key: Hashable, position: int, at: int | None, items: Sequence[Indexed]
    ) -> Iterator[Account]:
        """Return the accounts of some items as known at a position, as the projection sees them."""
        names = [item.sort_key.event_id for item in items]
        fresh = self.fresh if position == self.position else {}
        missing = [name for name in names if name not in fresh]
        read = self.accounts(missing, position) if missing else {}
        for name in names:
            account = fresh[name] if name in fresh else read.get(name)
            if account is None:
                raise LogError(
                    f"what was said about {name!r} was redacted since this answer was given; ask "
                    "again"
                )
            if self.projection.takes_query_time:
                account = replay.grouped(self.projection, [account], at)[key][0]
            yield account

    # -- what was known before, without history

    def past(self, key: Hashable, known: int) -> list[Account]:
        """Return the accounts, as known at a position, that may have to do with a key; in order."""
        names = self.ever_under(key)
        closures = self.dependencies.closure(names, self.entries.read, known)
        accounts = [resolve_one(name, said) for name, said in closures.items()]
        standing = [account for account in accounts if account is not None]
        return sorted(standing, key=account_order)

    def ever_under(self, key: Hashable) -> set[str]:
        """Return the events that are under a key, were at some time, or are said to be by a claim.

        Some may never have been. Where only one thing was said of an event it is where it stands.
        """
        tree = leaves(self.trees.get(key))
        placed = {item.sort_key.event_id for leaf in tree for item in leaf.items}
        return placed | self.moved_under(key)

    def moved_under(self, key: Hashable) -> set[str]:
        """Return those events of ``ever_under`` of which it isn't plain where they stand."""
        self._know_keys()
        assert self._moved is not None  # noqa: S101 - known by now
        return self._moved.get(key, set()) | self._anywhere

    def seen_under(self, key: Hashable, at: int | None, position: int | None = None) -> Seen:
        """Return what gives the accounts of a key's items, as known at a position or now."""
        return partial(self.seen, key, self.position if position is None else position, at)

    def _know_keys(self) -> None:
        """Look, once, for the keys of all events of which it isn't plain where they stand."""
        if self._moved is not None:
            return
        self._moved = {}
        several = {
            name for name, there in self.dependencies.about.items() if not isinstance(there, int)
        }
        # The only claim about an event may have been voided, or replaced under another event.
        named = filter(None, map(self.entries.find, self.dependencies.naming))
        several |= {said.subject for _, said in named if isinstance(said, Claim)}
        several |= self.links.events()
        for event_id, said in self.dependencies.closure(
            several, self.entries.read, self.position
        ).items():
            self._note_keys(event_id, said)

    def _note_keys(self, event_id: str, said: Sequence[Said]) -> None:
        """Note each key that an account of an event has had, and that of each claim about it."""
        assert self._moved is not None  # noqa: S101 - whoever calls this has made it
        claims = [one for one in said if isinstance(one, Claim) and one.subject == event_id]
        events = [claim.event for claim in claims]
        if not self.projection.takes_query_time and unordered(claims):
            # What is believed may have been as wide as several versions, with a key of its own.
            if len(said) > _PREFIXES:
                self._anywhere.add(event_id)
            else:
                prefixes = (said[:count] for count in range(2, len(said) + 1))
                accounts = (resolve_one(event_id, prefix) for prefix in prefixes)
                events += [account.event for account in accounts if account is not None]
        for event in events:
            if self.projection.handler(type(event)) is not None:
                with suppress(Exception):  # it raises where it is asked for
                    key = self.projection.key(event) if self.keyed else None
                    self._moved.setdefault(key, set()).add(event_id)


def placements(projection: Any, account: Account) -> tuple[Keyed, ...]:
    """Return where an account stands, under each key of a projection that it may belong to."""
    if account.expected or not account.folded:
        return ()
    # Asked for every account: looking for all powers would take longer than the rest.
    event, keyed = account.event, getattr(projection, "key", None) is not None
    place = _place(account)
    if not projection.takes_query_time:
        if projection.handler(type(event)) is None:
            return ()
        key = projection.key(event) if keyed else None
        if key is None and keyed:
            return ()
        return (Keyed(key, Indexed(place, _bound(event.when.lo, _LOW), place.hi)),)
    versions = account.seen_versions
    handled = [one for one in versions if projection.handler(type(one)) is not None]
    if not handled:
        return ()
    last = max(_bound(one.when.hi, _HIGH) for one in handled)
    ordered = account.linked is not None and account.linked.timing is not None
    contested = len(versions) > 1 or bool(account.denied_by) or ordered
    firsts: dict[Hashable, float] = {}
    for one in handled:
        key = projection.key(one) if keyed else None
        if key is not None or not keyed:
            first = _bound(one.when.lo, _LOW)
            firsts[key] = min(first, firsts.get(key, first))
    return tuple(
        Keyed(key, Indexed(place, first, last, contested)) for key, first in firsts.items()
    )


class Answers(Mapping[Hashable, Any]):
    """What a keyed projection answers, by key, worked out for each key when it is asked for.

    It stays as it was when it was given, whatever the log learns later.
    """

    def __init__(
        self,
        fold: IncrementalView,
        trees: Mapping[Hashable, Tree],
        position: int,
        time_filter: TimeFilter,
    ) -> None:
        self._fold = fold
        self._trees = trees
        self._position = position
        self._time_filter = time_filter
        self._known: dict[Hashable, Any] = {}

    def __getitem__(self, key: Hashable) -> Any:
        if key not in self._known:
            tree = self._trees.get(key)
            if tree is None or not self._time_filter.any(tree):
                raise KeyError(key)
            with self._fold.lock:
                self._known[key] = self._fold.answer(key, tree, self._position, self._time_filter)
        return self._known[key]

    def __iter__(self) -> Iterator[Hashable]:
        # In the order in which a replay first meets them.
        first = {
            key: self._time_filter.earliest(tree)
            for key, tree in self._trees.items()
            if self._time_filter.any(tree)
        }
        ordered = sorted(first, key=first.__getitem__)
        return chain.from_iterable(
            self._fold.in_turn(place.event_id, list(keys), self._position, self._time_filter.at)
            for place, keys in groupby(ordered, key=first.__getitem__)
        )

    def __len__(self) -> int:
        return sum(map(self._time_filter.any, self._trees.values()))

    def __repr__(self) -> str:
        return repr(dict(self))


class PastAnswers(Mapping[Hashable, Any]):
    """What a keyed projection answered as known before, replayed for the keys asked for alone."""

    def __init__(
        self,
        one: Callable[[Hashable], Mapping[Hashable, Any]],
        every: Callable[[], Mapping[Hashable, Any]],
    ) -> None:
        self._one = one
        self._every = every
        self._all: Mapping[Hashable, Any] | None = None

    def __getitem__(self, key: Hashable) -> Any:
        return (self._one(key) if self._all is None else self._all)[key]

    def _replayed(self) -> Mapping[Hashable, Any]:
        if self._all is None:
            self._all = self._every()
        return self._all

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._replayed())

    def __len__(self) -> int:
        return len(self._replayed())

    def __repr__(self) -> str:
        return repr(dict(self))


def _bound(bound: int | None, unbounded: float) -> float:
    return unbounded if bound is None else bound


def _place(account: Account) -> SortKey:
    """Return ``account_order``, flat: a depth makes it earlier than all that is bounded."""
    lo, hi, depth, name = account_order(account)
    return SortKey(_DEEP / (1 + depth) if depth else lo, hi, name)
