"""A kept projection answers what a replay answers, whatever comes, in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faulty.sound import SOUND
from timeline import (
    Account,
    Attack,
    Casualties,
    Claim,
    Control,
    Event,
    Log,
    Projection,
    Report,
    Statements,
    TerritorialChange,
    When,
    on,
)
from timeline.folding import kept_projection as kept_module
from timeline.folding import live_accounts, persistent_tree, replay, snapshots
from timeline.resolution import resolve
from timeline.stores.memory import MemoryStore
from timeline.testing import strategies


class Toggle(Projection[bool]):
    """Whether an odd number of things happened: no news meets the old state again."""

    start = False

    @on(Event)
    def flip(self, state: bool, _: Event) -> bool:
        return not state


class Mood(Enum):
    """Few states."""

    CALM = "calm"
    TENSE = "tense"
    WAR = "war"


class Moods(Projection[Mood]):
    """A machine of few states, one of which some events don't fit."""

    start = Mood.CALM

    @on(Attack)
    def attack(self, mood: Mood, _: Attack) -> Mood:
        return {Mood.CALM: Mood.TENSE, Mood.TENSE: Mood.WAR}.get(mood, Mood.WAR)

    @on(TerritorialChange)
    def change(self, mood: Mood, _: TerritorialChange) -> Mood:
        if mood is Mood.WAR:
            return Mood.CALM
        return mood


class Last(Projection[str | None]):
    """The id of the last event by place: a state that is met again soon."""

    start: str | None = None

    def key(self, event: Any) -> str | None:
        return None if event.place is None else str(event.place.key)

    @on(TerritorialChange)  # type: ignore[arg-type] # a handler of two kinds takes their union
    @on(Attack)
    def note(self, _: str | None, event: TerritorialChange | Attack) -> str | None:
        return str(event.id)


class Trail(Projection[tuple[str, ...]]):
    """All ids in order: a state that grows, and depends on the order."""

    start: tuple[str, ...] = ()

    @on(Event)
    def note(self, state: tuple[str, ...], event: Event) -> tuple[str, ...]:
        return (*state, event.id)


class Open(Projection[tuple[str, ...]]):
    """Weighs time itself, without saying how stretches are joined."""

    start: tuple[str, ...] = ()

    def key(self, event: Event) -> str:
        return event.kind

    @on(Event)
    def note(self, state: tuple[str, ...], event: Event, account: Account) -> tuple[str, ...]:
        return (*state, f"{event.id} {len(account.claims)}")

    def result(self, state: tuple[str, ...], at: int | None) -> tuple[tuple[str, ...], int | None]:
        return state, at


class Light(Projection[Literal["red", "green"]]):
    """Few states by a literal, keyed."""

    start: Literal["red", "green"] = "red"

    def key(self, event: TerritorialChange) -> str | None:
        return event.to

    @on(TerritorialChange)
    def change(
        self, state: Literal["red", "green"], _: TerritorialChange
    ) -> Literal["red", "green"]:
        return "green" if state == "red" else "red"


PROJECTIONS: list[Callable[[], Projection[Any]]] = [
    Casualties, Control, Statements, Toggle, Moods, Last, Trail, Open, Light,
    *(make for make in SOUND if make.__name__ in ("Disputed", "Months", "Ratio", "Speakers")),
]  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    """Leaves of two items and batches of three entries, so that small histories make tall trees."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(persistent_tree, "LEAF_SIZE", 2)
        patch.setattr(snapshots, "_WORTH", 3)
        patch.setattr(snapshots, "_SEGMENTS", 2)
        patch.setattr(kept_module, "_BATCH", 3)
        patch.setattr(kept_module, "_MANY", 4)
        patch.setattr(live_accounts, "_MANY", 2)
        yield


def same(projection: Projection[Any], one: Any, other: Any) -> bool:
    equal = getattr(projection, "equal", None)
    if equal is None:
        return bool(one == other)
    if hasattr(projection, "key"):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    return bool(equal(one, other))


MOMENTS = st.sampled_from(
    [None, None, "2022-09-01", "2022-09-03", "2022-09-05T12:00", "2022-09-09"]
)


@pytest.mark.parametrize("make", PROJECTIONS, ids=lambda make: make.__name__)
@settings(max_examples=max(settings().max_examples // 4, 10))
@given(data=st.data())
def test_a_kept_projection_answers_what_a_replay_answers(make: Any, data: st.DataObject) -> None:
    said = data.draw(strategies.histories())
    batches = data.draw(strategies.arrivals(said, repeated=True))
    history = data.draw(st.booleans())
    store = MemoryStore()
    log = Log(store)
    projection = make()
    kept = log.keep(projection, history=history)
    for batch in batches:
        log.append(*batch.said, recorded=batch.recorded)
        for _ in range(data.draw(st.integers(0, 2))):
            asked: dict[str, Any] = {
                "at": data.draw(MOMENTS),
                "reading": data.draw(st.sampled_from(["certain", "possible"])),
                "known": data.draw(st.none() | st.integers(0, log.head)),
            }
            answer = kept.answer(**asked)
            expected = log.ask(projection, **asked)
            assert same(projection, answer, expected), (asked, answer, expected)
            if hasattr(projection, "key"):
                assert list(answer) == list(expected)
                for key in expected:
                    assert len(answer) == len(expected)
                    assert repr(key)
        if data.draw(st.integers(0, 3)) == 0:
            kept.save()
        if data.draw(st.integers(0, 3)) == 0:
            kept = log.keep(projection, history=history)  # as after a crash
    assert same(projection, kept.answer(), log.ask(projection))


HOLDERS = st.sampled_from(["Russia", "Ukraine", "Wagner", None])


@st.composite
def plain_changes(draw: st.DrawFn) -> list[Claim]:
    """Draw many changes of one place, none of them contested."""
    claims = []
    for number in range(draw(st.integers(1, 12))):
        lo = draw(st.none() | st.integers(0, 12))
        length = draw(st.none() | st.integers(1, 6))
        to = draw(HOLDERS)
        time = When(lo=lo, hi=None if length is None else (lo or 0) + length)
        change = TerritorialChange(
            when=time,
            id=f"{number}",
            place="Izium",
            to=to,
            from_="Somebody" if to is None else None,
        )
        claims.append(Report("ISW", published="2022-09-11").says(change))
    return claims


@settings(max_examples=settings().max_examples * 3)
@given(plain_changes(), st.none() | st.integers(0, 20))
def test_what_control_leaves_out_of_a_settled_stretch_bears_on_no_answer(
    claims: list[Claim], at: int | None
) -> None:
    control = Control()
    accounts = resolve(claims)
    whole = replay.answer(control, accounts, at=at)
    for cut in range(1, len(accounts)):
        stretch = accounts[:cut]
        if at is not None and any(one.when.hi is None or one.when.hi > at for one in stretch):
            break
        later = [one for one in accounts[cut:] if replay.counts(control, one, at, "possible")]
        settled = control.compact(replay.fold(control, stretch, control.start))
        joined = control.merge(settled, replay.fold(control, later, control.start))
        assert control.result(joined, at) == whole["Izium"]
        again = control.compact(settled)
        assert again == settled


def test_it_catches_up_as_far_as_it_is_told_and_the_log_goes() -> None:
    log = Log()
    kept = log.keep(Toggle())
    report = Report("ISW", published="2022-09-11")
    log.append(*(report.says(Attack(when="2022-09-10", id=name)) for name in "abc"))
    assert [kept.catch_up(upto=upto) for upto in (0, 2, 1, 3, 9)] == [0, 2, 2, 3, 3]
    assert kept.answer() is log.ask(Toggle())
