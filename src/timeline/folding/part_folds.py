"""Folds many parts of the same entries, and works out again only what each part changes.

Two questions are asked of parts all the time. What does a part alone answer: its accounts are put
together from what is resolved already, and folded. What would be answered without one entry: the
accounts stand in trees, so that only the way to what the entry bears on is folded again, by the
projection's ``merge``, its tables or its runs (see ``folding/aggregation.py``).

Entries are resolved in *clusters*: those that bear on each other by what they are about, what they
replace or void, and by links. What one cluster comes to doesn't depend on any other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from timeline.accounts import Account
from timeline.claims import LinkClaim, Retraction, Said, Void
from timeline.errors import ProjectionError
from timeline.folding import replay
from timeline.folding.aggregation import Seen, TimeFilter, aggregator_for, query
from timeline.folding.incremental import placements
from timeline.folding.part_answers import ALL, MISSING, PartAnswers
from timeline.folding.persistent_tree import Indexed, SortKey, Tree, updated
from timeline.folding.state_codec import state_type
from timeline.projection import powers_of
from timeline.resolution import account_order
from timeline.supersession import targets_of

__all__ = ["PartFolds", "Settled"]

_CACHED = 20_000  # parts of clusters whose accounts stay at hand
_TRIAL = 16  # what else a trial costs, in steps of a fold
_LOSS = 64

_Row = tuple[tuple[float, float, int, str], Hashable, Account]
"""One account under one key: its order, the key, and the account as that key sees it."""


class PartFolds:
    """The parts of some entries, as one question is asked of them.

    ``said`` is what was said by position, in order of arrival; ``answer`` is what is answered from
    all of it. ``settled`` is the tree of the one key that is asked, where that has accounts beside
    these, on which the answer doesn't rest. ``cost`` says in steps of a fold how much was done.
    """

    def __init__(
        self, question: PartAnswers, said: Mapping[int, Said], settled: Settled | None = None
    ) -> None:
        self._question = question
        self._said = said
        self._clusters = _clusters(said)
        self._resolved: dict[tuple[int, ...], list[Account]] = {}
        self._left: dict[int, tuple[int, ...]] = {}
        self.cost = 0
        self._trees = _Trees(question)
        self._settled = settled
        self.answer = self.of(said) if settled is None else self._trees.begin_with(settled)

    @property
    def whole(self) -> bool:
        """Whether these are all entries that bear on the answer."""
        return self._settled is None

    def of(self, part: Iterable[int]) -> Any:
        """Return the answer from some entries alone, ``MISSING`` where a handler fails on them."""
        grouped: dict[int, list[int]] = {}
        for position in sorted(part):
            grouped.setdefault(self._clusters[position], []).append(position)
        self.cost += _TRIAL
        try:
            rows = [row for several in grouped.values() for row in self._rows(tuple(several))]
            rows.sort(key=itemgetter(0))
            self.cost += len(rows)
            return self._folded(rows)
        except Exception:  # noqa: BLE001 - a fold of a part that makes no sense, in users' own code
            return MISSING

    def _rows(self, part: tuple[int, ...]) -> list[_Row]:
        question, projection = self._question, self._question.projection
        wanted = _wanted(question)
        return [
            (account_order(account), key, seen)
            for account in self._accounts(part)
            if replay.counts(projection, account, question.at, question.reading)
            for key, seen in replay.keyed(projection, account, question.at)
            if wanted is ALL or key == wanted
        ]

    def _accounts(self, part: tuple[int, ...]) -> list[Account]:
        """The accounts of a part of one cluster."""
        if part not in self._resolved:
            if len(self._resolved) > _CACHED:
                self._resolved.clear()
            self.cost += len(part)
            self._resolved[part] = self._question.accounts(self._said[one] for one in part)
        return self._resolved[part]

    def _folded(self, rows: Sequence[_Row]) -> Any:
        question, projection = self._question, self._question.projection
        if powers_of(projection).key is None:
            state = replay.fold(projection, (seen for _, _, seen in rows), projection.start)
            return question.of(replay.result(projection, state, question.at))
        states: dict[Hashable, Any] = {}
        for _, key, seen in rows:
            states[key] = replay.fold(projection, (seen,), states.get(key, projection.start))
        return question.of(
            {key: replay.result(projection, state, question.at) for key, state in states.items()}
        )

    # -- without one entry

    def begin_with_all(self) -> None:
        """Take all that bears on the answer as the whole, as ``begin`` does of a part."""
        self.begin(self._said)
        if self._settled is not None:
            self._trees.begin_with(self._settled)

    def begin(self, part: Iterable[int]) -> None:
        """Take some entries as the whole that ``changes_without`` and ``drop`` go on from."""
        grouped: dict[int, list[int]] = {}
        for position in sorted(part):
            grouped.setdefault(self._clusters[position], []).append(position)
        self._left = {cluster: tuple(several) for cluster, several in grouped.items()}
        accounts = [one for several in self._left.values() for one in self._accounts(several)]
        self.cost += len(accounts)
        self._trees.begin(accounts)

    def changes_without(self, position: int) -> bool:
        """Return whether the answer is another one without an entry of the whole."""
        changed, cost = self._trees.changed(*self._swap(position))
        self.cost += cost
        return changed

    def drop(self, position: int) -> None:
        """Leave an entry out of the whole, whose answer must stay the same."""
        self._trees.apply(*self._swap(position))
        cluster = self._clusters[position]
        self._left[cluster] = tuple(one for one in self._left[cluster] if one != position)

    # -- with some entries more

    def begin_before(self, position: int) -> None:
        """Take the entries up to a position, and the settled tree, as the whole."""
        assert self._settled is not None  # noqa: S101 - there is a tree to begin with
        self.begin(one for one in self._said if one <= position)
        self._trees.begin_with(self._settled)

    def with_more(self, part: Iterable[int]) -> Any:
        """Return the answer from the whole and some entries more."""
        grouped: dict[int, list[int]] = {}
        for position in sorted(part):
            grouped.setdefault(self._clusters[position], []).append(position)
        before: list[Account] = []
        after: list[Account] = []
        for cluster, several in grouped.items():
            there = self._left.get(cluster, ())
            before += self._accounts(there)
            after += self._accounts(tuple(sorted((*there, *several))))
        self.cost += _LOSS
        return self._trees.answer_with(before, after)

    def _swap(self, position: int) -> tuple[list[Account], list[Account]]:
        """The accounts of an entry's cluster with it and without it."""
        there = self._left[self._clusters[position]]
        return self._accounts(there), self._accounts(tuple(p for p in there if p != position))


