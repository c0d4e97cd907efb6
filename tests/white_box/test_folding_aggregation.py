"""What a stretch of accounts sums up to is worked out once, and only what is new is folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from sys import getsizeof
from types import NoneType
from typing import Any, Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Account, Attack, Log, Projection, Report, on
from timeline.folding import aggregation, persistent_tree
from timeline.folding.aggregation import (
    Aggregator,
    TimeFilter,
    aggregator_for,
    holds_floats,
    possible_states,
    query,
)
from timeline.folding.persistent_tree import MISSING, Indexed, Leaf, Pair, SortKey, Tree, updated
from timeline.resolution import resolve

ONE = Report("One", published="2022-09-30")
ACCOUNTS = {
    account.event.id: account
    for account in resolve(
        ONE.says(Attack(when=f"2022-09-{day:02}", id=f"{day:02}")) for day in range(1, 31)
    )
}


class Merged(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + int(attack.id)

    def merge(self, a: int, b: int) -> int:
        return a + b


class Odd(Projection[bool]):
    """Whether an odd number of attacks happened: two states, so a table is made."""

    start = False

    @on(Attack)
    def add(self, odd: bool, _: Attack) -> bool:
        return not odd


class Told(Projection[tuple[str, ...]]):
    """The last three: the run through it meets what it met before."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, told: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return (*told, attack.id)[-3:]


WAYS: list[tuple[Any, Any]] = [(Merged(), int), (Odd(), bool), (Told(), tuple[str, ...])]


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(persistent_tree, "LEAF_SIZE", 4)
        yield


