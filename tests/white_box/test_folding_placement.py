"""A fold holds each account where it may count, and nothing that it has no use for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.keeping import WIRE, Ids, attack, begun, change, learn
from timeline import (
    Attack,
    Casualties,
    Control,
    Event,
    Projection,
    Report,
    TerritorialChange,
    UnknownEvent,
    event,
    on,
    when,
)
from timeline.errors import LogError
from timeline.folding import persistent_tree, replay
from timeline.folding.incremental import PastAnswers
from timeline.folding.persistent_tree import Indexed, Keyed, SortKey, leaves
from timeline.resolution import resolve


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(persistent_tree, "LEAF_SIZE", 2)
        yield


class Placewise(Ids):
    """All ids by place, and a way to join them."""

    def key(self, one: Any) -> str:
        return str(one.place.key)

    def merge(self, a: Any, b: Any) -> Any:
        return (*a, *b)


# --- where accounts stand


def at(day: int) -> int:
    moment = when(f"2022-09-{day:02}").lo
    assert moment is not None
    return moment


OTHER = Report("Other", published="2022-10-01")
THIRD = Report("Third", published="2022-10-02")


def moved(day: str, place: str, to: str = "B") -> TerritorialChange:
    return TerritorialChange(when=day, id="change:1", place=place, to=to)


def test_an_account_stands_under_each_key_for_as_long_as_any_version_may_count() -> None:
    fold, _ = begun(Control())
    learn(fold, change(1, 5, "A"))
    place = SortKey(at(5), at(6), "change:1")
    assert fold.keyed_by_event == {
        "change:1": (Keyed("Izium", Indexed(place, at(5), at(6), False)),)
    }
    learn(fold, OTHER.says(moved("2022-09-03", "Izium")))
    [first] = fold.keyed_by_event["change:1"]
    assert (first.item.first, first.item.last, first.item.contested) == (at(3), at(6), True)
    learn(fold, THIRD.says(moved("2022-09-07/2022-09-09", "Lyman")))
    izium, lyman = fold.keyed_by_event["change:1"]
    assert (izium.key, lyman.key) == ("Izium", "Lyman")
    assert (izium.item.first, lyman.item.first) == (at(3), at(7))
    assert izium.item.last == lyman.item.last == at(10)
    assert izium.item.contested
    assert lyman.item.contested


def test_an_event_that_is_only_denied_stands_nowhere() -> None:
    fold, _ = begun(Control())
    learn(fold, OTHER.denies(change(1, 5, "A").event))
    assert fold.keyed_by_event == {}
    learn(fold, change(1, 5, "A"))
    assert fold.keyed_by_event.keys() == {"change:1"}


def test_an_account_that_is_denied_is_contested() -> None:
    fold, _ = begun(Control())
    claim = change(1, 5, "A")
    learn(fold, claim, OTHER.denies(claim.event))
    [one] = fold.keyed_by_event["change:1"]
    assert one.item.contested
    learn(fold, OTHER.retracts(claim.event, because="no"))
    [one] = fold.keyed_by_event["change:1"]
    assert not one.item.contested


def test_a_time_without_bounds_counts_last_and_first() -> None:
    fold, _ = begun(Control())
    learn(fold, OTHER.says(moved("../2022-09-05", "Izium")))
    [one] = fold.keyed_by_event["change:1"]
    assert (one.item.first, one.item.last) == (float("-inf"), at(6))
    learn(fold, OTHER.retracts("change:1", because="no"))
    assert fold.keyed_by_event == {}
    learn(fold, WIRE.says(moved("2022-09-05/..", "Izium")))
    [one] = fold.keyed_by_event["change:1"]
    assert (one.item.first, one.item.last) == (at(5), float("inf"))


def test_what_nobody_hears_stands_nowhere() -> None:
    fold, _ = begun(Casualties())
    learn(fold, change(1, 1, "A"), attack(2))
    assert fold.keyed_by_event.keys() == {"attack:2"}
    assert fold.placements("nothing") == ()
    assert fold.placements("change:1") == ()
    assert fold.placements("attack:2") == fold.keyed_by_event["attack:2"]


def test_the_order_of_keys_goes_by_the_versions_that_count() -> None:
    fold, entries = begun(Control())
    learn(
        fold,
        Report("Early", published="2022-09-24").says(moved("2022-09-02", "Lyman")),
        Report("Soon", published="2022-09-25").says(moved("2022-09-02", "Izium")),
        WIRE.says(moved("2022-09-20", "Izium")),  # said last, so it is believed
    )
    orders = {None: ["Izium", "Lyman"], at(1): [], at(10): ["Lyman", "Izium"]}
    for moment, order in orders.items():
        expected = replay.answer(Control(), resolve(entries.said), at=moment)
        assert list(fold.answers(moment, "certain")) == list(expected) == order
        assert dict(fold.answers(moment, "certain")) == expected


def test_what_an_account_tells_a_key_goes_by_the_moment() -> None:
    class Holders(Projection[tuple[str | None, ...]]):
        start: tuple[str | None, ...] = ()

        def key(self, one: TerritorialChange) -> str:
            return str(one.place.key)

        @on(TerritorialChange)
        def note(
            self, state: tuple[str | None, ...], one: TerritorialChange, account: Any
        ) -> tuple[str | None, ...]:
            return (*state, one.to, str(len(account.claims)))

        def result(self, state: tuple[str | None, ...], at: int | None) -> tuple[str | None, ...]:
            return (*state, str(at))

    fold, entries = begun(Holders())
    learn(
        fold,
        WIRE.says(moved("2022-09-02", "Izium", "A")),
        OTHER.says(moved("2022-09-20", "Izium", "C")),
    )
    told = {
        moment: dict(fold.answers(moment, "certain")) for moment in (None, at(1), at(10), at(21))
    }
    for moment, answer in told.items():
        assert answer == replay.answer(Holders(), resolve(entries.said), at=moment)
    assert [answer.get("Izium", [None])[0] for answer in told.values()] == ["C", None, "A", "C"]


# --- what is held


def test_a_dict_of_trees_is_copied_only_where_it_was_handed_out() -> None:
    fold, _ = begun(Placewise())
    held = fold.trees
    learn(fold, attack(1))
    learn(fold, attack(2))
    assert fold.trees is held
    answer = fold.answers(None, "certain")
    fold.compact()
    assert fold.trees is held
    learn(fold, WIRE.retracts("never", because="no"))
    assert fold.trees is held
    learn(fold, change(3, 3, "A"))
    again = fold.trees
    assert again is not held
    assert list(answer) == ["Kharkiv"]
    learn(fold, attack(4))
    assert fold.trees is again


def test_what_is_gone_leaves_nothing_behind() -> None:
    fold, _ = begun(Placewise())
    learn(fold, attack(1), change(2, 2, "A"))
    learn(fold, WIRE.retracts("attack:1", because="no"))
    assert fold.trees.keys() == fold.states.keys() | {"Izium"} == {"Izium"}
    assert fold.keyed_by_event.keys() == {"change:2"}
    assert fold._loose.keys() <= {"Izium"}
    fold._loose.clear()  # as where it was taken up again
    learn(fold, WIRE.retracts("change:2", because="no"))
    assert (fold.trees, fold.keyed_by_event, fold._loose) == ({}, {}, {})


def test_only_kinds_that_others_may_lack_are_noted() -> None:
    @event("displacement/1")
    class Displacement(Event):
        people: int

    fold, _ = begun(Ids())
    unknown = UnknownEvent(
        when=when("2022-09-02"), id="u", recorded_kind="shelling/3", content='{"rounds":3}'
    )
    learn(fold, attack(1), change(2, 2, "A"))
    assert fold.kinds == {}
    learn(fold, WIRE.says(Displacement(when=when("2022-09-01"), people=3)), WIRE.says(unknown))
    assert fold.kinds == {"displacement/1": True, "shelling/3": False}


def test_history_holds_each_root_and_the_present_alone_none() -> None:
    fold, _ = begun(Ids(), history=True)
    learn(fold, attack(1, 1), attack(2, 2))
    assert [fold.answers(None, "certain", known) for known in range(3)] == [
        (),
        ("attack:1",),
        ("attack:1", "attack:2"),
    ]
    fold, _ = begun(Ids())
    learn(fold, attack(1, 1))
    assert fold._roots is None


class Picky(Projection[int]):
    """Has keys that can't be one, and one that raises."""

    start = 0

    def key(self, one: Attack) -> Any:
        if one.id == "attack:3":
            raise ValueError("no such key")
        return [one.id] if one.id == "attack:2" else "all"

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + 1