class Settled(NamedTuple):
    """The tree of one key, of which some accounts alone are at hand."""

    tree: Tree
    seen: Seen
    """Gives the accounts of any of its items, as the projection is to see them."""


class _Trees:
    """The accounts of a whole in trees, as a kept projection has them."""

    def __init__(self, question: PartAnswers) -> None:
        self._question = question
        self._projection = projection = question.projection
        self._keyed = powers_of(projection).key is not None
        hint = None
        with suppress(ProjectionError):
            hint = state_type(type(projection))
        self._way = aggregator_for(projection, hint)
        # What hasn't happened by then may still bear on what was left out of a compacted state.
        self._raw = powers_of(projection).compact is None
        at = None if self._raw else question.at
        weighs = projection.takes_query_time
        self._filter = TimeFilter(at, question.reading, takes_query_time=weighs)
        self._trees: dict[Hashable, Tree] = {}
        self._accounts: dict[str, Account] = {}
        self._answers: dict[Hashable, Any] = {}
        self._rests_on: dict[Hashable, frozenset[str]] = {}
        """The events of the accounts that a state still has, once what is over is compacted."""
        self._elsewhere: Seen | None = None

    def begin(self, accounts: Iterable[Account]) -> None:
        """Put accounts where they belong, and work out what is answered from all of them."""
        self._trees, self._answers, self._rests_on, self._elsewhere = {}, {}, {}, None
        changes, self._accounts = self._changes((), accounts)
        for key, places in changes.items():
            tree = updated(None, places)
            if tree is not None:
                self._trees[key] = tree
                if self._raw:
                    with suppress(Exception):  # it raises where it is asked
                        self._way.whole(tree, partial(self._seen, key, {}))
        for key in self._trees if self._keyed else (None,):
            self._answers[key] = self._answer(key, self._trees.get(key), {})
            self._note_rest(key)

    def begin_with(self, settled: Settled) -> Any:
        """Take a tree as it is; return the answer."""
        self._accounts, self._elsewhere, key = {}, settled.seen, self._question.key
        self._trees = {key: settled.tree}
        self._answers = {key: self._answer(key, settled.tree, {})}
        self._rests_on = {}
        self._note_rest(key)
        return self._answers[key]

    def _note_rest(self, key: Hashable) -> None:
        has = powers_of(self._projection).accounts
        if has is not None and not self._raw and key in self._trees:
            with suppress(Exception):  # no answer, no rest
                state = self._state(key, self._trees[key], {})
                self._rests_on[key] = frozenset(one.event.id for one in has(state))

    def changed(self, before: Iterable[Account], after: Iterable[Account]) -> tuple[bool, int]:
        """Return whether other accounts change the answer, and what it cost to know."""
        changes, overlay = self._changes(before, after)
        cost = 1
        for key, places in changes.items():
            if self._left_out(key, places):
                continue
            cost += _LOSS
            was = self._answers.get(key, MISSING)
            tree = updated(self._trees.get(key), places)
            if tree is not None and tree.contested and not self._raw:
                cost += tree.size  # nothing of it is compacted
            if not self._question.same_part(was, self._answer(key, tree, overlay)):
                return True, cost
        return False, cost

    def answer_with(self, before: Iterable[Account], after: Iterable[Account]) -> Any:
        """Return the answer of the one key that is asked, with other accounts."""
        changes, overlay = self._changes(before, after)
        key = self._question.key
        tree = updated(self._trees.get(key), changes.get(key, {}))
        return self._answer(key, tree, overlay)

    def apply(self, before: Iterable[Account], after: Iterable[Account]) -> None:
        """Put other accounts in the place of some, which changes no answer."""
        changes, overlay = self._changes(before, after)
        self._accounts |= overlay
        for key, places in changes.items():
            still_rests = self._left_out(key, places)
            tree = updated(self._trees.get(key), places)
            if tree is None:
                self._trees.pop(key, None)
            else:
                self._trees[key] = tree
            if not still_rests:
                self._rests_on.pop(key, None)
                self._note_rest(key)

    def _left_out(self, key: Hashable, places: Mapping[SortKey, Indexed | None]) -> bool:
        """Whether a change only takes away what the answer is known not to rest on."""
        rests_on = self._rests_on.get(key)
        return rests_on is not None and all(
            item is None and place.event_id not in rests_on for place, item in places.items()
        )

    def _changes(
        self, before: Iterable[Account], after: Iterable[Account]
    ) -> tuple[dict[Hashable, dict[SortKey, Indexed | None]], dict[str, Account]]:
        changes: dict[Hashable, dict[SortKey, Indexed | None]] = {}
        for account in before:
            for key, item in self._places(account):
                changes.setdefault(key, {})[item.sort_key] = None
        overlay = {}
        for account in after:
            overlay[account.event.id] = account
            for key, item in self._places(account):
                changes.setdefault(key, {})[item.sort_key] = item
        return changes, overlay

    def _places(self, account: Account) -> list[tuple[Hashable, Indexed]]:
        question = self._question
        if not replay.counts(self._projection, account, question.at, question.reading):
            return []
        wanted = _wanted(question)
        keys = {key for key, _ in replay.keyed(self._projection, account, question.at)}
        placed = [one for one in placements(self._projection, account) if one.key in keys]
        return [(one.key, one.item) for one in placed if wanted is ALL or one.key == wanted]

    def _seen(
        self, key: Hashable, overlay: Mapping[str, Account], items: Sequence[Indexed]
    ) -> Iterable[Account]:
        for item in items:
            name = item.sort_key.event_id
            if name not in overlay and name not in self._accounts:
                assert self._elsewhere is not None  # noqa: S101 - it is in a tree that was given
                self._from_elsewhere(items, overlay)
            account = overlay[name] if name in overlay else self._accounts[name]
            if self._projection.takes_query_time:
                at = self._question.at
                account = replay.grouped(self._projection, [account], at)[key][0]
            yield account

    def _from_elsewhere(self, items: Sequence[Indexed], overlay: Mapping[str, Account]) -> None:
        """Take the accounts of items that aren't at hand from where the tree came from."""
        assert self._elsewhere is not None  # noqa: S101 - the caller has looked
        known = (overlay, self._accounts)
        missing = [one for one in items if not any(one.sort_key.event_id in it for it in known)]
        names = (one.sort_key.event_id for one in missing)
        self._accounts |= dict(zip(names, self._elsewhere(missing), strict=True))

    def _answer(self, key: Hashable, tree: Tree | None, overlay: Mapping[str, Account]) -> Any:
        if self._keyed and (tree is None or not self._filter.any(tree)):
            return MISSING
        projection, at = self._projection, self._question.at
        try:
            answer = replay.result(projection, self._state(key, tree, overlay), at)
            return answer if self._keyed else self._question.of(answer)
        except Exception:  # noqa: BLE001 - as where a part is folded
            return MISSING

    def _state(self, key: Hashable, tree: Tree | None, overlay: Mapping[str, Account]) -> Any:
        seen = partial(self._seen, key, overlay)
        return query(self._way, self._projection, tree, seen, self._filter)


def _wanted(question: PartAnswers) -> Any:
    """The one key whose accounts are folded, ``ALL`` for all of them."""
    powers = powers_of(question.projection)
    return ALL if powers.key is None or powers.part is not None else question.key


def _clusters(said: Mapping[int, Said]) -> dict[int, int]:
    """By position, the first position of the cluster it is in."""
    if any(isinstance(one, LinkClaim) and not one.link.events for one in said.values()):
        # Names of places and actors reach whatever mentions them.
        first = next(iter(said))
        return dict.fromkeys(said, first)
    parents: dict[int, int] = {}
    first_of: dict[str, int] = {}

    def root(position: int) -> int:
        while parents[position] != position:
            parents[position] = position = parents[parents[position]]
        return position

    for position, one in said.items():
        parents[position] = position
        names = [one.id, *targets_of(one)]
        if isinstance(one, LinkClaim):
            names += one.link.events
        if isinstance(one, Retraction) and one.target is not None:
            names.append(one.target)
        if not isinstance(one, Void):
            names.append(one.subject)
        for name in names:
            other = root(first_of.setdefault(name, position))
            mine = root(position)
            parents[max(mine, other)] = min(mine, other)
    return {position: root(position) for position in said}