class Watch:
    """Gives the accounts of items, and remembers for which it was asked."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def __call__(self, items: Sequence[Indexed]) -> list[Account]:
        found = [one.sort_key.event_id for one in items]
        self.ids += found
        return [ACCOUNTS[one] for one in found]

    def taken(self) -> list[str]:
        """What was asked for since the last time."""
        taken, self.ids = self.ids, []
        return taken


def item(day: int, *, contested: bool = False) -> Indexed:
    return Indexed(SortKey(day, day + 1, f"{day:02}"), day, day + 1, contested)


def put(tree: Tree | None, *days: int) -> Tree:
    grown = updated(tree, {item(day).sort_key: item(day) for day in days})
    assert grown is not None
    return grown


def ids(*days: int) -> list[str]:
    return [f"{day:02}" for day in days]


@pytest.mark.parametrize(("projection", "hint"), WAYS, ids=lambda one: type(one).__name__)
class TestEachWay:
    def test_a_leaf_that_has_grown_folds_only_what_is_new(self, projection: Any, hint: Any) -> None:
        way, seen = aggregator_for(projection, hint), Watch()
        tree = put(None, 1, 2)
        way.prepare(tree, seen)
        assert seen.taken() == ids(1, 2)
        # It grows twice before anybody looks.
        tree = put(put(tree, 3), 4)
        way.prepare(tree, seen)
        assert seen.taken() == ids(3, 4)
        assert way.after(projection.start, tree, seen) == through(projection, 1, 2, 3, 4)
        assert seen.taken() == []

    def test_what_was_prepared_is_not_folded_again(self, projection: Any, hint: Any) -> None:
        way, seen = aggregator_for(projection, hint), Watch()
        tree = put(None, *range(1, 31))
        way.prepare(tree, seen)
        assert seen.taken() == ids(*range(1, 31))
        assert way.after(projection.start, tree, seen) == through(projection, *range(1, 31))
        assert seen.taken() == []

    def test_news_in_the_middle_folds_a_few_again(self, projection: Any, hint: Any) -> None:
        way, seen = aggregator_for(projection, hint), Watch()
        days = [day for day in range(1, 31) if day != 10]
        tree = put(None, *days)
        way.prepare(tree, seen)
        seen.taken()
        tree = put(tree, 10)
        way.prepare(tree, seen)
        again = seen.taken()
        assert "10" in again
        assert len(again) <= 12
        assert way.after(projection.start, tree, seen) == through(projection, *range(1, 31))

    def test_a_moment_asked_takes_whole_stretches(self, projection: Any, hint: Any) -> None:
        way, seen = aggregator_for(projection, hint), Watch()
        tree = put(None, *range(1, 31))
        way.prepare(tree, seen)
        seen.taken()
        at_21 = TimeFilter(21, "certain", takes_query_time=False)
        assert query(way, projection, tree, seen, at_21) == through(projection, *range(1, 21))
        assert len(seen.taken()) < 5  # of the leaf in which the moment lies
        assert query(way, projection, None, seen, at_21) == projection.start

    def test_nothing_need_have_been_prepared(self, projection: Any, hint: Any) -> None:
        way, seen = aggregator_for(projection, hint), Watch()
        days = range(1, 31)
        for _ in range(2):
            # The second time nothing is there but what the first remembered.
            tree = put(None, *days)
            at_21 = TimeFilter(21, "certain", takes_query_time=False)
            assert query(way, projection, tree, seen, at_21) == through(projection, *range(1, 21))
            assert way.whole(tree, seen) == through(projection, *days)
        assert way.after(through(projection, 1, 2), put(None, 3, 4), seen) == through(
            projection, 1, 2, 3, 4
        )

    def test_what_was_kept_before_growing_is_let_go(self, projection: Any, hint: Any) -> None:
        way, seen = aggregator_for(projection, hint), Watch()
        tree = put(None, 1, 2)
        way.prepare(tree, seen)
        tree = put(tree, 3)
        assert isinstance(tree, Leaf)
        assert tree.parent_summary is not None
        way.prepare(tree, seen)
        assert tree.parent_summary is None

    def test_what_is_known_can_be_told_by_states(self, projection: Any, hint: Any) -> None:
        way, seen = aggregator_for(projection, hint), Watch()
        tree = put(None, *range(1, 31))
        way.whole(tree, seen)
        rows = way.rows(tree.summary)
        told = [one for row in rows for one in row]
        assert told
        assert all(type(one) is type(projection.start) for one in told)
        again = put(None, *range(1, 31))
        again.summary = way.known([tuple(row) for row in rows])
        seen.taken()
        assert way.whole(again, seen) == through(projection, *range(1, 31))
        assert seen.taken() == []


@pytest.mark.parametrize(
    ("projection", "rows"),
    [
        *((Merged(), rows) for rows in ([], [(1,), (2,)], [(1, 2)])),
        *((Told(), rows) for rows in ([], [(1,)], [(1, 2, 3)], [(1, 2), (3, 4)])),
        *((Odd(), rows) for rows in ([(True,)], [(True, False, True)])),
    ],
)
def test_rows_of_another_shape_are_refused(projection: Any, rows: Any) -> None:
    with pytest.raises(ValueError, match=r"unpack|length"):
        aggregator_for(projection, bool if isinstance(projection, Odd) else None).known(rows)


def through(projection: Any, *days: int) -> Any:
    state = projection.start
    for day in days:
        state = projection.add(state, ACCOUNTS[f"{day:02}"].event)
    return state


# --- which way, and how patiently


class Side(Enum):
    HERE = 1
    THERE = 2


@pytest.mark.parametrize(
    ("hint", "states"),
    [
        (bool, (False, True)),
        (None, (None,)),
        (NoneType, (None,)),
        (Literal["a", "b"], ("a", "b")),
        (Side, (Side.HERE, Side.THERE)),
        (Side | None, (Side.HERE, Side.THERE, None)),
        (bool | int, ()),
        (int, ()),
        (list[bool], ()),
    ],
)
def test_few_states_are_listed(hint: Any, states: tuple[Any, ...]) -> None:
    assert possible_states(hint) == states


def test_the_way_fits_what_a_projection_can_do() -> None:
    many = Literal[tuple(range(17))]  # type: ignore[valid-type]
    ways: list[Aggregator] = [
        aggregator_for(Merged(), bool),
        aggregator_for(Odd(), bool),
        aggregator_for(Odd(), Literal[tuple(range(16))]),
        aggregator_for(Odd(), many),
        aggregator_for(Told(), None),
        aggregator_for(Odd(), NoneType),
    ]
    assert [type(way).__name__ for way in ways] == [
        "_Merging", "_Tables", "_Tables", "_Running", "_Running", "_Tables"
    ]  # fmt: skip


def test_large_states_are_remembered_for_a_few_stretches_only() -> None:
    tree = put(None, *range(1, 31))
    running = aggregator_for(Told(), None)
    assert running.patience(tree, ("a", "b")) == 1
    large = "x" * 1000
    assert running.patience(tree, large) == 1  # of a small tree
    sums_of_many = type("Many", (), {"size": 640})()
    assert running.patience(sums_of_many, large) == 10
    assert running.patience(type("More", (), {"size": 703})(), large) == 10
    assert running.patience(sums_of_many, ("x",) * 15) == 1
    assert running.patience(sums_of_many, (large,)) == 10
    assert aggregator_for(Merged(), int).patience(sums_of_many, large) == 1
    assert aggregator_for(Odd(), bool).patience(sums_of_many, large) == 1


def test_only_the_run_from_the_start_is_remembered() -> None:
    running, seen = aggregator_for(Told(), None), Watch()
    tree = put(None, 1, 2, 3)
    for _ in range(2):
        assert running.after((), tree, seen) == ("01", "02", "03")
        assert seen.taken() == ids(1, 2, 3)
    running.whole(tree, seen)
    seen.taken()
    assert running.after((), tree, seen) == ("01", "02", "03")
    assert seen.taken() == []
    assert running.after(("00",), tree, seen) == ("01", "02", "03")  # from another state
    assert seen.taken() == ids(1, 2, 3)
    # So is what has grown since, from another state than it was run from before.
    grown = put(tree, 4)
    assert running.after(("00",), grown, seen) == ("02", "03", "04")
    assert seen.taken() == ids(1, 2, 3, 4)


def test_what_is_asked_is_not_remembered() -> None:
    running, seen = aggregator_for(Told(), None), Watch()
    tree = put(None, *range(1, 11))
    for _ in range(2):
        whole = TimeFilter(None, "certain", takes_query_time=False)
        assert query(running, Told(), tree, seen, whole) == ("08", "09", "10")
        assert seen.taken() == ids(*range(1, 11))


class Long(Projection[str]):
    """A state that is large from the beginning, but for the last day."""

    start = "x" * 1000

    @on(Attack)
    def add(self, state: str, attack: Attack) -> str:
        return "small" if attack.id == "30" else state + attack.id


class Swelling(Projection[str]):
    """A state that is small in the beginning, and large after the first day."""

    start = ""

    @on(Attack)
    def add(self, state: str, attack: Attack) -> str:
        return state + attack.id * 1000


def test_a_run_from_a_small_state_to_a_large_one_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregation, "_SPARSE", 1)
    tree = put(None, *range(1, 5), *range(5, 12))
    aggregator_for(Swelling(), None).whole(tree, Watch())
    assert [leaf.summary for leaf in persistent_tree.leaves(tree)] == [MISSING] * 3
    assert tree.summary is not MISSING


def nodes(tree: Tree) -> list[Tree]:
    return [tree, *(nodes(tree.left) + nodes(tree.right) if isinstance(tree, Pair) else [])]


def test_large_states_are_remembered_for_large_stretches_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aggregation, "_SPARSE", 4)
    for days in (range(1, 30), range(1, 31), range(2, 31)):
        running, tree = aggregator_for(Long(), None), put(None, *days)
        running.whole(tree, Watch())
        sparse = len(days) // 4
        assert {node.size for node in nodes(tree)} > {sparse}
        for node in nodes(tree):
            assert (node.summary is MISSING) == (node.size < sparse), node.size
    # Of a tree as small as this, of all.
    few = put(None, 1)
    aggregator_for(Long(), None).whole(few, Watch())
    assert few.summary is not MISSING


def test_small_states_are_remembered_everywhere() -> None:
    running, tree = aggregator_for(Told(), None), put(None, *range(1, 31))
    running.whole(tree, Watch())
    assert all(node.summary is not MISSING for node in nodes(tree))


def test_how_large_a_state_is_goes_by_what_can_be_told_at_once() -> None:
    def of(size: int) -> bytes:
        return bytes(size - getsizeof(b""))

    assert aggregation._small(of(512))
    assert not aggregation._small(of(513))
    assert aggregation._small((of(512), of(512)))
    assert not aggregation._small((of(512), of(513)))
    assert not aggregation._small((of(513),) * 15)
    assert aggregation._small((of(513),) * 16)  # nobody looks through as many


class Settling(Merged):
    """Leaves something out of each sum that doesn't bear on any answer."""

    def compact(self, total: int) -> int:
        return total % 100

    def result(self, total: int) -> int:
        return total % 100


