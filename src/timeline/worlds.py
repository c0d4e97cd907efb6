"""Worlds: every answer that an order, a membership or a version left open by sources may give.

A *world* settles what the sources leave open: of events in an uncertain order, which came first; of
events that may have happened by the moment asked, whether they had; of versions that nobody can
rank, which one is right. Its answer is that of the fold over it. The worlds are the linear
extensions of down-sets of the interval order "certainly before" (by times and by links).

They are explored exactly as long as that costs no more folds than allowed: by dynamic programming
over down-sets, in which equal states meet again (Bellman; for linear extensions, De Loof, De Meyer
and De Baets, 2006). Events that commute, as the projection's ``merge`` proves, aren't permuted.
Beyond the budget the result says that it isn't complete, and is found in two ways: an event that
commutes with each other one from the state at hand is folded first and not permuted (which may
miss what differs from states that aren't met), and random linear extensions.

A projection that takes the moment asked (``Control``) decides such things itself. It is asked with
the times of each world: one moment for each event, in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod
from random import Random
from typing import Any

import attrs

from timeline.accounts import Account, lone_account
from timeline.claims import bare_claim
from timeline.counts import Count
from timeline.display import HtmlRepr
from timeline.events import Event
from timeline.folding import replay
from timeline.folding.part_answers import ALL, PartAnswers
from timeline.projection import powers_of
from timeline.relations import Certainty
from timeline.resolution import happened_by, may_be_believed, may_have_happened_by
from timeline.serialization import Plain
from timeline.times import When

__all__ = ["MOST", "Worlds", "explore"]

MOST = 10_000
"""States looked at before the search says that it isn't complete."""

_CERTAIN = Certainty.CERTAIN
_SAMPLES = 64  # random orders that are tried where not all can be
_SEED = 0  # the same orders whenever it is asked


@attrs.frozen(repr=False)
class Worlds(HtmlRepr, shows="answers complete certain low high", short="{words}"):
    """The answers that may be right, each once, and for each an order that gives it.

    ``witnesses`` has for each answer, in the same order, the accounts that were counted, first to
    last. ``complete`` says that there are no other answers; else these are some of them.
    ``certain`` says that there is one alone. ``low`` and ``high`` are the range of answers that are
    numbers or Counts, None for others.
    """

    answers: tuple[Any, ...]
    witnesses: tuple[tuple[Account, ...], ...]
    complete: bool

    @property
    def certain(self) -> bool:
        """Whether one answer is left, and no other is possible."""
        return self.complete and len(self.answers) == 1

    @property
    def low(self) -> Any:
        """The least of the answers, for numbers and Counts."""
        return None if (bounds := _bounds(self.answers)) is None else bounds[0]

    @property
    def high(self) -> Any:
        """The greatest of the answers; None where a Count has no ceiling."""
        return None if (bounds := _bounds(self.answers)) is None else bounds[1]

    def __str__(self) -> str:
        texts = [str(answer) for answer in self.answers]
        if self.certain:
            return f"{texts[0]}: the only answer that is possible"
        lines = [f"{len(texts)} answers are possible:" if self.complete else "At least these:"]
        for text, witness in zip(texts, self.witnesses, strict=True):
            order = (
                ", then ".join(account.summary() for account in witness) or "nothing had happened"
            )
            lines.append(f"  {text}: if {order}" if len(order) < 400 else f"  {text}")  # noqa: PLR2004
        return "\n".join(lines)

    def to_dicts(self) -> list[Plain]:
        """Return a row of plain JSON for each answer, its witness by the ids of its events."""
        return [
            {
                "answer": None if answer is None else str(answer),
                "order": [account.event.id for account in witness],
                "complete": self.complete,
            }
            for answer, witness in zip(self.answers, self.witnesses, strict=True)
        ]


def _bounds(answers: Sequence[Any]) -> tuple[Any, Any] | None:
    if answers and all(isinstance(one, Count) for one in answers):
        highs = [one.high for one in answers]
        return min(one.low for one in answers), None if None in highs else max(highs)
    if answers and all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in answers
    ):
        return min(answers), max(answers)
    return None