def test_a_key_that_cant_be_one_holds_up_no_other() -> None:
    fold, _ = begun(Picky())
    bad = attack(2)
    with pytest.raises(TypeError, match="unhashable"):
        learn(fold, attack(1), bad)
    assert fold.keyed_by_event.keys() == {"attack:1"}
    assert fold._dirty.keys() == {"attack:2"}
    with pytest.raises(TypeError, match="unhashable"):
        learn(fold, attack(4))
    assert fold.keyed_by_event.keys() == {"attack:1", "attack:4"}
    learn(fold, WIRE.voids(bad, because="typed wrongly"))
    assert dict(fold.answers(None, "certain")) == {"all": 2}


def test_keys_that_raise_hold_up_no_question_about_the_past() -> None:
    fold, _ = begun(Picky())
    bad = [attack(2), attack(3)]
    learn(fold, attack(1), *(WIRE.voids(one, because="typed wrongly") for one in bad), *bad)
    assert [one.event.id for one in fold.past("all", 1)] == ["attack:1"]
    assert fold.past("none", 5) == []
    later = attack(4)
    learn(fold, later)
    learn(fold, WIRE.voids(later, because="typed twice"))
    assert [one.event.id for one in fold.past("all", 6)] == ["attack:1", "attack:4"]
    assert [one.event.id for one in fold.past("all", 7)] == ["attack:1"]