def test_sums_are_settled() -> None:
    way, seen, tree = aggregator_for(Settling(), int), Watch(), put(None, *range(20, 31))
    assert isinstance(tree, Pair)
    assert way.whole(tree, seen) == 75
    assert [leaf.summary for leaf in persistent_tree.leaves(tree)] == [63, 98, 14]
    assert (tree.left.summary, tree.summary) == (61, 75)


@pytest.mark.parametrize(
    ("projection", "differ", "folded"),
    [(Merged(), True, False), (Settling(), True, True), (Settling(), False, False)],
)
def test_what_sources_contest_is_folded_rather_than_settled(
    projection: Any, differ: bool, folded: bool
) -> None:
    way, seen = aggregator_for(projection, int), Watch()
    days = range(1, 31)
    tree = updated(None, {item(day).sort_key: item(day, contested=differ) for day in days})
    assert tree is not None
    way.prepare(tree, seen)
    seen.taken()
    everything = TimeFilter(None, "certain", takes_query_time=False)
    total = query(way, projection, tree, seen, everything)
    assert total % 100 == sum(days) % 100
    assert bool(seen.taken()) == folded
    assert query(way, projection, None, seen, everything) == 0


class Picky(Projection[Literal["a", "b", "c"]]):
    """Raises from the first of its states, and leaves them from another."""

    start: Literal["a", "b", "c"] = "b"

    @on(Attack)
    def add(self, state: str, _: Attack) -> Any:
        if state == "a":
            raise ValueError("never from a")
        return {"b": "b", "c": "d", "d": "a"}[state]


