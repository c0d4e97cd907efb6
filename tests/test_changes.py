"""What changed between two questions, held against the answers themselves."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reasons import HISTORIES, PROJECTIONS, TAKEN, LastByPlace, essence, izium, linked
from timeline import Attack, Control, Log, Projection, Report, on
from timeline.errors import LogError
from timeline.folding.persistent_tree import small_leaves


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: type(one).__name__)
@given(data=st.data())
def test_changes_lead_from_one_answer_to_the_other(projection: Any, data: st.DataObject) -> None:
    said = data.draw(HISTORIES)
    with Log() as log:
        log.append(*said)
        first = data.draw(st.integers(0, log.head))
        along: Any = data.draw(st.sampled_from(["known", "at", "published"]))
        ends = {"known": (first, log.head), "at": ("2022-09-03", "2022-09-06")}
        pair: Any = ends.get(along, ("2022-09-04", "2022-09-08"))
        old, new = (log.ask(projection, **{along: one}) for one in pair)
        changes = log.changes(projection, between=pair, along=along)
    after = changes.apply(old)
    assert essence(projection, after) == essence(projection, new)
    if isinstance(old, dict):
        both = old.keys() & new.keys()
        assert not [key for key in both if key in changes and old[key] == new[key]]
    for change in changes.values():
        assert change.entries or along == "at"  # time alone may do it
        assert change.minimal


def test_each_change_says_why() -> None:
    with izium() as log:
        report = Report("ISW", published="2022-09-12")
        (change,) = log.changes(Control(), between=(2, log.head)).values()
        assert str(change) == (
            "Izium: Russia → Ukraine\n"
            "  new: ISW says Izium passes from Russia to Ukraine: “Ukraine took Izium.” (entry 3)"
        )
        along = log.changes(Control(), between=("2022-09-09", "2022-09-11"), along="at")
        assert along["Izium"].reasons == ("happened",)
        log.append(report.retracts(TAKEN, because="it was Balakliia"))
        changed = log.changes(Control(), between=(3, log.head))
        assert changed["Izium"].reasons == ("retracted",)
        views = (log.as_of(known=2), log.as_of(known=4))
        assert str(log.changes(Control(), between=views)) == "Nothing changed."
        with pytest.raises(LogError, match="from what is earlier"):
            log.changes(Control(), between=(3, 1))
        with pytest.raises(LogError, match="from what is earlier"):
            log.changes(Control(), between=("2022-09-11", "2022-09-09"), along="at")
        with pytest.raises(LogError, match="from what is earlier"):
            log.changes(Control(), between=("2023", "2022"), along="published")
        with pytest.raises(LogError, match="says what at= says, too"):
            log.changes(Control(), between=("2022", "2023"), along="at", at="2022")
        with pytest.raises(LogError, match="along is"):
            log.changes(Control(), between=(1, 3), along="then")  # type: ignore[arg-type]


class Once(Projection[int]):
    """Whether a place was attacked once; None where it was more often."""

    start = 0

    def key(self, attack: Attack) -> str:
        return str(attack.place)

    @on(Attack)
    def add(self, count: int, _: Attack) -> int:
        return count + 1

    def result(self, count: int) -> int | None:
        return count if count == 1 else None


def test_none_as_an_answer_is_not_the_lack_of_one() -> None:
    report = Report("One", published="2022-09-10")
    attacks = [Attack(when="2022-09-01", place="Izium", id=f"a:{number}") for number in range(2)]
    with Log() as log:
        log.append(*map(report.says, attacks))
        found = log.changes(Once(), between=(1, 2))
        assert found.apply(log.ask(Once(), known=1)) == {"Izium": None} == log.ask(Once())
        log.append(*(report.retracts(one, because="it was wrong") for one in attacks))
        assert log.changes(Once(), between=(2, 4))["Izium"].gone
        assert log.changes(Once(), between=(2, 4)).apply(log.ask(Once(), known=2)) == {}


@pytest.mark.parametrize(
    "projection", [LastByPlace(), Control(), Once()], ids=lambda one: type(one).__name__
)
@settings(max_examples=20)
@given(data=st.data())
def test_what_is_kept_gives_the_same_changes(projection: Any, data: st.DataObject) -> None:
    said = data.draw(linked())
    question: Any = data.draw(st.sampled_from([{}, {"at": "2022-09-05"}]))
    with small_leaves(), Log() as log:
        log.append(*said)
        kept = log.keep(projection)
        first = data.draw(st.integers(0, log.head))
        last = data.draw(st.integers(first, log.head))
        mine = kept.changes(between=(first, last), **question)
        plain = log.changes(projection, between=(first, last), **question)
        assert set(mine) == set(plain)
        for key, change in plain.items():
            assert attrs.evolve(mine[key], reasons=(), entries=()) == attrs.evolve(
                change, reasons=(), entries=()
            )
            assert len(mine[key].entries) == len(change.entries)
        old, new = (log.ask(projection, known=one, **question) for one in (first, last))
        assert essence(projection, mine.apply(old)) == essence(projection, new)
