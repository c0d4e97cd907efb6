"""Asks at several moments in one go, and holds each answer to the one asked alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from tests.chronologies import contested
from timeline import (
    Attack,
    Casualties,
    Control,
    Log,
    Report,
    TerritorialChange,
    When,
    between,
    when,
)
from timeline.errors import LogError
from timeline.testing import strategies
from timeline.views.series import Series, steps_of


def war() -> Log:
    """Return a log of a town that changes hands, and of the dead, over four months."""
    report = Report("One", published="2022-09-20")
    log = Log()
    log.append(
        report.says(TerritorialChange(when="2022-04-01", place="Izium", to="Russia")),
        report.says(Attack(when="2022-05-09", place="Izium", killed=3)),
        report.says(
            TerritorialChange(when=between("2022-06-28", "2022-07-02"), place="Izium", to="Ukraine")
        ),
        report.expects(Attack(when="2023-01-01", place="Izium", killed=1)),
        recorded="2022-09-20",
    )
    return log


def test_each_month_has_its_answer() -> None:
    found = war().series(Control(), every="month")
    assert {month: str(held["Izium"]) for month, held in found.items()} == {
        "2022-04": "Russia",
        "2022-05": "Russia",
        "2022-06": "Russia or Ukraine",
        "2022-07": "Ukraine",
    }
    killed = war().series(Casualties(), every="month")
    assert {month: tally.total.killed.best for month, tally in killed.items()} == {"2022-05": 3}


@pytest.mark.parametrize(
    ("every", "first", "last", "count"),
    [
        ("year", "2022", "2022", 1),
        ("week", "2022-04-03", "2022-07-03", 14),
        ("day", "2022-04-01", "2022-07-02", 93),
    ],
)
def test_steps_run_from_the_first_time_to_the_last(
    every: Any, first: str, last: str, count: int
) -> None:
    steps = steps_of(every, war().accounts())
    names = list(steps)
    assert (names[0], names[-1], len(names)) == (first, last, count)


def test_days_are_those_of_a_zone() -> None:
    log = Log()
    log.append(
        Report("One").says(Attack(when=when("2022-09-10T23:30", zone="UTC"))),
        Report("One").says(Attack(when=when("2022-09-12T12:00", zone="UTC"), id="later")),
    )
    assert next(iter(steps_of("day", log.accounts()))) == "2022-09-10"
    kyiv = steps_of("day", log.accounts(), "Europe/Kyiv")
    assert list(kyiv) == ["2022-09-11", "2022-09-12"]
    assert kyiv["2022-09-11"] == When(hi=when("2022-09-11T21:00").lo)


@settings(max_examples=25)
@given(strategies.histories())
def test_a_series_gives_what_is_asked_one_by_one(history: Any) -> None:
    log = Log()
    log.append(*history)
    for projection in (Control(), Casualties()):
        found = log.series(projection, at=["2022-09-05", "2022-09-10", when("2023")])
        for moment, answer in found.items():
            assert answer == log.ask(projection, at=moment)


def test_the_cut_and_the_reading_hold_for_all_of_it() -> None:
    log = contested()
    for known in (4, 7, 13):
        found = log.series(Control(), at=["2022-09-09"], known=known, reading="possible")
        asked = log.ask(Control(), at="2022-09-09", known=known, reading="possible")
        assert found["2022-09-09"] == asked


def test_a_series_shows_as_rows() -> None:
    pytest.importorskip("pandas", reason="needs pandas: pip install 'timeline-events[pandas]'")
    found = war().series(Control(), at=["2022-05", "2022-08"])
    assert [(row["at"], row["key"], row["told"]) for row in found.to_dicts()] == [
        ("2022-05", "Izium", "Russia"),
        ("2022-08", "Izium", "Ukraine"),
    ]
    assert list(found.to_pandas()["told"]) == ["Russia", "Ukraine"]
    assert "<td>2022-08</td>" in found._repr_html_()
    assert "2022-05" in repr(found)
    assert "&lt;b&gt;" in Series({"a": "<b>"})._repr_html_()


def test_nothing_known_gives_no_steps() -> None:
    log = Log()
    log.append(Report("One").says(Attack(when=When())))
    assert dict(log.series(Control(), every="month")) == {}


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({}, "or every='month'; not"),
        ({"at": ["2022"], "every": "day"}, "not as both"),
        ({"at": "2022"}, "takes several moments"),
        ({"at": []}, "takes several moments"),
        ({"every": "hour"}, "'day', 'week', 'month' or 'year', not 'hour'"),
    ],
)
def test_what_is_no_series_is_refused(asked: Any, error: str) -> None:
    with pytest.raises(LogError, match=error):
        war().series(Control(), **asked)


def test_too_many_moments_are_refused() -> None:
    log = Log()
    report = Report("One")
    log.append(report.says(Attack(when="1900")), report.says(Attack(when="2022")))
    with pytest.raises(LogError, match="from 1900-01-01 to 2022-12-31 is more than 10,000"):
        log.series(Casualties(), every="day")