def test_a_table_holds_the_states_that_go_through() -> None:
    way, seen = aggregator_for(Picky(), Literal["a", "b", "c"]), Watch()
    tree = put(None, 1)
    way.prepare(tree, seen)
    assert tree.summary == {"b": "b"}
    seen.taken()
    assert way.after("b", tree, seen) == "b"
    assert seen.taken() == []
    # What isn't in it is folded, as it would be without a table.
    assert way.after("c", tree, seen) == "d"
    both = put(None, *range(1, 9))
    assert isinstance(both, Pair)
    with pytest.raises(ValueError, match="never from a"):
        way.after("c", both, seen)
    assert way.after("c", put(None, 1, 2), seen) == "a"


def test_states_that_cannot_be_compared_are_not_the_same() -> None:
    class Vague:
        def __eq__(self, other: object) -> bool:
            raise TypeError

        __hash__ = None  # type: ignore[assignment]

    vague = Vague()
    assert aggregation._same(vague, vague)
    assert not aggregation._same(vague, Vague())
    assert aggregation._same((1,), (1,))
    assert not aggregation._same(1, True)


# --- which items count


def long(day: int, until: int) -> Indexed:
    return Indexed(SortKey(day, until, f"{day:02}"), day, until)


@given(
    st.lists(st.tuples(st.integers(1, 8), st.integers(1, 6)), min_size=1, max_size=6),
    st.none() | st.integers(0, 15),
    st.sampled_from(["certain", "possible"]),
    st.booleans(),
)
def test_what_counts_of_a_tree_is_what_counts_of_its_items(
    spans: list[tuple[int, int]], at: int | None, reading: Any, weighs: bool
) -> None:
    items = [long(day, day + length) for day, length in sorted(spans)]
    tree = persistent_tree.built([Leaf((one,)) for one in items])
    assert tree is not None
    time_filter = TimeFilter(at, reading, takes_query_time=weighs)
    moment = float("inf") if at is None else at
    possible = [one.first < moment for one in items]
    certain = [one.last <= moment for one in items]
    expected = possible if weighs or reading == "possible" else certain
    assert [time_filter.matches(one) for one in items] == expected
    assert time_filter.any(tree) == any(expected)
    # A projection that weighs time sees what is only possible otherwise.
    assert time_filter.all(tree) == all(certain if weighs else expected)
    if any(expected):
        assert time_filter.earliest(tree) == items[expected.index(True)].sort_key