# -- one world


@attrs.frozen(eq=False)
class _Item:
    """One account in one version of its event; ``sure`` is whether it counts in every world."""

    account: Account
    sure: bool
    never: bool = False
    """Whether it didn't happen; it may still say what was so before it would have."""


class _OverBudget(Exception):  # noqa: N818 - it is no error
    """More would have to be folded than is allowed."""


class _Search:
    """Explores the worlds of one group of accounts that are folded together."""

    def __init__(
        self, question: PartAnswers, accounts: Sequence[Account], most: int, *, key: Any = ALL
    ) -> None:
        self._question = question
        self._projection = question.projection
        self._key = key
        self._most = self._left = most
        self._commuting = False  # whether an event that commutes here is folded first
        self._choices = [self._versions(account) for account in accounts]
        self.answers: list[Any] = []
        self.witnesses: list[tuple[Account, ...]] = []
        self.complete = True

    def run(self) -> None:
        """Explore all worlds, or as many as are allowed."""
        if self._explored():
            return
        self.complete = False
        if not self._projection.takes_query_time:
            self._left, self._commuting = self._most, True
            self._explored()
        self._extremes()
        self._sample()

    def _explored(self) -> bool:
        """Explore the worlds of every choice of versions; return whether the budget was enough."""
        try:
            for chosen in product(*self._choices):
                self._worlds([one for one in chosen if one is not None])
        except _OverBudget:
            return False
        return True

    # what is open of one account

    def _versions(self, account: Account) -> list[_Item | None]:
        """The versions that one account may be right in; None where it may not have happened."""
        found: dict[_Item, None] = {}
        events, denied = _alternatives(self._question, account)
        # Where it didn't happen, or not here, or not yet, it may say what was so instead.
        instead: dict[_Item | None, None] = {None: None} if denied else {}
        for event in events:
            if not self._folds(event):
                instead[None] = None
                continue
            seen = account if event is account.event else _with_version(account, event)
            if may_have_happened_by(event.when, self._question.at):
                found[_Item(seen, happened_by(event.when, self._question.at))] = None
            else:
                instead[None] = None
        if instead and self._projection.looks_back:
            here = [_with_version(account, event) for event in events if self._folds(event)]
            instead = {_Item(one, sure=False, never=True): None for one in here}
        return [*found, *instead]

    def _folds(self, event: Event) -> bool:
        """Whether an event is folded under the key of the search."""
        if self._projection.handler(type(event)) is None:
            return False
        key_of = powers_of(self._projection).key
        return key_of is None or self._key is ALL or key_of(event) == self._key

    # the worlds of one choice of versions

    def _worlds(self, items: list[_Item]) -> None:
        before = _predecessors(items)
        everything = (1 << len(items)) - 1
        for members in _down_sets(items, before):
            self._spend()
            if not self._projection.takes_query_time:
                self._states(items, before, members)
                continue
            if members or not self._projection.looks_back:
                for order in self._orders(before, members):
                    self._in_order([items[number].account for number in order])
                continue
            # Of what hadn't happened yet, the first may say what was so until then.
            at = self._question.at or 0
            for order in self._orders(before, everything):
                later = _retimed([items[number].account for number in order], at)
                self._found(later, (), at)

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _OverBudget

    def _states(self, items: list[_Item], before: list[int], members: int) -> None:
        """Fold all orders of some members: layer by layer, where equal states meet again."""
        layer: dict[int, list[tuple[Any, tuple[int, ...]]]] = {0: [(self._projection.start, ())]}
        for _ in range(members.bit_count()):
            following: dict[int, list[tuple[Any, tuple[int, ...]]]] = {}
            for done, states in layer.items():
                for state, path in states:
                    for number, new in self._steps(items, before, members & ~done, state):
                        there = following.setdefault(done | 1 << number, [])
                        if not any(_equal(new, other) for other, _ in there):
                            self._spend()
                            there.append((new, (*path, number)))
            layer = following
        for state, path in layer.get(members, []):
            witness = tuple(items[number].account for number in path)
            self._answer(state, witness, self._question.at)

    def _steps(
        self, items: list[_Item], before: list[int], left: int, state: Any
    ) -> list[tuple[int, Any]]:
        """The events that may come next, each with the state after it."""
        ready = [n for n in _members(left) if not before[n] & left]
        after: dict[int, Any] = {}
        for n in ready:
            after[n] = self._folded(state, items[n])
            others = [m for m in _members(left) if m != n and not before[m] >> n & 1]
            if all(self._commute_always(items[n], items[m]) for m in others) or (
                self._commuting and all(self._commute(items, state, after[n], n, m) for m in others)
            ):
                return [(n, after[n])]
        return list(after.items())

    def _commute_always(self, one: _Item, other: _Item) -> bool:
        """Whether ``merge`` proves that two events may be folded in either order from any state.

        A fold with ``merge`` is a homomorphism into a monoid, by its law. Where what two events
        come to alone commutes there, they may change places wherever they are neighbours.
        """
        merge = powers_of(self._projection).merge
        if merge is None:
            return False
        mine, its = (self._folded(self._projection.start, item) for item in (one, other))
        return _equal(merge(mine, its), merge(its, mine))

    def _commute(self, items: list[_Item], state: Any, after: Any, n: int, m: int) -> bool:
        other = self._folded(self._folded(state, items[m]), items[n])
        return _equal(self._folded(after, items[m]), other)

    def _folded(self, state: Any, item: _Item) -> Any:
        return replay.fold(self._projection, (item.account,), state)

    def _orders(self, before: list[int], left: int) -> Iterator[list[int]]:
        """All orders of some members, by backtracking."""
        if not left:
            yield []
            return
        for number in _members(left):
            if not before[number] & left:
                self._spend()
                for rest in self._orders(before, left & ~(1 << number)):
                    yield [number, *rest]

    # what was found

    def _found(
        self, accounts: Sequence[Account], witness: tuple[Account, ...], at: int | None
    ) -> None:
        state = replay.fold(self._projection, accounts, self._projection.start)
        self._answer(state, witness, at)

    def _answer(self, state: Any, witness: tuple[Account, ...], at: int | None) -> None:
        """Note an answer, unless it is there already."""
        if self._key is not ALL and not witness and not self._projection.looks_back:
            answer = None  # nothing of this key had happened
        else:
            answer = replay.result(self._projection, state, at)
        # It is the answer of one key already, or the whole one.
        question = attrs.evolve(self._question, key=None)
        if any(_alike(question, answer, other) for other in self.answers):
            return
        self.answers.append(answer)
        self.witnesses.append(witness)

    def _in_order(self, accounts: Sequence[Account]) -> None:
        """Fold one world, whose order is that of the accounts."""
        timed = self._projection.takes_query_time
        world = _retimed(accounts, None) if timed else accounts
        self._found(world, tuple(accounts), self._question.at)

    def _extremes(self) -> None:
        """Fold the worlds in which as little, and as much, had happened as may be."""
        firsts = [next((one for one in choice if one), None) for choice in self._choices]
        items = [one for one in firsts if one is not None and not one.never]
        self._in_order([one.account for one in items if one.sure])
        self._in_order([one.account for one in items])

    def _sample(self) -> None:
        """Fold random worlds."""
        rng = Random(_SEED)  # noqa: S311 - no secret
        for _ in range(max(4, min(_SAMPLES, 500_000 // (len(self._choices) ** 2 + 1)))):
            items = [one for one in map(rng.choice, self._choices) if one is not None]
            order = _random_order(items, _predecessors(items), rng)
            self._in_order([items[number].account for number in order])


def _alternatives(question: PartAnswers, account: Account) -> tuple[Sequence[Event], bool]:
    """The versions of which any may be right, as they are folded; whether none of them may be.

    A projection that takes the moment asked weighs what all sources say by itself.
    """
    if question.projection.takes_query_time:
        return account.seen_versions, bool(account.denied_by)
    believed, denied = may_be_believed(account, question.trust)
    events = attrs.evolve(account, counted=tuple(believed)).seen_versions
    return events if len(events) > 1 else (account.event,), denied


def _alike(question: PartAnswers, one: Any, other: Any) -> bool:
    return one is other if one is None or other is None else question.same(one, other)


def _predecessors(items: Sequence[_Item]) -> list[int]:
    """For each item those that were certainly before it, a bit for each."""
    accounts = [one.account for one in items]
    if any(one.linked is not None and one.linked.timing is not None for one in accounts):
        return [
            sum(
                1 << j
                for j, other in enumerate(items)
                if not other.never and other.account.before(one) == _CERTAIN
            )
            for one in accounts
        ]
    ends = sorted(
        (one.account.when.hi, n)
        for n, one in enumerate(items)
        if one.account.when.hi is not None and not one.never
    )
    masks = [0]
    for _, number in ends:
        masks.append(masks[-1] | 1 << number)
    return [
        0 if one.when.lo is None else masks[bisect_right(ends, (one.when.lo, len(accounts)))]
        for one in accounts
    ]


def _retimed(accounts: Sequence[Account], start: int | None) -> list[Account]:
    """The accounts of a world, each at one moment, so that they follow each other in order."""
    moment = -(1 << 62) if start is None else start - 1
    found = []
    for account in accounts:
        lo = account.when.lo
        moment = moment + 1 if lo is None else max(moment + 1, lo)
        found.append(_at(account, moment))
    return found


def _random_order(items: Sequence[_Item], before: list[int], rng: Random) -> list[int]:
    """A random linear extension of a random down-set that has all that is sure."""
    needed = _needed(items, before)
    stopped, left = 0, (1 << len(items)) - 1
    order: list[int] = []
    while left:
        number = rng.choice([n for n in _members(left) if not before[n] & left])
        left &= ~(1 << number)
        happened = not items[number].never and (needed >> number & 1 or rng.randrange(2))
        if before[number] & stopped or not happened:
            stopped |= 1 << number
        else:
            order.append(number)
    return order


def _needed(items: Sequence[_Item], before: list[int]) -> int:
    """What happened in every world: what is sure, and what came before that."""
    needed = sum(1 << n for n, one in enumerate(items) if one.sure)
    for n in _members(needed):
        needed |= before[n]
    return needed


def _down_sets(items: Sequence[_Item], before: list[int]) -> Iterator[int]:
    """All sets of members that have what is sure, and with each member what came before it."""
    needed = _needed(items, before)
    maybe = [n for n, one in enumerate(items) if not needed >> n & 1 and not one.never]
    maybe.sort(key=lambda n: before[n].bit_count())  # what came before comes first
    left = [(needed, 0)]
    while left:
        members, at = left.pop()
        if at == len(maybe):
            yield members
            continue
        if not before[maybe[at]] & ~members:
            left.append((members | 1 << maybe[at], at + 1))
        left.append((members, at + 1))


def _members(members: int) -> Iterator[int]:
    number = 0
    while members:
        if members & 1:
            yield number
        members >>= 1
        number += 1


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 - states that can't be compared are different ones
        return one is other


def _with_version(account: Account, event: Event) -> Account:
    """An account as if one version of its event were all that was said."""
    return attrs.evolve(_alone(account, event), linked=account.linked)


def _at(account: Account, moment: int) -> Account:
    """An account whose event was at one moment, ordered by that alone."""
    event = object.__new__(type(account.event))
    when = When(lo=moment, hi=moment + 1)
    object.__setattr__(event, "__dict__", {**account.event.__dict__, "when": when})
    alone = _alone(account, event)
    if account.linked is None:
        return alone
    return attrs.evolve(alone, linked=attrs.evolve(account.linked, timing=None, said_when=None))


def _alone(account: Account, event: Event) -> Account:
    claims = [claim for claim in account.counted if claim.stance == "says"]
    claim = next((one for one in claims if one.event == event), claims[0])
    return lone_account(bare_claim({**claim.__dict__, "event": event}))


# -- the question


def explore(accounts: Sequence[Account], question: PartAnswers, *, most: int = MOST) -> Worlds:
    """Return the answers that some accounts may give, in chronological order, to a question.

    Of a projection with ``key`` each key is explored on its own, since events of one are never
    folded with those of another; the answers are mappings then, unless one key is asked.
    """
    counted = [
        one
        for one in accounts
        if not one.expected
        and one.folded
        and any(
            question.projection.handler(type(version)) is not None
            for version in (one.event, *one.seen_versions)
        )
        and any(
            may_have_happened_by(version.when, question.at)
            for version in (one.event, *one.seen_versions)
        )
    ]
    if powers_of(question.projection).key is None:
        search = _Search(question, counted, most)
        search.run()
        answers = [question.of(answer) for answer in search.answers]
        return Worlds(tuple(answers), tuple(search.witnesses), search.complete)
    return _by_key(counted, question, most)


def _by_key(accounts: Sequence[Account], question: PartAnswers, most: int) -> Worlds:
    groups = _groups(accounts, question)
    found: dict[Any, _Search] = {}
    for key, some in groups.items():
        if question.key is ALL or key == question.key:
            found[key] = _Search(question, some, most, key=key)
            found[key].run()
    if question.key is not ALL:
        if question.key not in found:
            return Worlds((None,), ((),), complete=True)
        one = found[question.key]
        return Worlds(tuple(one.answers), tuple(one.witnesses), one.complete)
    total = prod(len(one.answers) for one in found.values())
    once = _counted_once(accounts, question, groups)
    answers, witnesses = [], []
    for numbers in islice(product(*(range(len(one.answers)) for one in found.values())), most):
        picked = {key: numbers[n] for n, key in enumerate(found)}
        witness = tuple(one for key, n in picked.items() for one in found[key].witnesses[n])
        if _consistent(witness, accounts, once):
            answered = {key: found[key].answers[n] for key, n in picked.items()}
            answers.append({key: one for key, one in answered.items() if one is not None})
            witnesses.append(witness)
    complete = total <= most and all(one.complete for one in found.values())
    return Worlds(tuple(answers), tuple(witnesses), complete)


def _groups(accounts: Sequence[Account], question: PartAnswers) -> dict[Any, list[Account]]:
    """The accounts by key: under that of each version that may be right."""
    if question.projection.takes_query_time:
        return replay.grouped(question.projection, accounts, question.at)
    groups: dict[Any, list[Account]] = {}
    for account in accounts:
        events, _ = _alternatives(question, account)
        for key in dict.fromkeys(_key(question, event) for event in events):
            if key is not None:
                groups.setdefault(key, []).append(account)
    return groups


def _key(question: PartAnswers, event: Event) -> Any:
    """The key that an event is folded under, None for none."""
    key_of = powers_of(question.projection).key
    handled = question.projection.handler(type(event)) is not None
    return key_of(event) if handled and key_of is not None else None


def _counted_once(
    accounts: Sequence[Account], question: PartAnswers, groups: Mapping[Any, Sequence[Account]]
) -> dict[str, bool]:
    """Of what versions place under several keys, whether some version of it has to be right."""
    times = Counter(account.event.id for some in groups.values() for account in some)
    found = {}
    for account in accounts:
        if times[account.event.id] > 1:
            events, denied = _alternatives(question, account)
            keyed = [event for event in events if _key(question, event) is not None]
            sure = all(happened_by(event.when, question.at) for event in events)
            found[account.event.id] = sure and not denied and len(keyed) == len(events)
    return found


def _consistent(
    witness: Sequence[Account], accounts: Sequence[Account], once: Mapping[str, bool]
) -> bool:
    """Whether the worlds of several keys go together.

    One event is under one key, and with each that had happened all had that were certainly before.
    """
    times = Counter(one.event.id for one in witness)
    if any(times[name] > 1 or (needed and not times[name]) for name, needed in once.items()):
        return False
    left = [one for one in accounts if one.event.id not in times and one.event.id not in once]
    return not any(
        one.before(other) == _CERTAIN
        for one in left
        for other in witness
        if not one.denied_by and len(one.versions) == 1
    )
