"""What a stretch of accounts sums up to is worked out once, and only what is new is folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from types import NoneType
from typing import Any, Literal

import pytest

from timeline import Account, Attack, Projection, Report, on
from timeline.folding import sums, trees
from timeline.folding.sums import Counted, Folder, asked, folder, possible_states
from timeline.folding.trees import Item, Leaf, Pair, Place, Tree, updated
from timeline.standing import standing

ONE = Report("One", published="2022-09-30")
ACCOUNTS = {
    account.event.id: account
    for account in standing(
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
        patch.setattr(trees, "FEW", 4)
        yield


class Watch:
    """Gives the accounts of items, and remembers for which it was asked."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def __call__(self, items: Sequence[Item]) -> list[Account]:
        found = [one.place.event_id for one in items]
        self.ids += found
        return [ACCOUNTS[one] for one in found]

    def taken(self) -> list[str]:
        """What was asked for since the last time."""
        taken, self.ids = self.ids, []
        return taken


def item(day: int, *, contested: bool = False) -> Item:
    return Item(Place(day, day + 1, f"{day:02}"), day, day + 1, contested)


def put(tree: Tree | None, *days: int) -> Tree:
    grown = updated(tree, {item(day).place: item(day) for day in days})
    assert grown is not None
    return grown


def ids(*days: int) -> list[str]:
    return [f"{day:02}" for day in days]


@pytest.mark.parametrize(("projection", "hint"), WAYS, ids=lambda one: type(one).__name__)
class TestEachWay:
    def test_a_leaf_that_has_grown_folds_only_what_is_new(self, projection: Any, hint: Any) -> None:
        way, seen = folder(projection, hint), Watch()
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
        way, seen = folder(projection, hint), Watch()
        tree = put(None, *range(1, 31))
        way.prepare(tree, seen)
        assert seen.taken() == ids(*range(1, 31))
        assert way.after(projection.start, tree, seen) == through(projection, *range(1, 31))
        assert seen.taken() == []

    def test_news_in_the_middle_folds_a_few_again(self, projection: Any, hint: Any) -> None:
        way, seen = folder(projection, hint), Watch()
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
        way, seen = folder(projection, hint), Watch()
        tree = put(None, *range(1, 31))
        way.prepare(tree, seen)
        seen.taken()
        at_21 = Counted(21, "certain", weighs_time=False)
        assert asked(way, projection, tree, seen, at_21) == through(projection, *range(1, 21))
        assert len(seen.taken()) < 5  # of the leaf in which the moment lies
        assert asked(way, projection, None, seen, at_21) == projection.start


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
    ways: list[Folder] = [
        folder(Merged(), bool),
        folder(Odd(), bool),
        folder(Odd(), Literal[tuple(range(16))]),
        folder(Odd(), many),
        folder(Told(), None),
    ]
    assert [type(way).__name__ for way in ways] == [
        "_Merging", "Tables", "Tables", "_Running", "_Running"
    ]  # fmt: skip


def test_large_states_are_remembered_for_a_few_stretches_only() -> None:
    tree = put(None, *range(1, 31))
    running = folder(Told(), None)
    assert running.patience(tree, ("a", "b")) == 1
    large = "x" * 1000
    assert running.patience(tree, large) == 1  # of a small tree
    sums_of_many = type("Many", (), {"size": 640})()
    assert running.patience(sums_of_many, large) == 10
    assert running.patience(sums_of_many, ("x",) * 15) == 1
    assert running.patience(sums_of_many, (large,)) == 10
    assert folder(Merged(), int).patience(sums_of_many, large) == 1
    assert folder(Odd(), bool).patience(sums_of_many, large) == 1


def test_only_the_main_run_is_remembered() -> None:
    running, seen = folder(Told(), None), Watch()
    tree = put(None, 1, 2, 3)
    for _ in range(2):
        assert running.after((), tree, seen) == ("01", "02", "03")
        assert seen.taken() == ids(1, 2, 3)
    running.after((), tree, seen, main=True)
    seen.taken()
    assert running.after((), tree, seen) == ("01", "02", "03")
    assert seen.taken() == []
    assert running.after(("00",), tree, seen) == ("01", "02", "03")  # from another state
    assert seen.taken() == ids(1, 2, 3)


def test_states_that_cannot_be_compared_are_not_the_same() -> None:
    class Vague:
        def __eq__(self, other: object) -> bool:
            raise TypeError

        __hash__ = None  # type: ignore[assignment]

    vague = Vague()
    assert sums._same(vague, vague)
    assert not sums._same(vague, Vague())
    assert sums._same((1,), (1,))
    assert not sums._same(1, True)


# --- which items count


def test_what_counts_goes_by_the_moment_and_the_reading() -> None:
    tree = Pair(Leaf((item(1), item(2))), Leaf((item(5), item(6))))
    certain = Counted(3, "certain", weighs_time=False)
    possible = Counted(2, "possible", weighs_time=False)
    weighing = Counted(3, "certain", weighs_time=True)
    assert [certain.one(item(day)) for day in (1, 2, 3)] == [True, True, False]
    assert [possible.one(item(day)) for day in (1, 2, 3)] == [True, False, False]
    assert [weighing.one(item(day)) for day in (1, 2, 3)] == [True, True, False]
    assert (certain.some(tree), certain.all(tree), certain.all(tree.left)) == (True, False, True)
    assert (possible.some(tree.right), possible.some(tree.left)) == (False, True)
    assert not Counted(1, "possible", weighs_time=False).some(tree.left)
    assert not Counted(1, "certain", weighs_time=False).some(tree.left)
    assert Counted(2, "certain", weighs_time=False).some(tree.left)
    assert Counted(3, "possible", weighs_time=False).all(tree.left)
    assert not possible.all(tree.left)
    # What may have happened counts already, but another moment would weigh it otherwise.
    assert weighing.all(tree.left)
    assert not Counted(2, "certain", weighs_time=True).all(tree.left)
    assert Counted(None, "certain", weighs_time=False).all(tree)
    later = Counted(7, "certain", weighs_time=False)
    assert later.earliest(Pair(Leaf((item(9),)), Leaf((item(8), item(6))))).event_id == "06"
