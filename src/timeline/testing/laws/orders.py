"""The laws of a chronological order, whoever wrote it, and an assertion that accounts are in it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise, permutations
from typing import Any

import attrs
from hypothesis import strategies as st

from timeline.accounts import Account
from timeline.claims import Claim, Report, Said
from timeline.events import Event
from timeline.kinds import Incident
from timeline.relations import Certainty
from timeline.resolution import chronological
from timeline.testing import strategies
from timeline.testing.choices import Choices, order
from timeline.testing.laws import law_suite, other_processes
from timeline.testing.laws.base import Finding, Law, LawReport, law
from timeline.testing.laws.pytest_items import checked
from timeline.times import When

__all__ = [
    "ORDER_LAWS",
    "an_order_is_no_matter_of_arrival",
    "an_order_is_the_same_in_every_process",
    "an_order_never_contradicts_the_sources",
    "an_order_runs_in_no_circle",
    "an_order_stays_when_events_are_added",
    "any_two_events_have_one_order",
    "assert_chronological",
    "check_order",
    "sorted_ids",
    "verify_order",
]

__tracebackhide__ = True  # pytest shows what was found, not how it was searched for

Key = Callable[[Event], Any]
"""Gives what an event sorts by."""

_REPORT = Report("One", published="2022-09-03")
_HOUR = 3_600_000_000
_FIRST = 1_661_990_400_000_000  # 1 September 2022, in microseconds of UTC
# In hours from the first day on; None is open. The ids run against the times, so that an order
# that falls back on them where times overlap runs in a circle: 0-10, 5-25, 20-30.
_POOL: tuple[tuple[int | None, int | None, str], ...] = (
    (20, 30, "1"), (5, 25, "2"), (0, 10, "3"), (0, 10, "4"), (10, 20, "5"), (0, 40, "6"),
    (None, 5, "7"), (30, None, "8"), (None, None, "9"), (None, 40, "10"), (0, None, "11"),
    (None, 20, "12"),
)  # fmt: skip
_MOST = 3  # events in one case of the corpus


@attrs.frozen
class _Order:
    """An order under test."""

    key: Key

    @property
    def name(self) -> str:
        """What failures call it."""
        return str(getattr(self.key, "__qualname__", type(self.key).__name__))

    def sorted(self, events: Iterable[Event]) -> list[Event]:
        """Return the events in this order, by a key that has seen none before."""
        return sorted(events, key=self.fresh())

    def fresh(self) -> Key:
        """Return a key without memories, where a copy can be had: an object that remembers."""
        try:
            return copy.deepcopy(self.key)
        except TypeError:
            return self.key  # functools.cmp_to_key


def _events(choices: Choices) -> list[Event]:
    """The events of a case, each id once, as no two accounts have the same."""
    said = choices.history()
    return list({one.event.id: one.event for one in said if isinstance(one, Claim)}.values())


def _said(events: Iterable[Event]) -> tuple[Said, ...]:
    return tuple(map(_REPORT.says, events))


def _fail(
    law: Law[_Order], subject: _Order, shown: Iterable[Event], answers: Mapping[str, Any]
) -> None:
    raise law.broken(subject.name, Finding({"Events": _said(shown)}, answers, parting=False))


def _ids(events: Iterable[Event]) -> list[str]:
    return [event.id for event in events]


@law(
    cause="the key reads one number out of a time that has two ends, or none out of an open one",
    mend="sort by (earliest, latest, id) as timeline does: open starts first, open ends last",
)
def an_order_never_contradicts_the_sources(subject: _Order, choices: Choices) -> None:
    """An event that certainly came before another one stands before it."""
    for one, other in permutations(_events(choices), 2):
        if one.when.before(other.when) is not Certainty.CERTAIN:
            continue
        key = subject.fresh()
        first, second = key(one), key(other)
        if not first < second:
            keys = {"Key of the first": first, "Key of the second": second}
            _fail(an_order_never_contradicts_the_sources, subject, (one, other), keys)


@law(
    cause="the key gives two events the same place, or two that can't be compared",
    mend="end the key with the event's id, and put None apart: (time is not None, time)",
)
def any_two_events_have_one_order(subject: _Order, choices: Choices) -> None:
    """Of two events either comes first, never both and never neither."""
    for one, other in combinations(_events(choices), 2):
        key = subject.fresh()
        first, second = bool(key(one) < key(other)), bool(key(other) < key(one))
        if first is second:
            came = {"The first comes first": first, "The second comes first": second}
            _fail(any_two_events_have_one_order, subject, (one, other), came)


@law(
    cause="a comparison that asks 'certainly before, else by id' isn't transitive",
    mend="sort by a key that each event has by itself, not by a comparison of two",
)
def an_order_runs_in_no_circle(subject: _Order, choices: Choices) -> None:
    """If one event comes before a second and that before a third, then so does the first."""
    for three in permutations(_events(choices), 3):
        first, second, third = map(subject.fresh(), three)
        if first < second and second < third and not first < third:
            circle = {"In a circle": " < ".join(_ids((*three, three[0])))}
            _fail(an_order_runs_in_no_circle, subject, three, circle)


@law(
    cause="the key depends on how many or which events it has seen, or runs in a circle",
    mend="make the key from the event alone",
)
def an_order_stays_when_events_are_added(subject: _Order, choices: Choices) -> None:
    """Two events stay in their order whatever others are added."""
    events = _events(choices)
    before = events[: choices.number(len(events) + 1)]
    first = subject.sorted(before)
    within = [event for event in subject.sorted(events) if event in first]
    if _ids(first) != _ids(within):
        answers = {"Before the others came": _ids(first), "After": _ids(within)}
        _fail(an_order_stays_when_events_are_added, subject, events, answers)


@law(
    cause="the key remembers what came first, or leaves two events the same place",
    mend="make the key from the event alone, and end it with the event's id",
)
def an_order_is_no_matter_of_arrival(subject: _Order, choices: Choices) -> None:
    """The same events stand in the same order whichever arrived first."""
    events = _events(choices)
    other = order(choices, events)
    one, two = _ids(subject.sorted(events)), _ids(subject.sorted(other))
    if one != two:
        answers = {"One order of arrival": one, "Another": two}
        _fail(an_order_is_no_matter_of_arrival, subject, events, answers)


@law(
    cause="the key comes from hash() or id()",
    mend="sort by what the event holds",
    applies=lambda subject: other_processes.reason(subject.key),
    whole=True,
)
def an_order_is_the_same_in_every_process(subject: _Order, choices: Choices) -> None:
    """Every process sorts alike, whatever its hash seed."""
    events = [one.event for (one,) in (case for case in choices.corpus if len(case) == 1)
              if isinstance(one, Claim)]  # fmt: skip
    printed = other_processes.told(subject.key, sorted_ids, events)
    if len(set(printed.values())) > 1:
        # Two of them that change places say it all.
        orders = {seed: ids.split() for seed, ids in printed.items()}
        for two in combinations(events, 2):
            answers = {
                f"With PYTHONHASHSEED={seed}": sorted(_ids(two), key=ids.index)
                for seed, ids in orders.items()
            }
            if len(set(map(str, answers.values()))) > 1:
                _fail(an_order_is_the_same_in_every_process, subject, two, answers)


ORDER_LAWS: tuple[Law[_Order], ...] = (
    an_order_never_contradicts_the_sources,
    any_two_events_have_one_order,
    an_order_runs_in_no_circle,
    an_order_stays_when_events_are_added,
    an_order_is_no_matter_of_arrival,
    an_order_is_the_same_in_every_process,
)


def sorted_ids(key: Key, events: Sequence[Event]) -> str:
    """Return the ids of events in an order, as text; other processes are asked by this."""
    return " ".join(event.id for event in sorted(events, key=key))


def _pool() -> Iterator[Event]:
    for start, end, name in _POOL:
        lo, hi = (None if hours is None else _FIRST + hours * _HOUR for hours in (start, end))
        yield Incident(when=When(lo=lo, hi=hi), id=f"event:{name}", category="incident")


def _plug(
    key: Key,
    *,
    events: st.SearchStrategy[Any] | None = None,
    skip: Mapping[str, str] | None = None,
) -> law_suite.LawSuite[_Order]:
    subject = _Order(key)
    pool = list(_pool())
    drawn = strategies.events() if events is None else events
    return law_suite.LawSuite(
        name=subject.name,
        home=f"{getattr(key, '__module__', '')}_{subject.name}",
        subject=subject,
        laws=ORDER_LAWS,
        histories=st.lists(drawn, max_size=2 * _MOST).map(_said),
        small=lambda: [
            _said(case) for size in range(_MOST + 1) for case in combinations(pool, size)
        ],
        does="the key raises",
        skip=skip or {},
    )


def check_order(
    key: Key, *, examples: int | None = None, seed: int | None = None, **options: Any
) -> Callable[..., None]:
    """Return a pytest test with an item for each law of orders: ``test_x = laws.check_order(key)``.

    Options are those of ``verify_order``.
    """
    return checked(_plug(key, **options), examples=examples, seed=seed)


def verify_order(
    key: Key,
    *,
    events: st.SearchStrategy[Any] | None = None,
    skip: Mapping[str, str] | None = None,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Try the laws of chronological order on a key, and reports; runs without pytest.

    ``key`` gives what an event sorts by; for a comparison of two, hand in
    ``functools.cmp_to_key(compare)``. ``events`` are drawn of the library's kinds unless given.
    The rest is as for ``verify``.
    """
    plug = _plug(key, events=events, skip=skip)
    return law_suite.verify(plug, examples=examples, seed=seed, only=only, smoke=smoke)


def assert_chronological(accounts: Iterable[Account | Event], *, key: Key = chronological) -> None:
    """Assert that accounts, or events, stand in chronological order.

    The order is (earliest, latest, event id) unless another ``key`` is given. Raises
    ``AssertionError`` that names the first pair out of order, and says whether the sources have it
    the other way round or only the order does.
    """
    events = [one.event if isinstance(one, Account) else one for one in accounts]
    for index, (above, below) in enumerate(pairwise(events), 1):
        if not key(below) < key(above):
            continue
        certain = below.when.before(above.when) is Certainty.CERTAIN
        why = (
            "the sources are certain that the second came first"
            if certain
            else "the sources leave them unordered, and the order puts the second first"
        )
        raise AssertionError(
            f"not in chronological order: no. {index} and no. {index + 1}, for {why}\n"
            f"  no. {index}: {above.when}  {above} [{above.id}]\n"
            f"  no. {index + 1}: {below.when}  {below} [{below.id}]"
        )
