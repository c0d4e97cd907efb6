"""What an answer rests on, held against trying every part of what was said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reasons import HISTORIES, ISW, PROJECTIONS, Wounded, ask, essence, izium
from timeline import Attack, Casualties, Control, Count, Log, Report, SamePlace
from timeline.errors import LogError
from timeline.why import rests_on


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: type(one).__name__)
@given(data=st.data())
def test_entries_are_the_fewest_that_give_the_answer(projection: Any, data: st.DataObject) -> None:
    said = data.draw(HISTORIES)
    question: Any = data.draw(st.sampled_from([{}, {"at": "2022-09-05"}]))
    with Log() as log:
        entries = log.append(*said)
        answer = essence(projection, log.ask(projection, **question))
        whole = {entry.position: entry.statement for entry in log}
        why = log.why(projection, **question)
    assert entries is not None

    def gives(part: Iterable[int]) -> bool:
        found = ask([whole[one] for one in sorted(part)], projection, **question)
        return bool(essence(projection, found) == answer)

    assert why.smallest
    assert gives(entry.position for entry in why.entries)
    fewer = range(len(why.entries))
    assert not any(gives(part) for size in fewer for part in combinations(whole, size))
    alone = {one for one in whole if not gives(other for other in whole if other != one)}
    assert {entry.position for entry in why.pivotal} == alone


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


@given(
    items=st.lists(st.integers(0, 9), max_size=9, unique=True),
    wanted=st.lists(st.frozensets(st.integers(0, 9), max_size=3), max_size=3),
)
def test_the_smallest_part_is_found(items: list[int], wanted: list[frozenset[int]]) -> None:
    def good(part: Sequence[int]) -> bool:
        return any(one & {*items} <= {*part} for one in wanted) or not wanted

    part, smallest, minimal, _ = rests_on(items, good, most=5_000)
    assert smallest
    assert minimal
    assert good(part)
    assert not any(good(other) for n in range(len(part)) for other in combinations(items, n))


def test_a_budget_that_is_used_up_is_said() -> None:
    report = Report("One", published="2022-09-02")
    with Log() as log:
        log.append(
            *[report.says(Attack(when="2022-09-01", id=f"a:{n}", wounded=1)) for n in range(9)]
        )
        why = log.why(Wounded(), most=3)
        assert (why.minimal, why.smallest, why.untried) == (False, False, 6)
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
