"""Tests that the newest value is every one that is possible, and certain when one is left."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.naive import hi, lo
from timeline.claims import Claim, Report
from timeline.counts import Count
from timeline.errors import EventError, ProjectionError
from timeline.events import Event, event
from timeline.kinds import Attack, CumulativeFigure
from timeline.log import Log
from timeline.testing import laws, strategies
from timeline.time_parsing import between, when
from timeline.times import When
from timeline.views.latest import Latest, Newest

evolve: Any = attrs.evolve  # a kind is an attrs class, which mypy can't see
STAFF = ("Russia", "personnel")


def figure(day: Any, total: Any, name: str = "", **fields: Any) -> CumulativeFigure:
    subject, measure = STAFF
    return CumulativeFigure(
        when=day, subject=subject, measure=measure, total=total, id=name, **fields
    )


def says(*events: Event, source: str = "General Staff") -> list[Claim]:
    report = Report(source, published="2022-12-31")
    return [report.says(one) for one in events]


def newest(*claims: Any, at: str | None = None, view: Any = None) -> Newest:
    with Log() as log:
        log.append(*claims)
        answer = log.ask(view or Latest(CumulativeFigure), at=at)
        [found] = answer.values()
        assert isinstance(found, Newest)
        return found


ROWS = [
    figure("2022-09-23", 55510),
    figure("2022-09-24", 56060),
    figure("2022-09-25", 56300),
    figure("2022-09-25", 56700),
    figure("2022-09-26", 57200),
]


def test_two_rows_of_one_day_are_both_possible_until_a_later_one_settles_it() -> None:
    before = newest(*says(*ROWS), at="2022-09-24")
    assert (before.value, before.certain, str(before)) == (56060, True, "56060")
    both = newest(*says(*ROWS), at="2022-09-25")
    assert both.values == {Count(56300), Count(56700)}
    assert (both.certain, both.value, str(both)) == (False, None, "56300 or 56700")
    assert both.as_of == when("2022-09-25")
    after = newest(*says(*ROWS), at="2022-09-26")
    assert (after.value, after.certain) == (57200, True)
    assert [claim.event for claim in after.claims] == [ROWS[-1]]


def test_increases_between_two_moments_are_counts() -> None:
    first, second, third = (newest(*says(*ROWS), at=f"2022-09-{day}") for day in (24, 25, 26))
    grown = second.increase(first)
    assert grown.count == Count(low=240, best=240, high=640)
    assert not grown.went_down
    assert not grown.may_have_gone_down
    assert third.increase(second).count == Count(low=500, best=900, high=900)
    assert third.increase(first).count == 57200 - 56060
    # That a total of two rows stayed what it was isn't known, nor that it fell.
    assert second.increase(second).may_have_gone_down


def test_a_total_that_fell_went_down() -> None:
    corrected = [*ROWS, figure("2022-09-27", 50000)]
    fell = newest(*says(*corrected), at="2022-09-27").increase(
        newest(*says(*corrected), at="2022-09-26")
    )
    assert (fell.went_down, fell.may_have_gone_down, fell.count) == (True, True, 0)


def test_before_the_first_figure_nothing_is_known_of_the_growth() -> None:
    claims = says(figure(between("2022-09-01", "2022-09-03"), 100), figure("2022-09-10", 130))
    early = newest(*claims, at="2022-09-02")
    assert (str(early), early.none, early.certain, early.value) == (
        "perhaps 100",
        True,
        False,
        None,
    )
    assert early.count == Count()
    grown = newest(*claims, at="2022-09-10").increase(early)
    assert (grown.count.low, grown.count.high, grown.went_down) == (0, 130, False)
    assert grown.may_have_gone_down
    unknown = newest(*claims, at="2022-09-02").increase(early)
    assert not unknown.count.reported


def test_a_denied_figure_leaves_the_one_before() -> None:
    denied = figure("2022-09-10", 130, "b")
    with Log() as log:
        log.append(*says(figure("2022-09-01", 100, "a"), denied))
        log.append(Report("Ministry", published="2022-09-11").denies(denied))
        answer = log.ask(Latest(CumulativeFigure))[STAFF]
    assert answer.values == {Count(100), Count(130)}
    alone = newest(*says(denied), Report("Ministry").denies(denied))
    assert str(alone) == "perhaps 130"


def test_sources_that_differ_on_one_figure_are_possible_side_by_side() -> None:
    one = figure("2022-09-10", 130, "x")
    found = newest(*says(one), *says(evolve(one, total=Count(140)), source="B"))
    assert found.values == {Count(130), Count(140)}
    assert str(found) == "130 or 140"


@event("shelter/1")
class Shelter(Event):
    town: str
    status: str | None = None


shelter: Any = Shelter  # of which type checkers don't see the short forms


def test_any_kind_has_a_newest_value() -> None:
    open_, closed = (
        shelter(when=day, town="Izium", status=status)
        for day, status in (("2022-03-01", "open"), ("2022-03-05", "closed"))
    )
    silent = shelter(when="2022-03-09", town="Izium")
    for view in (
        Latest(Shelter, key="town", value="status"),
        Latest(Shelter, key=lambda one: one.town, value=lambda one: one.status),
    ):
        with Log(events=[Shelter]) as log:
            log.append(*says(open_, closed, silent, Attack(when="2022-03-07", place="Izium")))
            assert log.ask(view)["Izium"].value == "closed"
            assert log.ask(view, at="2022-03-03")["Izium"].value == "open"
            kept = log.keep(view, name="shelters")
            log.append(*says(shelter(when="2022-04", town="Izium", status="open")))
            assert kept.answer()["Izium"] == log.ask(view)["Izium"]
            with pytest.raises(EventError, match="not 'open'"):
                _ = log.ask(view)["Izium"].count


def test_figures_of_two_places_are_kept_apart() -> None:
    with Log() as log:
        log.append(*says(figure("2022", 3, place="Izium"), figure("2022", 4)))
        answer = log.ask(Latest(CumulativeFigure))
    assert {key: found.value for key, found in answer.items()} == {(*STAFF, "Izium"): 3, STAFF: 4}


def test_an_answer_is_a_row_of_plain_json() -> None:
    [row] = newest(*says(*ROWS), at="2022-09-25").to_dicts()
    assert row["told"] == "56300 or 56700"
    assert [value["best"] for value in row["values"]] == [56300, 56700]
    assert (row["certain"], row["none"]) == (False, False)
    assert str(Newest(frozenset(), none=True, as_of=When(), claims=())) == "none known"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "attack"}, "takes a kind of event, not 'attack'"),
        ({"kind": Attack, "key": "by"}, "needs key= .* and value="),
        ({"kind": Attack, "value": "by"}, "needs key= .* and value="),
    ],
)
def test_what_has_no_newest_value_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ProjectionError, match=message):
        Latest(**arguments)


def possible(figures: list[CumulativeFigure], at: int) -> set[Count]:
    """The totals that may be the newest by a moment: no other one certainly came after it by then.

    The definition itself, over every pair.
    """
    begun = [one for one in figures if lo(one.when) < at]
    return {
        one.total
        for one in begun
        if not any(hi(one.when) <= lo(other.when) and hi(other.when) <= at for other in begun)
    }


figures = st.builds(
    figure, strategies.whens(days=4), st.integers(0, 3), st.sampled_from(["a", "b", "c", "d"])
)


@given(st.lists(figures, max_size=4, unique_by=lambda one: one.id), st.integers(0, 4))
def test_what_is_possible_is_by_definition(drawn: list[CumulativeFigure], day: int) -> None:
    moment = f"2022-09-0{day + 1}"
    at = when(moment).hi
    assert at is not None
    with Log() as log:
        log.append(*says(*drawn))
        answer = log.ask(Latest(CumulativeFigure), at=moment)
    wanted = possible(drawn, at)
    if STAFF in answer:
        found = answer[STAFF]
        assert found.values == wanted
        assert found.none == (not any(hi(one.when) <= at for one in drawn))
    else:
        assert not wanted


test_latest = laws.check(
    Latest,
    skip={
        "kept_incrementally_equals_replayed": "half a minute; test_folding_kept_projection has it"
    },
)
