"""What an answer rests on, held against trying every part of what was said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.reasons import (
    HISTORIES,
    ISW,
    PROJECTIONS,
    LastByPlace,
    Wounded,
    answered,
    ask,
    essence,
    izium,
    linked,
    smallest_parts,
)
from timeline import (
    Attack,
    Casualties,
    Claim,
    Control,
    Count,
    Event,
    Log,
    Projection,
    Report,
    SamePlace,
    TerritorialChange,
    Void,
    between,
    event,
    on,
    when,
)
from timeline.errors import LogError
from timeline.folding import bearing
from timeline.folding.persistent_tree import small_leaves
from timeline.testing import strategies
from timeline.why import rests_on

EIGHT = linked(strategies.histories(Attack, TerritorialChange, max_size=6))


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: type(one).__name__)
@settings(max_examples=20)
@given(said=EIGHT, at=st.sampled_from([None, "2022-09-05"]))
def test_entries_are_the_fewest_that_give_the_answer(
    projection: Any, said: list[Any], at: str | None
) -> None:
    question: Any = {} if at is None else {"at": at}
    moment = None if at is None else between(at, at).hi
    with Log() as log:
        log.append(*said)
        whole: dict[int, Any] = {entry.position: entry.statement for entry in log}
        assume(len(whole) <= 8)
        why = log.why(projection, **question)
        answer = essence(projection, log.ask(projection, **question))

    def gives(part: Iterable[int]) -> bool:
        found = answered([whole[one] for one in sorted(part)], projection, moment)
        return bool(essence(projection, found) == answer)

    assert why.smallest
    assert why.minimal
    assert tuple(entry.position for entry in why.entries) in smallest_parts([*whole], gives)
    alone = {one for one in whole if not gives(other for other in whole if other != one)}
    assert {entry.position for entry in why.pivotal} == alone


@pytest.mark.parametrize(
    "projection", [LastByPlace(), Control()], ids=lambda one: type(one).__name__
)
@settings(max_examples=20)
@given(said=EIGHT)
def test_one_key_rests_on_the_fewest_too(projection: Any, said: list[Any]) -> None:
    with Log() as log:
        log.append(*said)
        whole: dict[int, Any] = {entry.position: entry.statement for entry in log}
        assume(len(whole) <= 8)
        answers = log.ask(projection)
        whys = {key: log.why(projection, key) for key in answers}
        without = {key: log.depends_on(projection, key) for key in answers}
    for key, why in whys.items():
        expected = essence(projection, {key: answers[key]})

        def same(
            part: Iterable[int], key: str = key, expected: Mapping[str, Any] = expected
        ) -> bool:
            found = answered([whole[one] for one in sorted(part)], projection)
            return key in found and bool(essence(projection, {key: found[key]}) == expected)

        assert tuple(entry.position for entry in why.entries) in smallest_parts([*whole], same)
        alone = {one for one in whole if not same(other for other in whole if other != one)}
        assert {entry.position for entry in why.pivotal} == alone
        sources = {one.report.source for one in whole.values() if not isinstance(one, Void)}
        others = {
            source: [
                position
                for position, one in whole.items()
                if isinstance(one, Void) or one.report.source != source
            ]
            for source in sources
        }
        assert set(without[key]) == {name for name, rest in others.items() if not same(rest)}


@given(data=st.data())
def test_a_key_rests_on_what_bears_on_it(data: st.DataObject) -> None:
    said = data.draw(HISTORIES)
    with Log() as log:
        log.append(*said)
        answers = log.ask(Control())
        for key, holding in answers.items():
            why = log.why(Control(), key)
            alone = ask((one.statement for one in why.entries), Control())
            assert Control().essence(alone[key]) == Control().essence(holding)


class Plain:
    """Tries parts by asking each time."""

    def __init__(self, good: Callable[[Sequence[int]], bool]) -> None:
        self.gives = good
        self.cost = 0
        self.whole: list[int] = []

    def begin(self, part: Sequence[int]) -> None:
        self.whole = [*part]

    def needs(self, item: int) -> bool:
        return not self.gives([one for one in self.whole if one != item])

    def drop(self, item: int) -> None:
        self.whole.remove(item)


@given(
    items=st.lists(st.integers(0, 9), max_size=9, unique=True),
    wanted=st.lists(st.frozensets(st.integers(0, 9), max_size=3), max_size=3),
)
def test_the_smallest_part_is_found(items: list[int], wanted: list[frozenset[int]]) -> None:
    def good(part: Sequence[int]) -> bool:
        return any(one & {*items} <= {*part} for one in wanted) or not wanted

    part, smallest, minimal = rests_on(items, Plain(good), most=5_000)
    assert smallest
    assert minimal
    assert good(part)
    assert not any(good(other) for n in range(len(part)) for other in combinations(items, n))


def test_a_budget_that_is_used_up_is_said() -> None:
    report = Report("One", published="2022-09-02")
    with Log() as log:
        log.append(
            *[report.says(Attack(when="2022-09-01", id=f"a:{n}", wounded=1)) for n in range(40)]
        )
        why = log.why(Wounded(), most=1)
        assert (why.minimal, why.smallest) == (False, False)
        assert 0 < why.untried < 40
        assert "some of which may not be needed" in str(why)
        with pytest.raises(LogError, match="at least 1, not 0"):
            log.why(Wounded(), most=0)
        with pytest.raises(LogError, match="one answer, not one by key"):
            log.why(Wounded(), key="Izium")


def test_an_answer_reads_as_a_paragraph_with_footnotes() -> None:
    with izium() as log:
        why = log.why(Control(), "Izium", at="2022-09-11")
        assert str(why) == (
            "Control of Izium: Ukraine. It rests on 1 entry [1], the fewest that give it. "
            "Without [1] it would be another.\n\n"
            "[1] ISW says Izium passes from Russia to Ukraine: “Ukraine took Izium.” (entry 3)"
        )
        assert [row["position"] for row in why.to_dicts()] == [3]
        assert log.why(Control(), "Kyiv").answer is None
        assert "where nothing is said" in str(log.why(Control(), "Kyiv"))
        log.append(ISW.says(SamePlace("Izium", "Izyum")))
        assert log.why(Control(), "Izyum", at="2022-09-11").entries[0].position == 3
        kept = log.keep(Control())
        assert kept.why("Izium", at="2022-09-11") == log.why(Control(), "Izium", at="2022-09-11")


def test_a_place_of_a_toll_has_reasons_of_its_own() -> None:
    report = Report("One", published="2022-09-02")
    with Log() as log:
        for number, place in enumerate(("Izium", "Kyiv", "Izium")):
            attack = Attack(when="2022-09-01", place=place, wounded=number + 1, id=f"a:{number}")
            log.append(report.says(attack))
        why = log.why(Casualties(), "Izium")
        assert [entry.position for entry in why.entries] == [1, 3]
        assert why.answer.wounded == Count(4)


def test_what_is_distrusted_gives_another_answer() -> None:
    with izium() as log:
        lost = log.depends_on(Control(), "Izium", at="2022-09-11")
        assert {source: str(answer) for source, answer in lost.items()} == {"ISW": "Russia"}


@pytest.mark.parametrize(
    "projection", [LastByPlace(), Control()], ids=lambda one: type(one).__name__
)
@settings(max_examples=20)
@given(data=st.data())
def test_what_is_kept_gives_the_same_reasons(projection: Any, data: st.DataObject) -> None:
    said = data.draw(linked())
    first = data.draw(st.integers(0, len(said)))
    with Log() as log:
        log.append(*said[:first])
        kept = log.keep(projection)
        kept.why("Izium")
        log.append(*said[first:])
        question: Any = data.draw(
            st.sampled_from(
                [{}, {"at": "2022-09-05"}, {"published": "2022-09-06"}, {"trust": ("B", "A")}]
            )
        )
        question = question | {"known": data.draw(st.integers(0, log.head))}
        keys = {getattr(one.event, "place", None) for one in said if isinstance(one, Claim)}
        for key in sorted({place.key for place in keys if place} | {"Nowhere"}):
            assert kept.why(key, **question) == log.why(projection, key, **question)


CHANGES = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 2), st.sampled_from(["Russia", "Ukraine"])),
    min_size=2,
    max_size=12,
)


@settings(max_examples=20)
@given(changes=CHANGES, at=st.sampled_from([None, "2022-09-05"]), more=HISTORIES)
def test_of_many_accounts_only_those_that_matter_are_read(
    changes: list[Any], at: str | None, more: list[Any]
) -> None:
    report = Report("One", published="2022-09-20")
    question: Any = {} if at is None else {"at": at}
    with pytest.MonkeyPatch.context() as patch, small_leaves(), Log() as log:
        patch.setattr(bearing, "MANY", 1)
        for number, (day, days, to) in enumerate(changes):
            time = between(f"2022-09-0{day}", f"2022-09-{day + days:02}")
            change = TerritorialChange(id=f"c:{number}", when=time, place="Izium", to=to)
            log.append(report.says(change))
        log.append(*more)
        mine: Any = log.keep(Control()).why("Izium", **question)
        plain: Any = log.why(Control(), "Izium", **question)
        assert mine.pivotal == plain.pivotal
        assert mine.untried == 0
        assert mine.minimal
        if plain.answer is None:  # nothing had happened by then
            assert mine.answer is None
            return
        assert Control().essence(mine.answer) == Control().essence(plain.answer)
        if mine.smallest:
            assert len(mine.entries) == len(plain.entries)
        alone = ask((one.statement for one in mine.entries), Control(), **question)["Izium"]
        assert Control().essence(alone) == Control().essence(plain.answer)


def test_a_version_of_another_kind_has_no_place() -> None:
    report = Report("One", published="2022-09-03")
    with Log() as log:
        log.append(
            report.says(Attack(when="2022-09-02", id="a:1", against="Russia")),
            report.says(TerritorialChange(when="2022-09-01", id="a:1", place="Izium", to="Russia")),
        )
        assert str(log.ask(Control())["Izium"]) == "perhaps Russia"
        why = log.why(Control(), "Izium")
        assert [entry.position for entry in why.entries] == [1, 2]
        assert log.keep(Control()).why("Izium") == why


@event("flood/1")
class Flood(Event):
    """A kind of one's own, of which the log needn't know."""

    river: str


class Floods(Projection[int]):
    start = 0

    def key(self, flood: Flood) -> str:
        return flood.river

    @on(Flood)
    def add(self, count: int, _: Flood) -> int:
        return count + 1


def test_kinds_of_ones_own_are_read_by_whoever_handles_them(tmp_path: Path) -> None:
    with Log(tmp_path / "war.db") as log:
        log.append(Report("One").says(Flood(when=when("2022-09-01"), river="Oskil")))
    with Log(tmp_path / "war.db") as log:
        why = log.why(Floods(), "Oskil")
        assert isinstance(why.entries[0].statement, Claim)
        assert isinstance(why.entries[0].statement.event, Flood)
        kept = log.keep(Floods())
        assert kept.why("Oskil") == why
        changed = kept.changes(between=(0, 1))
        assert changed == log.changes(Floods(), between=(0, 1))
        assert log.reasons(Floods())["Oskil"] == why
