"""A fold answers what a replay answers, and works out again only what its news has touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.keeping import Ids, attack, begun, change, learn
from tests.test_folding_kept_projection import PROJECTIONS, same
from timeline import (
    Attack,
    Control,
    Event,
    Projection,
    Report,
    on,
    when,
)
from timeline.folding import aggregation, incremental, persistent_tree, replay
from timeline.folding.incremental import IncrementalView
from timeline.resolution import resolve
from timeline.testing import strategies


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(persistent_tree, "LEAF_SIZE", 2)
        yield


# A week and a day, as histories have it, and before and after them.
MOMENTS = [None, *(when(f"2022-09-{day:02}").lo for day in (1, 2, 3, 5, 9)), 0]


@pytest.mark.parametrize("make", PROJECTIONS, ids=lambda make: make.__name__)
@settings(max_examples=max(settings().max_examples // 2, 30))
@given(data=st.data())
def test_a_fold_answers_what_a_replay_answers(make: Any, data: st.DataObject) -> None:
    projection = make()
    told = data.draw(strategies.histories())
    batches = data.draw(strategies.arrivals(told))
    said = list({one.id: one for batch in batches for one in batch.said}.values())
    history = data.draw(st.booleans())
    fold, entries = begun(projection, history=history)
    for position, one in enumerate(said, 1):
        entries.said.append(one)
        fold.learn(position, one)
        if data.draw(st.booleans()):
            continue
        fold.compact()
        known = data.draw(st.integers(0, position)) if history else position
        asked: dict[str, Any] = {
            "at": data.draw(st.sampled_from(MOMENTS)),
            "reading": data.draw(st.sampled_from(["certain", "possible"])),
        }
        expected = replay.answer(projection, resolve(said[:known]), **asked)
        answer = fold.answers(**asked, known=known)
        assert same(projection, answer, expected), (asked, known)
        if hasattr(projection, "key"):
            assert list(answer) == list(expected)
            assert len(answer) == len(expected)
            earlier = data.draw(st.integers(0, position))
            then = replay.answer(projection, resolve(said[:earlier]), **asked)
            for key in {*expected, *then}:
                past = replay.answer(projection, fold.past(key, earlier), **asked)
                assert (key in past) == (key in then)
                if key in then:
                    assert same(projection, {key: past[key]}, {key: then[key]})


# --- what it costs, told by what is read and folded

FOLDED: list[str] = []


def folded() -> list[str]:
    """Return the ids of the events that handlers met since the last time."""
    met = FOLDED[:]
    FOLDED.clear()
    return met


def told(fold: IncrementalView) -> str:
    """Return what a fold answers of the present, every key of it."""
    return repr(fold.answers(None, "certain"))


class Met(Projection[tuple[str, ...]]):
    """The last three ids: a small state, with no way to join two."""

    start: tuple[str, ...] = ()

    @on(Event)
    def note(self, state: tuple[str, ...], one: Event) -> tuple[str, ...]:
        FOLDED.append(one.id)
        return (*state, one.id)[-3:]


class Longer(Projection[str]):
    """All ids: a state that is large from the beginning."""

    start = "x" * 1000

    @on(Event)
    def note(self, state: str, one: Event) -> str:
        FOLDED.append(one.id)
        return state + one.id


class Joined(Met):
    """Joins what two stretches tell."""

    def merge(self, a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return (*a, *b)[-3:]


class Placewise:
    """Folds by place."""

    def key(self, one: Any) -> str:
        return str(one.place.key)


class JoinedPlacewise(Placewise, Joined):
    """Joins what two stretches of a place tell."""


class Weighing(Met):
    """Sees each account."""

    @on(Event)
    def note(  # type: ignore[override] # it is handed the account too
        self, state: tuple[str, ...], one: Event, account: Any
    ) -> tuple[str, ...]:
        FOLDED.append(account.event.id)
        return (*state, one.id)[-3:]

    def result(self, state: tuple[str, ...], at: int | None) -> tuple[str, ...]:
        return state if at is None else state[:at]


class WeighingPlacewise(Placewise, Weighing):
    """Sees each account of a place."""


class LongerPlacewise(Placewise, Longer):
    """A large state for each place."""


@pytest.mark.parametrize("make", [Met, Joined, JoinedPlacewise, Weighing, WeighingPlacewise])
def test_news_that_comes_in_order_is_read_never_and_folded_twice_at_most(make: Any) -> None:
    fold, entries = begun(make())
    learn(fold, *(attack(n, n) for n in range(1, 20)))
    folded()
    for number in range(20, 28):
        learn(fold, attack(number, number))
        assert folded() in ([f"attack:{number}"], [f"attack:{number}"] * 2)
        answer = fold.answers(None, "certain")
        assert ("attack:27" in str(answer)) == (number == 27)
        assert folded() == []
    assert entries.reads == []


@pytest.mark.parametrize("taken_up", [False, True])
@pytest.mark.parametrize("make", [Longer, LongerPlacewise])
def test_a_large_state_is_gone_on_from(
    make: Any, taken_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aggregation, "_SPARSE", 4)
    fold, _ = begun(make())
    learn(fold, *(attack(n, n) for n in range(1, 17)))
    folded()
    if taken_up:
        fold._loose.clear()
    again = []
    for number in range(17, 29):
        learn(fold, attack(number, number))
        if folded() != [f"attack:{number}"]:
            again.append(number)
        assert f"attack:{number}" in told(fold)
        assert folded() == []
    # A run is remembered after a quarter of what is there, and each entry is folded once else.
    assert again == [21, 27]


@pytest.mark.parametrize("make", [Joined, JoinedPlacewise, Weighing, WeighingPlacewise])
def test_late_news_folds_a_few_again(make: Any) -> None:
    fold, entries = begun(make())
    learn(fold, *(attack(n, 1 + n) for n in range(1, 27)))
    before = told(fold)
    folded()
    entries.reads.clear()
    learn(fold, attack(99, 1))
    assert told(fold) == before  # of the last three
    assert 1 <= len(folded()) <= 2 * 3
    assert sum(map(len, entries.reads)) <= 2 * 3
    assert fold.answers(None, "certain") == replay.answer(fold.projection, resolve(entries.said))


def test_asking_again_works_nothing_out_again() -> None:
    for projection in (Met(), Joined(), Longer(), LongerPlacewise()):
        fold, _ = begun(projection)
        learn(fold, attack(3, 3), attack(1, 1), attack(2, 2))
        told(fold)
        folded()
        assert "attack:3" in told(fold)
        assert folded() == []


def test_what_settles_is_asked_of_its_sums_even_when_all_counts() -> None:
    fold, entries = begun(Control())
    learn(fold, *(change(n, n, "AB"[n % 2]) for n in range(1, 20)))
    learn(fold, Report("Other", published="2022-10-01").denies(change(5, 5, "B").event))
    assert dict(fold.answers(None, "certain")) == replay.answer(Control(), resolve(entries.said))
    assert fold.states == {}


def test_what_comes_alone_is_not_read_again() -> None:
    fold, entries = begun(Joined())
    learn(fold, *(attack(n, 28 - n) for n in range(1, 20)))
    assert entries.reads == []
    learn(fold, attack(5, 5))
    assert entries.reads
    assert all(len(read) <= 2 for read in entries.reads)


def test_what_is_at_hand_is_read_once_it_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "_FRESH", 3)
    fold, entries = begun(Ids())
    learn(fold, *(attack(n, n) for n in range(1, 4)))
    assert fold.fresh.keys() == {"attack:1", "attack:2", "attack:3"}
    learn(fold, *(attack(n, n) for n in range(4, 8)))
    assert fold.fresh == {}
    for day in range(1, 9):
        expected = tuple(f"attack:{n}" for n in range(1, day))
        assert fold.answers(when(f"2022-09-{day:02}").lo, "certain") == expected
    assert entries.reads


def test_a_state_of_none_is_a_state() -> None:
    class Counting(Projection[int | None]):
        start: int | None = None

        @on(Attack)
        def add(self, state: int | None, _: Attack) -> int | None:
            return (state or 0) + 1

    fold, _ = begun(Counting())
    learn(fold, attack(3, 3))
    learn(fold, attack(2, 2))
    fold.states.clear()
    learn(fold, attack(4, 4))
    assert fold.answers(None, "certain") == 3