def test_what_counts_goes_by_the_moment_and_the_reading() -> None:
    tree = Pair(Leaf((item(1), item(2))), Leaf((item(5), item(6))))
    certain = TimeFilter(3, "certain", takes_query_time=False)
    possible = TimeFilter(2, "possible", takes_query_time=False)
    weighing = TimeFilter(3, "certain", takes_query_time=True)
    assert [certain.matches(item(day)) for day in (1, 2, 3)] == [True, True, False]
    assert [possible.matches(item(day)) for day in (1, 2, 3)] == [True, False, False]
    assert [weighing.matches(item(day)) for day in (1, 2, 3)] == [True, True, False]
    assert (certain.any(tree), certain.all(tree), certain.all(tree.left)) == (True, False, True)
    assert (possible.any(tree.right), possible.any(tree.left)) == (False, True)
    assert not TimeFilter(1, "possible", takes_query_time=False).any(tree.left)
    assert not TimeFilter(1, "certain", takes_query_time=False).any(tree.left)
    assert TimeFilter(2, "certain", takes_query_time=False).any(tree.left)
    assert TimeFilter(3, "possible", takes_query_time=False).all(tree.left)
    assert not possible.all(tree.left)
    # What may have happened counts already, but another moment would weigh it otherwise.
    assert weighing.all(tree.left)
    assert not TimeFilter(2, "certain", takes_query_time=True).all(tree.left)
    assert TimeFilter(None, "certain", takes_query_time=False).all(tree)
    later = TimeFilter(7, "certain", takes_query_time=False)
    assert later.earliest(Pair(Leaf((item(9),)), Leaf((item(8), item(6))))).event_id == "06"


@attrs.frozen
class Mass:
    """A state with a float in it, and a state of its own kind."""

    tons: float
    above: Mass | None = None


class Tons(Projection[float]):
    """A float sum, whose merge isn't associative."""

    start = 0.0

    @on(Attack)
    def add(self, total: float, attack: Attack) -> float:
        return total + attack.killed.best / 10

    def merge(self, a: float, b: float) -> float:
        return a + b


class Near(Tons):
    """The same, with a word on how close is equal."""

    def equal(self, a: float, b: float) -> bool:
        return abs(a - b) < 1e-9


@given(st.lists(st.integers(0, 99), min_size=33, max_size=80), st.integers(1, 28))
def test_a_kept_float_sum_is_the_one_that_is_asked_to_the_last_bit(
    killed: list[int], late: int
) -> None:
    log = Log()
    wire = Report("Wire", published="2022-10-01")
    days = [f"2022-09-{2 + number % 28:02d}T{number // 28:02d}:00" for number in range(len(killed))]
    log.append(
        *(
            wire.says(Attack(when=day, killed=count, id=f"a{day}"))
            for day, count in zip(days, killed, strict=True)
        )
    )
    kept = log.keep(Tons())
    assert kept.answer() == log.ask(Tons())
    log.append(wire.says(Attack(when=f"2022-09-{late:02d}", killed=7, id="late")))
    assert kept.answer() == log.ask(Tons())
    assert Near().equal(log.keep(Near()).answer(), log.ask(Near()))


def test_floats_are_found_wherever_a_state_holds_them() -> None:
    assert holds_floats(dict[str, tuple[float, ...]])
    assert holds_floats(int | float)
    assert holds_floats(Mass)
    assert not holds_floats(dict[str, int])
    assert not holds_floats(Literal["a"])
    assert not holds_floats(None)
    merging = type(aggregator_for(Merged(), int))
    assert isinstance(aggregator_for(Near(), float), merging)
    assert not isinstance(aggregator_for(Tons(), float), merging)