class Broken(Placewise):
    """Is broken off by the keyboard, once."""

    def __init__(self) -> None:
        self.broken = False

    @on(Event)
    def add(self, ids: Any, one: Event) -> Any:
        if not self.broken:
            self.broken = True
            raise KeyboardInterrupt
        return (*ids, one.id)


@pytest.mark.parametrize("gone", [1, 2])
def test_what_was_broken_off_is_made_up_for(gone: int) -> None:
    fold, entries = begun(Broken())
    moves = {number: attack(number, number, place=f"Place {number}") for number in (1, 2, 3)}
    with pytest.raises(KeyboardInterrupt):
        learn(fold, *moves.values())
    elsewhere = OTHER.says(attack(3, 3, place="Elsewhere").event)
    learn(fold, WIRE.voids(moves[gone], because="typed twice"), elsewhere)
    expected = replay.answer(Placewise(), resolve(entries.said))
    assert dict(fold.answers(None, "certain")) == expected


def test_what_comes_alone_is_noted_nowhere_else() -> None:
    class TimeFilter(Placewise):
        calls = 0

        def key(self, one: Any) -> str:
            type(self).calls += 1
            return super().key(one)

    fold, _ = begun(TimeFilter())
    learn(fold, attack(1), attack(1, 2))
    fold.past("Kharkiv", 1)
    TimeFilter.calls = 0
    learn(fold, *(attack(n) for n in range(2, 12)))
    assert TimeFilter.calls == 10
    assert fold._moved == {"Kharkiv": {"attack:1"}}


def test_what_was_redacted_meanwhile_is_told() -> None:
    fold, entries = begun(Placewise())
    learn(fold, attack(1))
    learn(fold, attack(2))
    answer = fold.answers(when("2022-09-03").lo, "certain")
    entries.said[:] = [WIRE.voids(one, because="it is gone") for one in entries.said]
    fold.fresh.clear()
    for tree in fold.trees.values():
        for leaf in leaves(tree):
            leaf.summary = persistent_tree.MISSING
    told = "what was said about 'attack:1' was redacted since this answer was given; ask again"
    with pytest.raises(LogError, match=told):
        dict(answer)
    with pytest.raises(KeyError, match="Nowhere"):
        answer["Nowhere"]


def test_a_past_answer_replays_every_key_once() -> None:
    asked: list[Any] = []

    def one(key: Any) -> dict[Any, int]:
        asked.append(key)
        return {"a": 1}

    def every() -> dict[Any, int]:
        asked.append(...)
        return {"a": 1, "b": 2}

    past = PastAnswers(one, every)
    assert past["a"] == 1
    assert (len(past), list(past), past["b"], past["a"]) == (2, ["a", "b"], 2, 1)
    assert asked == ["a", ...]
